"""Why these two: one pair of a draft in detail."""

from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from matching.actions.rulings import rule_pairing
from matching.enums import RulingKind
from matching.models import Proposal
from matching.queries.runs import participant_names, proposals
from matching.queries.settings import rulings_of
from matching.reasons import reasons, sentences
from mentoring.tenancy.guards import back, member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment
from programs.models import Cohort
from programs.views.cohort_page import cohort_context, cohort_or_404


def _proposal_or_404(cohort: Cohort, proposal_id: int) -> Proposal:
    proposal = proposals().select_related("run").filter(run__cohort=cohort, pk=proposal_id).first()
    if proposal is None:
        raise Http404
    return proposal


def why_context(proposal: Proposal) -> dict[str, Any]:
    """The criteria that make the score, and the best others for both, with their rank."""
    mentor, mentee = proposal.mentor.person, proposal.mentee.person
    short = mentor.first_name or mentor.name, mentee.first_name or mentee.name
    others = {role: proposal.ranks.get(role, {}).get("next", []) for role in ("mentor", "mentee")}
    names = participant_names({one["id"] for found in others.values() for one in found})
    return {
        "proposal": proposal,
        "reasons": reasons(proposal.contributions, *short),
        "others": [
            {
                "name": name,
                "rank": proposal.ranks[role]["rank"],
                "of": proposal.ranks[role]["of"],
                "next": [{**one, "name": names[one["id"]]} for one in others[role] if one["id"] in names],
            }
            for role, name in zip(("mentor", "mentee"), short, strict=True)
            if role in proposal.ranks
        ],
    }


@require_safe
@member_view(Permission.RUN_MATCHING)
def match_pair(request: Any, cohort_id: int, proposal_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    proposal = _proposal_or_404(cohort, proposal_id)
    mentor, mentee = proposal.mentor.person, proposal.mentee.person
    context = cohort_context(
        request,
        cohort,
        tab="match",
        run=proposal.run,
        ruling=rulings_of(cohort).get((proposal.mentor_id, proposal.mentee_id), ""),
        told=sentences(
            proposal.contributions, mentor.first_name or mentor.name, mentee.first_name or mentee.name
        ),
        **why_context(proposal),
    )
    return page_or_fragment(request, "matching/pair.html", context, fragment="why")


@require_POST
@member_view(Permission.RUN_MATCHING)
def match_rule(request: Any, cohort_id: int, proposal_id: int) -> HttpResponseBase:
    """Keep, never, or take it back; counts from the next run on."""
    cohort = cohort_or_404(cohort_id)
    proposal = _proposal_or_404(cohort, proposal_id)
    said = request.POST.get("kind", "")
    if said not in (*RulingKind.values, "clear"):
        raise Http404
    kind = None if said == "clear" else RulingKind(said)
    rule_pairing(mentor=proposal.mentor, mentee=proposal.mentee, kind=kind, by=request.actor)
    if request.htmx:
        context = {"cohort": cohort, "proposal": proposal, "ruling": kind.value if kind else ""}
        return page_or_fragment(request, "matching/ruling.html", context | {"fresh": True})
    if request.META.get("HTTP_REFERER"):
        return back(request)
    return redirect("match", request.organization.slug, cohort.pk)
