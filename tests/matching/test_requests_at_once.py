"""Many people choose, accept and decline at the same moment, for seats that are scarce: on PostgreSQL, each
on a connection of its own."""

import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from matching.actions.requests import accept_request, decline_request, send_next_requests
from matching.enums import RequestStatus
from matching.models import PairRequest, Pick
from matching.queries.requests import who_must_look
from matching.queries.seats import free_seats
from mentoring.actors import Actor
from mentoring.models import OutgoingMessage
from mentoring.rules import NotAllowed
from programs.enums import PairStatus
from programs.models import Cohort, Pair, Participant
from tests.cast import Cast
from tests.matching.asking import MONDAY, choosing
from tests.matching.making import Someone
from tests.together import at_once

BY = Actor.system("test")
REASONS = (
    "This request has been answered or has ended already. Nothing was changed.",
    "You have as many partners as you wanted, so you cannot accept another.",
)
THREADS = 16
# The whole crowd takes half a minute; a smaller one finds the same mistakes.
FULL = os.environ.get("UPWARD_FULL") == "1"
PICKS = 4


class Crowd:
    """People who pick, accept and decline, `operations` times, `THREADS` at a time. Everybody wants the same
    few: a mentee picks among a third of the mentors, and these among all mentees."""

    def __init__(self, cast: Cast, cohort: Cohort, operations: int) -> None:
        self.cast, self.cohort, self.each = cast, cohort, operations // THREADS
        with cast.scope():
            people = list(Participant.objects.filter(cohort=cohort).order_by("id").values_list("pk", "role"))
        self.mentors = [pk for pk, role in people if role == "mentor"]
        self.mentees = [pk for pk, role in people if role == "mentee"]
        self.wanted = self.mentors[: len(self.mentors) // 3]
        self.outcomes: Counter[str] = Counter()
        self.accepted: set[int] = set()

    def run(self) -> None:
        for outcomes in at_once(*[self._person(number) for number in range(THREADS)]):
            self.outcomes += outcomes

    def _person(self, number: int) -> Callable[[], Counter[str]]:
        def work() -> Counter[str]:
            dice, outcomes = random.Random(number), Counter[str]()
            for turn in range(self.each):
                chooses = dice.random() < max(0.25, 0.8 - turn / 40)
                outcome = (not chooses and self._answer(dice)) or self._pick(dice)
                outcomes[outcome] += 1
            return outcomes

        return work

    def _pick(self, dice: random.Random) -> str:
        """A list of her own; mentors are fewer and choose less often."""
        is_mentee = dice.random() < 0.8
        me = dice.choice(self.mentees if is_mentee else self.mentors)
        partners = dice.sample(self.wanted if is_mentee else self.mentees, PICKS)
        with self.cast.scope():
            participant = Participant.objects.select_related("cohort", "person").get(pk=me)
            Cohort.objects.select_for_update().get(pk=self.cohort.pk)
            Pick.objects.filter(participant=me).delete()
            Pick.objects.bulk_create(
                [
                    Pick(participant=participant, partner_id=pk, rank=rank)
                    for rank, pk in enumerate(partners, 1)
                ]
            )
            send_next_requests(participant=participant, by=BY, now=MONDAY)
        return "picked"

    def _answer(self, dice: random.Random) -> str:
        """Somebody opens a page, and answers a moment later what may have ended by then. "" without any."""
        with self.cast.scope():
            waiting = PairRequest.objects.filter(cohort=self.cohort, status=RequestStatus.OPEN)
            found = list(waiting.select_related("cohort").order_by("id")[:40])
        if not found:
            return ""
        request = dice.choice(found)
        answer = accept_request if dice.random() < 0.6 else decline_request
        try:
            with self.cast.scope():
                answer(request=request, by=BY, now=MONDAY)
        except NotAllowed as refusal:
            return str(refusal)
        if answer is accept_request:
            self.accepted.add(request.pk)
            return "accepted"
        return "declined"


def check(crowd: Crowd) -> None:
    """None double-booked, none lost."""
    cohort = crowd.cohort
    capacity = dict(Participant.objects.filter(cohort=cohort).values_list("pk", "capacity"))
    active = list(
        Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE).values_list("mentor_id", "mentee_id")
    )
    taken = Counter(pk for pair in active for pk in pair)
    assert {pk: number for pk, number in taken.items() if number > capacity[pk]} == {}
    assert len(active) == len(set(active))

    requests = list(PairRequest.objects.filter(cohort=cohort))
    assert {one.pk for one in requests if one.pk in crowd.accepted and one.status != "accepted"} == set()
    together = {frozenset(pair) for pair in active}
    assert {
        frozenset((one.sender_id, one.receiver_id)) for one in requests if one.status == "accepted"
    } == together

    known = {"picked", "accepted", "declined", *REASONS}
    assert set(crowd.outcomes) <= known
    waiting = Counter(one.sender_id for one in requests if one.status == "open")
    seats = free_seats(cohort, capacity)
    assert {pk: number for pk, number in waiting.items() if number > seats[pk]} == {}
    assert {one.pk for one in requests if one.status == "open" and not seats[one.receiver_id]} == set()
    assert who_must_look(cohort) == set()  # every sender was answered, and went on as far as there is anybody
    told = set(
        OutgoingMessage.objects.filter(kind="pair_request_ended").values_list("idempotency_key", flat=True)
    )
    declined = {f"pair_request_ended:{one.pk}" for one in requests if one.status == "declined"}
    silent = {
        f"pair_request_ended:{one.pk}"
        for one in requests
        if one.status == "declined" and taken[one.sender_id] >= capacity[one.sender_id]
    }
    assert declined - told <= silent  # who found a partner in the same breath needs no "not this time"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("operations", "people", "capacity"),
    [
        (160, 48, 1),
        (160, 24, 2),
        pytest.param(2000, 450, 1, marks=pytest.mark.skipif(not FULL, reason="UPWARD_FULL=1 asks for it")),
    ],
)
def test_scarce_seats_are_neither_booked_twice_nor_lost(
    northwind: Cast, sent_tasks: Any, operations: int, people: int, capacity: int
) -> None:
    with northwind.scope():
        sides = [
            [Someone(f"{letter}{n} {role}", capacity=capacity) for n in range(people)]
            for letter, role in (("M", "Mentor"), ("E", "Mentee"))
        ]
        cohort = choosing(northwind, sides[0], sides[1])
    crowd = Crowd(northwind, cohort, operations)
    crowd.run()
    with northwind.scope():
        check(crowd)
        assert crowd.outcomes.total() == crowd.each * THREADS
        assert min(crowd.outcomes["picked"], crowd.outcomes["accepted"], crowd.outcomes["declined"]) > 2
        if operations == 2000:
            assert crowd.outcomes[REASONS[0]] > 0  # people did come too late
