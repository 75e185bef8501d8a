from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from mentoring.queries.locks import locked
from mentoring.rules import NotAllowed, today_in
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import tell_saved, typed
from programs.actions.programs import create_program, update_program
from programs.forms.programs import ProgramForm, initial_from, label_of
from programs.models import Cohort, Program
from programs.phases import phase_badge
from programs.queries import programs as queries
from programs.templates_catalog import CATALOGUE, find_template
from programs.views.cohort_page import rights


def program_or_404(program_id: int) -> Program:
    program = queries.program_of(program_id)
    if program is None:
        raise Http404
    return program


def with_phases(request: Any, program: Program) -> list[tuple[Cohort, dict[str, Any]]]:
    today = today_in(request.organization.time_zone, timezone.now())
    return [(cohort, phase_badge(cohort, today)) for cohort in program.cohorts.all()]


@member_view(Permission.VIEW_REPORTS)
def program_list(request: Any) -> TemplateResponse:
    rows = [
        {
            "program": program,
            "cohorts": with_phases(request, program)[:4],
        }
        for program in queries.programs()
    ]
    return TemplateResponse(request, "programs/list.html", {"rows": rows, **rights(request)})


@member_view(Permission.VIEW_REPORTS)
def program(request: Any, program_id: int) -> TemplateResponse:
    found = program_or_404(program_id)
    context = {
        "program": found,
        "template": find_template(found.template_key),
        "cohorts": with_phases(request, found),
        "questionnaires": queries.questionnaires_of(found),
        **rights(request),
    }
    return TemplateResponse(request, "programs/program.html", context)


@member_view(Permission.MANAGE_PROGRAMS)
def choose_template(request: Any) -> TemplateResponse:
    return TemplateResponse(request, "programs/templates.html", {"templates": list(CATALOGUE.values())})


@member_view(Permission.MANAGE_PROGRAMS)
def new_program(request: Any, template: str) -> HttpResponseBase:
    chosen = find_template(template)
    if chosen is None:
        raise Http404
    initial = initial_from(chosen, request.membership)
    form = ProgramForm(request.POST or None, organization=request.organization, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_program(template=chosen, by=request.actor, **form.cleaned_data)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("“%(name)s” is ready. Now give it its first cohort.") % {"name": made}
            )
            return redirect("program", request.organization.slug, made.pk)
    return _form(request, "programs/new.html", form, template=chosen)


@member_view(Permission.MANAGE_PROGRAMS)
def edit_program(request: Any, program_id: int) -> HttpResponseBase:
    program = program_or_404(program_id)
    if request.method == "POST":
        program = locked(program)
    form = ProgramForm(request.POST or None, organization=request.organization, program=program)
    if request.method == "POST" and form.is_valid():
        try:
            changed = update_program(program=program, by=request.actor, **form.changed_values())
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            tell_saved(request, changed)
            return redirect("program", request.organization.slug, program.pk)
    return _form(request, "programs/edit.html", form, program=program)


@member_view(Permission.MANAGE_PROGRAMS)
def people_options(request: Any) -> TemplateResponse:
    """Options of the sponsor's field while somebody types."""
    people = queries.people_named(typed(request, "sponsor"), limit=8)
    context = {"options": [(label_of(person), person.summary) for person in people]}
    return TemplateResponse(request, "programs/people_options.html", context)


def _form(request: Any, page: str, form: ProgramForm, **context: Any) -> TemplateResponse:
    status = 422 if form.errors else 200
    return TemplateResponse(request, page, {"form": form, **context}, status=status)
