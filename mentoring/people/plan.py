"""The dry run: what an import would do to the roster, and everything that is wrong with the file."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mentoring.enums import PersonStatus
from mentoring.exchange.tables import Table
from mentoring.people.addresses import LoginBook, Move, in_sentences, settle_moves, why_not
from mentoring.people.columns import COLUMNS, MANAGER_KEYS
from mentoring.people.dates import DateFormat
from mentoring.people.draft import (
    Draft,
    Known,
    Problem,
    Progress,
    Reading,
    check_number,
    name_of,
    read_drafts,
)
from mentoring.people.managers import resolve_managers
from mentoring.people.recognizing import recognize, stranded_addresses

# An empty cell empties the value, except where that would lose a person's identity or invent a change.
KEPT_WHEN_EMPTY = frozenset({"employee_id", "email", "first_name", "last_name", "status", "time_zone"})
NULLABLE = frozenset({"employee_id", "level", "hired_on", "left_on"})
NOT_YOURS_TO_END = gettext_lazy(
    "%(name)s has a role here. Only somebody who manages members can mark them as left, and an owner only an "
    "owner."
)


@dataclass
class Plan:
    """New and changed people ready to be written. `left` counts those whom this import turns into leavers,
    `released` are leavers whose address goes to somebody else, `moves` are all changes of addresses."""

    new: list[Draft] = field(default_factory=list)
    changed: list[Draft] = field(default_factory=list)
    unchanged: int = 0
    left: int = 0
    rows: int = 0
    absent: int = 0
    errors: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    formats: dict[str, DateFormat] = field(default_factory=dict)
    detached: int = 0
    moves: list[Move] = field(default_factory=list)
    released: list[Known] = field(default_factory=list)
    bad_lines: set[int] = field(default_factory=set)

    @property
    def leavers(self) -> list[int]:
        """Ids of those on the roster who leave with this import."""
        return self._turning(PersonStatus.ACTIVE, PersonStatus.LEFT)

    @property
    def returning(self) -> list[int]:
        return self._turning(PersonStatus.LEFT, PersonStatus.ACTIVE)

    def _turning(self, old: PersonStatus, new: PersonStatus) -> list[int]:
        turn = ("status", old.value, new.value)
        return [draft.known.id for draft in self.changed if draft.known and turn in draft.changes]

    @property
    def unknown_leavers(self) -> list[int]:
        """Once they are written: new on the roster, and have left already. Some may be members."""
        return [draft.pk for draft in self.new if draft.pk and draft.values["status"] == PersonStatus.LEFT]

    def counts(self) -> dict[str, int]:
        return {
            "rows": self.rows,
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "left": self.left,
            "absent": self.absent,
            "errors": len(self.errors),
            "bad_rows": len(self.bad_lines),
        }


def plan_import(
    table: Table,
    mapping: Mapping[str, str],
    known: Sequence[Known],
    *,
    today: dt.date,
    day_first: bool = True,
    book: LoginBook | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Nothing is changed here. Bad rows are in `errors` and neither new nor changed."""
    reading = read_drafts(table, mapping, today=today, day_first=day_first, progress=progress)
    header_of = {key: header for header, key in mapping.items()}
    plan = plan_drafts(reading, known, header_of, today=today, book=book)
    plan.absent = len(known) - sum(1 for draft in reading.drafts if draft.known is not None)
    plan.notes = _notes(plan, reading)
    return plan


def plan_drafts(
    reading: Reading,
    known: Sequence[Known],
    header_of: dict[str, str],
    *,
    today: dt.date,
    book: LoginBook | None = None,
    kept_when_empty: Collection[str] = KEPT_WHEN_EMPTY,
) -> Plan:
    """The checks of rows, whether a file or a form holds them."""
    drafts, plan = reading.drafts, Plan(rows=len(reading.drafts), formats=reading.formats)
    problems = reading.problems
    problems += recognize(drafts, known, header_of)
    has_managers = any(key in header_of for key in MANAGER_KEYS)
    if has_managers:
        problems += resolve_managers(drafts, known, header_of)
    if book is not None:
        problems += _refused_moves(drafts, header_of, book, kept_when_empty)
        problems += _refused_endings(drafts, header_of, book, kept_when_empty)
    problems += stranded_addresses(drafts, header_of, {problem.line for problem in problems})
    check_number(problems)
    plan.errors = sorted(problems, key=lambda problem: (problem.line, problem.column))
    plan.bad_lines = {problem.line for problem in problems}
    plan.detached = _detach_from_skipped(drafts, plan.bad_lines)
    by_pk = {person.id: person for person in known} if has_managers else None
    good = [draft for draft in drafts if draft.line not in plan.bad_lines]
    for draft in good:
        _sort_in(draft, plan, by_pk, today, kept_when_empty)
    plan.released = [draft.takes_from for draft in good if draft.takes_from is not None]
    if book is not None:
        plan.moves = _moves(good, kept_when_empty)
        settle_moves(plan.moves, book)
    return plan


