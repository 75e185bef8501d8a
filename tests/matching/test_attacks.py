"""Ways round a rule that were tried: by a form that the page does not show, by something that changed
since, by two people at the same moment."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from matching.actions import publish
from matching.actions.adopt import adopt_run
from matching.actions.picks import pick_partner, refuse_partner
from matching.actions.publish import publish_run, take_back
from matching.actions.requests import accept_request, decline_request
from matching.actions.rulings import rule_pairing
from matching.enums import RulingKind, RunPurpose
from matching.models import MatchRun, Pick
from matching.run_settings import Changes
from mentoring.actors import Actor
from mentoring.models import AuditEvent, Person
from mentoring.rules import NotAllowed
from programs.actions.cohorts import close_cohort
from programs.enums import PairRole
from programs.models import Cohort, Pair, Participant
from tests.cast import NOW, Cast
from tests.matching import asking
from tests.matching.making import Someone, add_participants, find, solved
from tests.matching.picking import NOW as CHOOSING_NOW
from tests.matching.picking import choosing, suggest
from tests.matching.test_edits import later, pair_of
from tests.matching.test_picks_pages import browser, choosing_now, page_of


@pytest.mark.parametrize("seats", [{}, {"mentor": 1}])
def test_adopting_gives_no_seats_that_nobody_tried(
    northwind: Cast, small: Cohort, sign_in: Any, seats: dict[str, int]
) -> None:
    """The form's word for seats, sent for a run without any or of the other role, after its people were
    paired."""
    first = solved(northwind, small)
    idea = solved(northwind, small, purpose=RunPurpose.WHAT_IF, changes=Changes(seats=seats))
    with northwind.scope():
        publish_run(run=first, by=northwind.by, now=NOW)
    browser: Client = sign_in(northwind.champion)
    browser.post(f"/o/northwind/cohorts/{small.pk}/match/runs/{idea.pk}/adopt/", {"seats": "yes"})
    with northwind.scope():
        assert set(Participant.objects.filter(cohort=small).values_list("capacity", flat=True)) == {1}
        assert MatchRun.objects.get(pk=idea.pk).adopted_at is None


@pytest.mark.parametrize("step", ["publish", "adopt"])
def test_who_reports_to_whom_since_is_not_paired(northwind: Cast, small: Cohort, step: str) -> None:
    run = solved(northwind, small)
    idea = solved(northwind, small, purpose=RunPurpose.WHAT_IF)
    with northwind.scope():
        pair = pair_of(run, "Ada")
        between = northwind.people["boss"]
        Person.objects.filter(pk=pair.mentor.person_id).update(manager=between)
        Person.objects.filter(pk=between.pk).update(manager=pair.mentee.person)
        steps: dict[str, Callable[[], object]] = {
            "publish": lambda: publish_run(run=run, by=northwind.by, now=NOW),
            "adopt": lambda: adopt_run(run=idea, by=northwind.by, now=later()),
        }
        with pytest.raises(NotAllowed, match="reporting line"):
            steps[step]()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("capacity", "said"),
    [(1, "You are paired already."), (2, "Choosing is over; pairs are being made.")],
)
def test_refusal_at_the_moment_of_publishing_holds_or_comes_too_late(
    northwind: Cast, small: Cohort, monkeypatch: pytest.MonkeyPatch, capacity: int, said: str
) -> None:
    """Somebody says "not for me" of her partner after the check and before the pairs are made: either the
    pairs are not published, or she is told that she is paired. Never both."""
    cohort = choosing(northwind, small)
    run = solved(northwind, cohort)
    with northwind.scope():
        Participant.objects.filter(pk=find(small, "Ada One").pk).update(capacity=capacity)
        chooser = find(cohort, "Ada One")
        partner_id = pair_of(run, "Ada").mentee_id
    told: list[str] = []

    def refuse() -> None:
        try:
            with northwind.scope():
                refuse_partner(
                    participant=chooser,
                    partner_id=partner_id,
                    by=Actor.of_person(chooser.person),
                    now=CHOOSING_NOW,
                )
        except NotAllowed as refusal:
            told.append(str(refusal))
        finally:
            connection.close()

    at_that_moment = threading.Thread(target=refuse)
    check = publish.check_possible

    def checked(run: MatchRun, proposals: Any) -> None:
        check(run, proposals)
        at_that_moment.start()
        at_that_moment.join(timeout=2)

    monkeypatch.setattr(publish, "check_possible", checked)
    with northwind.scope():
        publish_run(run=run, by=northwind.by, now=NOW)
    at_that_moment.join(timeout=20)
    with northwind.scope():
        paired = Pair.objects.filter(mentor=chooser, mentee=partner_id, status="active").exists()
        refused = Pick.objects.filter(participant=chooser, partner=partner_id, rank=None).exists()
    assert (paired, refused, told) == (True, False, [said])


def test_who_waited_still_waits_when_her_pair_is_taken_back(northwind: Cast, small: Cohort) -> None:
    """Left out at first, paired later, and that taken back: she has no partner and waits again."""
    first = solved(northwind, small)
    with northwind.scope():
        publish_run(run=first, by=northwind.by, now=NOW)
        (waiting,) = Participant.objects.filter(cohort=small, waitlisted_at=NOW)
        add_participants(small, PairRole.MENTOR, [Someone("Zed Late", ("ai_tools",))])
    second = solved(northwind, small)
    then = NOW + timedelta(days=3)
    with northwind.scope():
        assert publish_run(run=second, by=northwind.by, now=then) == 1
        waiting.refresh_from_db()
        assert waiting.waitlisted_at is None
        take_back(run=second, by=northwind.by, now=timezone.now())
        waiting.refresh_from_db()
        assert waiting.waitlisted_at is not None


@pytest.mark.parametrize("step", ["publish", "adopt", "keep"])
def test_who_was_declined_since_is_not_paired(northwind: Cast, step: str) -> None:
    """A draft was made while people still choose; then Ada says "not this time" to Uma."""
    with northwind.scope():
        cohort = asking.choosing(northwind, "Ada", "Uma")
    run, idea = solved(northwind, cohort), solved(northwind, cohort, purpose=RunPurpose.WHAT_IF)
    with northwind.scope():
        asking.ask(cohort, "Uma", "Ada")
        request = asking.request_of(cohort, "Uma", "Ada")
        decline_request(request=request, by=northwind.by, now=asking.MONDAY)
        people = {"mentor": request.receiver, "mentee": asking.someone(cohort, "Uma")}
        why = {"kind": RulingKind.KEEP, "note": "Why not?", "override": True, "by": northwind.by}
        steps: dict[str, Callable[[], object]] = {
            "publish": lambda: publish_run(run=run, by=northwind.by, now=asking.MONDAY),
            "adopt": lambda: adopt_run(run=idea, by=northwind.by, now=later()),
            "keep": lambda: rule_pairing(**people, **why),
        }
        with pytest.raises(NotAllowed) as refused:
            steps[step]()
        assert not Pair.objects.filter(cohort=cohort).exists()
    assert ("declined" in str(refused.value), "not this time" in str(refused.value)) == (False, False)


def test_header_that_is_no_address_breaks_no_page(northwind: Cast, small: Cohort) -> None:
    cohort = choosing_now(northwind, small)
    with northwind.scope():
        ada, uma = find(cohort, "Ada One"), find(cohort, "Uma Four")
    client = browser(northwind, ada)
    addresses = ("http://[", "//[x", "http://a.example/?q=%00&page=%00", "\\\\", "?" + "a=1&" * 3000)
    codes = [
        client.post(
            page_of(northwind, ada, f"{uma.pk}/pick/"),
            headers={"HX-Request": "true", "HX-Current-URL": address},
        ).status_code
        for address in addresses
    ]
    assert codes == [200, 200, 200, 200, 400]


@pytest.mark.parametrize("way", ["accept", "pick"])
def test_people_do_not_make_a_pair_that_a_rule_forbids_by_now(northwind: Cast, way: str) -> None:
    """Uma asked Ada; since then the roster says that Ada reports to her, at some distance."""
    with northwind.scope():
        cohort = asking.choosing(northwind, "Ada", "Uma")
    suggest(northwind, now=asking.MONDAY)
    with northwind.scope():
        asking.ask(cohort, "Uma", "Ada")
        request = asking.request_of(cohort, "Uma", "Ada")
        ada, uma, between = request.receiver, asking.someone(cohort, "Uma"), northwind.people["boss"]
        Person.objects.filter(pk=ada.person_id).update(manager=between)
        Person.objects.filter(pk=between.pk).update(manager=uma.person)
        by = Actor.of_person(ada.person)
        if way == "accept":
            with pytest.raises(NotAllowed, match="no longer possible"):
                accept_request(request=request, by=by, now=asking.MONDAY)
        else:
            pick_partner(participant=ada, partner_id=uma.pk, by=by, now=asking.MONDAY)
        assert asking.pairs_in(cohort) == set()


def test_closed_cohort_is_not_taken_back(northwind: Cast, small: Cohort, sign_in: Any) -> None:
    """Its pairs have completed, so none stands in the way; who waited would lose her place in the next."""
    run = solved(northwind, small)
    with northwind.scope():
        publish_run(run=run, by=northwind.by, now=NOW)
        close_cohort(cohort=small, by=northwind.by, now=timezone.now())
    sign_in(northwind.champion).post(f"/o/northwind/cohorts/{small.pk}/match/runs/{run.pk}/take-back/")
    with northwind.scope():
        assert MatchRun.objects.get(pk=run.pk).published_at == NOW
        assert Participant.objects.filter(cohort=small, waitlisted_at=NOW).count() == 1


def test_run_that_is_done_is_not_cancelled(northwind: Cast, small: Cohort, sign_in: Any) -> None:
    run = solved(northwind, small)
    sign_in(northwind.champion).post(f"/o/northwind/cohorts/{small.pk}/match/runs/{run.pk}/cancel/")
    with northwind.scope():
        found = MatchRun.objects.get(pk=run.pk)
        noted = AuditEvent.objects.filter(action="matching.run_cancelled").exists()
    assert (found.status, found.cancel_requested, noted) == ("done", False, False)
