"""How many partners somebody can still take: their capacity, less those they are paired with now."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from matching.enums import Choosing
from matching.queries.inputs import ready
from matching.rules import choosing_of
from mentoring.rules import today_in
from programs.enums import PairStatus
from programs.models import Cohort, Pair, Participant


def seats_of(participants: Iterable[Participant]) -> dict[int, int]:
    """Under 0 for who has more partners than they take by now."""
    capacity = {one.pk: one.capacity for one in participants}
    taken = _taken(capacity)
    return {pk: number - taken[pk] for pk, number in capacity.items()}


def free_seats(cohort: Cohort, participants: Iterable[int]) -> dict[int, int]:
    """By participant; 0 for who does not take part (any more)."""
    wanted = set(participants)
    there = ready(cohort).filter(pk__in=wanted).order_by().values_list("pk", "capacity")
    seats, taken = dict.fromkeys(wanted, 0) | dict(there), _taken(wanted)
    return {pk: max(0, number - taken[pk]) for pk, number in seats.items()}


def _taken(participants: Iterable[int]) -> Counter[int]:
    ids = set(participants)
    pairs = Pair.objects.filter(Q(mentor__in=ids) | Q(mentee__in=ids), status=PairStatus.ACTIVE)
    return Counter(pk for pair in pairs.values_list("mentor_id", "mentee_id") for pk in pair)


def choosing_now(participant: Participant, time_zone: str, now: datetime) -> Choosing:
    """Where they stand with choosing; the day is that of the organization's time zone."""
    seats = free_seats(participant.cohort, [participant.pk])[participant.pk]
    return choosing_of(participant, today=today_in(time_zone, now), free_seats=seats)
