"""The months of a cohort: one notion of them for the badge, the reminders, the figures and the invitation."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.rules import SHORTEST_MONTH, add_months, month_number, month_on, months_of

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 1, 15), 12, date(2027, 1, 15)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
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


@given(start=days, length=st.integers(min_value=1, max_value=800), offset=st.integers(-30, 830))
def test_badge_and_reminders_say_the_same_month(start: date, length: int, offset: int) -> None:
    """“Month 3 of 6” is the month that a reminder of the same day is about; outside, the nearest one."""
    end, day = start + timedelta(days=length), start + timedelta(days=offset)
    number, total = month_number(start, end, day)
    month = month_on(min(max(day, start), end), start, end)
    assert month is not None
    assert (number, total) == (month.number, len(months_of(start, end)))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 9, 1), (1, 6)),
        (date(2026, 9, 15), (1, 6)),
        (date(2026, 10, 14), (1, 6)),
        (date(2026, 10, 15), (2, 6)),
        (date(2026, 11, 22), (3, 6)),
        (date(2027, 3, 15), (6, 6)),
        (date(2028, 3, 15), (6, 6)),
    ],
)
def test_month_number(today: date, expected: tuple[int, int]) -> None:
    assert month_number(date(2026, 9, 15), date(2027, 3, 15), today) == expected