def _moves(drafts: Sequence[Draft], kept_when_empty: Collection[str] = KEPT_WHEN_EMPTY) -> list[Move]:
    """Everybody on the roster who gets another address, or none, with who gets the old one."""
    takers = {draft.values["email"]: draft for draft in drafts if draft.values.get("email")}
    moves = []
    for draft in drafts:
        person = draft.known
        if person is not None and (new := _new_address(draft, kept_when_empty)) is not None:
            gone = draft.get("status") == PersonStatus.LEFT
            moves.append(Move(person.id, name_of(draft), person.address, new, draft.line, left=gone))
        if (leaver := draft.takes_from) is not None:
            old = leaver.address
            moves.append(Move(leaver.id, name_of(leaver), old, "", draft.line, left=True))
    for move in moves:
        move.taker = name_of(takers[move.old]) if move.old in takers else ""
    return moves


def _new_address(draft: Draft, kept_when_empty: Collection[str]) -> str | None:
    """The address that this row moves its person to; None where it stays, whatever the capitals."""
    old = draft.known.address if draft.known is not None else ""
    new = "" if draft.gives_up_address else draft.values.get("email")
    if new is None or new == old or (not new and not draft.gives_up_address and "email" in kept_when_empty):
        return None
    return str(new)


def _refused_moves(
    drafts: Sequence[Draft], header_of: dict[str, str], book: LoginBook, kept_when_empty: Collection[str]
) -> list[Problem]:
    moves = _moves(drafts, kept_when_empty)
    settle_moves(moves, book)
    return [
        Problem(move.line, header_of.get("email", ""), move.new, reason, "log-in")
        for move in moves
        if (reason := why_not(move, book))
    ]


def _refused_endings(
    drafts: Sequence[Draft], header_of: dict[str, str], book: LoginBook, kept_when_empty: Collection[str]
) -> list[Problem]:
    """Rows by which somebody leaves, now or on a day to come, whose access is not to be ended by whoever
    imports. An address counts, too: a leaver's would take its member along."""
    column = next((header_of[key] for key in ("status", "left_on", "email") if key in header_of), "")
    protected = book.protected()
    return [
        Problem(draft.line, column, "", str(NOT_YOURS_TO_END % {"name": name_of(draft)}), "log-in")
        for draft in drafts
        if _comes_to_leave(draft, kept_when_empty)
        and protected.covers(
            draft.known.id if draft.known else None,
            draft.values.get("email") or "",
            draft.known.get("email") if draft.known else "",
        )
    ]


def _comes_to_leave(draft: Draft, kept_when_empty: Collection[str]) -> bool:
    """Whether this row makes a leaver of somebody, or changes whom the leaver's address is."""
    status, known = draft.get("status"), draft.known
    noted = draft.values["left_on"] if "left_on" in draft.values else known and known.get("left_on")
    if status != PersonStatus.LEFT and not noted:
        return False
    if known is None or _new_address(draft, kept_when_empty) is not None:
        return True
    return bool(status != known.get("status") or (noted and noted != known.get("left_on")))


def _detach_from_skipped(drafts: Sequence[Draft], bad_lines: set[int]) -> int:
    """Whose manager is a bad row comes without a manager, if that manager is not on the roster yet."""
    detached = 0
    for draft in drafts:
        manager = draft.manager
        if isinstance(manager, Draft) and manager.line in bad_lines and draft.line not in bad_lines:
            draft.manager = manager.known
            detached += manager.known is None
    return detached


def _sort_in(
    draft: Draft,
    plan: Plan,
    by_pk: Mapping[int, Known] | None,
    today: dt.date,
    kept_when_empty: Collection[str],
) -> None:
    if draft.known is None:
        if not draft.values.get("status"):
            draft.values["status"] = PersonStatus.ACTIVE.value
        plan.left += draft.values["status"] == PersonStatus.LEFT
        plan.new.append(draft)
        return
    draft.changes = _changes(draft, draft.known, by_pk, today, kept_when_empty)
    if not draft.changes:
        plan.unchanged += 1
        return
    plan.left += ("status", PersonStatus.ACTIVE.value, PersonStatus.LEFT.value) in draft.changes
    plan.changed.append(draft)


