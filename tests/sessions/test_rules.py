"""Transitions, plans, and clocks that jump."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from mentoring.rules import NotAllowed
from sessions.enums import MeetingStatus
from sessions.rules import (
    MEETING_TRANSITIONS,
    ClockJump,
    check_plan,
    moment_of,
    require_transition,
)

OSLO = ZoneInfo("Europe/Oslo")


def test_transitions_name_every_status() -> None:
    assert set(MEETING_TRANSITIONS) == set(MeetingStatus)


@pytest.mark.parametrize("old", MeetingStatus)
@pytest.mark.parametrize("new", MeetingStatus)
def test_require_transition_follows_the_table(old: MeetingStatus, new: MeetingStatus) -> None:
    if new in MEETING_TRANSITIONS[old]:
        require_transition(old, new)
    else:
        with pytest.raises(NotAllowed):
            require_transition(old, new)


def test_cancelled_is_the_end() -> None:
    assert MEETING_TRANSITIONS[MeetingStatus.CANCELLED] == frozenset()


def plan(**changes: object) -> None:
    settings: dict[str, object] = {
        "starts_at": datetime(2026, 12, 1, 10, tzinfo=UTC),
        "minutes": 45,
        "now": datetime(2026, 11, 22, 10, tzinfo=UTC),
        "starts_on": date(2026, 9, 15),
        "ends_on": date(2027, 3, 15),
        "time_zone": "Europe/Berlin",
    }
    check_plan(**{**settings, **changes})  # type: ignore[arg-type]


def test_check_plan_within_the_rules() -> None:
    plan()
    plan(minutes=10)
    plan(minutes=480)
    plan(starts_at=datetime(2027, 3, 15, 22, 59, tzinfo=UTC))  # 23:59 on the last day in Berlin


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"minutes": 9}, "A meeting takes between 10 minutes and 8 hours."),
        ({"minutes": 481}, "A meeting takes between 10 minutes and 8 hours."),
        (
            {"starts_at": datetime(2026, 11, 22, 10, tzinfo=UTC)},
            "This moment has already passed. Choose a later one.",
        ),
        (
            {"starts_at": datetime(2026, 9, 14, 10, tzinfo=UTC)},
            "Your program starts on 15 September 2026. Choose that day or a later one.",
        ),
        (
            {"starts_at": datetime(2027, 3, 15, 23, 30, tzinfo=UTC)},
            "Your program ends on 15 March 2027. Choose that day or an earlier one.",
        ),
    ],
)
def test_check_plan_against_the_rules(changes: dict[str, object], message: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        plan(**changes)
    assert str(refusal.value) == message


def test_moment_of_ordinary_time() -> None:
    assert moment_of(date(2026, 7, 1), time(9, 30), OSLO) == datetime(2026, 7, 1, 7, 30, tzinfo=UTC)
    assert moment_of(date(2026, 12, 1), time(9, 30), OSLO) == datetime(2026, 12, 1, 8, 30, tzinfo=UTC)


def test_moment_of_a_time_that_the_clocks_skip() -> None:
    with pytest.raises(ClockJump) as jump:
        moment_of(date(2027, 3, 28), time(2, 30), OSLO)
    assert (jump.value.twice, str(jump.value)) == (
        False,
        "There is no 02:30 on 28 March 2027: the clocks go forward then. Choose another time.",
    )


def test_moment_of_a_time_that_comes_twice() -> None:
    with pytest.raises(ClockJump) as jump:
        moment_of(date(2026, 10, 25), time(2, 30), OSLO)
    assert jump.value.twice
    first = moment_of(date(2026, 10, 25), time(2, 30), OSLO, second=False)
    second = moment_of(date(2026, 10, 25), time(2, 30), OSLO, second=True)
    assert (first, second) == (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )
