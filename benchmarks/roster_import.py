"""Import of a large roster of invented people: a CSV file three times (all new, nothing changed, a tenth
changed), and the last of them as a workbook beside the same as CSV, through the worker's code. Time and peak
memory of each, of the worker and of the process that reads the file.
"""

import json
import os
import random
import resource
import tempfile
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.harness import Row, clock, peak_megabytes, settle

HEADERS = [
    "Employee ID",
    "Legal First Name",
    "Legal Last Name",
    "Work Email",
    "Worker Status",
    "Business Title",
    "Management Level",
    "Job Family",
    "Supervisory Organization",
    "Cost Center",
    "Manager Employee ID",
    "Location",
    "Region",
    "Time Zone",
    "Hire Date",
]
PLACES = [
    ("London", "EMEA", "Europe/London"),
    ("Austin", "AMER", "America/Chicago"),
    ("Pune", "APAC", "Asia/Kolkata"),
    ("Krakow", "EMEA", "Europe/Warsaw"),
]
FIRST = ["Amara", "Henrik", "Jun", "Noor", "Ana", "Tomasz", "Grace", "Uma", "Zoë", "Viktor"]
LAST = ["Osei", "Lund", "Park", "Lopez", "Ruiz", "Fischer", "Kim", "Rao", "Åström", "Ferrari"]
SEED = 20261122
REPORTS = 9


def roster(size: int, *, changed: float = 0.0) -> Iterator[list[object]]:
    """People in a tree of nine reports each, one in six of them gone; a share of them with a new title."""
    chance = random.Random(SEED)
    for number in range(size):
        place = chance.choice(PLACES)
        title = "Director" if chance.random() < changed else f"Specialist {number % 40}"
        yield [
            f"E{number + 1:07}",
            chance.choice(FIRST),
            chance.choice(LAST),
            f"person.{number + 1}@example.com",
            "Terminated" if chance.random() < 1 / 6 else "Active",
            title,
            number % 6 + 1,
            f"Family {number % 12}",
            f"Unit {number % 200}",
            f"CC-{number % 90}",
            f"E{(number - 1) // REPORTS + 1:07}" if number else "",
            *place,
            f"20{number % 25:02}-{number % 12 + 1:02}-{number % 28 + 1:02}",
        ]


def write_file(path: Path, size: int, *, changed: float, xlsx: bool) -> dict[str, Any]:
    from mentoring.exchange.writers import write_table

    with path.open("wb") as out:
        write_table(out, HEADERS, roster(size, changed=changed), format="xlsx" if xlsx else "csv")
    return {}


def in_a_child(function: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run in a forked process, so that peak memory is that of this import and of no earlier one."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps(function()).encode())
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    if not text:
        raise SystemExit("A part of the import failed; see above.")
    return json.loads(text)  # type: ignore[no-any-return]


def import_once(path: Path) -> dict[str, Any]:
    from mentoring.actions.roster_imports import apply_import
    from mentoring.management.commands.import_people import BY, check
    from mentoring.management.imports import run
    from mentoring.models import Organization
    from mentoring.tasks.people import work_on_import
    from mentoring.tenancy.scoping import organization_scope

    organization = Organization.objects.get(slug="benchmark")
    with clock() as checking:
        found = check(organization, path.name, path.read_bytes(), None)
    with clock() as applying:
        with organization_scope(organization):
            apply_import(roster_import=found, skip_bad_rows=False, in_line=False, by=BY)
        done = run(organization, found, work_on_import)
    counts = done.counts
    return {
        "people": counts["rows"],
        "new": counts["new"],
        "changed": counts["changed"],
        "check_seconds": checking[0],
        "apply_seconds": applying[0],
        "peak_megabytes": peak_megabytes(),
    }


def read_once(path: Path) -> dict[str, Any]:
    """The file alone, by a process of its own as in the import; this one stays small beside it."""
    from mentoring.exchange.door import LOOK, open_table

    with clock() as looking, open_table(path.read_bytes(), allowance=LOOK) as table:
        next(table.rows())
    with clock() as reading, open_table(path.read_bytes()) as table:
        rows = sum(1 for _row in table.rows())
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"rows": rows, "look": looking[0], "read": reading[0], "peak_megabytes": peak}


def run(size: int) -> list[Row]:
    from django.db import connections

    from mentoring.models import Organization

    Organization.objects.create(slug="benchmark", name="Benchmark")
    rows: list[Row] = []
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for case, changed, xlsx in (
            ("all new", 0.0, False),
            ("nothing changed", 0.0, False),
            ("a tenth changed", 0.1, False),
            ("the same again, CSV", 0.1, False),
            ("the same again, XLSX", 0.1, True),
        ):
            path = Path(folder) / ("roster.xlsx" if xlsx else "roster.csv")
            connections.close_all()
            # Written by a child, too: making the file must not count as memory of reading it.
            in_a_child(partial(write_file, path, size, changed=changed, xlsx=xlsx))
            result = in_a_child(partial(import_once, path))
            read = in_a_child(partial(read_once, path))
            settle()
            seconds[case] = result["check_seconds"] + result["apply_seconds"]
            written = result["new"] + result["changed"]
            rows += [
                Row(f"{case}: check {result['people']:,} people", result["check_seconds"], "s"),
                Row(f"{case}: write {written:,} people", result["apply_seconds"], "s"),
                Row(f"{case}: peak memory of the worker", result["peak_megabytes"], "MB", at_most=500),
                Row(f"{case}: look at the file", read["look"], "s"),
                Row(f"{case}: read {read['rows']:,} rows alone", read["read"], "s"),
                Row(f"{case}: peak memory of the reading process", read["peak_megabytes"], "MB", at_most=500),
            ]
    ratio = seconds["the same again, XLSX"] / seconds["the same again, CSV"]
    rows.append(Row("look, check and write from XLSX, for 1 from CSV", ratio, "", at_most=2))
    return rows
