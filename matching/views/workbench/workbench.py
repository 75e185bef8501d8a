"""The champion's workbench: the draft that counts, or another run, with its pairs, people left and spread."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from matching.actions.settings import ensure_criteria
from matching.enums import RunPurpose
from matching.forms.filters import PairFilterForm
from matching.models import MatchRun
from matching.panels import choosing_status
from matching.queries.compare import differences
from matching.queries.drafts import overridden_words, pairs_found, places_of, rulings_on, since
from matching.queries.runs import RUNS_AT_MOST, current_draft, readiness, runs_of
from matching.queries.settings import exclusions, settings_now
from matching.reasons import tags
from matching.rules import MATCHABLE
from matching.views.workbench.figures import figures_of
from matching.views.workbench.runs_menu import lines_of
from matching.views.workbench.spread import spread_tab
from matching.views.workbench.unmatched import unmatched_tab
from matching.views.workbench.why import why_context
from mentoring.enums import JobStatus
from mentoring.jobs import read_progress
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment, wants_fragment
from programs.models import Cohort
from programs.queries.pairs import met_already, published_together
from programs.views.cohort_page import cohort_context, cohort_or_404

PAGE_SIZE = 25
TABS = ("pairs", "unmatched", "spread")


@require_safe
@member_view(Permission.RUN_MATCHING)
def match(request: Any, cohort_id: int) -> HttpResponseBase:
    """Before the first run: who is ready and what will happen. Then the drafts."""
    cohort = cohort_or_404(cohort_id)
    criteria = ensure_criteria(cohort=cohort, by=request.actor)
    runs = list(runs_of(cohort).defer("proof", "settings", "versions")[:RUNS_AT_MOST])
    counting = current_draft(cohort)
    run = _asked_for(cohort, request.GET.get("run", "")) or counting
    context = cohort_context(request, cohort, tab="match", criteria=criteria, run=run)
    context |= _jobs(cohort, runs)
    if not wants_fragment(request):
        context["choosing"] = choosing_status(cohort, request)
    if run is None:
        context["readiness"] = readiness(cohort)
        context["rules"] = settings_now(cohort).rules
        context["exclusions"] = exclusions().count()
        return page_or_fragment(request, "matching/match.html", context)
    if not wants_fragment(request):
        context |= _head(runs, run, counting) | _state(cohort, run, counting, busy=bool(context["job"]))
        context["stats"] = figures_of(run)
    tab = request.GET.get("tab", "")
    context["shown_tab"] = tab if tab in TABS else "pairs"
    context |= BUILD[context["shown_tab"]](request, cohort, run)
    part = "people" if context["shown_tab"] == "unmatched" else "found"
    return page_or_fragment(request, "matching/match.html", context, fragment=part)


def _asked_for(cohort: Cohort, number: str) -> MatchRun | None:
    """The finished run of this number."""
    if not number.isdecimal() or len(number) > 9:
        return None
    return runs_of(cohort).filter(status=JobStatus.DONE, number=int(number)).first()


def _jobs(cohort: Cohort, runs: list[MatchRun]) -> dict[str, Any]:
    """What is on its way, or how the last run ended that made nothing."""
    newest = runs[0] if runs else None
    job = newest if newest and newest.is_open else None
    return {
        "job": job,
        "progress": read_progress(job) if job else None,
        "ended": newest if newest and newest.status in (JobStatus.FAILED, JobStatus.CANCELLED) else None,
        "can_run": cohort.status in MATCHABLE and job is None,
    }


def _head(runs: list[MatchRun], run: MatchRun, counting: MatchRun | None) -> dict[str, Any]:
    """The run by name, all runs to choose from, and which one it is best compared with."""
    done = [one for one in runs if one.status == JobStatus.DONE]
    shown = done if run in done else [*done, run]
    lines = lines_of(shown)
    base = run.based_on_id or (counting.pk if counting and counting != run else None)
    before = [one for one in shown if one.number < run.number]
    beside = next((one for one in shown if one.pk == base), None) or next(iter(before), None)
    return {
        "lines": [lines[one.pk] for one in shown],
        "line": lines[run.pk],
        "beside": beside,
        "counting": counting,
    }


def _state(cohort: Cohort, run: MatchRun, counting: MatchRun | None, *, busy: bool) -> dict[str, Any]:
    """What can be done with this run now, and what has happened since the draft."""
    counts = counting is not None and run.pk == counting.pk
    at_work = cohort.status in MATCHABLE and not busy
    draft = counts and not run.published_at
    edited = run.purpose == RunPurpose.EDIT and run.based_on_id is not None
    met = 0
    if published := counts and at_work and run.published_at:
        met = met_already(published_together(cohort, published), timezone.now())
    return {
        "counts": counts,
        "can_change": draft and at_work,
        "can_publish": draft and at_work and bool(run.figures["pairs"]),
        "can_undo": draft and at_work and edited,
        "can_take_back": bool(published) and not met,
        "met": met,
        "can_adopt": not counts and not run.published_at and at_work,
        "redo": _undone(run) if draft and at_work else None,
        "since": since(run) if counts else None,
        "outdated": draft and _outdated(run, cohort),
    }


def _undone(run: MatchRun) -> MatchRun | None:
    """The change of this draft that was undone last."""
    later = MatchRun.objects.filter(based_on=run, purpose=RunPurpose.EDIT, status=JobStatus.DONE)
    return later.defer("proof", "settings").order_by("-adopted_at").first()


def _outdated(run: MatchRun, cohort: Cohort) -> bool:
    """Whether criteria, rules, options, or what is kept and ruled out are other than this draft went by."""
    found = differences(run.settings_then, settings_now(cohort))
    return found.aims or found.rulings


def _pairs(request: Any, cohort: Cohort, run: MatchRun) -> dict[str, Any]:
    picks, based = run.settings_then.picks, bool(run.based_on_id)
    form = PairFilterForm(request.GET, places=places_of(cohort), picks=picks, based=based)
    found = pairs_found(
        run,
        words=form.value("q"),
        shown=form.value("shown"),
        place=form.value("place"),
        sort=form.value("sort"),
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rulings = rulings_on(run, page.object_list)
    rows = []
    for proposal in page.object_list:
        proposal.run = run
        ids = (proposal.mentor_id, proposal.mentee_id)
        rows.append(
            {
                "proposal": proposal,
                "tags": tags(proposal.contributions),
                "ruling": rulings.get(ids),
                "broken": overridden_words(proposal),
            }
        )
    selected = page.object_list[0] if page.object_list else None
    context = {"form": form, "active": form.active, "page": page, "rows": rows, "selected": selected}
    if selected and not wants_fragment(request):
        context |= why_context(selected)
    return context


BUILD = {"pairs": _pairs, "unmatched": unmatched_tab, "spread": spread_tab}
