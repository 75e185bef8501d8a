"""Questions about a draft: what the next best partners would cost, and "why not" anybody else."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from matching.actions.inquiries import ask
from matching.enums import InquiryKind
from matching.forms.inquiries import WhyNotForm
from matching.models import MatchInquiry, Proposal
from matching.prices import move_text, moves, people_in, price_text
from matching.queries.inquiries import inquiry_in
from matching.queries.pairing import rule_words
from matching.queries.people import participant_names, partners_named
from matching.queries.runs import current_draft
from matching.reasons import reasons, remarks
from matching.views.workbench.lookup import run_or_404
from mentoring.jobs import read_progress
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment, typed
from programs.enums import PairRole
from programs.models import Cohort, Participant
from programs.queries.participants import participant_in
from programs.views.cohort_page import cohort_context, cohort_or_404


def why_not_form(
    request: Any, cohort: Cohort, people: Mapping[str, Participant], data: Any = None
) -> WhyNotForm:
    """`people` by role: for whom somebody else is looked at."""
    url = reverse("match_people", args=[request.organization.slug, cohort.pk])
    return WhyNotForm(data, cohort=cohort, people=people, people_url=url)


@require_safe
@member_view(Permission.RUN_MATCHING)
def match_people(request: Any, cohort_id: int) -> HttpResponseBase:
    """Suggestions for a name that is being typed: people of this cohort who can be paired."""
    cohort = cohort_or_404(cohort_id)
    words, role = typed(request, "partner", "mentor", "mentee"), request.GET.get("role", "")
    roles = [role] if role in PairRole.values else PairRole.values
    found = partners_named(cohort, words, roles=roles) if len(words) > 1 else []
    return page_or_fragment(
        request, "matching/people_options.html", {"people": [one.person for one in found]}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def match_why_not(request: Any, cohort_id: int, run_id: int) -> HttpResponseBase:
    """Choose somebody else for the people in the address (`mentor`, `mentee` or both), and see the price."""
    cohort = cohort_or_404(cohort_id)
    run = run_or_404(cohort, run_id)
    people = {role: _named(cohort, role, request.GET.get(role, "")) for role in PairRole.values}
    given = {role: one for role, one in people.items() if one}
    if not given:
        return redirect("match", request.organization.slug, cohort.pk)
    form = why_not_form(request, cohort, given, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        inquiry = ask(run=run, kind=InquiryKind.PRICE, **form.pair(), by=request.actor)
        return redirect("match_inquiry", request.organization.slug, cohort.pk, inquiry.pk)
    context = cohort_context(request, cohort, tab="match", run=run, why_not=form)
    status = 422 if form.errors else 200
    return page_or_fragment(request, "matching/why_not.html", context, status=status)


def _named(cohort: Cohort, role: str, participant_id: str) -> Participant | None:
    if not participant_id:
        return None
    known = participant_id.isdecimal() and len(participant_id) < 18
    one = participant_in(cohort, int(participant_id)) if known else None
    if one is None or one.role != role:
        raise Http404
    return one


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def match_inquiry(request: Any, cohort_id: int, inquiry_id: int) -> HttpResponseBase:
    """A pair that the draft does not have: its score, what stands against it, and what it would cost.
    A POST asks again where it failed."""
    cohort = cohort_or_404(cohort_id)
    inquiry = inquiry_in(cohort, inquiry_id)
    if inquiry is None or inquiry.mentor is None or inquiry.mentee is None:
        raise Http404
    pair = {"mentor": inquiry.mentor, "mentee": inquiry.mentee}
    if request.method == "POST":
        ask(run=inquiry.run, kind=InquiryKind.PRICE, **pair, by=request.actor)
        return redirect("match_inquiry", request.organization.slug, cohort.pk, inquiry.pk)
    context = cohort_context(request, cohort, tab="match", run=inquiry.run, **_asked(inquiry, pair))
    context["why_not"] = why_not_form(request, cohort, pair)
    return page_or_fragment(request, "matching/inquiry.html", context, fragment="asked")


def _asked(inquiry: MatchInquiry, people: Mapping[str, Participant]) -> dict[str, Any]:
    """The hypothetical pair, as far as it is worked out."""
    context: dict[str, Any] = {"inquiry": inquiry, "job": inquiry}
    if not inquiry.is_done:
        return context | {"progress": read_progress(inquiry)}
    result, labels = inquiry.result, inquiry.run.settings_then.labels
    mentor, mentee = people["mentor"].person, people["mentee"].person
    names = participant_names(people_in([result]))
    pair = {role: one.pk for role, one in people.items()}
    changed = moves(result, "mentee") + [move for move in moves(result, "mentor") if move.alone]
    return context | {
        "result": result,
        "reasons": reasons(result["contributions"], mentor.called, mentee.called),
        "price": price_text(result, names, asker="mentee", chosen="", pair=pair),
        "remarks": remarks(result["contributions"], labels),
        "forbidden": rule_words(result["forbidden"], labels),
        "moves": [move_text(move, names) for move in changed] if result["possible"] else [],
        "change_url": _change_url(inquiry),
        "places": [
            {"name": person.called, **result["ranks"][role]}
            for role, person in (("mentor", mentor), ("mentee", mentee))
        ],
    }


def _change_url(inquiry: MatchInquiry) -> str:
    """Where the champion makes this pair, if the draft counts and one of the two is paired in it."""
    run = inquiry.run
    counting = current_draft(run.cohort)
    if inquiry.result["made"] or not counting or counting.pk != run.pk or run.published_at:
        return ""
    for role, partner in (("mentor", "mentee"), ("mentee", "mentor")):
        mine = Proposal.objects.filter(run=run, **{role: getattr(inquiry, f"{role}_id")}).first()
        if mine:
            slug = run.cohort.organization.slug
            query = urlencode({"kind": partner, "other": getattr(inquiry, f"{partner}_id")})
            return f"{reverse('match_change_plan', args=[slug, run.cohort_id, mine.pk])}?{query}"
    return ""
