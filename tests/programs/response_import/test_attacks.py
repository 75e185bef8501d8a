"""An import of answers is no way round a break: nobody is enrolled by an older form's export."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from programs.actions.rests import end_rest, take_rest
from programs.enums import PairRole, ParticipantStatus
from programs.models import Participant
from tests.cast import Cast
from tests.programs.answering import ready_to_answer
from tests.programs.response_import.test_import import imported

JUN = "jun.park@northwind.example"
FILE = f"Email,Name,Country,Which tools can you show?\n{JUN},Jun Park,Ghana,C\n"
SAID = "is on a break until {}, which only they can end"

Run = Callable[..., list[str]]


def rest(cast: Cast) -> str:
    with cast.scope():
        until = timezone.now().date() + timedelta(days=90)
        person = cast.people["spare"]
        found = take_rest(person=person, until=until, by=cast.by, now=timezone.now())
        return f"{found.until:%-d %B %Y}"


@pytest.mark.parametrize("invited", [False, True])
def test_who_is_on_a_break_is_not_enrolled_by_an_import(
    northwind: Cast, run_tasks: Run, invited: bool
) -> None:
    with northwind.scope():
        ready_to_answer(northwind)
        if invited:
            Participant.objects.create(
                cohort=northwind.cohort, person=northwind.people["spare"], role=PairRole.MENTOR
            )
    day = rest(northwind)
    checked = imported(northwind, run_tasks, FILE, apply=False)
    assert [error[3] for error in checked.report["errors"]] == [SAID.format(day)]
    with northwind.scope():
        jun = Participant.objects.filter(cohort=northwind.cohort, person=northwind.people["spare"])
        assert not jun.filter(status=ParticipantStatus.JOINED).exists()
        end_rest(person=northwind.people["spare"], by=northwind.by, now=timezone.now())
    imported(northwind, run_tasks, FILE)
    with northwind.scope():
        assert jun.filter(status=ParticipantStatus.JOINED).exists()


def test_answers_of_who_takes_part_already_come_in_during_a_break(northwind: Cast, run_tasks: Run) -> None:
    with northwind.scope():
        ready_to_answer(northwind)
        jun = Participant.objects.create(
            cohort=northwind.cohort,
            person=northwind.people["spare"],
            role=PairRole.MENTOR,
            status=ParticipantStatus.JOINED,
        )
    rest(northwind)
    checked = imported(northwind, run_tasks, FILE)
    with northwind.scope():
        jun.refresh_from_db()
    assert (checked.counts["errors"], jun.answered_at is not None) == (0, True)
