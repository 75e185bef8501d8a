from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import formats, timezone
from django.views.decorators.http import require_POST

from mentoring.jobs import read_progress, request_cancel
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment
from outcomes import actions
from outcomes.forms import ExportForm
from outcomes.metrics.figures import Figure, added, figures
from outcomes.models import MetricsExport
from outcomes.queries import counts_of, exports, meetings_by_month, reported_cohorts


def by_group(found: list[Figure]) -> list[tuple[Any, list[Figure]]]:
    groups: dict[Any, list[Figure]] = {}
    for figure in found:
        groups.setdefault(figure.metric.group, []).append(figure)
    return list(groups.items())


@member_view(Permission.VIEW_REPORTS)
def outcomes(request: Any) -> HttpResponseBase:
    """Every cohort's headline figures, newest first, and all of them added up."""
    page = Paginator(reported_cohorts(), 20).get_page(request.GET.get("page"))
    counts = counts_of(page.object_list, organization=request.organization, now=timezone.now())
    table = [
        (cohort, {figure.metric.key: figure for figure in figures(counts[cohort.pk])})
        for cohort in page.object_list
    ]
    context = {"page": page, "table": table, "groups": by_group(figures(added(counts.values())))}
    return page_or_fragment(request, "outcomes/outcomes.html", context)


@member_view(Permission.VIEW_REPORTS)
def cohort_report(request: Any, cohort_id: int) -> HttpResponseBase:
    cohort = get_object_or_404(reported_cohorts(), pk=cohort_id)
    counts = counts_of([cohort], organization=request.organization, now=timezone.now())[cohort.pk]
    months = [(formats.date_format(month, "M Y"), number) for month, number in meetings_by_month(cohort)]
    context = {"cohort": cohort, "groups": by_group(figures(counts)), "months": months}
    return page_or_fragment(request, "outcomes/cohort_report.html", context)


@member_view(Permission.EXPORT_METRICS)
def export_list(request: Any) -> HttpResponseBase:
    """Ask for an export, and find those made before."""
    form = ExportForm(request.POST or None, initial={"cohort": request.GET.get("cohort")})
    if request.method == "POST" and form.is_valid():
        export = actions.request_export(
            cohort=form.cleaned_data["cohort"], format=form.cleaned_data["format"], by=request.actor
        )
        return redirect("metrics_export", request.organization.slug, export.pk)
    page = Paginator(exports(), 20).get_page(request.GET.get("page"))
    status = 422 if form.errors else 200
    return page_or_fragment(request, "outcomes/exports.html", {"form": form, "page": page}, status=status)


@member_view(Permission.EXPORT_METRICS)
def export_detail(request: Any, export_id: int) -> HttpResponseBase:
    export = get_object_or_404(exports(), pk=export_id)
    arguments = [request.organization.slug, export.pk]
    context = {
        "export": export,
        "job": export,
        "progress": read_progress(export),
        "poll_url": reverse("metrics_export", args=arguments),
        "file_url": reverse("metrics_export_file", args=arguments),
        "cancel_url": reverse("cancel_metrics_export", args=arguments),
    }
    return page_or_fragment(request, "outcomes/export.html", context, fragment="progress")


@require_POST
@member_view(Permission.EXPORT_METRICS)
def cancel_export(request: Any, export_id: int) -> HttpResponseBase:
    request_cancel(get_object_or_404(exports(), pk=export_id))
    return redirect("metrics_export", request.organization.slug, export_id)


@member_view(Permission.EXPORT_METRICS)
def export_file(request: Any, export_id: int) -> HttpResponseBase:
    export = get_object_or_404(MetricsExport.objects.select_related("file"), pk=export_id, file__isnull=False)
    file = actions.fetch_export(export=export, by=request.actor)
    return HttpResponse(
        bytes(file.content),
        content_type=file.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Cache-Control": "private, no-store",
        },
    )
