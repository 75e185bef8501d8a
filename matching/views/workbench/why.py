"""Why these two: one pair of a draft in detail."""

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from matching.actions.inquiries import ask
from matching.enums import InquiryKind
from matching.models import MatchInquiry, Proposal
from matching.prices import people_in, price_text
from matching.queries.drafts import overridden_words, rulings_on
from matching.queries.inquiries import prices_of
from matching.queries.people import participant_names, people_by_id
from matching.reasons import reasons, remarks, sentences
from matching.views.workbench.inquiries import why_not_form
from matching.views.workbench.lookup import proposal_or_404
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment
from programs.views.cohort_page import cohort_context, cohort_or_404


def why_context(proposal: Proposal) -> dict[str, Any]:
    """The criteria that make the score, and the best others for both, with their rank and their price."""
    return {
        "proposal": proposal,
        "reasons": reasons(proposal.contributions, *_called(proposal)),
        "remarks": remarks(proposal.contributions, proposal.run.settings_then.labels),
        **prices_context(proposal),
    }


def _called(proposal: Proposal) -> tuple[str, str]:
    return proposal.mentor.person.called, proposal.mentee.person.called


def prices_context(proposal: Proposal) -> dict[str, Any]:
    """The next best partners of both, and what choosing each of them would cost, as far as it is known."""
    found = prices_of(proposal.run, _next_pairs(proposal))
    done = {ids: one.result for ids, one in found.items() if one.is_done}
    nearest = {role: proposal.ranks.get(role, {}).get("next", []) for role in ("mentor", "mentee")}
    named = {one["id"] for others in nearest.values() for one in others} | people_in(done.values())
    names = participant_names(named)
    sides = []
    for role, name in zip(("mentor", "mentee"), _called(proposal), strict=True):
        if role in proposal.ranks:
            others = [
                _other(proposal, role, one, names, found) for one in nearest[role] if one["id"] in names
            ]
            place = {key: proposal.ranks[role][key] for key in ("rank", "of")}
            sides.append({"name": name, "next": others, **place})
    return {
        "proposal": proposal,
        "others": sides,
        "can_ask": not proposal.run.published_at and len(found) < len(_next_pairs(proposal)),
        "working": any(one.is_open for one in found.values()),
    }


def _next_pairs(proposal: Proposal) -> list[tuple[int, int]]:
    """The pairs that the next best partners of both would make, as (mentor, mentee)."""
    ranks = proposal.ranks
    return [(proposal.mentor_id, one["id"]) for one in ranks.get("mentor", {}).get("next", [])] + [
        (one["id"], proposal.mentee_id) for one in ranks.get("mentee", {}).get("next", [])
    ]


def _other(
    proposal: Proposal,
    role: str,
    one: dict[str, Any],
    names: dict[int, str],
    found: dict[tuple[int, int], MatchInquiry],
) -> dict[str, Any]:
    """One of the next best for the person of this role: name, score, rank and the price's sentence."""
    pair = {"mentor": proposal.mentor_id, "mentee": proposal.mentee_id}
    pair["mentee" if role == "mentor" else "mentor"] = one["id"]
    inquiry = found.get((pair["mentor"], pair["mentee"]))
    text = ""
    if inquiry and inquiry.is_done:
        chosen = names[one["id"]]
        text = price_text(inquiry.result, names, asker=role, chosen=chosen, pair=pair)
    elif inquiry and not inquiry.is_open:
        text = inquiry.error
    return {**one, "name": names[one["id"]], "inquiry": inquiry, "text": text}


@require_safe
@member_view(Permission.RUN_MATCHING)
def match_pair(request: Any, cohort_id: int, proposal_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    proposal = proposal_or_404(cohort, proposal_id)
    people = {"mentor": proposal.mentor, "mentee": proposal.mentee}
    context = cohort_context(
        request,
        cohort,
        tab="match",
        run=proposal.run,
        why_not=why_not_form(request, cohort, people),
        ruling=rulings_on(proposal.run, [proposal]).get((proposal.mentor_id, proposal.mentee_id)),
        broken=overridden_words(proposal),
        told=sentences(proposal.contributions, *_called(proposal)),
        **why_context(proposal),
    )
    return page_or_fragment(request, "matching/pair.html", context, fragment="why")


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def match_prices(request: Any, cohort_id: int, proposal_id: int) -> HttpResponseBase:
    """Ask what the next best partners of both would cost; a GET tells what is known by now."""
    cohort = cohort_or_404(cohort_id)
    proposal = proposal_or_404(cohort, proposal_id)
    if request.method == "POST":
        people = people_by_id(pk for pair in _next_pairs(proposal) for pk in pair)
        for mentor, mentee in _next_pairs(proposal):
            if mentor in people and mentee in people:
                pair = {"mentor": people[mentor], "mentee": people[mentee]}
                ask(run=proposal.run, kind=InquiryKind.PRICE, **pair, by=request.actor)
    if not request.htmx:
        return redirect("match_pair", request.organization.slug, cohort.pk, proposal.pk)
    context = {"cohort": cohort, "run": proposal.run, **prices_context(proposal)}
    return page_or_fragment(request, "matching/prices.html", context)
