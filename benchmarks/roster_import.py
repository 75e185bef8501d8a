"""Import of a large roster, measured: `python -m benchmarks.roster_import [--size 100000] [--xlsx] [--json]`.

Makes a roster of invented people, starts PostgreSQL and Valkey of its own, imports the file three times
(all new, nothing changed, a tenth changed) through the worker's code, and prints time and peak memory.
"""

import argparse
import io
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mentoring.embedded import Engines, remove

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


def made_file(size: int, *, changed: float, xlsx: bool) -> bytes:
    from mentoring.exchange.writers import write_table

    out = io.BytesIO()
    write_table(out, HEADERS, roster(size, changed=changed), format="xlsx" if xlsx else "csv")
    return out.getvalue()


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = function()
    return time.perf_counter() - start, answer


def in_a_child(function: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run in a forked process, so that peak memory is that of this import and of no earlier one."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps(function()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    if not text:
        raise SystemExit("The import failed; see above.")
    return json.loads(text)  # type: ignore[no-any-return]


def import_once(name: str, path: Path) -> dict[str, Any]:
    from mentoring.actions.roster_imports import apply_import
    from mentoring.management.commands.import_people import BY, check, run
    from mentoring.models import Organization
    from mentoring.tenancy.scoping import organization_scope

    organization = Organization.objects.get(slug="benchmark")
    before = peak_megabytes()
    checking, found = timed(lambda: check(organization, path.name, path.read_bytes(), None))

    def write() -> Any:
        with organization_scope(organization):
            apply_import(roster_import=found, skip_bad_rows=False, in_line=False, by=BY)
        return run(organization, found)

    applying, done = timed(write)
    counts = done.counts
    return {
        "case": name,
        "people": counts["rows"],
        "new": counts["new"],
        "changed": counts["changed"],
        "unchanged": counts["unchanged"],
        "check_seconds": round(checking, 1),
        "apply_seconds": round(applying, 1),
        "start_megabytes": round(before),
        "peak_megabytes": round(peak_megabytes()),
    }


def measure(size: int, *, xlsx: bool = False) -> list[dict[str, Any]]:
    """Needs Django set up and a migrated database; `main` makes both."""
    from django.db import connections

    from mentoring.models import Organization

    Organization.objects.get_or_create(slug="benchmark", defaults={"name": "Benchmark"})
    connections.close_all()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("roster.xlsx" if xlsx else "roster.csv")
        for name, changed in (("all new", 0.0), ("unchanged", 0.0), ("a tenth changed", 0.1)):
            # Written by a child, too: making the file must not count as memory of reading it.
            def write(changed: float = changed) -> dict[str, Any]:
                return {"bytes": path.write_bytes(made_file(size, changed=changed, xlsx=xlsx))}

            in_a_child(write)
            results.append(in_a_child(lambda name=name: import_once(name, path)))  # type: ignore[misc]
            connections.close_all()
    return results


def print_table(results: list[dict[str, Any]]) -> None:
    keys = [
        "case",
        "people",
        "new",
        "changed",
        "unchanged",
        "check_seconds",
        "apply_seconds",
        "peak_megabytes",
    ]
    print(" | ".join(keys))
    for result in results:
        print(" | ".join(str(result[key]) for key in keys))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--xlsx", action="store_true", help="a workbook instead of CSV")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="upward-bench-"))
    engines = Engines(folder)
    engines.start()
    try:
        os.environ.update(
            engines.environment | {"UPWARD_TESTING": "1", "DJANGO_SETTINGS_MODULE": "mentoring.settings"}
        )
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        application = dict(connection.settings_dict)
        call_command("migrate", verbosity=0, interactive=False)
        connection.close()
        connection.settings_dict.update(application)  # `migrate` ran as the owner, whom row security spares
        results = measure(options.size, xlsx=options.xlsx)
    finally:
        engines.stop()
        remove(folder)
    if options.json:
        print(json.dumps(results, indent=2))
    else:
        print_table(results)


if __name__ == "__main__":
    main()
