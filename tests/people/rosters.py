"""Rosters as text and their plans."""

import datetime as dt
import io
import os
from pathlib import Path
from typing import Any

import pytest

from mentoring.exchange.tables import open_table
from mentoring.people.draft import FIELDS, Known
from mentoring.people.mapping import guess_mapping
from mentoring.people.plan import Plan, plan_import

TODAY = dt.date(2026, 11, 22)
REAL = Path(os.environ.get("UPWARD_REALDATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


def real_file(name: str) -> Path:
    """A file of the folder with real data, or a skipped test."""
    if not (REAL / name).is_file():
        pytest.skip(f"no real data: {REAL / name} is missing (set UPWARD_REALDATA)")
    return REAL / name


def known(
    pk: int, *, manager_id: int | None = None, attributes: dict[str, str] | None = None, **values: Any
) -> Known:
    defaults: dict[str, Any] = dict.fromkeys(FIELDS, "") | {"employee_id": None, "level": None}
    defaults |= {"hired_on": None, "left_on": None, "status": "active"}
    merged = defaults | values
    return Known(pk, manager_id, tuple(merged[name] for name in FIELDS), attributes or {})


def plan_of(text: str | bytes, *roster: Known, mapping: dict[str, str] | None = None, **options: Any) -> Plan:
    content = text.encode() if isinstance(text, str) else text
    table = open_table(io.BytesIO(content))
    return plan_import(table, mapping or guess_mapping(table.headers), list(roster), today=TODAY, **options)


def reasons(plan: Plan) -> list[tuple[int, str, str, str]]:
    return [(problem.line, problem.column, problem.value, problem.reason) for problem in plan.errors]
