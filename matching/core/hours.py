"""Working hours in common: two people in different time zones need hours in which both are at work."""

from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WORKDAY_MINUTES = 8 * 60
DAY_MINUTES = 24 * 60


@lru_cache(maxsize=4096)
def offset_minutes(zone: str, on: date) -> int | None:
    """Minutes ahead of UTC at noon of that day, by IANA name; None for a zone that nobody knows.

    The day is given, not today's: summer time moves the hours, and a result must replay.
    """
    try:
        offset = datetime.combine(on, time(12), tzinfo=ZoneInfo(zone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return None if offset is None else round(offset.total_seconds() / 60)


def minutes_in_common(offset: int, other: int) -> int:
    """Minutes in which it is from 9 to 17 o'clock in both places, whatever the date is there."""
    apart = (offset - other) % DAY_MINUTES
    return max(0, WORKDAY_MINUTES - min(apart, DAY_MINUTES - apart))


def hours_in_common(zone: str, other: str, on: date) -> float | None:
    """Working hours in common of 8, for two IANA names on that day; None if one is unknown."""
    offsets = offset_minutes(zone, on), offset_minutes(other, on)
    if offsets[0] is None or offsets[1] is None:
        return None
    return minutes_in_common(offsets[0], offsets[1]) / 60
