"""What every page of a cohort has around it; other apps' tabs extend templates/programs/cohort_base.html."""

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from programs.enums import CohortStatus
from programs.models import Cohort
from programs.queries.cohorts import cohort_of
from programs.registries import cohort_tabs
from programs.rules import Text, month_number, today_in

PHASES: tuple[tuple[CohortStatus, Text], ...] = (
    (CohortStatus.DRAFT, _("Set up")),
    (CohortStatus.ENROLLING, _("Enrol")),
    (CohortStatus.MATCHING, _("Match")),
    (CohortStatus.RUNNING, _("Meet")),
    (CohortStatus.CLOSED, _("Measure")),
)
TONES = {
    CohortStatus.DRAFT: "neutral",
    CohortStatus.ENROLLING: "info",
    CohortStatus.MATCHING: "warning",
    CohortStatus.RUNNING: "success",
    CohortStatus.CLOSED: "neutral",
}


def cohort_or_404(cohort_id: int) -> Cohort:
    cohort = cohort_of(cohort_id)
    if cohort is None:
        raise Http404
    return cohort


def cohort_context(request: HttpRequest, cohort: Cohort, *, tab: str, **more: Any) -> dict[str, Any]:
    """Context of a cohort's page: `tab` is the URL name of the tab it belongs to ("cohort" for the
    overview). The template extends programs/cohort_base.html and fills its block `tab`."""
    return {
        "cohort": cohort,
        "tabs": _tabs(request, cohort, tab),
        "phase": phase_badge(request, cohort),
        **more,
    }


def phase_badge(request: Any, cohort: Cohort) -> dict[str, Any]:
    """Label and tone of the phase; a running cohort says which month of how many it is in."""
    status = CohortStatus(cohort.status)
    label: Text = status.label
    if status == CohortStatus.RUNNING:
        today = today_in(request.organization.time_zone, timezone.now())
        if today < cohort.starts_on:
            label = _("Running · starts soon")
        else:
            number, total = month_number(cohort.starts_on, cohort.ends_on, today)
            label = _("Running · month %(number)s of %(total)s") % {"number": number, "total": total}
    return {"label": label, "tone": TONES[status]}


def steps_of(cohort: Cohort) -> list[dict[str, Any]]:
    """The five steps for components/steps.html."""
    order = [status for status, _label in PHASES]
    at = order.index(CohortStatus(cohort.status))
    return [
        {"label": label, "state": "done" if place < at else "current" if place == at else "todo"}
        for place, (_status, label) in enumerate(PHASES)
    ]


def _tabs(request: Any, cohort: Cohort, current: str) -> list[dict[str, Any]]:
    slug = request.organization.slug
    tabs = sorted(cohort_tabs, key=lambda tab: tab.order)
    return [
        {"label": label, "url": reverse(name, args=[slug, cohort.pk]), "current": name == current}
        for label, name in [
            (_("Overview"), "cohort"),
            *((tab.label, tab.url_name) for tab in tabs if request.membership.has(tab.permission)),
        ]
    ]
