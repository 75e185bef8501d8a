"""What the champion is told to do next: who is missing, and which side is short."""

from datetime import date
from typing import Any

import pytest

from programs.enums import CohortStatus, PairRole
from programs.models import Cohort
from programs.next_steps import cohort_steps
from programs.queries.cohorts import Funnel

TODAY = date(2026, 3, 2)
FUNNEL = Funnel(people=68, joined=58, answered=56, declined=4, withdrawn=0, seats=59)


def steps(status: CohortStatus, **more: Any) -> list[tuple[str, str]]:
    cohort = Cohort(
        pk=7,
        status=status,
        enroll_from=date(2026, 2, 1),
        enroll_until=date(2026, 4, 1),
        starts_on=date(2026, 4, 15),
        ends_on=date(2026, 10, 15),
    )
    found = cohort_steps(cohort, FUNNEL, today=TODAY, active_pairs=24, **more)
    return [(str(step.title), str(step.text)) for step in found]


def test_enrolling_says_who_is_missing_first() -> None:
    title, text = steps(CohortStatus.ENROLLING)[0]
    assert title == "8 people have not finished"
    assert text.startswith("6 have not said yes or no, 2 have not answered the questions.")


@pytest.mark.parametrize(
    ("mentors", "mentees", "title"),
    [
        (40, 19, "Invite more mentees"),
        (19, 40, "Invite more mentors"),
        (40, 38, "Invite people"),
        (0, 12, "Invite people"),
    ],
)
def test_enrolling_says_which_side_is_short(mentors: int, mentees: int, title: str) -> None:
    seats = {PairRole.MENTOR: mentors, PairRole.MENTEE: mentees}
    assert steps(CohortStatus.ENROLLING, seats=seats)[1][0] == title


@pytest.mark.parametrize(
    ("mentors", "mentees", "title"),
    [(10, 2, "Some still wait for a partner"), (10, 0, "The cohort runs until 15 October 2026")],
)
def test_running_names_those_who_could_be_paired(mentors: int, mentees: int, title: str) -> None:
    unpaired = {PairRole.MENTOR: mentors, PairRole.MENTEE: mentees}
    assert steps(CohortStatus.RUNNING, unpaired=unpaired)[0][0] == title
