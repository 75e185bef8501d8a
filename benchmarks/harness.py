"""What all benchmarks share: rows, throw-away engines, one process and one database for each benchmark."""

import contextlib
import importlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mentoring import embedded

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Row:
    """One figure. `at_most` is the target where there is one: more than that is a miss."""

    figure: str
    value: float
    unit: str = ""
    at_most: float | None = None

    @property
    def missed(self) -> bool:
        return self.at_most is not None and self.value > self.at_most


class Failed(Exception):
    """A benchmark ended with an error; its output has been printed."""


@contextlib.contextmanager
def engines() -> Iterator[dict[str, str]]:
    """PostgreSQL and Valkey that write to disk as in production, a migrated database, collected static
    files; all of it gone afterwards. Answers the environment for the benchmarks' processes."""
    with tempfile.TemporaryDirectory(prefix="upward-bench-") as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)  # started by root, PostgreSQL runs as somebody else
        with embedded.Engines(scratch / "state") as running:
            environment = _plain() | running.environment
            environment |= {
                "SECRET_KEY": "of-a-benchmark-" + "0" * 40,
                "BASE_URL": "http://127.0.0.1",
                "ALLOWED_HOSTS": "127.0.0.1,testserver",
                "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
                "STATIC_ROOT": str(scratch / "static"),
                "BENCH_DIR": str(scratch),
                "LOG_LEVEL": "WARNING",
                "UPWARD_NO_RATE_LIMITS": "1",
            }
            for command in ("migrate", "collectstatic"):
                arguments = [sys.executable, "manage.py", command, "--no-input", "--verbosity=0"]
                subprocess.run(arguments, cwd=ROOT, env=environment, check=True)
            yield environment
        embedded.remove(scratch / "state")


def _plain() -> dict[str, str]:
    ours = {"DEBUG", "DEMO", "UPWARD_TESTING", "DATABASE_POOL"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def run_apart(name: str, size: int, environment: dict[str, str]) -> list[Row]:
    """Run one benchmark in a process of its own on a copy of the migrated database, so that memory and
    query plans are its own."""
    database = f"bench_{name}"
    environment = environment | _copy_database(environment, database)
    out = Path(environment["BENCH_DIR"]) / f"{name}.json"
    command = [sys.executable, "-m", "benchmarks.harness", name, str(size), str(out)]
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
        raise Failed(name)
    return [Row(**row) for row in json.loads(out.read_text())]


def _copy_database(environment: dict[str, str], name: str) -> dict[str, str]:
    import psycopg

    owner = environment["OWNER_DATABASE_URL"]
    with psycopg.connect(urlsplit(owner)._replace(path="/template1").geturl(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[call-overload]
        admin.execute(f"CREATE DATABASE {name} TEMPLATE upward")  # type: ignore[call-overload]
    return {
        variable: urlsplit(environment[variable])._replace(path=f"/{name}").geturl()
        for variable in ("DATABASE_URL", "OWNER_DATABASE_URL", "SYSTEM_DATABASE_URL")
    }


def settle() -> None:
    """What autovacuum does within a minute of a large change: the planner learns how large tables are."""
    import psycopg

    with psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True) as owner:
        owner.execute("ANALYZE")


def peak_megabytes() -> float:
    """The most memory this process has had resident so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


@contextlib.contextmanager
def clock() -> Iterator[list[float]]:
    """`with clock() as seconds: ...` then `seconds[0]`."""
    seconds: list[float] = []
    started = time.perf_counter()
    yield seconds
    seconds.append(time.perf_counter() - started)


@contextlib.contextmanager
def statements() -> Iterator[list[int]]:
    """`with statements() as number: ...` then `number[0]`: SQL sent, without BEGIN and COMMIT."""
    from django.db import connection

    number = [0]

    def count(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        number[0] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield number


def machine() -> dict[str, Any]:
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def table(rows: list[tuple[str, Row]]) -> str:
    """Markdown that can be read in a terminal."""
    heads = ("Benchmark", "Figure", "Value", "Unit", "Target")
    lines = [heads, *((name, row.figure, number(row.value), row.unit, _target(row)) for name, row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]

    def written(cells: tuple[str, ...]) -> str:
        padded = (
            cell.rjust(width) if column == 2 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "| " + " | ".join(padded) + " |"

    rule = ["-" * width for width in widths]
    rule[2] = rule[2][:-1] + ":"
    return "\n".join([written(lines[0]), written(tuple(rule)), *map(written, lines[1:])])


def number(value: float) -> str:
    if float(value).is_integer() or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2g}"


def _target(row: Row) -> str:
    if row.at_most is None:
        return ""
    return f"at most {number(row.at_most)}: " + ("missed" if row.missed else "met")


def _main(name: str, size: str, out: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
    import django

    django.setup()
    rows = importlib.import_module(f"benchmarks.{name}").run(int(size))
    Path(out).write_text(json.dumps([asdict(row) for row in rows]))


if __name__ == "__main__":
    _main(*sys.argv[1:])
