from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mentoring.rules import NotAllowed, today_in
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import tell_saved
from programs.actions import cohorts as actions
from programs.enums import CohortStatus
from programs.forms.cohorts import CohortForm, initial_for
from programs.models import Cohort
from programs.phases import steps_of
from programs.queries.cohorts import history_of
from programs.queries.needs import needs_of
from programs.registries import cohort_panels
from programs.templates_catalog import find_template
from programs.views.cohort_page import cohort_context, cohort_or_404
from programs.views.programs import program_or_404

PLACES = ("stats", "main", "aside")


@member_view(Permission.VIEW_REPORTS)
def cohort(request: Any, cohort_id: int) -> TemplateResponse:
    found = cohort_or_404(cohort_id)
    panels: dict[str, list[dict[str, Any]]] = {place: [] for place in PLACES}
    for panel in sorted(cohort_panels, key=lambda panel: panel.order):
        if (built := panel.build(found, request)) is not None:
            panels[panel.place].append({"template": panel.template, "panel": built})
    context = cohort_context(
        request, found, tab="cohort", panels=panels, steps=steps_of(found), history=history_of(found)
    )
    return TemplateResponse(request, "programs/cohort.html", context)


@member_view(Permission.MANAGE_PROGRAMS)
def new_cohort(request: Any, program_id: int) -> HttpResponseBase:
    program = program_or_404(program_id)
    now = timezone.now()
    today = today_in(request.organization.time_zone, now)
    initial = initial_for(find_template(program.template_key), today=today)
    form = CohortForm(request.POST or None, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_cohort(
                program=program, dates=form.dates, by=request.actor, now=now, **form.details
            )
        except NotAllowed as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect("cohort", request.organization.slug, made.pk)
    context = {"form": form, "program": program}
    return TemplateResponse(request, "programs/cohort_new.html", context, status=422 if form.errors else 200)


@member_view(Permission.MANAGE_PROGRAMS)
def edit_cohort(request: Any, cohort_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    if request.method == "POST":
        cohort = actions.lock_cohort(cohort)
    now = timezone.now()
    form = CohortForm(
        request.POST or None, today=today_in(request.organization.time_zone, now), cohort=cohort
    )
    if request.method == "POST" and form.is_valid():
        try:
            values = {**form.dates, **form.details}
            changed = actions.update_cohort(cohort=cohort, by=request.actor, now=now, **values)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            tell_saved(request, changed)
            return redirect("cohort", request.organization.slug, cohort.pk)
    context = cohort_context(request, cohort, tab="cohort", form=form)
    return TemplateResponse(request, "programs/cohort_edit.html", context, status=422 if form.errors else 200)


@member_view(Permission.MANAGE_PROGRAMS)
def needs(request: Any, cohort_id: int) -> HttpResponseBase:
    """What mentees want to learn, and letting mentors read it."""
    found = cohort_or_404(cohort_id)
    if request.method == "POST":
        if actions.publish_needs(cohort=found, by=request.actor, now=timezone.now()):
            messages.success(request, _("Published. Mentors read it in their invitation: invite them now."))
        else:
            messages.info(request, _("This was published before. Invite mentors now."))
        return redirect("cohort_invite", request.organization.slug, found.pk)
    context = cohort_context(request, found, tab="cohort", needs=needs_of(found))
    return TemplateResponse(request, "programs/needs.html", context)


@member_view(Permission.MANAGE_PROGRAMS)
@require_POST
def change_phase(request: Any, cohort_id: int) -> HttpResponseBase:
    found = cohort_or_404(cohort_id)
    messages.success(request, _change_phase(request, found, request.POST.get("to", "")))
    return redirect("cohort", request.organization.slug, found.pk)


def _change_phase(request: Any, cohort: Cohort, to: str) -> str:
    """Publishing pairs is what starts a cohort, so "running" is not among these."""
    now = timezone.now()
    match to:
        case CohortStatus.ENROLLING:
            actions.open_enrolment(cohort=cohort, by=request.actor, now=now)
            return _("Enrolment is open. Invite people now.")
        case CohortStatus.MATCHING:
            actions.close_enrolment(cohort=cohort, by=request.actor)
            return _("Enrolment is closed. Match mentors and mentees now.")
        case CohortStatus.CLOSED:
            actions.close_cohort(cohort=cohort, by=request.actor, now=now)
            return _("This cohort is closed. Thank you for looking after it.")
    raise Http404
