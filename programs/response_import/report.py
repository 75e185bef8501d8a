"""A plan as plain values: what the page of a dry run shows, kept with the import."""

from itertools import islice
from typing import Any

from programs.response_import.plan import Plan

SHOWN_ERRORS = 200
SHOWN_ROWS = 20
SHOWN_CHOICES = 200


def report_of(plan: Plan) -> dict[str, Any]:
    """Answers are not in it: a report is read by more people than answers should be."""
    return {
        "errors": [list(problem) for problem in plan.errors[:SHOWN_ERRORS]],
        "notes": plan.notes,
        "version": plan.definition.version,
        "unknown": [
            {
                "key": key,
                "label": plan.definition.by_key[key].label,
                "choices": [list(item) for item in found[:SHOWN_CHOICES]],
                "number": len(found),
            }
            for key, found in plan.unknown.items()
        ],
        "sample": [
            {
                "line": entry.line,
                "name": entry.known.name
                if entry.known
                else f"{entry.person.get('first_name', '')} {entry.person.get('last_name', '')}".strip(),
                "email": entry.email,
                "new_person": entry.known is None,
                "new_participant": entry.participant is None,
                "answers": len(entry.values),
            }
            for entry in islice(plan.entries, SHOWN_ROWS)
        ],
    }
