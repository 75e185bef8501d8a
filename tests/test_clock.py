"""Nobody asks the database what time it is: on another day (UPWARD_DAYS_AHEAD) it would answer for today."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests.clock import other_days
from tests.running import ROOT

APPS = ("mentoring", "programs", "matching", "sessions", "outcomes")
CLOCK = re.compile(
    r"(?<![\w.])(now\(\)|(clock|statement|transaction)_timestamp\(|current_(timestamp|date|time)\b|localtime)",
    re.IGNORECASE,
)
# The audit log takes the server's time on purpose: who writes a row cannot choose it.
AUDIT = {
    "mentoring/actions/audit.py",
    "mentoring/actions/invitation_limits.py",  # counts the log's rows
    "mentoring/models/audit.py",
    "mentoring/queries/audit_chain.py",
}
AUDIT_TABLE = "mentoring_auditevent"


def asks_the_database(path: Path) -> Iterator[str]:
    """Where a module uses Django's `Now`, or SQL's words for the present in a text that is no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.db.models.functions"):
            yield from (f"{path}:{node.lineno} {name.name}" for name in node.names if name.name == "Now")
        elif isinstance(node, ast.Attribute) and node.attr == "Now":
            yield f"{path}:{node.lineno} Now"
        elif isinstance(node, ast.Constant) and node not in prose and CLOCK.search(str(node.value)):
            yield f"{path}:{node.lineno} {node.value!s:.60}"


def test_product_never_asks_the_clock_of_the_database() -> None:
    modules = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    found = [
        line
        for path in modules
        if str(path.relative_to(ROOT)) not in AUDIT
        for line in asks_the_database(path)
    ]
    assert len(modules) > 100
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "from django.db.models.functions import Lower, Now",
        "x = functions.Now()",
        "cursor.execute('UPDATE t SET at = now()')",
        "cursor.execute(f'SELECT {a} WHERE at > CURRENT_TIMESTAMP')",
        "RunSQL('SELECT clock_timestamp()')",
    ],
)
def test_question_to_the_database_is_found(source: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(f'"""Not now()."""\nmoment = timezone.now()\n{source}\n')
    assert len(list(asks_the_database(module))) == 1


@pytest.mark.django_db
def test_no_column_and_no_function_of_the_database_reads_its_clock() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT adrelid::regclass::text, pg_get_expr(adbin, adrelid) FROM pg_attrdef"
            " UNION ALL SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        )
        found = [(where, code) for where, code in cursor.fetchall() if CLOCK.search(code)]
    assert [pair for pair in found if "audit" not in pair[0] and AUDIT_TABLE not in pair[1]] == []


def test_processes_live_on_another_day_only_for_the_demo_and_the_tests() -> None:
    def day_of_a_process(**settings: str) -> date:
        code = "import mentoring.settings, datetime; print(datetime.datetime.now(datetime.UTC).date())"
        plain = {name: value for name, value in os.environ.items() if name not in {"DEMO", "UPWARD_TESTING"}}
        environment = plain | {"SECRET_KEY": "of-a-test", "UPWARD_DAYS_AHEAD": "1000"} | settings
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return date.fromisoformat(done.stdout.strip())

    today = day_of_a_process()  # without either of the two, the real one
    for settings in ({"DEMO": "1"}, {"UPWARD_TESTING": "1"}):
        ahead = day_of_a_process(**settings) - today
        assert ahead in (timedelta(days=1000), timedelta(days=1001))  # it may have become midnight
    if not os.environ.get("UPWARD_DAYS_AHEAD"):
        assert today - datetime.now(UTC).date() in (timedelta(0), timedelta(days=-1))


def test_other_days_are_a_leap_day_and_a_change_of_the_clocks() -> None:
    assert other_days(date(2026, 11, 30)) == [date(2028, 2, 29), date(2027, 3, 14)]
    assert other_days(date(2028, 2, 29)) == [date(2032, 2, 29), date(2028, 3, 12)]
    assert other_days(date(2028, 3, 26)) == [date(2032, 2, 29), date(2028, 10, 29)]
