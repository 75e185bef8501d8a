"""Criteria, rulings, runs, drafts and requests."""

from typing import Any

from matching.actions import (
    adopt,
    criteria,
    edits,
    exclusions,
    picks,
    publish,
    remedies,
    requests,
    rulings,
    runs,
    settings,
    undo,
)
from matching.actions.inquire import work_off_inquiry
from matching.actions.inquiries import ask
from matching.enums import EditKind, InquiryKind, RulingKind
from matching.models import MatchInquiry, MatchRun
from matching.queries.settings import criteria_of
from matching.queries.sources import comparables
from mentoring.jobs import run_job
from programs.enums import MatchingMode
from programs.models import Cohort
from tests.cast import Cast
from tests.matching import asking, picking
from tests.matching.editing import edited, later, pair_of
from tests.matching.making import Someone, find, make_cohort, solved
from tests.twice.pressing import Press, case  # fmt: skip


def small(cast: Cast) -> Cohort:
    """Two mentors and three mentees, one of whom stays alone."""
    return make_cohort(
        cast,
        [
            Someone("Ada One", ("ai_tools", "automation"), person={"unit": "IT"}),
            Someone("Ben Two", ("social_media",), person={"unit": "Sales"}),
        ],
        [
            Someone("Uma Four", ("ai_tools", "automation"), person={"unit": "HR"}),
            Someone("Vic Five", ("social_media",), person={"unit": "HR"}),
            Someone("Wes Six", ("inclusion",), person={"unit": "HR"}),
        ],
    )


def prepared(cast: Cast) -> Cohort:
    cohort = small(cast)
    settings.ensure_criteria(cohort=cohort, by=cast.by)
    return cohort


@case("criteria.add_criterion")
def add_criterion(cast: Cast) -> Press:
    cohort = prepared(cast)
    compared = comparables(cohort)["person:title"]
    given = {"source": compared.key, "comparator": compared.comparators[0], "weight": 2, "label": "Units"}
    return Press(criteria.add_criterion, {"cohort": cohort, **given, "by": cast.by})


@case("criteria.change_criterion")
def change_criterion(cast: Cast) -> Press:
    first = criteria_of(prepared(cast))[0]
    given = {"label": "Mine", "comparator": first.comparator, "weight": first.weight, "place": 1}
    return Press(criteria.change_criterion, {"criterion": first, **given, "by": cast.by})


@case("criteria.remove_criterion")
def remove_criterion(cast: Cast) -> Press:
    last = list(criteria_of(prepared(cast)))[-1]
    return Press(criteria.remove_criterion, {"criterion": last, "by": cast.by})


@case("settings.ensure_criteria")
def ensure_criteria(cast: Cast) -> Press:
    return Press(settings.ensure_criteria, {"cohort": small(cast), "by": cast.by})


@case("settings.change_settings")
def change_settings(cast: Cast) -> Press:
    cohort = prepared(cast)
    first = criteria_of(cohort)[0]
    weights = {first.key: first.weight % 5 + 1}
    return Press(settings.change_settings, {"cohort": cohort, "weights": weights, "rules": {}, "by": cast.by})


@case("settings.change_options")
def change_options(cast: Cast) -> Press:
    given = {"cohort": prepared(cast), "options": {"floor": 30}, "by": cast.by}
    return Press(settings.change_options, given)


@case("exclusions.add_exclusion")
def add_exclusion(cast: Cast) -> Press:
    two = {"person": cast.people["mentor"], "other": cast.people["spare"], "note": ""}
    return Press(exclusions.add_exclusion, {**two, "by": cast.by})


@case("exclusions.remove_exclusion")
def remove_exclusion(cast: Cast) -> Press:
    exclusion = exclusions.add_exclusion(**add_exclusion(cast).given)
    return Press(exclusions.remove_exclusion, {"exclusion": exclusion, "by": cast.by})


def said(cast: Cast, cohort: Cohort, kind: RulingKind | None) -> dict[str, Any]:
    two = {"mentor": find(cohort, "Ada One"), "mentee": find(cohort, "Vic Five")}
    return {**two, "kind": kind, "by": cast.by}


@case("rulings.rule_pairing")
def rule_pairing(cast: Cast) -> Press:
    return Press(rulings.rule_pairing, said(cast, small(cast), RulingKind.KEEP))


@case("rulings.rule_pairing (taken back)")
def take_ruling_back(cast: Cast) -> Press:
    cohort = small(cast)
    rulings.rule_pairing(**said(cast, cohort, RulingKind.NEVER))
    return Press(rulings.rule_pairing, said(cast, cohort, None))


