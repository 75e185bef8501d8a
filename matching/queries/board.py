"""What a round of asking looks at: some people, everybody they picked, and what stands between them.

Read in six questions, however many people: at midnight the requests of half a cohort run out at once.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Q

from matching.enums import RequestStatus, RulingKind
from matching.models import Exclusion, PairRequest, Pick, Ruling
from matching.queries.inputs import ready
from programs.enums import PairStatus
from programs.models import Cohort, Pair

Two = tuple[int, int]


@dataclass
class Board:
    """`free` seats of everybody on it (0 for who takes part no more), `picks` in order, who chose whom at
    which rank (`chosen`) or said "not for me" and when (`refused`), who was `asked` (sender, receiver; not
    what was taken back), requests that are `open`, and couples that are `barred`: a pair already or before,
    ruled out, or on the exclusion list. Everything else was a condition for being suggested."""

    free: Counter[int] = field(default_factory=Counter)
    picks: dict[int, list[int]] = field(default_factory=dict)
    chosen: dict[Two, int] = field(default_factory=dict)
    refused: dict[Two, datetime] = field(default_factory=dict)
    asked: set[Two] = field(default_factory=set)
    open: list[PairRequest] = field(default_factory=list)
    barred: set[frozenset[int]] = field(default_factory=set)

    def open_of(self, pk: int) -> list[PairRequest]:
        """Still open requests to and from somebody, the oldest first."""
        still = (one for one in self.open if one.status == RequestStatus.OPEN)
        return [one for one in still if pk in (one.sender_id, one.receiver_id)]

    def open_between(self, one: int, other: int) -> list[PairRequest]:
        return [request for request in self.open_of(one) if other in (request.sender_id, request.receiver_id)]

    def can_pair(self, one: int, other: int) -> bool:
        return bool(self.free[one] and self.free[other] and frozenset((one, other)) not in self.barred)

    def rank(self, chooser: int, partner: int) -> int | None:
        return self.chosen.get((chooser, partner))

    def mutual(self, pk: int) -> list[int]:
        """Their picks who picked them too and could be their partner now, in their order."""
        return [one for one in self.picks.get(pk, []) if (one, pk) in self.chosen and self.can_pair(pk, one)]

    def others(self, pk: int) -> list[int]:
        """Picks whom they could ask, in their order. What was answered or ran out is not asked again."""
        mine = (one for one in self.picks.get(pk, []) if (pk, one) not in self.asked)
        return [one for one in mine if (one, pk) not in self.chosen and self.can_pair(pk, one)]


def load_board(cohort: Cohort, people: Iterable[int]) -> Board:
    board, wanted = Board(), set(people)
    for one in PairRequest.objects.filter(Q(sender__in=wanted) | Q(receiver__in=wanted)).order_by("id"):
        if one.status != RequestStatus.WITHDRAWN:
            board.asked.add((one.sender_id, one.receiver_id))
        if one.status == RequestStatus.OPEN:
            board.open.append(one)
    there = wanted | {pk for one in board.open for pk in (one.sender_id, one.receiver_id)}
    picks = Pick.objects.filter(Q(participant__in=wanted) | Q(partner__in=wanted)).order_by("rank", "id")
    for chooser, partner, rank, at in picks.values_list("participant_id", "partner_id", "rank", "created_at"):
        if rank is None:
            board.refused[chooser, partner] = at
        else:
            board.chosen[chooser, partner] = rank
            if chooser in wanted:
                board.picks.setdefault(chooser, []).append(partner)
                there.add(partner)
    persons = _seats(board, cohort, there)
    _bar(board, cohort, wanted, persons)
    return board


def _seats(board: Board, cohort: Cohort, there: set[int]) -> dict[int, int]:
    """Fills free seats, and bars who is a pair or was one; answers person -> participant."""
    rows = ready(cohort).filter(pk__in=there).order_by().values_list("pk", "capacity", "person_id")
    persons = {}
    for pk, capacity, person in rows:
        board.free[pk] = capacity
        persons[person] = pk
    pairs = Pair.objects.filter(Q(mentor__in=there) | Q(mentee__in=there))
    for mentor, mentee, status in pairs.values_list("mentor_id", "mentee_id", "status"):
        if status != PairStatus.RETRACTED:
            board.barred.add(frozenset((mentor, mentee)))
        if status == PairStatus.ACTIVE:
            for pk in (mentor, mentee):
                board.free[pk] = max(0, board.free[pk] - 1)
    return persons


def _bar(board: Board, cohort: Cohort, wanted: set[int], persons: dict[int, int]) -> None:
    never = Ruling.objects.filter(cohort=cohort, kind=RulingKind.NEVER)
    never = never.filter(Q(mentor__in=wanted) | Q(mentee__in=wanted))
    board.barred |= {frozenset(two) for two in never.values_list("mentor_id", "mentee_id")}
    listed = Exclusion.objects.filter(Q(person__in=persons) & Q(other__in=persons))
    excluded = list(listed.values_list(F("person_id"), F("other_id")))
    board.barred |= {frozenset((persons[one], persons[other])) for one, other in excluded}
