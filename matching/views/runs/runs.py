from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from matching.actions.adopt import adopt_run
from matching.actions.holds import over_capacity
from matching.actions.runs import cancel_run, start_run
from matching.enums import RunPurpose
from matching.models import MatchRun
from matching.queries.compare import differences
from matching.queries.runs import current_draft, proposals
from matching.queries.settings import settings_now
from matching.views.runs.differences import in_words
from matching.views.workbench.lookup import run_or_404
from matching.views.workbench.runs_menu import lines_of
from mentoring.jobs import read_progress
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment
from programs.views.cohort_page import cohort_context, cohort_or_404


@require_POST
@member_view(Permission.RUN_MATCHING)
def match_start(request: Any, cohort_id: int) -> HttpResponseBase:
    start_run(cohort=cohort_or_404(cohort_id), by=request.actor)
    return redirect("match", request.organization.slug, cohort_id)


@require_POST
@member_view(Permission.RUN_MATCHING)
def match_repair(request: Any, cohort_id: int) -> HttpResponseBase:
    """The draft that counts, mended: who is gone leaves, who is new is placed, few others move."""
    cohort = cohort_or_404(cohort_id)
    start_run(cohort=cohort, by=request.actor, purpose=RunPurpose.REPAIR, based_on=current_draft(cohort))
    return redirect("match", request.organization.slug, cohort_id)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def match_adopt(request: Any, cohort_id: int, run_id: int) -> HttpResponseBase:
    """What making this run the draft that counts would change, in words; a POST does it."""
    cohort = cohort_or_404(cohort_id)
    run = run_or_404(cohort, run_id)
    if request.method == "POST":
        with_seats = request.POST.get("seats") == "yes"
        if adopt_run(run=run, by=request.actor, now=timezone.now(), with_seats=with_seats):
            messages.success(request, _("%(draft)s is the draft that counts now.") % {"draft": run})
        else:
            messages.info(request, _("This draft counts already. Nothing has changed."))
        return redirect("match", request.organization.slug, cohort.pk)
    found = differences(settings_now(cohort), run.settings_then)
    crowded = over_capacity(list(proposals().filter(run=run)))
    context = cohort_context(
        request,
        cohort,
        tab="match",
        run=run,
        line=lines_of([run])[run.pk],
        counting=current_draft(cohort),
        changes=in_words(replace(found, seats={}, kept=(0, 0), never=(0, 0))),
        crowded=[(one.person, seats) for one, seats in crowded.items()],
    )
    return page_or_fragment(request, "matching/adopt.html", context)


@require_safe
@member_view(Permission.RUN_MATCHING)
def match_run(request: Any, cohort_id: int, run_id: int) -> HttpResponseBase:
    """How far a run is; the workbench asks every second and is opened anew once the run has ended, which is
    then said there."""
    cohort = cohort_or_404(cohort_id)
    run = run_or_404(cohort, run_id)
    page = reverse("match", args=[request.organization.slug, cohort.pk])
    if run.purpose == RunPurpose.WHAT_IF and run.is_done:
        page = f"{page}?run={run.number}"
    if run.is_done:
        _say_ready(request, run)
    if not run.is_open and not request.htmx:
        return redirect(page)
    context = cohort_context(request, cohort, tab="match", job=run, progress=read_progress(run))
    response = page_or_fragment(request, "matching/run.html", context, fragment="progress")
    if not run.is_open:
        response["HX-Redirect"] = page
    return response


def _say_ready(request: Any, run: MatchRun) -> None:
    """Once to everybody who waits for it: a page may ask again before the next one has opened."""
    if request.session.get("ready_run") != run.pk:
        request.session["ready_run"] = run.pk
        messages.success(request, _("%(draft)s is ready.") % {"draft": run})


@require_POST
@member_view(Permission.RUN_MATCHING)
def match_cancel(request: Any, cohort_id: int, run_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    if not cancel_run(run=run_or_404(cohort, run_id), by=request.actor):
        messages.info(request, _("This run has ended already, or was cancelled before."))
    return redirect("match", request.organization.slug, cohort.pk)
