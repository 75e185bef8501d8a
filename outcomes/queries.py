"""The counts behind the metrics: a constant number of queries, whatever the number of cohorts and pairs."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from mentoring.models import Organization
from mentoring.queries.members import with_author
from mentoring.rules import today_in
from outcomes.metrics.figures import CohortCounts
from outcomes.models import MetricsExport
from programs.enums import CohortStatus, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from sessions.queries.counts import pairs_that_met

DAYS_OF_A_MONTH = 30.4375


def reported_cohorts() -> QuerySet[Cohort]:
    return (
        Cohort.objects.select_related("program")
        .exclude(status=CohortStatus.DRAFT)
        .order_by("-starts_on", "-pk")
    )


def counts_of(
    cohorts: Iterable[Cohort], *, organization: Organization, now: datetime
) -> dict[int, CohortCounts]:
    """Counts by cohort id."""
    cohorts = list(cohorts)
    ids = [cohort.pk for cohort in cohorts]
    rows: dict[int, dict[str, Any]] = {pk: {} for pk in ids}
    for query in (_participants(ids), _pairs(ids), _meetings(ids)):
        for row in query:
            rows[row.pop("cohort")].update({name: value or 0 for name, value in row.items()})
    for pk, number in pairs_that_met(cohorts, organization, now=now).items():
        rows[pk]["met_this_month"] = number
    today = today_in(organization.time_zone, now)
    for cohort in cohorts:
        rows[cohort.pk]["matchable"] = rows[cohort.pk].get("joined", 0) if cohort.published_at else 0
    for pk, months in _pair_months(cohorts, today).items():
        rows[pk]["pair_months"] = months
    return {pk: CohortCounts(**row) for pk, row in rows.items()}


def _participants(ids: list[int]) -> Iterable[dict[str, Any]]:
    # Who withdrew after joining did join; who was imported joined without an invitation.
    return (
        Participant.objects.filter(cohort__in=ids)
        .values("cohort")
        .annotate(
            invited=Count("pk"),
            joined=Count("pk", filter=Q(joined_at__isnull=False) & ~Q(status=ParticipantStatus.DECLINED)),
            declined=Count("pk", filter=Q(status=ParticipantStatus.DECLINED)),
            answered=Count("pk", filter=Q(answered_at__isnull=False, joined_at__isnull=False)),
        )
        .order_by()
    )


def _that_stood(cohorts: Iterable[int]) -> QuerySet[Any]:
    """Pairs of these cohorts. Who was taken back before the first meeting never was one."""
    return Pair.objects.filter(cohort__in=cohorts).exclude(status=PairStatus.RETRACTED)


def _pairs(ids: list[int]) -> Iterable[dict[str, Any]]:
    return (
        _that_stood(ids)
        .values("cohort")
        .annotate(
            paired=Count("mentor", distinct=True) + Count("mentee", distinct=True),
            pairs=Count("pk"),
            active_pairs=Count("pk", filter=Q(status=PairStatus.ACTIVE)),
            ended_pairs=Count("pk", filter=Q(status=PairStatus.ENDED)),
            completed_pairs=Count("pk", filter=Q(status=PairStatus.COMPLETED)),
            scored=Count("score"),
            points=Sum("score"),
        )
        .order_by()
    )


def _meetings(ids: list[int]) -> Iterable[dict[str, Any]]:
    def number(status: MeetingStatus) -> Count:
        return Count("pk", filter=Q(status=status))

    return (
        Meeting.objects.filter(pair__cohort__in=ids)
        .values(cohort=F("pair__cohort"))
        .annotate(
            meetings_held=number(MeetingStatus.HELD),
            meetings_planned=number(MeetingStatus.PLANNED),
            meetings_cancelled=number(MeetingStatus.CANCELLED),
            meetings_missed=number(MeetingStatus.MISSED),
            ever_met=Count("pair", distinct=True, filter=Q(status=MeetingStatus.HELD)),
        )
        .order_by()
    )


def _pair_months(cohorts: list[Cohort], today: date) -> dict[int, float]:
    """Months that pairs ran: from the cohort's first day (or publishing, if later) to their end, the
    cohort's end or today."""
    spans = {cohort.pk: (cohort.starts_on, min(cohort.ends_on, today)) for cohort in cohorts}
    months = dict.fromkeys(spans, 0.0)
    for cohort, published, ended in (
        _that_stood(spans).values_list("cohort", "published_at__date", "ended_at__date").iterator()
    ):
        starts, ends = spans[cohort]
        days = (min(ended or ends, ends) - max(published, starts)).days
        months[cohort] += max(days, 0) / DAYS_OF_A_MONTH
    return months


def meetings_by_month(cohort: Cohort) -> list[tuple[date, int]]:
    """Meetings held in each calendar month from the first to the last one, months without any as 0."""
    held = dict(
        Meeting.objects.filter(pair__cohort=cohort, status=MeetingStatus.HELD)
        .annotate(month=TruncMonth("starts_at"))
        .values_list("month")
        .annotate(Count("pk"))
        .order_by("month")
    )
    by_month = {month.date(): number for month, number in held.items()}
    if not by_month:
        return []
    months, month = [], min(by_month)
    while month <= max(by_month):
        months.append((month, by_month.get(month, 0)))
        month = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    return months


def pairs_to_export(cohort_ids: list[int]) -> Iterator[Pair]:
    """Pairs with both people and what is known of their meetings; memory does not grow with them."""
    held = Q(meetings__status=MeetingStatus.HELD)
    return (
        Pair.objects.filter(cohort__in=cohort_ids)
        .select_related("cohort__program", "mentor__person", "mentee__person")
        .annotate(
            held=Count("meetings", filter=held),
            planned=Count("meetings", filter=Q(meetings__status=MeetingStatus.PLANNED)),
            cancelled=Count("meetings", filter=Q(meetings__status=MeetingStatus.CANCELLED)),
            missed=Count("meetings", filter=Q(meetings__status=MeetingStatus.MISSED)),
            first_met=Min("meetings__starts_at", filter=held),
            last_met=Max("meetings__starts_at", filter=held),
        )
        .order_by("cohort", "pk")
        .iterator(chunk_size=1000)
    )


def exports() -> QuerySet[MetricsExport]:
    return (
        with_author(MetricsExport.objects.select_related("cohort"))
        .defer("file__content")
        .order_by("-created_at")
    )
