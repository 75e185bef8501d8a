"""What somebody who leaves has said, asked and been asked while people choose."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from matching.enums import RequestStatus, RulingKind
from matching.models import PairRequest, Pick, Ruling
from programs.models import Cohort


def open_requests_of(people: Collection[int]) -> QuerySet[PairRequest]:
    sides = Q(sender__person__in=people) | Q(receiver__person__in=people)
    return PairRequest.objects.filter(sides, status=RequestStatus.OPEN)


def picks_of(people: Collection[int]) -> QuerySet[Pick]:
    """Ranked choices by and of these people. A "not for me" protects somebody, and so holds for ever."""
    sides = Q(participant__person__in=people) | Q(partner__person__in=people)
    return Pick.objects.filter(sides, rank__isnull=False)


def kept_with(people: Collection[int]) -> QuerySet[Ruling]:
    """Pairings that a champion keeps. A "never" holds on, as exclusions do."""
    sides = Q(mentor__person__in=people) | Q(mentee__person__in=people)
    return Ruling.objects.filter(sides, kind=RulingKind.KEEP)


def cohorts_with_requests_of(people: Collection[int]) -> QuerySet[Cohort]:
    open_ones = open_requests_of(people).order_by().values("cohort")
    return Cohort.objects.filter(pk__in=open_ones).order_by("pk")


def what_ends(people: Collection[int], now: datetime) -> dict[str, int]:
    return {"requests": open_requests_of(people).count()}
