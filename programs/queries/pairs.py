"""Pairs of a cohort and of a participant."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from programs.enums import PairStatus
from programs.models import Cohort, Pair, Participant
from programs.registries import pair_diaries


def pairs() -> QuerySet[Pair]:
    return Pair.objects.select_related("mentor__person", "mentee__person", "cohort__program__champion__user")


def pairs_of(participant: Participant) -> QuerySet[Pair]:
    """A participant's pairs, active ones first; none that was taken back."""
    side = Q(mentor=participant) | Q(mentee=participant)
    return pairs().filter(side).exclude(status=PairStatus.RETRACTED).order_by("status", "id")


def is_paired(participant: Participant) -> bool:
    side = Q(mentor=participant) | Q(mentee=participant)
    return Pair.objects.filter(side, status=PairStatus.ACTIVE).exists()


def partners_of(participant: Participant) -> int:
    """How many partners somebody has now."""
    side = Q(mentor=participant) | Q(mentee=participant)
    return Pair.objects.filter(side, status=PairStatus.ACTIVE).count()


def paired_elsewhere(
    cohort: Cohort, people: Collection[int] | QuerySet[Any], until: datetime | None = None
) -> set[frozenset[int]]:
    """Couples among these persons who are or were a pair in another cohort, whoever of them was the mentor;
    `until` leaves out pairs published later."""
    rows = Pair.objects.filter(mentor__person__in=people, mentee__person__in=people).exclude(cohort=cohort)
    rows = rows.exclude(status=PairStatus.RETRACTED).order_by()
    if until:
        rows = rows.filter(published_at__lte=until)
    return {frozenset(two) for two in rows.values_list("mentor__person_id", "mentee__person_id")}


def published_together(cohort: Cohort, published_at: datetime) -> QuerySet[Pair]:
    """What one publication made and is still active: as a whole it can be taken back."""
    return Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE, published_at=published_at)


def met_already(pairs: QuerySet[Pair], now: datetime) -> int:
    """How many of these pairs have met."""
    return sum(diary.begun(pairs, now) for diary in pair_diaries)


def partner_in(pair: Pair, participant: Participant) -> Participant:
    return pair.mentee if participant.pk == pair.mentor_id else pair.mentor


def pairs_of_all(participants: list[Participant]) -> dict[int, list[Pair]]:
    """The same for several participants, by participant, in one query."""
    ids = [participant.pk for participant in participants]
    found: dict[int, list[Pair]] = {pk: [] for pk in ids}
    sides = Q(mentor__in=ids) | Q(mentee__in=ids)
    for pair in pairs().filter(sides).exclude(status=PairStatus.RETRACTED).order_by("status", "id"):
        for pk in (pair.mentor_id, pair.mentee_id):
            if pk in found:
                found[pk].append(pair)
    return found
