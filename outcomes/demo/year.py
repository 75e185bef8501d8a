"""`make demo-year`: makes the demo, without a server, as it would be made on the days of a whole year, and
says on which its promises are broken.

Three moments of each day, and the minutes around every clock change of a site; the days on which calendars
are odd come first. Each is made in a transaction that is taken back.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from mentoring.embedded import Engines, remove
from outcomes.demo.sites import ZONES

# In UTC: the first hour of a day, a working hour, and one at which it is tomorrow in the east already.
CLOCKS = (timedelta(minutes=5), timedelta(hours=11), timedelta(hours=23, minutes=40))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def clock_changes(zones: set[str], first: date, last: date) -> list[datetime]:
    """The moments at which the clocks of one of the zones are put forward or back."""
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    hours = [start + number * HOUR for number in range(((last - first).days + 1) * 24)]
    return sorted(
        {
            moment
            for zone in map(ZoneInfo, zones)
            for moment in hours
            if moment.astimezone(zone).utcoffset() != (moment - HOUR).astimezone(zone).utcoffset()
        }
    )


def next_leap_day(first: date) -> date:
    """From a day on, that day included."""
    return next(
        day for day in (first + number * DAY for number in range(9 * 366)) if (day.month, day.day) == (2, 29)
    )


def odd_days(first: date, last: date, changes: list[datetime]) -> set[date]:
    """Ends of months and of the year, clock changes with the days around them, and the next leap day with
    its neighbours, which may lie after `last`."""
    days = {first + number * DAY for number in range((last - first).days + 1)}
    ends = {day for day in days if 1 in (day.day, (day + DAY).day)}
    around = {change.date() + number * DAY for change in changes for number in (-1, 0, 1)}
    leap = next_leap_day(first)
    return ends | (around & days) | {leap - DAY, leap, leap + DAY}


def moments(first: date, days: int, every: int, zones: set[str]) -> list[datetime]:
    """What to try: odd days first, then each `every`th one; no more than that after an interruption."""
    last = first + (days - 1) * DAY
    changes = clock_changes(zones, first, last)
    odd = odd_days(first, last, changes)
    plain = {first + number * DAY for number in range(0, days, every)} - odd
    near = [change + step for change in changes for step in (-timedelta(minutes=1), HOUR / 2)]
    return near + [
        datetime(day.year, day.month, day.day, tzinfo=UTC) + clock
        for some in (odd, plain)
        for day in sorted(some)
        for clock in CLOCKS
    ]


def try_moment(moment: datetime) -> str:
    """What went wrong, or nothing. In a new copy of the empty database: what was taken back stays in the
    tables, and after ten moments PostgreSQL would need thrice the time."""
    from django.conf import settings
    from django.db import connection, transaction

    from outcomes.demo.companies import make_demo

    connection.close()
    _copy_database(settings.OWNER_DATABASE_URL, connection.settings_dict["NAME"])
    try:
        with transaction.atomic():
            make_demo(moment)
            transaction.set_rollback(True)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
    return ""


def _copy_database(owner: str, name: str) -> None:
    import psycopg

    with psycopg.connect(urlsplit(owner)._replace(path="/template1").geturl(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[call-overload]
        admin.execute(f"CREATE DATABASE {name} TEMPLATE upward STRATEGY FILE_COPY")  # type: ignore[call-overload]


def _begin(environment: dict[str, str]) -> None:
    """Each process has a database of its own: addresses of mail are unique in one."""
    database_url = urlsplit(environment["DATABASE_URL"])._replace(path=f"/year_{os.getpid()}").geturl()
    os.environ.update(environment | {"DATABASE_URL": database_url})
    import django

    django.setup()


def run(wanted: list[datetime], processes: int, environment: dict[str, str]) -> list[str]:
    broken, began = [], time.monotonic()
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawning, _begin, (environment,)) as pool:
        try:
            trying = {pool.submit(try_moment, moment): moment for moment in wanted}
            for number, done in enumerate(as_completed(trying), 1):
                if problem := done.result():
                    broken.append(f"{trying[done]:%Y-%m-%d %H:%M} {problem}")
                    print(f"  {broken[-1]}", flush=True)
                if number % 25 == 0:
                    minutes = (time.monotonic() - began) / 60
                    print(f"  {number} of {len(wanted)} in {minutes:.0f} minutes", flush=True)
        except BaseException:  # stopped: what is being made is finished, what waits is not begun
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return broken


def main() -> None:
    parser = argparse.ArgumentParser(prog="outcomes.demo.year", description=__doc__)
    parser.add_argument("--first", type=date.fromisoformat, default=datetime.now(UTC).date(), metavar="DAY")
    parser.add_argument("--days", type=int, default=366, help="how many days from the first one on")
    parser.add_argument("--every", type=int, default=1, help="only each so many days, besides the odd ones")
    parser.add_argument("--at", type=datetime.fromisoformat, help="this moment alone (in UTC)")
    parser.add_argument("--processes", type=int, default=min(os.cpu_count() or 1, 4))
    options = parser.parse_args()
    settings = {
        "DJANGO_SETTINGS_MODULE": "mentoring.settings",
        "UPWARD_TESTING": "1",  # passwords are hashed fast
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
        "LOG_LEVEL": "WARNING",
        "OPENBLAS_NUM_THREADS": "1",
    }
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))
    state_dir = Path(tempfile.mkdtemp(prefix="upward-year-"))
    try:
        with Engines(state_dir, durable=False, also=settings) as engines:
            os.environ.update(engines.environment)
            number, broken = _prepare_and_run(options, engines.environment)
    finally:
        remove(state_dir)
    print(f"{number} moments, {len(broken)} with a broken promise.")
    sys.exit(1 if broken else 0)


def _prepare_and_run(options: Any, environment: dict[str, str]) -> tuple[int, list[str]]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0, interactive=False)
    connections.close_all()
    starts = moments(options.first, options.days, options.every, ZONES)
    if options.at:
        starts = [options.at.replace(tzinfo=UTC)]
    processes = max(1, min(options.processes, len(starts)))
    return len(starts), run(starts, processes, environment)


if __name__ == "__main__":
    main()
