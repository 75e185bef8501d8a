"""`python -m benchmarks [NAME ...] [--size N] [--json FILE]`: measure, print a table, keep it as JSON."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.harness import ROOT, Failed, Row, engines, machine, run_apart, table
from mentoring.embedded import EngineError

# Module of this package -> (what it does, full size)
BENCHMARKS = {
    "roster_import": ("import of that many people from a CSV file", 100_000),
    "matching_core": ("scoring and assignment alone, that many mentors and mentees, no database", 1000),
    "matching_aims": ("share targets, who waited, kept pairs, groups, that many mentors and mentees", 1000),
    "matching_run": ("a run from rows to proposals, that many mentors and mentees", 1000),
    "reminders": ("planning the reminders of that many pairs", 10_000),
    "pages": ("the ten main pages in an organization of that many people", 10_000),
    "held": ("the web server while strangers hold that many idle sockets", 500),
    "hostile": (
        "the same beside 200 hostile files and a slow upload, with a worker, that many sockets",
        1000,
    ),
}


def main() -> None:
    options = _options()
    facts = machine()
    rows: list[tuple[str, Row]] = []
    failed = []
    try:
        with engines() as environment:
            for name in options.names or BENCHMARKS:
                size = options.size or BENCHMARKS[name][1]
                print(f"  {name}, size {size:,}", file=sys.stderr, flush=True)
                try:
                    rows += [(name, row) for row in run_apart(name, size, environment)]
                except Failed:
                    failed.append(name)
    except EngineError as error:
        sys.exit(str(error))
    print(
        "\n{date}, {cores} cores, {memory_gb} GB memory, Python {python}, {system}, "
        "load {load_before} before the start\n".format(**facts)
    )
    print(table(rows))
    result = {"machine": facts, "rows": [{"benchmark": name, **asdict(row)} for name, row in rows]}
    for path in {_state_file(), options.json} - {None}:
        assert path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=2) + "\n")
    missed = [f"{name}: {row.figure}" for name, row in rows if row.missed]
    if failed or missed:
        sys.exit("\n".join([f"Failed: {name}" for name in failed] + [f"Missed: {line}" for line in missed]))


def _options() -> argparse.Namespace:
    listed = "\n".join(f"  {name:<14} {what} ({size:,})" for name, (what, size) in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog=f"benchmarks and their full size:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="all of them if none is named")
    parser.add_argument("--size", type=int, help="smaller or larger than the full size")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"no benchmark called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    if options.size is not None and options.size < 10:
        parser.error("--size must be at least 10")
    return options


def _state_file() -> Path:
    return Path(os.environ.get("STATE_DIR") or ROOT / ".state") / "bench.json"


if __name__ == "__main__":
    main()
