"""What outcomes shows on pages of the apps below."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from mentoring.tenancy.permissions import Permission
from outcomes.metrics.figures import added, figures
from outcomes.queries import counts_of, reported_cohorts
from programs.enums import CohortStatus
from programs.models import Cohort

STATS = ("active_pairs", "matched", "score", "meetings_per_pair")
STATS_CLOSED = ("completed", "matched", "score", "meetings_per_pair")


def cohort_stats(cohort: Cohort, request: Any) -> dict[str, Any] | None:
    """Headline figures on the cohort's overview, once there are pairs. How many were matched is said from
    publishing on: people who find each other begin before."""
    counts = counts_of([cohort], organization=request.organization, now=timezone.now())[cohort.pk]
    if not counts.pairs:
        return None
    found = {figure.metric.key: figure for figure in figures(counts)}
    keys = STATS_CLOSED if cohort.status == CohortStatus.CLOSED else STATS
    return {"figures": [found[key] for key in keys if key != "matched" or cohort.published_at]}


def report_when_running(cohort: Cohort, request: Any) -> dict[str, Any] | None:
    return {"cohort": cohort} if cohort.status == CohortStatus.RUNNING else None


def report_when_closed(cohort: Cohort, request: Any) -> dict[str, Any] | None:
    """Then what came of it is the first thing one wants."""
    return {"cohort": cohort, "first": True} if cohort.status == CohortStatus.CLOSED else None


def home_figures(request: HttpRequest) -> dict[str, Any] | None:
    """Running cohorts together, for those who watch over programs."""
    membership = request.membership  # type: ignore[attr-defined]
    if not membership.has(Permission.VIEW_REPORTS):
        return None
    cohorts = list(reported_cohorts().filter(status=CohortStatus.RUNNING))
    if not cohorts:
        return None
    counts = added(counts_of(cohorts, organization=request.organization, now=timezone.now()).values())  # type: ignore[attr-defined]
    found = {figure.metric.key: figure for figure in figures(counts)}
    keys = ("active_pairs", "met_this_month", "meetings_per_pair_month", "ended")
    return {"figures": [found[key] for key in keys], "cohorts": len(cohorts)}
