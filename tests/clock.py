"""Which tests read the clock, and on which other days they are run.

`calendar` marks every test whose module, or a module of the tests that it imports, asks what time it is:
found in the source, so that nobody keeps a list. All others hand `now` in.

`python -m tests.clock` prints how many days ahead these other days are.
"""

import re
import sys
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from outcomes.demo.sites import ZONES
from outcomes.demo.year import clock_changes, next_leap_day

READS = re.compile(r"timezone\.now\(|datetime\.now\(|date\.today\(|localdate\(|\btime\.time\(")
IMPORTS = re.compile(r"^from (tests\.[\w.]+) import", re.MULTILINE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and _reads_the_clock(item.module.__name__):
            item.add_marker(pytest.mark.calendar)


@cache
def _reads_the_clock(module: str) -> bool:
    packages = [module.rsplit(".", depth)[0] for depth in range(1, module.count(".") + 1)]
    beside = [f"{package}.conftest" for package in packages if package != "tests"]
    used, waiting = set(), [module, *(name for name in beside if name in sys.modules)]
    while waiting:
        name = waiting.pop()
        if name not in used and name in sys.modules:
            used.add(name)
            source = Path(str(sys.modules[name].__file__)).read_text(encoding="utf-8")
            if READS.search(source):
                return True
            waiting += IMPORTS.findall(source)
    return False


def other_days(today: date) -> list[date]:
    """The next leap day, and the day on which the next clocks change."""
    tomorrow = today + timedelta(days=1)
    change = clock_changes(ZONES, tomorrow, tomorrow + timedelta(days=366))[0]
    return [next_leap_day(tomorrow), change.date()]


if __name__ == "__main__":
    now = datetime.now(UTC).date()
    print(*((day - now).days for day in other_days(now)))
