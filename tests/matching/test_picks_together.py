"""Many people choosing at the same moment: nothing is lost, and ranks are 1, 2, 3 without a hole."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from matching.actions.picks import clear_partner, order_picks, pick_partner, refuse_partner
from matching.models import Pick
from mentoring.rules import NotAllowed
from programs.enums import MatchingMode
from programs.models import Participant
from tests.cast import Cast
from tests.matching.making import Someone, make_cohort
from tests.matching.picking import NOW, choosing
from tests.running import PATIENCE
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def crowd(cast: Cast, number: int, mode: MatchingMode) -> tuple[list[Participant], list[Participant]]:
    with cast.scope():
        cohort = make_cohort(
            cast,
            [Someone(f"Mentor N{place}", ("ai_tools",)) for place in range(number)],
            [Someone(f"Mentee N{place}", ("ai_tools",)) for place in range(number)],
        )
    choosing(cast, cohort, mode=mode)
    with cast.scope():
        found = list(Participant.objects.select_related("cohort", "person").filter(cohort=cohort))
    return [one for one in found if one.role == "mentor"], [one for one in found if one.role == "mentee"]


def ranks(participant: Participant) -> list[int]:
    found = Pick.objects.filter(participant=participant, rank__isnull=False)
    return sorted(rank for rank in found.values_list("rank", flat=True) if rank)


def test_hundred_people_pick_at_once_and_none_is_lost(northwind: Cast) -> None:
    mentors, mentees = crowd(northwind, 50, MatchingMode.HYBRID)
    people = [*mentors, *mentees]
    work = [(one, mentees if one.role == "mentor" else mentors) for one in people]

    def choose(part: int) -> Any:
        def run() -> None:
            for place, (one, partners) in enumerate(work):
                if place % 20 == part:
                    with northwind.scope():
                        for step in range(3):
                            pick_partner(
                                participant=one,
                                partner_id=partners[(place + step) % len(partners)].pk,
                                by=northwind.by,
                                now=NOW,
                            )

        return run

    at_once(*(choose(part) for part in range(20)))
    with northwind.scope():
        assert [ranks(one) for one in people] == [[1, 2, 3]] * 100


def test_one_person_in_many_tabs(northwind: Cast) -> None:
    mentors, mentees = crowd(northwind, 8, MatchingMode.HYBRID)
    uma, ids = mentees[0], [one.pk for one in mentors]

    def tab(number: int) -> Any:
        def run() -> None:
            for step in range(6):
                partner = ids[(number * 3 + step) % len(ids)]
                change = {"participant": uma, "by": northwind.by, "now": NOW}
                with northwind.scope():
                    try:
                        if step % 4 == 3:
                            order_picks(order=ids[number:] + ids[:number], **change)
                        else:
                            (pick_partner, refuse_partner, clear_partner)[step % 3](
                                partner_id=partner, **change
                            )
                    except NotAllowed:
                        pass  # the list is full: said, and nothing lost
                with northwind.scope():
                    found = ranks(uma)
                    assert found == list(range(1, len(found) + 1))

        return run

    at_once(*(tab(number) for number in range(8)))
    with northwind.scope():
        found = ranks(uma)
        assert found == list(range(1, len(found) + 1))
        assert len(found) <= 3


def test_two_orders_at_once_leave_one_of_them(northwind: Cast) -> None:
    mentors, mentees = crowd(northwind, 4, MatchingMode.HYBRID)
    uma, ids = mentees[0], [one.pk for one in mentors[:3]]
    with northwind.scope():
        for pk in ids:
            pick_partner(participant=uma, partner_id=pk, by=northwind.by, now=NOW)
    orders = [[ids[2], ids[1], ids[0]], [ids[1], ids[0], ids[2]]]

    def sort(order: list[int]) -> Any:
        def run() -> None:
            with northwind.scope():
                order_picks(participant=uma, order=order, by=northwind.by, now=NOW)

        return run

    at_once(*(sort(order) for order in orders))
    with northwind.scope():
        left = list(
            Pick.objects.filter(participant=uma).order_by("rank").values_list("partner_id", flat=True)
        )
    assert left in orders


def test_same_button_pressed_five_times_at_once(northwind: Cast) -> None:
    mentors, mentees = crowd(northwind, 4, MatchingMode.HYBRID)

    def press() -> None:
        with northwind.scope():
            pick_partner(participant=mentees[0], partner_id=mentors[0].pk, by=northwind.by, now=NOW)

    at_once(*[press] * 5)
    with northwind.scope():
        assert ranks(mentees[0]) == [1]


def test_two_who_pick_each_other_at_the_same_moment(northwind: Cast) -> None:
    """A pick refers to both people: who holds the own row must not wait for the other's."""
    mentors, mentees = crowd(northwind, 1, MatchingMode.HYBRID)
    both_have = threading.Barrier(2)

    def choose(one: Participant, other: Participant) -> Callable[[], None]:
        def run() -> None:
            with northwind.scope():
                pick_partner(participant=one, partner_id=other.pk, by=northwind.by, now=NOW)
                both_have.wait(timeout=PATIENCE)

        return run

    at_once(choose(mentors[0], mentees[0]), choose(mentees[0], mentors[0]))
    with northwind.scope():
        assert [ranks(one) for one in (*mentors, *mentees)] == [[1], [1]]