def _changes(
    draft: Draft,
    known: Known,
    by_pk: Mapping[int, Known] | None,
    today: dt.date,
    kept_when_empty: Collection[str],
) -> list[tuple[str, Any, Any]]:
    """(field, old, new) of what differs, managers as people. `by_pk` is None where no column names them."""
    changes = []
    _follow_status(draft, known, today)
    for name, value in draft.values.items():
        old = known.get(name)
        if value in (None, ""):
            if name in kept_when_empty or old in (None, ""):
                continue
            value = None if name in NULLABLE else ""
        if value != old:
            changes.append((name, old, value))
    if draft.gives_up_address:
        changes.append(("email", known.get("email"), ""))
    for header, text in draft.attributes.items():
        if text != known.attributes.get(header, ""):
            changes.append((f"attributes.{header}", known.attributes.get(header, ""), text))
    if by_pk is not None and _person_id(draft.manager) != (known.manager_id or 0):
        changes.append(("manager", by_pk.get(known.manager_id or 0), draft.manager))
    return changes


def _follow_status(draft: Draft, known: Known, today: dt.date) -> None:
    """Who leaves or comes back between two imports gets the day of it, where the file has none."""
    if "left_on" in draft.values:
        return
    was, now = known.get("status"), draft.values.get("status")
    if now == PersonStatus.LEFT and was == PersonStatus.ACTIVE:
        draft.values["left_on"] = today
    elif now == PersonStatus.ACTIVE and was == PersonStatus.LEFT:
        draft.values["left_on"] = None


def _person_id(node: Draft | Known | None) -> int:
    """0 for nobody, -1 for somebody who is new."""
    if node is None:
        return 0
    if isinstance(node, Known):
        return node.id
    return node.known.id if node.known is not None else -1


def _notes(plan: Plan, reading: Reading) -> list[str]:
    notes = in_sentences(plan.moves)
    drafts, detached = reading.drafts, plan.detached
    gone = sum(1 for d in drafts if d.manager is not None and d.manager.get("status") == PersonStatus.LEFT)
    for header, found in plan.formats.items():
        if not found.certain:
            notes.append(
                _('No date in "%(name)s" tells day from month. Please check: read as %(format)s.')
                % {"name": header, "format": found.label}
            )
    if reading.guessed_zones:
        notes.append(
            ngettext(
                "The time zone of %(count)s person is taken from the location.",
                "The time zones of %(count)s people are taken from their location.",
                reading.guessed_zones,
            )
            % {"count": f"{reading.guessed_zones:,}"}
        )
    if gone:
        notes.append(
            _("%(count)s of %(all)s people report to somebody who has left.")
            % {"count": f"{gone:,}", "all": f"{len(drafts):,}"}
        )
    if reading.leave_later:
        notes.append(
            ngettext(
                "%(count)s person leaves on a day to come, and stays active until then. Access and pairs end "
                "by themselves on that day.",
                "%(count)s people leave on a day to come, and stay active until then. Access and pairs end "
                "by themselves on that day.",
                reading.leave_later,
            )
            % {"count": f"{reading.leave_later:,}"}
        )
    if detached:
        notes.append(
            ngettext(
                "%(count)s person comes without a manager while the manager's row is not correct.",
                "%(count)s people come without a manager while the manager's row is not correct.",
                detached,
            )
            % {"count": f"{detached:,}"}
        )
    if plan.absent > 0:
        notes.append(
            ngettext(
                "%(count)s person on the roster is not in the file and stays as they are.",
                "%(count)s people on the roster are not in the file and stay as they are.",
                plan.absent,
            )
            % {"count": f"{plan.absent:,}"}
        )
    if drafts and all(d.get("status") == PersonStatus.LEFT for d in drafts):
        notes.append(_("Everybody in the file has left. Is this the list of leavers only?"))
    return notes


def column_label(name: str) -> str:
    """What a changed field is called on a page."""
    if name.startswith("attributes."):
        return name.removeprefix("attributes.")
    return str(COLUMNS[name].label) if name in COLUMNS else _("Manager")
