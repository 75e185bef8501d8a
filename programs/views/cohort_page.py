"""What every page of a cohort has around it; other apps' tabs extend templates/programs/cohort_base.html."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.rules import today_in
from mentoring.tenancy.permissions import Permission
from programs.models import Cohort
from programs.phases import phase_badge
from programs.queries.cohorts import cohort_of
from programs.registries import cohort_tabs


def cohort_or_404(cohort_id: int) -> Cohort:
    cohort = cohort_of(cohort_id)
    if cohort is None:
        raise Http404
    return cohort


def cohort_context(request: Any, cohort: Cohort, *, tab: str, **more: Any) -> dict[str, Any]:
    """Context of a cohort's page: `tab` is the URL name of the tab it belongs to ("cohort" for the
    overview). The template extends programs/cohort_base.html and fills its block `tab`."""
    return {
        "cohort": cohort,
        "tabs": _tabs(request, cohort, tab),
        "phase": phase_badge(cohort, today_in(request.organization.time_zone, timezone.now())),
        **rights(request),
        **more,
    }


def rights(request: Any) -> dict[str, bool]:
    """What the templates offer: an overseer reads figures, and neither names nor buttons."""
    return {
        "may_manage": request.membership.has(Permission.MANAGE_PROGRAMS),
        "may_view": request.membership.has(Permission.VIEW_PROGRAMS),
    }


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
