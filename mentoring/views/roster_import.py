"""The pages of a roster import. One address per import shows whatever its step is."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from mentoring.actions.imports import cancel_import
from mentoring.actions.roster_imports import apply_import, choose_mapping, start_import
from mentoring.exchange.refusals import Refused
from mentoring.exchange.uploads import require_upload
from mentoring.forms.imports import RosterColumnsForm, RosterUploadForm
from mentoring.models import RosterImport
from mentoring.queries import imports as queries
from mentoring.queries.columns import kept_reasons, undecided_columns
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.imports import errors_csv, state_page, steps, tell_cancelled


def find(import_id: int) -> RosterImport:
    found = queries.roster_import_of(import_id)
    if found is None:
        raise Http404
    return found


@member_view(Permission.IMPORT_PEOPLE)
def upload(request: Any) -> HttpResponseBase:
    """Step 1, and the history of imports below it."""
    form = RosterUploadForm()
    if request.method == "POST":
        form = RosterUploadForm(request.POST, request.FILES)
        try:
            file = require_upload(request)
            started = start_import(
                name=file.name, content=file.read(), organization=request.organization, by=request.actor
            )
            return redirect("roster_import", request.organization.slug, started.pk)
        except (Refused, NotAllowed) as refusal:
            form.is_valid()
            form.add_error("file", str(refusal))
    page = Paginator(queries.roster_imports(), 10).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "steps": steps("upload"),
        "undecided_columns": undecided_columns(timezone.now().date()),
    }
    return TemplateResponse(request, "people/import_upload.html", context, status=422 if form.errors else 200)


@member_view(Permission.IMPORT_PEOPLE)
def map_columns(request: Any, import_id: int) -> HttpResponseBase:
    """Step 2: what the columns mean."""
    found = find(import_id)
    if found.is_open or found.applied_at or not found.was_read:
        return redirect("roster_import", request.organization.slug, found.pk)
    report = found.report
    form = RosterColumnsForm(
        request.POST if request.method == "POST" else None,
        headers=report["headers"],
        mapping=found.mapping,
        sensitive=found.sensitive,
        reasons=kept_reasons(),
        initial={
            "day_first": "1" if found.options.get("day_first") else "0",
            "name": report.get("remembered"),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            choose_mapping(
                roster_import=found,
                mapping=form.mapping(),
                day_first=form.cleaned_data["day_first"],
                reasons=form.reasons(),
                name=form.cleaned_data["name"],
                by=request.actor,
            )
            return redirect("roster_import", request.organization.slug, found.pk)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
    context = {
        "roster_import": found,
        "form": form,
        "rows": form.rows(report["samples"]),
        "steps": steps("map"),
    }
    return TemplateResponse(request, "people/import_map.html", context, status=422 if form.errors else 200)


@member_view(Permission.IMPORT_PEOPLE)
def detail(request: Any, import_id: int) -> HttpResponseBase:
    """Progress of whatever step is worked on, the dry run with all errors, and what was applied."""
    found = find(import_id)
    if found.phase == "map" and found.is_done and not request.htmx:
        return redirect("roster_import_map", request.organization.slug, found.pk)
    context = {"roster_import": found, "blocked": bool(found.counts.get("errors"))}
    return state_page(request, "people/import_detail.html", found, context)


@member_view(Permission.IMPORT_PEOPLE)
@require_POST
def apply(request: Any, import_id: int) -> HttpResponseBase:
    found = find(import_id)
    apply_import(
        roster_import=found, skip_bad_rows=request.POST.get("skip_bad_rows") == "on", by=request.actor
    )
    return redirect("roster_import", request.organization.slug, found.pk)


@member_view(Permission.IMPORT_PEOPLE)
@require_POST
def cancel(request: Any, import_id: int) -> HttpResponseBase:
    found = find(import_id)
    tell_cancelled(request, cancel_import(found=found, by=request.actor))
    return redirect("roster_import", request.organization.slug, found.pk)


@member_view(Permission.IMPORT_PEOPLE)
def errors(request: Any, import_id: int) -> HttpResponseBase:
    return errors_csv(find(import_id), stem="import")
