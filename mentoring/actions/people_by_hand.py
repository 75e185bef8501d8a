"""Adding and correcting one person of the roster, with the checks that an import's rows have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from mentoring.actions import audit
from mentoring.actions.addresses import move_addresses
from mentoring.actions.leaving import mark_left
from mentoring.actions.people import write_plan
from mentoring.actors import Actor
from mentoring.enums import PersonStatus
from mentoring.models import AuditEvent, Person
from mentoring.people.columns import COLUMNS
from mentoring.people.draft import Draft, Known, Problem, Reading, finish_draft, name_of
from mentoring.people.plan import NOT_YOURS_TO_END, Plan, plan_drafts
from mentoring.queries.locks import lock_organization
from mentoring.queries.logins import LoginBook
from mentoring.queries.people import known_around
from mentoring.rules import NotAllowed

# What may be written by hand; whether somebody has left is said by `mark_left` and `bring_back`.
BY_HAND = (
    "employee_id", "email", "first_name", "last_name", "title", "level", "unit", "job_family", "location",
    "country", "region", "time_zone", "language", "hired_on",
)  # fmt: skip


class WrongValues(NotAllowed):
    """What an import would say of such a row, problem by problem."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__(" ".join(in_words(problem) for problem in problems))


def in_words(problem: Problem) -> str:
    reason = str(problem.reason).removesuffix(".")
    if not problem.column:
        return _("This entry %(reason)s.") % {"reason": reason}
    return f"“{problem.value}” {reason}." if problem.value else f"{reason}."


@dataclass(frozen=True)
class Entry:
    """One person's values as a form has them, cleaned by the columns; `manager` is an employee ID, an address
    or a name."""

    values: Mapping[str, Any]
    manager: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


def plan_entry(*, entry: Entry, person: Person | None, now: datetime, by: Actor) -> Plan:
    """What saving these values would do, checked as a row of a file. Nothing is changed."""
    draft = Draft(0, dict(entry.values), dict(entry.attributes), "manager_name", entry.manager)
    reading = Reading([draft], [], {})
    finish_draft(draft, reading, now.date())
    neighbours = known_around(person, draft.values, entry.manager)
    if person is not None:
        draft.known = next(each for each in neighbours if each.id == person.pk)
    reading.problems += _taken_ids(draft, neighbours)
    header_of = {key: key for key in COLUMNS} | {"manager_name": "manager"}
    plan = plan_drafts(
        reading, neighbours, header_of, today=now.date(), book=LoginBook(by), kept_when_empty=("time_zone",)
    )
    taken_id = any(problem.column == "employee_id" for problem in plan.errors)
    if person is None and draft.known is not None and not taken_id:
        plan.errors.append(Problem(0, "email", draft.values["email"], "", "duplicate"))
    plan.errors = [_for_a_page(problem, neighbours) for problem in plan.errors]
    return plan


def _for_a_page(problem: Problem, known: list[Known]) -> Problem:
    """The same reason without the file that is not there."""
    holder = next((each for each in known if each.address == problem.value), None)
    if problem.kind == "unknown manager":
        return problem._replace(reason=_("is nobody on the roster"))
    if problem.kind == "duplicate" and problem.column == "email" and holder is not None:
        reason = _(
            "is the address of %(name)s on the roster. Give them another one first, or merge the two entries"
        )
        return problem._replace(reason=reason % {"name": name_of(holder)})
    return problem


def _taken_ids(draft: Draft, known: list[Known]) -> list[Problem]:
    number = draft.values.get("employee_id") or ""
    mine = draft.known.id if draft.known else 0
    return [
        Problem(0, "employee_id", number, _("is the employee ID of %(name)s") % {"name": name_of(other)})
        for other in known
        if number and other.id != mine and (other.get("employee_id") or "").casefold() == number.casefold()
    ]


@transaction.atomic
def save_person(*, entry: Entry, person: Person | None, now: datetime, by: Actor) -> Person:
    """Add somebody to the roster, or correct who is on it. One writer at a time, as with imports."""
    lock_organization()
    plan = plan_entry(entry=entry, person=person, now=now, by=by)
    if plan.errors:
        raise WrongValues(plan.errors)
    write_plan(plan, progress=lambda done: None)
    if plan.new:
        person = Person.objects.get(pk=plan.new[0].pk)
        audit.record("person.added", person, by=by)
    elif plan.changed:
        [changed] = plan.changed
        assert changed.known is not None
        person = Person.objects.get(pk=changed.known.id)
        audit.record("person.corrected", person, by=by, fields=[name for name, _old, _new in changed.changes])
    move_addresses(moves=plan.moves, now=now, by=by)
    assert person is not None
    person.refresh_from_db()
    return person


def may_end(person: Person, by: Actor) -> bool:
    """Whose log-in has a role here is marked as left, or merged, only by who may take that role away."""
    return not LoginBook(by).protected().covers(person.pk, person.email)


@transaction.atomic
def leave(*, person: Person, on: date, today: date, reason: str, now: datetime, by: Actor) -> bool:
    """Note somebody's last day; from the day after it, or at once if it has passed, they have left. Answers
    whether that is news: noting the same again changes nothing."""
    if not may_end(person, by):
        raise NotAllowed(NOT_YOURS_TO_END % {"name": person})
    if person.hired_on and on < person.hired_on:
        raise NotAllowed(_("The last day cannot be before the hire date."))
    lock_organization()
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    note = {"on": on.isoformat(), "reason": reason.strip()[:300]}
    if person.status == PersonStatus.LEFT or (person.left_on == on and _last_note(person) == note):
        return False
    person.left_on = on
    person.save(update_fields=["left_on", "updated_at"])
    audit.record("person.leaving_noted", person, by=by, **note)
    if on <= today:
        mark_left(person=person, now=now, by=by)
    return True


def _last_note(person: Person) -> dict[str, Any] | None:
    notes = AuditEvent.objects.filter(
        action="person.leaving_noted", object_type=person._meta.label_lower, object_id=person.pk
    )
    return notes.order_by("-pk").values_list("data", flat=True).first()
