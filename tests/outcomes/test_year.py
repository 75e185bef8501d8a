from datetime import UTC, date, datetime

from outcomes.demo.sites import ZONES
from outcomes.demo.year import clock_changes, moments, next_leap_day, odd_days

FIRST = date(2026, 11, 30)


def test_clock_changes_of_both_sides_of_the_atlantic() -> None:
    assert clock_changes(ZONES, FIRST, date(2027, 11, 30)) == [
        datetime(2027, 3, 14, 8, tzinfo=UTC),  # Chicago
        datetime(2027, 3, 28, 1, tzinfo=UTC),
        datetime(2027, 10, 31, 1, tzinfo=UTC),
        datetime(2027, 11, 7, 7, tzinfo=UTC),
    ]


def test_odd_days_of_a_winter() -> None:
    found = odd_days(FIRST, date(2026, 12, 31), [datetime(2026, 12, 10, 3, tzinfo=UTC)])
    december = {date(2026, 12, day) for day in (1, 9, 10, 11, 31)}
    assert found == {FIRST} | december | {date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)}


def test_leap_day_from_itself_on() -> None:
    assert next_leap_day(date(2028, 2, 29)) == date(2028, 2, 29)
    assert next_leap_day(date(2028, 3, 1)) == date(2032, 2, 29)
    assert next_leap_day(date(2097, 1, 1)) == date(2104, 2, 29)  # 2100 has none


def test_each_day_of_a_year_is_tried_at_three_moments() -> None:
    wanted = moments(FIRST, 366, 1, ZONES)
    assert len(wanted) == len(set(wanted)) == (366 + 3) * 3 + 4 * 2
    assert len(moments(FIRST, 366, 5, ZONES)) < len(wanted) / 3
