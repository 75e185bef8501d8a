"""Columns that an organization keeps from its rosters beside those that the roster has a place for."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db import connection

from mentoring.enums import OPEN_JOBS
from mentoring.models import ColumnRemoval, KeptColumn, Person
from mentoring.people.sensitive import Sensitive, sensitive_columns
from mentoring.tenancy.scoping import current_organization_id

# Enough to tell what a column holds; all of a hundred thousand people would take a second.
PEOPLE_JUDGED, CELLS_JUDGED = 1000, 40


@dataclass(frozen=True)
class Kept:
    """`people` have something in the column. `kind` is what it seems to tell, "" for nothing sensitive;
    `reason` why it is kept all the same; `leaving` while it is being removed."""

    name: str
    people: int
    kind: str
    reason: str
    leaving: bool

    @property
    def label(self) -> str:
        return str(Sensitive(self.kind).label) if self.kind else ""

    @property
    def undecided(self) -> bool:
        return bool(self.kind) and not self.reason and not self.leaving


def kept_reasons() -> dict[str, str]:
    """{heading: why the sensitive column is kept}."""
    return dict(KeptColumn.objects.values_list("name", "reason"))


def kept_columns(today: date) -> list[Kept]:
    """Every column kept, those to decide about first."""
    kinds, reasons = _sensitive_kept(today), kept_reasons()
    leaving = _leaving()
    found = [
        Kept(name, people, kinds.get(name, ""), reasons.get(name, ""), name in leaving)
        for name, people in _people_by_column().items()
    ]
    return sorted(found, key=lambda kept: (not kept.undecided, not kept.kind, kept.name.casefold()))


def undecided_columns(today: date) -> list[str]:
    """Names of sensitive columns that nobody has decided about, of the newest people on the roster."""
    return sorted(_sensitive_kept(today).keys() - kept_reasons().keys() - _leaving(), key=str.casefold)


def _leaving() -> set[str]:
    return set(ColumnRemoval.objects.filter(status__in=OPEN_JOBS).values_list("name", flat=True))


def _sensitive_kept(today: date) -> dict[str, str]:
    cells: dict[str, dict[str, None]] = defaultdict(dict)
    newest = Person.objects.exclude(attributes={}).order_by("-id").values_list("attributes", flat=True)
    for attributes in newest[:PEOPLE_JUDGED]:
        for name, text in attributes.items():
            if len(cells[name]) < CELLS_JUDGED:
                cells[name][text] = None
    return sensitive_columns(cells, today=today)


def _people_by_column() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, count(*) FROM mentoring_person, jsonb_object_keys(attributes) AS key"
            " WHERE organization_id = %s GROUP BY key",
            [current_organization_id()],
        )
        return dict(cursor.fetchall())
