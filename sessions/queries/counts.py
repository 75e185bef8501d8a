"""How a cohort meets: THAT pairs met and when, never what about. Figures are computed by the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, Lower

from mentoring.models import Organization
from mentoring.queries.search import names_of, words_in
from mentoring.rules import today_in
from programs.enums import OVER_EARLY, CohortStatus, PairStatus
from programs.models import Cohort, Pair
from programs.rules import Month, month_on
from sessions.enums import MeetingStatus
from sessions.models import Meeting

COUNTED = (MeetingStatus.PLANNED, MeetingStatus.HELD)
NEEDS_YOU_AFTER = timedelta(days=35)  # a month, and some days for a holiday
Rows = TypeVar("Rows", bound=QuerySet[Any])


def with_ordinal(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Adds `ordinal`: which meeting of its pair each is, counting those that took or will take place."""
    earlier = (
        Meeting.objects.filter(pair=OuterRef("pair"), status__in=COUNTED, starts_at__lt=OuterRef("starts_at"))
        .order_by()
        .values("pair")
        .annotate(number_of=Count("pk"))
        .values("number_of")
    )
    return meetings.annotate(ordinal=Coalesce(Subquery(earlier, output_field=IntegerField()), 0) + 1)


def current_month(cohort: Cohort, organization: Organization, now: datetime) -> Month | None:
    """The month of a running cohort that `now` lies in; None where "this month" says nothing."""
    if cohort.status != CohortStatus.RUNNING:
        return None
    return month_on(today_in(organization.time_zone, now), cohort.starts_on, cohort.ends_on)


def _of_pair(edge: type[Min] | type[Max], **conditions: Any) -> Subquery:
    found = (
        Meeting.objects.filter(pair=OuterRef("pk"), **conditions)
        .order_by()
        .values("pair")
        .annotate(edge=edge("starts_at"))
        .values("edge")
    )
    return Subquery(found, output_field=DateTimeField())


def last_met() -> Subquery:
    return _of_pair(Max, status=MeetingStatus.HELD)


def next_planned(now: datetime) -> Subquery:
    return _of_pair(Min, status=MeetingStatus.PLANNED, starts_at__gt=now)


def held_in(month: Month, organization: Organization) -> Exists:
    start, end = month.bounds(organization.time_zone)
    return Exists(
        Meeting.objects.filter(
            pair=OuterRef("pk"), status=MeetingStatus.HELD, starts_at__gte=start, starts_at__lt=end
        )
    )


@dataclass(frozen=True)
class MetThisMonth:
    """`met` of `pairs` active pairs held a meeting in `month`."""

    month: Month
    met: int
    pairs: int


def met_this_month(cohort: Cohort, organization: Organization, *, now: datetime) -> MetThisMonth | None:
    month = current_month(cohort, organization, now)
    if month is None:
        return None
    active = Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE)
    met = pairs_that_met([cohort], organization, now=now)
    return MetThisMonth(month, met.get(cohort.pk, 0), active.count())


def pairs_that_met(cohorts: Iterable[Cohort], organization: Organization, *, now: datetime) -> dict[int, int]:
    """How many active pairs of each cohort held a meeting in its current month, all in one query."""
    wanted = Q()
    for cohort in cohorts:
        if month := current_month(cohort, organization, now):
            start, end = month.bounds(organization.time_zone)
            wanted |= Q(pair__cohort=cohort, starts_at__gte=start, starts_at__lt=end)
    if not wanted:
        return {}
    held = Meeting.objects.filter(wanted, status=MeetingStatus.HELD, pair__status=PairStatus.ACTIVE)
    return dict(held.order_by().values_list("pair__cohort").annotate(Count("pair", distinct=True)))


def pairs_begun(pairs: QuerySet[Pair], now: datetime) -> int:
    """How many of these pairs have met, or had a meeting that began and was not cancelled."""
    met = Q(status=MeetingStatus.HELD) | Q(status=MeetingStatus.PLANNED, starts_at__lte=now)
    return Meeting.objects.filter(met, pair__in=pairs).order_by().values("pair").distinct().count()


def meetings_ahead(pairs: QuerySet[Pair], now: datetime) -> int:
    return Meeting.objects.filter(pair__in=pairs, status=MeetingStatus.PLANNED, starts_at__gt=now).count()


def pairs_that_need_help(cohort: Cohort, *, now: datetime) -> QuerySet[Pair]:
    """Active pairs of a running cohort that have not met for `NEEDS_YOU_AFTER` (or never since they were
    brought together) and have nothing planned; the longest silence first."""
    if cohort.status != CohortStatus.RUNNING:
        return Pair.objects.none()
    pairs = Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE)
    pairs = pairs.annotate(last_met=last_met(), next_planned=next_planned(now))
    pairs = pairs.annotate(silent_since=Greatest("published_at", F("last_met")))
    silent = pairs.filter(next_planned=None, silent_since__lte=now - NEEDS_YOU_AFTER)
    return silent.prefetch_related("mentor__person", "mentee__person").order_by("silent_since", "pk")


SORTS: dict[str, tuple[Any, ...]] = {
    "pair": (Lower("mentor__person__last_name"), Lower("mentor__person__first_name")),
    "last_met": (F("last_met"),),
    "next": (F("next_planned"),),
    "meetings": (F("held"),),
}


def pairs_meeting(
    cohort: Cohort,
    organization: Organization,
    *,
    now: datetime,
    search: str = "",
    show: str = "",
    sort: str = "",
) -> QuerySet[Pair]:
    """A cohort's pairs with `last_met`, `next_planned`, `held` (how many) and `met` (this month).

    `show`: "" for all, "not_met" (this month), "met", "nothing_planned"; `sort`: a key of SORTS, "-" before
    it turns it round. Ended pairs are left out."""
    month = current_month(cohort, organization, now)
    pairs = Pair.objects.filter(cohort=cohort).exclude(status__in=OVER_EARLY)
    pairs = pairs.annotate(
        last_met=last_met(),
        next_planned=next_planned(now),
        held=_held_count(),
        met=held_in(month, organization) if month else Case(When(pk=None, then=Value(True)), default=None),
    )
    pairs = pairs.filter(words_in(search, names_of("mentor__person", "mentee__person")))
    if show in ("met", "not_met") and month:
        pairs = pairs.filter(met=show == "met")
    if show == "nothing_planned":
        pairs = pairs.filter(next_planned=None)
    return _sorted(pairs, sort).prefetch_related("mentor__person", "mentee__person")


def _held_count() -> Coalesce:
    counted = (
        Meeting.objects.filter(pair=OuterRef("pk"), status=MeetingStatus.HELD)
        .order_by()
        .values("pair")
        .annotate(number_of=Count("pk"))
        .values("number_of")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _sorted(pairs: QuerySet[Pair], sort: str) -> QuerySet[Pair]:
    key, backwards = sort.removeprefix("-"), sort.startswith("-")
    expressions = SORTS.get(key, SORTS["pair"])
    order = [
        expression.desc(nulls_last=True) if backwards else expression.asc(nulls_first=True)
        for expression in expressions
    ]
    return pairs.order_by(*order, "pk")
