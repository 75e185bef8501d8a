"""The champion's workbench: the newest draft, or an older one, with its pairs, people left and spread."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from matching.actions.settings import ensure_criteria
from matching.forms.filters import PairFilterForm, UnmatchedFilterForm
from matching.models import MatchRun, Proposal
from matching.queries.runs import (
    RUNS_AT_MOST,
    proposals_found,
    readiness,
    runs_of,
    that_counts,
    unmatched_found,
)
from matching.queries.settings import exclusions, rulings_of, settings_now
from matching.reasons import cause_text, tags
from matching.rules import FORBIDDEN_WORDS, MATCHABLE
from matching.views.why import why_context
from mentoring.enums import JobStatus
from mentoring.jobs import read_progress
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment
from programs.models import Cohort
from programs.views.cohort_page import cohort_context, cohort_or_404

PAGE_SIZE = 25
TABS = ("pairs", "unmatched", "spread")


@require_safe
@member_view(Permission.RUN_MATCHING)
def match(request: Any, cohort_id: int) -> HttpResponseBase:
    """Before the first run: who is ready and what will happen. Then the drafts."""
    cohort = cohort_or_404(cohort_id)
    criteria = ensure_criteria(cohort=cohort, by=request.actor)
    runs = list(runs_of(cohort)[:RUNS_AT_MOST])
    done = [run for run in runs if run.status == JobStatus.DONE]
    run = _chosen(done, request.GET.get("run", ""))
    context = cohort_context(request, cohort, tab="match", criteria=criteria, runs=done, run=run)
    context |= _state(cohort, runs, done, run)
    if run is None:
        context["readiness"] = readiness(cohort)
        context["rules"] = settings_now(cohort)["rules"]
        context["exclusions"] = exclusions().count()
        return page_or_fragment(request, "matching/match.html", context)
    tab = request.GET.get("tab", "")
    context["shown_tab"] = tab if tab in TABS else "pairs"
    context |= BUILD[context["shown_tab"]](request, cohort, run)
    return page_or_fragment(request, "matching/match.html", context, fragment="found")


def _chosen(done: list[MatchRun], number: str) -> MatchRun | None:
    wanted = [run for run in done if str(run.number) == number]
    return next(iter(wanted), None) or that_counts(done)


def _state(
    cohort: Cohort, runs: list[MatchRun], done: list[MatchRun], run: MatchRun | None
) -> dict[str, Any]:
    """What can be done now, and what has happened since the draft."""
    newest = runs[0] if runs else None
    current = newest if newest and newest.is_open else None
    is_newest = run is not None and run == that_counts(done)
    return {
        "job": current,
        "progress": read_progress(current) if current else None,
        "ended": newest if newest and newest.status in (JobStatus.FAILED, JobStatus.CANCELLED) else None,
        "can_run": cohort.status in MATCHABLE and current is None,
        "can_publish": bool(
            run
            and is_newest
            and current is None
            and not run.published_at
            and run.figures["pairs"]
            and cohort.status in MATCHABLE
        ),
        "is_newest": is_newest,
        "outdated": bool(is_newest and run and not run.published_at and run.settings != settings_now(cohort)),
    }


def _pairs(request: Any, cohort: Cohort, run: MatchRun) -> dict[str, Any]:
    form = PairFilterForm(request.GET)
    found = proposals_found(run, words=form.value("q"), shown=form.value("shown"), sort=form.value("sort"))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rulings = rulings_of(cohort)
    rows = [row_of(proposal, rulings) for proposal in page.object_list]
    selected = page.object_list[0] if page.object_list else None
    context = {"form": form, "active": form.active, "page": page, "rows": rows, "selected": selected}
    if selected:
        context |= why_context(selected)
    return context


def row_of(proposal: Proposal, rulings: dict[tuple[int, int], str]) -> dict[str, Any]:
    return {
        "proposal": proposal,
        "tags": tags(proposal.contributions),
        "ruling": rulings.get((proposal.mentor_id, proposal.mentee_id), ""),
    }


def _unmatched(request: Any, cohort: Cohort, run: MatchRun) -> dict[str, Any]:
    form = UnmatchedFilterForm(request.GET)
    found = unmatched_found(run, words=form.value("q"), role=form.value("role"))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    figures = run.figures
    rows = []
    for one in page.object_list:
        own, other = ("mentors", "mentees") if one.participant.role == "mentor" else ("mentees", "mentors")
        text = cause_text(one.cause, one.detail, one.participant.role, figures[own], figures[other])
        forbidden = [
            (FORBIDDEN_WORDS.get(rule, rule), count) for rule, count in one.detail["forbidden"].items()
        ]
        rows.append({"one": one, "text": text, "forbidden": forbidden})
    return {"form": form, "active": form.active, "page": page, "rows": rows}


def _spread(request: Any, cohort: Cohort, run: MatchRun) -> dict[str, Any]:
    bins = run.figures["bins"]
    width = 100 // len(bins)
    labels = [f"{width * index}–{width * (index + 1) - 1}" for index in range(len(bins))]
    labels[-1] = f"{100 - width}–100"
    described = _("Pairs by score, 0 to 100. %(pairs)s pairs, average %(mean)s, lowest %(lowest)s.") % {
        "pairs": run.figures["pairs"],
        "mean": round(run.figures["mean"]),
        "lowest": run.figures["lowest"],
    }
    forbidden = [(FORBIDDEN_WORDS.get(rule, rule), count) for rule, count in run.figures["forbidden"].items()]
    return {
        "bins": list(zip(labels, bins, strict=True)),
        "described": described,
        "forbidden": forbidden,
        "taken": run.settings["criteria"],
    }


BUILD = {"pairs": _pairs, "unmatched": _unmatched, "spread": _spread}