@case("runs.start_run")
def start_run(cast: Cast) -> Press:
    return Press(runs.start_run, {"cohort": small(cast), "by": cast.by})


@case("runs.cancel_run")
def cancel_run(cast: Cast) -> Press:
    run = runs.start_run(cohort=small(cast), by=cast.by)
    return Press(runs.cancel_run, {"run": run, "by": cast.by})


def draft(cast: Cast) -> MatchRun:
    return solved(cast, small(cast))


@case("publish.publish_run")
def publish_run(cast: Cast) -> Press:
    return Press(publish.publish_run, {"run": draft(cast), "by": cast.by, "now": later()})


@case("publish.take_back")
def take_back(cast: Cast) -> Press:
    given = publish_run(cast).given
    publish.publish_run(**given)
    return Press(publish.take_back, given)


@case("adopt.adopt_run")
def adopt_run(cast: Cast) -> Press:
    first = draft(cast)
    solved(cast, first.cohort)
    return Press(adopt.adopt_run, {"run": first, "by": cast.by, "now": later()})


@case("edits.edit_draft")
def edit_draft(cast: Cast) -> Press:
    run = draft(cast)
    given = {"proposal": pair_of(run, "Ada"), "kind": EditKind.MENTEE, "other": find(run.cohort, "Vic Five")}
    return Press(edits.edit_draft, {**given, "by": cast.by})


@case("undo.undo_edit")
def undo_edit(cast: Cast) -> Press:
    run = edited(cast, draft(cast), "Ada", EditKind.MENTEE, "Vic Five")
    return Press(undo.undo_edit, {"run": run, "by": cast.by, "now": later()})


@case("remedies.apply_remedy")
def apply_remedy(cast: Cast) -> Press:
    run = draft(cast)
    inquiry = ask(run=run, kind=InquiryKind.REMEDIES, mentee=find(run.cohort, "Wes Six"), by=cast.by)
    run_job(MatchInquiry, work_off_inquiry, cast.organization.pk, inquiry.pk)
    inquiry = MatchInquiry.objects.select_related("run__cohort", "mentor", "mentee").get(pk=inquiry.pk)
    kinds = [remedy["kind"] for remedy in inquiry.result["remedies"]]
    return Press(
        remedies.apply_remedy, {"inquiry": inquiry, "number": kinds.index("seat") + 1, "by": cast.by}
    )


def chooser(cast: Cast) -> dict[str, Any]:
    cohort = picking.choosing(cast, small(cast), mode=MatchingMode.HYBRID)
    me = find(cohort, "Uma Four")
    partner = find(cohort, "Ada One").pk
    return {"participant": me, "partner_id": partner, "by": cast.by, "now": picking.NOW}


@case("picks.pick_partner")
def pick_partner(cast: Cast) -> Press:
    return Press(picks.pick_partner, chooser(cast))


@case("picks.refuse_partner")
def refuse_partner(cast: Cast) -> Press:
    return Press(picks.refuse_partner, chooser(cast))


@case("picks.clear_partner")
def clear_partner(cast: Cast) -> Press:
    given = chooser(cast)
    picks.pick_partner(**given)
    return Press(picks.clear_partner, given)


@case("picks.order_picks")
def order_picks(cast: Cast) -> Press:
    given = chooser(cast)
    ada, ben = given.pop("partner_id"), find(given["participant"].cohort, "Ben Two").pk
    for partner in (ada, ben):
        picks.pick_partner(partner_id=partner, **given)
    return Press(picks.order_picks, {**given, "order": [ben, ada]})


def asked(cast: Cast) -> dict[str, Any]:
    cohort = asking.choosing(cast, "Ada Ben", "Uma Vic")
    asking.ask(cohort, "Uma", "Ada")
    return {"request": asking.request_of(cohort, "Uma", "Ada"), "by": cast.by, "now": asking.MONDAY}


@case("requests.send_next_requests")
def send_next_requests(cast: Cast) -> Press:
    cohort = asking.choosing(cast, "Ada Ben", "Uma Vic")
    asking.picks(cohort, "Uma", "Ada")
    given = {"participant": asking.someone(cohort, "Uma"), "by": cast.by, "now": asking.MONDAY}
    return Press(requests.send_next_requests, given)


@case("requests.accept_request")
def accept_request(cast: Cast) -> Press:
    return Press(requests.accept_request, asked(cast))


@case("requests.decline_request")
def decline_request(cast: Cast) -> Press:
    return Press(requests.decline_request, asked(cast))
