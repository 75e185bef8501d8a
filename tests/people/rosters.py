"""Rosters as text and their plans."""

import datetime as dt
from typing import Any

from mentoring.people.draft import FIELDS, Known
from mentoring.people.mapping import guess_mapping
from mentoring.people.plan import Plan, plan_import
from tests.exchange.files import table_of

TODAY = dt.date(2026, 11, 22)


def known(
    pk: int, *, manager_id: int | None = None, attributes: dict[str, str] | None = None, **values: Any
) -> Known:
    defaults: dict[str, Any] = dict.fromkeys(FIELDS, "") | {"employee_id": None, "level": None}
    defaults |= {"hired_on": None, "left_on": None, "status": "active"}
    merged = defaults | values
    return Known(pk, manager_id, tuple(merged[name] for name in FIELDS), attributes or {})


def plan_of(text: str | bytes, *roster: Known, mapping: dict[str, str] | None = None, **options: Any) -> Plan:
    table = table_of(text)
    return plan_import(table, mapping or guess_mapping(table.headers), list(roster), today=TODAY, **options)


def reasons(plan: Plan) -> list[tuple[int, str, str, str]]:
    return [(problem.line, problem.column, problem.value, problem.reason) for problem in plan.errors]
