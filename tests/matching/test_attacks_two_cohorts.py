"""Two cohorts that hold the same two people, at the same moment: neither sees yet what the other does."""

from collections.abc import Callable
from typing import Any

import pytest

from matching.actions.publish import publish_run
from matching.actions.requests import accept_request
from matching.actions.settings import ensure_criteria
from matching.models import MatchRun, PairRequest
from mentoring.actors import Actor
from programs.enums import PairStatus
from programs.models import Cohort, Pair, Participant
from tests.cast import NOW, Cast
from tests.matching.asking import MONDAY, ask, choosing, request_of, tried
from tests.matching.making import Someone, find, make_cohort, solved
from tests.together import at_once

BY = Actor.system("test")
ROUNDS = 4
pytestmark = pytest.mark.django_db(transaction=True)


def same_people(cohort: Cohort, other: Cohort) -> None:
    """Who takes part in `other` are the persons of `cohort`, by name."""
    for one in Participant.objects.filter(cohort=other).select_related("person"):
        one.person = find(cohort, one.person.name).person
        one.save()


def couples() -> list[tuple[int, int]]:
    rows = Pair.objects.filter(status=PairStatus.ACTIVE).order_by("mentor__person", "mentee__person")
    return list(rows.values_list("mentor__person_id", "mentee__person_id"))


def publishing(cast: Cast, run: MatchRun) -> Callable[[], str]:
    return tried(cast, lambda: publish_run(run=run, by=BY, now=NOW))


def accepting(cast: Cast, request: PairRequest) -> Callable[[], str]:
    return tried(cast, lambda: accept_request(request=request, by=BY, now=MONDAY))


def test_two_cohorts_publish_the_same_two(northwind: Cast, sent_tasks: Any) -> None:
    people = [Someone("Ada One", ("ai_tools",)), Someone("Ben Two", ("wellbeing",))]
    others = [Someone("Uma Four", ("ai_tools",)), Someone("Vic Five", ("wellbeing",))]
    with northwind.scope():
        Pair.objects.all().delete()
    for turn in range(ROUNDS):
        with northwind.scope():
            cohort, other = (
                make_cohort(northwind, people, others, name=f"{name} {turn}") for name in ("Here", "There")
            )
            same_people(cohort, other)
        runs = [solved(northwind, one) for one in (cohort, other)]
        answers = at_once(*(publishing(northwind, run) for run in runs))
        with northwind.scope():
            made = couples()
            assert len(made) == len(set(made)) == 2 * turn + 2
        assert sorted("another cohort" in answer for answer in answers) == [False, True]


def test_two_accept_each_other_in_two_cohorts(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        Pair.objects.all().delete()
    for turn in range(ROUNDS):
        with northwind.scope():
            cohort, other = (
                choosing(northwind, "Ada", "Uma", name=f"{name} {turn}") for name in ("Here", "There")
            )
            same_people(cohort, other)
            for one in (cohort, other):
                ensure_criteria(cohort=one, by=BY)
                ask(one, "Uma", "Ada")
            requests = [request_of(one, "Uma", "Ada") for one in (cohort, other)]
        answers = at_once(*(accepting(northwind, one) for one in requests))
        with northwind.scope():
            assert len(couples()) == turn + 1
        assert sorted("no longer possible" in answer for answer in answers) == [False, True]
