"""Who stayed alone in a draft: why, what would help, and what it means for the next cohort."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from matching.actions.inquiries import ask
from matching.actions.remedies import apply_remedy
from matching.actions.runs import start_run
from matching.enums import Cause, InquiryKind, RunPurpose
from matching.forms.filters import UnmatchedFilterForm
from matching.forms.inquiries import RemedyForm
from matching.models import MatchInquiry, MatchRun, Unmatched
from matching.prices import move_text, moves, people_in, remedy_text
from matching.queries.inquiries import crowd_of, inquiry_in, remedies_for, unmatched_in
from matching.queries.pairing import rule_words
from matching.queries.people import participant_names
from matching.queries.runs import unmatched_found
from matching.reasons import cause_text
from matching.rules import Text, can_be_overridden
from matching.run_settings import Changes, Settings
from matching.views.workbench.figures import forbidden_counts, number
from matching.views.workbench.inquiries import why_not_form
from matching.views.workbench.lookup import run_or_404
from mentoring.jobs import read_progress
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment, wants_fragment
from programs.enums import PairRole
from programs.models import Cohort
from programs.views.cohort_page import cohort_context, cohort_or_404

PAGE_SIZE = 25
# So many more people than seats are told once over the list, and not in every row.
CROWD_FROM = 3


# What is tried, by the role of those who would take one partner more.
TRY_WORDS: dict[str, Text] = {
    PairRole.MENTOR: gettext_lazy("What if every mentor took one mentee more?"),
    PairRole.MENTEE: gettext_lazy("What if every mentee took one mentor more?"),
}


def unmatched_tab(request: Any, cohort: Cohort, run: MatchRun) -> dict[str, Any]:
    form = UnmatchedFilterForm(request.GET)
    found = unmatched_found(run, words=form.value("q"), role=form.value("role"))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    crowds = [one for one in (_crowd(run, role, n) for role, n in crowd_of(run).items()) if one]
    told = {crowd["role"] for crowd in crowds}
    people: list[Unmatched] = list(page.object_list)
    rows = [{"one": one, "text": _why(one, run, told)} for one in people]
    context = {"form": form, "active": form.active, "page": page, "rows": rows, "crowds": crowds}
    if people and not wants_fragment(request):
        people[0].run = run
        context["person"] = person_context(request, cohort, people[0])
    return context


def _crowd(run: MatchRun, role: str, people: int) -> dict[str, Any] | None:
    """One side is simply larger: how many are left, and what would place them."""
    if people < CROWD_FROM:
        return None
    own, other = ("mentees", "mentors") if role == PairRole.MENTEE else ("mentors", "mentees")
    figures = {"people": number(people), "of": number(run.figures[own]["of"])}
    figures |= {"seats": number(run.figures[other]["seats"]), "others": number(run.figures[other]["of"])}
    if role == PairRole.MENTEE:
        title = _("%(people)s mentees more than seats with mentors") % figures
        text = _(
            "%(of)s mentees wait for %(seats)s seats. Each further seat places one, up to %(people)s in all: "
            "invite more mentors, or ask some of the %(others)s mentors to take one mentee more."
        )
    else:
        title = _("%(people)s mentors more than seats with mentees") % figures
        text = _(
            "%(of)s mentors wait for %(seats)s seats. Each further seat places one, up to %(people)s in all: "
            "invite more mentees, or ask some of the %(others)s mentees to take one mentor more."
        )
    return {"role": role, "title": title, "text": text % figures, "try": TRY_WORDS[PairRole(role).other]}


def _why(one: Unmatched, run: MatchRun, told: set[str]) -> str:
    own, other = ("mentors", "mentees") if one.participant.role == PairRole.MENTOR else ("mentees", "mentors")
    everybody = one.detail["partners"] == run.figures[other]["of"]
    if one.cause == Cause.COMPETITION and everybody and one.participant.role in told:
        return _("More people than seats. The best partner would have scored %(best)s.") % one.detail
    figures = (run.figures[own], run.figures[other])
    return cause_text(one.cause, one.detail, one.participant.role, *figures, run.settings_then.labels)


def person_context(request: Any, cohort: Cohort, one: Unmatched) -> dict[str, Any]:
    """One person without a partner: cause, what rules out whom, what would help."""
    run, participant = one.run, one.participant
    inquiry = remedies_for(run, participant)
    return {
        "one": one,
        "text": _why(one, run, set()),
        "forbidden": forbidden_counts(one.detail["forbidden"], run.settings_then.labels, of_person=True),
        "waiting": _waiting(one),
        "why_not": why_not_form(request, cohort, {participant.role: participant}),
        **remedies_context(run, one, inquiry),
    }


def _waiting(one: Unmatched) -> str:
    """Nobody who stays alone is forgotten: on the waiting list once pairs are published."""
    name = {"name": one.participant.person.called}
    if one.participant.waitlisted_at:
        return _("%(name)s is on the waiting list and comes first in the next cohort of this program.") % name
    return (
        _(
            "If it stays like this, %(name)s goes on the waiting list when the pairs are published, and "
            "comes first in the next cohort of this program."
        )
        % name
    )


def remedies_context(run: MatchRun, one: Unmatched, inquiry: MatchInquiry | None) -> dict[str, Any]:
    """What was worked out, as sentences with what can be done about each."""
    can_ask = not run.published_at
    context: dict[str, Any] = {"one": one, "run": run, "inquiry": inquiry, "can_ask": can_ask, "remedies": []}
    if inquiry is None:
        return context
    if inquiry.is_open:
        return context | {"progress": read_progress(inquiry)}
    found = inquiry.result.get("remedies", [])
    names = participant_names(people_in(found))
    names[one.participant_id] = one.participant.person.called
    context["remedies"] = [
        _remedy(remedy, index, one, names, run.settings_then) for index, remedy in enumerate(found, start=1)
    ]
    return context


def _remedy(
    remedy: dict[str, Any],
    index: int,
    one: Unmatched,
    names: dict[int, str],
    settings: Settings,
) -> dict[str, Any]:
    participant = one.participant
    rule = str(next(iter(rule_words([remedy["rule"]], settings.labels)))) if remedy["rule"] else ""
    floor = settings.options.floor
    text = remedy_text(remedy, names, person=participant.pk, role=participant.role, rule=rule, floor=floor)
    others = [move for move in moves(remedy, participant.role) if move.person != participant.pk]
    ruled = remedy["kind"] == "rule" and remedy["rule"] != "never"
    return {
        "number": index,
        "kind": remedy["kind"],
        "text": text,
        "moves": [move_text(move, names) for move in others],
        "partner": names.get(remedy["partner"], ""),
        "can_be_done": not ruled or can_be_overridden(remedy["rule"]),
        "needs_note": remedy["kind"] != "seat",
    }


def _unmatched_or_404(cohort: Cohort, unmatched_id: int) -> Unmatched:
    one = unmatched_in(cohort, unmatched_id)
    if one is None:
        raise Http404
    return one


@require_safe
@member_view(Permission.RUN_MATCHING)
def match_unmatched(request: Any, cohort_id: int, unmatched_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    one = _unmatched_or_404(cohort, unmatched_id)
    context = cohort_context(
        request, cohort, tab="match", run=one.run, person=person_context(request, cohort, one)
    )
    return page_or_fragment(request, "matching/unmatched_person.html", context, fragment="person")


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def match_remedies(request: Any, cohort_id: int, unmatched_id: int) -> HttpResponseBase:
    """Ask what would place this person; a GET tells how far it is."""
    cohort = cohort_or_404(cohort_id)
    one = _unmatched_or_404(cohort, unmatched_id)
    if request.method == "POST":
        ask(
            run=one.run,
            kind=InquiryKind.REMEDIES,
            **{one.participant.role: one.participant},
            by=request.actor,
        )
    if not request.htmx:
        return redirect("match_unmatched", request.organization.slug, cohort.pk, one.pk)
    person = remedies_context(one.run, one, remedies_for(one.run, one.participant))
    return page_or_fragment(request, "matching/remedies.html", {"cohort": cohort, "person": person})


@require_POST
@member_view(Permission.RUN_MATCHING)
def match_remedy(request: Any, cohort_id: int, inquiry_id: int) -> HttpResponseBase:
    """Do it: one more seat, or an exception with its reason; the run that follows is the new draft."""
    cohort = cohort_or_404(cohort_id)
    inquiry = inquiry_in(cohort, inquiry_id)
    form = RemedyForm(request.POST)
    if inquiry is None or not form.is_valid():
        raise Http404
    data = form.cleaned_data
    apply_remedy(inquiry=inquiry, number=data["remedy"], note=data["note"], by=request.actor)
    return redirect("match", request.organization.slug, cohort.pk)


@require_POST
@member_view(Permission.RUN_MATCHING)
def match_try_seats(request: Any, cohort_id: int, run_id: int) -> HttpResponseBase:
    """What one seat more with everybody of a side would do: a run to be compared, and adopted or not."""
    cohort = cohort_or_404(cohort_id)
    run, crowded = run_or_404(cohort, run_id), request.POST.get("role", "")
    if crowded not in PairRole.values:
        raise Http404
    role = PairRole(crowded).other.value
    start_run(
        cohort=cohort,
        by=request.actor,
        purpose=RunPurpose.WHAT_IF,
        based_on=run,
        changes=Changes(seats={role: 1}),
        note=str(TRY_WORDS[role]),
    )
    messages.success(request, _("On its way. The draft that counts stays as it is."))
    return redirect("match", request.organization.slug, cohort.pk)
