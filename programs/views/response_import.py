"""The pages of an import of answers. One address per import shows whatever its step is."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from mentoring.actions.imports import cancel_import
from mentoring.exchange.refusals import Refused
from mentoring.exchange.uploads import require_upload
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.imports import errors_csv, state_page, steps, tell_cancelled
from programs.actions import response_import as actions
from programs.enums import PairRole
from programs.forms.response_import import ResponseColumnsForm, ResponseUploadForm
from programs.models import Cohort, ResponseImport
from programs.queries import response_imports as queries
from programs.questions.opening import why_imports_are_closed


def find(cohort_id: int, import_id: int) -> ResponseImport:
    found = queries.response_import_of(cohort_id, import_id)
    if found is None:
        raise Http404
    return found


def address(request: Any, found: ResponseImport) -> tuple[str, int, int]:
    return request.organization.slug, found.cohort_id, found.pk


@member_view(Permission.MANAGE_PROGRAMS)
def upload(request: Any, cohort_id: int) -> HttpResponseBase:
    """Step 1, and the history of imports below it."""
    cohort = get_object_or_404(Cohort.objects.select_related("program"), pk=cohort_id)
    posted = request.POST if request.method == "POST" else None
    form = ResponseUploadForm(posted, initial={"role": request.GET.get("role")})
    if request.method == "POST" and form.is_valid():
        try:
            file = require_upload(request)
            started = actions.start_response_import(
                cohort=cohort,
                role=PairRole(form.cleaned_data["role"]),
                name=file.name,
                content=file.read(),
                by=request.actor,
            )
            return redirect("response_import", *address(request, started))
        except (Refused, NotAllowed) as refusal:
            form.add_error("file", str(refusal))
    context = {
        "cohort": cohort,
        "form": form,
        "closed": why_imports_are_closed(cohort),
        "page": Paginator(queries.response_imports(cohort), 10).get_page(request.GET.get("page")),
        "steps": steps("upload"),
    }
    return TemplateResponse(
        request, "response_import/upload.html", context, status=422 if form.errors else 200
    )


@member_view(Permission.MANAGE_PROGRAMS)
def map_columns(request: Any, cohort_id: int, import_id: int) -> HttpResponseBase:
    """Step 2: which column is which question."""
    found = find(cohort_id, import_id)
    if found.is_open or found.applied_at or not found.was_read:
        return redirect("response_import", *address(request, found))
    report = found.report
    form = ResponseColumnsForm(
        request.POST if request.method == "POST" else None,
        headers=report["headers"],
        mapping=found.mapping,
        sensitive=found.sensitive,
        definition=actions.definition_for(found.cohort, found.role),
        initial={"name": report.get("remembered")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose_response_mapping(
                response_import=found,
                mapping=form.mapping(),
                name=form.cleaned_data["name"],
                by=request.actor,
            )
            return redirect("response_import", *address(request, found))
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
    context = {
        "cohort": found.cohort,
        "response_import": found,
        "form": form,
        "rows": form.rows(report["samples"]),
        "steps": steps("map"),
    }
    return TemplateResponse(request, "response_import/map.html", context, status=422 if form.errors else 200)


@member_view(Permission.MANAGE_PROGRAMS)
def detail(request: Any, cohort_id: int, import_id: int) -> HttpResponseBase:
    """Progress of whatever step is worked on, the dry run with all errors, and what was applied."""
    found = find(cohort_id, import_id)
    if found.phase == "map" and found.is_done and not request.htmx:
        return redirect("response_import_map", *address(request, found))
    context = {
        "cohort": found.cohort,
        "response_import": found,
        "counts": found.counts,
        "report": found.report,
    }
    return state_page(request, "response_import/detail.html", found, context)


@member_view(Permission.MANAGE_PROGRAMS)
@require_POST
def apply(request: Any, cohort_id: int, import_id: int) -> HttpResponseBase:
    found = find(cohort_id, import_id)
    actions.apply_response_import(
        response_import=found,
        add_choices=request.POST.get("choices") == "add",
        skip_bad_rows=request.POST.get("skip_bad_rows") == "on",
        by=request.actor,
    )
    return redirect("response_import", *address(request, found))


@member_view(Permission.MANAGE_PROGRAMS)
@require_POST
def cancel(request: Any, cohort_id: int, import_id: int) -> HttpResponseBase:
    found = find(cohort_id, import_id)
    tell_cancelled(request, cancel_import(found=found, by=request.actor))
    return redirect("response_import", *address(request, found))


@member_view(Permission.MANAGE_PROGRAMS)
def errors(request: Any, cohort_id: int, import_id: int) -> HttpResponseBase:
    return errors_csv(find(cohort_id, import_id), stem="answers")
