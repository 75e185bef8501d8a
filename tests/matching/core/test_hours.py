from datetime import date

import pytest

from matching.core.hours import hours_in_common, minutes_in_common

WINTER = date(2026, 1, 15)


@pytest.mark.parametrize(
    ("zone", "other", "hours"),
    [
        ("Europe/Berlin", "Europe/Berlin", 8.0),
        ("Europe/Berlin", "Europe/London", 7.0),
        ("Europe/Berlin", "America/New_York", 2.0),
        ("Europe/Berlin", "Asia/Kolkata", 3.5),
        ("Europe/Berlin", "Asia/Tokyo", 0.0),
        # A day apart by the calendar, and the same hours of work.
        ("Pacific/Kiritimati", "Pacific/Honolulu", 8.0),
        ("Pacific/Auckland", "Pacific/Honolulu", 7.0),
        ("Europe/Berlin", "Mars/Olympus", None),
        ("", "Europe/Berlin", None),
        ("../etc/passwd", "Europe/Berlin", None),
    ],
)
def test_hours_in_common(zone, other, hours):
    assert hours_in_common(zone, other, WINTER) == hours
    assert hours_in_common(other, zone, WINTER) == hours


def test_hours_in_common_move_with_summer_time():
    assert hours_in_common("Europe/Berlin", "Asia/Tokyo", date(2026, 7, 1)) == 1.0
    assert hours_in_common("Europe/Berlin", "America/New_York", date(2026, 3, 16)) == 3.0


def test_minutes_in_common_never_exceed_a_working_day():
    for offset in range(-12 * 60, 14 * 60 + 1, 45):
        for other in range(-12 * 60, 14 * 60 + 1, 105):
            clock = set(range(offset, offset + 480)), set(range(other, other + 480))
            shared = max(len(clock[0] & {(m + day) for m in clock[1]}) for day in (-1440, 0, 1440))
            assert minutes_in_common(offset, other) == shared
