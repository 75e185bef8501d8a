"""A plan as plain values: what the page of a dry run shows, kept with the import."""

import datetime as dt
from collections import Counter
from itertools import islice
from typing import Any

from django.utils.translation import gettext_lazy as _

from mentoring.people.addresses import SHOWN, Move, Shown
from mentoring.people.addresses import shown as shown_of
from mentoring.people.draft import Draft, Known, name_of
from mentoring.people.plan import Plan, column_label

KINDS = {
    "value": _("cells that cannot be read"),
    "identity": _("rows without ID and e-mail"),
    "duplicate": _("IDs or addresses that are taken"),
    "ambiguous manager": _("rows with a manager whose name several people have"),
    "unknown manager": _("rows with a manager who is not known"),
    "own manager": _("rows of people who are their own manager"),
    "circle": _("rows in a circle of managers"),
    "levels": _("rows too many levels below the top"),
}
SHOWN_ERRORS = 200
SHOWN_CHANGES = 50
SHOWN_NEW = 20
SHOWN_LEAVERS = 10
WARNED = (Shown.MEMBER, Shown.CLOSES)


def report_of(plan: Plan) -> dict[str, Any]:
    moving = [move for move in plan.moves if move.old or move.login]
    return {
        "errors": [list(problem) for problem in plan.errors[:SHOWN_ERRORS]],
        "error_kinds": error_kinds(plan),
        "formats": [[header, str(f.label), f.certain, f.evidence] for header, f in plan.formats.items()],
        "notes": plan.notes,
        "sample_new": [_new(draft) for draft in islice(plan.new, SHOWN_NEW)],
        "sample_changed": [_changed(draft) for draft in islice(plan.changed, SHOWN_CHANGES)],
        "changed_fields": changed_fields(plan),
        "moves": [_move(move) for move in sorted(moving, key=_weight)[:SHOWN_CHANGES]],
        "moves_number": len(moving),
    }


def _weight(move: Move) -> tuple[bool, bool, int]:
    """First what may surprise, then log-ins, then mail alone."""
    return (shown_of(move) not in WARNED, move.login is None, move.line)


def _move(move: Move) -> dict[str, Any]:
    return {
        "line": move.line,
        "name": move.name,
        "old": move.old,
        "new": move.new,
        "taker": move.taker,
        "fate": str(_("Has left; the address is free") if move.left else SHOWN[shown_of(move)]),
        "warn": not move.left and shown_of(move) in WARNED,
    }


def report_of_leaving(plan: Plan, *, ends: list[str], kept: list[str]) -> dict[str, Any]:
    """Who leaves with this import, and what ends with that."""
    leavers = set(plan.leavers)
    names = (name_of(draft) for draft in plan.changed if draft.known and draft.known.id in leavers)
    return {"people": len(leavers), "names": list(islice(names, SHOWN_LEAVERS)), "ends": ends, "kept": kept}


def error_kinds(plan: Plan) -> list[tuple[str, int]]:
    """How many rows have which trouble, most frequent first: 900 errors are often one."""
    counted = Counter(problem.kind for problem in plan.errors)
    return [(str(KINDS.get(kind, kind)), number) for kind, number in counted.most_common()]


def changed_fields(plan: Plan) -> list[tuple[str, int]]:
    """Which columns change for how many people: a shifted column shows here at once."""
    counted = Counter(name for draft in plan.changed for name, _old, _new in draft.changes)
    return [(column_label(name), number) for name, number in counted.most_common()]


def _new(draft: Draft) -> dict[str, Any]:
    facts = [draft.values.get(name) or "" for name in ("title", "unit", "location")]
    return {
        "line": draft.line,
        "name": name_of(draft),
        "email": draft.values.get("email") or "",
        "note": " · ".join(fact for fact in facts if fact),
        "manager": name_of(draft.manager) if draft.manager else "",
        "status": draft.values["status"],
    }


def _changed(draft: Draft) -> dict[str, Any]:
    changes = [[column_label(name), shown(old), shown(new)] for name, old, new in draft.changes]
    return {"line": draft.line, "name": name_of(draft), "changes": changes}


def shown(value: Any) -> str:
    if isinstance(value, Draft | Known):
        return name_of(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else str(value)
