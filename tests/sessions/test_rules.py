"""Transitions, months of a cohort, and clocks that jump."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentoring.rules import NotAllowed
from sessions.enums import MeetingStatus
from sessions.rules import (
    MEETING_TRANSITIONS,
    SHORTEST_MONTH,
    ClockJump,
    add_months,
    check_plan,
    moment_of,
    month_on,
    months_of,
    require_transition,
)

OSLO = ZoneInfo("Europe/Oslo")
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))


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


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_add_months(start: date, months: int, expected: date) -> None:
    assert add_months(start, months) == expected


@given(start=days, length=st.integers(min_value=1, max_value=800))
def test_months_cover_a_cohort_without_gap_or_overlap(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    months = list(months_of(start, end))
    assert months[0].start == start
    assert months[-1].last == end
    assert [month.number for month in months] == list(range(1, len(months) + 1))
    for before, after in pairwise(months):
        assert before.end == after.start
        assert 28 <= (before.end - before.start).days <= 31
    assert all((month.end - month.start).days >= SHORTEST_MONTH for month in months[1:])


@given(start=days, length=st.integers(min_value=1, max_value=800), offset=st.integers(-5, 810))
def test_every_day_lies_in_one_month(start: date, length: int, offset: int) -> None:
    end, day = start + timedelta(days=length), start + timedelta(days=offset)
    month = month_on(day, start, end)
    assert (month is not None) == (start <= day <= end)
    if month:
        assert [other for other in months_of(start, end) if day in other] == [month]


def test_months_of_a_half_year_are_six() -> None:
    """15 September to 15 March: the one day more is no month of its own."""
    months = list(months_of(date(2026, 9, 15), date(2027, 3, 15)))
    assert [(month.number, month.start) for month in months][-1] == (6, date(2027, 2, 15))
    assert months[-1].last == date(2027, 3, 15)


def test_months_from_the_31st() -> None:
    months = list(months_of(date(2028, 1, 31), date(2028, 5, 30)))
    assert [month.start for month in months] == [
        date(2028, 1, 31),
        date(2028, 2, 29),
        date(2028, 3, 31),
        date(2028, 4, 30),
    ]


def test_month_bounds_are_local_midnights() -> None:
    month = month_on(date(2026, 10, 20), date(2026, 10, 1), date(2027, 3, 31))
    assert month is not None
    assert month.bounds("Europe/Oslo") == (
        datetime(2026, 9, 30, 22, tzinfo=UTC),
        datetime(2026, 10, 31, 23, tzinfo=UTC),
    )


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
