"""Who asks whom, in a cohort whose people choose for themselves: seats, whom to ask next, what is open."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from matching.enums import RequestStatus, Rule, RulingKind
from matching.models import Exclusion, HardRule, PairRequest, Pick, Ruling
from matching.queries.inputs import ready
from programs.enums import PairStatus
from programs.models import Cohort, Pair, Participant


def free_seats(cohort: Cohort, participants: Iterable[int]) -> dict[int, int]:
    """How many more partners each can take; 0 for who does not take part (any more)."""
    wanted = set(participants)
    seats = dict.fromkeys(wanted, 0) | dict(
        ready(cohort).filter(pk__in=wanted).order_by().values_list("pk", "capacity")
    )
    pairs = Pair.objects.filter(Q(mentor__in=wanted) | Q(mentee__in=wanted), status=PairStatus.ACTIVE)
    taken = Counter(pk for ids in pairs.values_list("mentor_id", "mentee_id") for pk in ids)
    return {pk: max(0, number - taken[pk]) for pk, number in seats.items()}


def open_between(one: int, other: int) -> QuerySet[PairRequest]:
    """Open requests of these two, whoever asked."""
    return PairRequest.objects.filter(
        Q(sender=one, receiver=other) | Q(sender=other, receiver=one), status=RequestStatus.OPEN
    )


def open_of(participant: int) -> list[PairRequest]:
    """All open requests to and from somebody, the oldest first."""
    side = Q(sender=participant) | Q(receiver=participant)
    return list(PairRequest.objects.filter(side, status=RequestStatus.OPEN).order_by("id"))


def picked_by(participant: int) -> list[int]:
    """Whom somebody picked, in her order."""
    picks = Pick.objects.filter(participant=participant, rank__isnull=False).order_by("rank")
    return list(picks.values_list("partner_id", flat=True))


@dataclass(frozen=True)
class Candidates:
    """Whom somebody could have as a partner now, in her order: `mutual` have picked her too."""

    mutual: list[int]
    others: list[int]


def candidates(cohort: Cohort, participant: Participant) -> Candidates:
    """Her picks who have a seat and whom nothing forbids. A request that was answered or ran out is not
    sent again; one that she took back herself can be.

    Somebody who does not want her ("not for me") is among them on purpose: see `actions.requests`.
    """
    picked = picked_by(participant.pk)
    if not picked:
        return Candidates([], [])
    seats = free_seats(cohort, picked)
    there = [pk for pk in picked if seats[pk]]
    barred = forbidden(cohort, participant, there)
    asked = set(
        PairRequest.objects.filter(sender=participant, receiver__in=there)
        .exclude(status=RequestStatus.WITHDRAWN)
        .values_list("receiver_id", flat=True)
    )
    chosen_back = set(
        Pick.objects.filter(participant__in=there, partner=participant, rank__isnull=False).values_list(
            "participant_id", flat=True
        )
    )
    allowed = [pk for pk in there if pk not in barred]
    return Candidates(
        [pk for pk in allowed if pk in chosen_back],
        [pk for pk in allowed if pk not in chosen_back and pk not in asked],
    )


def forbidden(cohort: Cohort, participant: Participant, others: Iterable[int]) -> set[int]:
    """Those of the others who cannot become her partner: a pair already or before, ruled out, or on the
    exclusion list by now. Everything else was a condition for being suggested to her."""
    among = set(others)
    sides = (("mentor_id", "mentee_id"), ("mentee_id", "mentor_id"))
    found: set[int] = set()
    for own, other in sides:
        rows = Pair.objects.filter(**{own: participant.pk, f"{other}__in": among})
        rows = rows.exclude(status=PairStatus.RETRACTED)
        found.update(rows.values_list(other, flat=True))
        never = Ruling.objects.filter(
            cohort=cohort, kind=RulingKind.NEVER, **{own: participant.pk, f"{other}__in": among}
        )
        found.update(never.values_list(other, flat=True))
    if HardRule.objects.filter(cohort=cohort, rule=Rule.EXCLUSION, enabled=False).exists():
        return found
    people = dict(Participant.objects.filter(pk__in=among).values_list("person_id", "pk"))
    excluded = Exclusion.objects.filter(
        Q(person=participant.person_id, other__in=people) | Q(other=participant.person_id, person__in=people)
    )
    for pair in excluded.values_list(F("person_id"), F("other_id")):
        found.update(people[pk] for pk in pair if pk in people)
    return found
