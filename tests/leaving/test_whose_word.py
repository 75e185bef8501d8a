"""Whose word ends somebody's access: by hand, by a file, by a file that one checks and another applies."""

from datetime import timedelta

import pytest

from mentoring.actions.leaving import leave_on_the_day, mark_left
from mentoring.actions.people_by_hand import BY_HAND, Entry, WrongValues, leave, save_person
from mentoring.actions.roster_imports import apply_import
from mentoring.actors import Actor
from mentoring.enums import PersonStatus, Role
from mentoring.management.imports import run
from mentoring.models import AuditEvent, Membership, Person, User
from mentoring.people.plan import NULLABLE
from mentoring.rules import NotAllowed
from mentoring.tasks.people import work_on_import
from tests.cast import NOW, Cast
from tests.people.moving import checked_roster, import_roster

BY_CLOCK = Actor.system("last day")
EMPTY = {key: None if key in NULLABLE else "" for key in BY_HAND}


def admin_of(cast: Cast, *, on_the_roster: bool) -> User:
    """With two in charge, leaving is not stopped by being the last."""
    admin = User.objects.create_user("ada@northwind.example", name="Ada Admin")
    with cast.scope():
        Membership.objects.create(user=admin, role=Role.ADMIN, joined_at=NOW)
        if on_the_roster:
            row = {"employee_id": "E80", "email": admin.email, "first_name": "Ada", "last_name": "Admin"}
            Person.objects.create(**row, user=admin)
    return admin


LEAVES = "Employee ID,First Name,Last Name,Work Email,Status,Termination Date\n"
REFUSED = (
    "Ada Admin has a role here. Only somebody who manages members can mark them as left, "
    "and an owner only an owner."
)


@pytest.mark.parametrize(
    "row",
    ["Terminated,", "Terminated,2026-01-31", "Active,2089-12-31", ",2026-01-31"],
    ids=["status", "both", "day to come", "day"],
)
@pytest.mark.parametrize("on_the_roster", [True, False])
def test_champion_who_imports_ends_no_access_that_is_not_theirs_to_end(
    northwind: Cast, row: str, on_the_roster: bool
) -> None:
    """By hand it was refused; a file took the access of every admin. The row is named, the others go on."""
    admin = admin_of(northwind, on_the_roster=on_the_roster)
    file = f"{LEAVES}E80,Ada,Admin,ADA@northwind.example,{row}\nE4,Jun,Park,,Terminated,\n"
    found = import_roster(northwind, file, by=northwind.champion)
    assert [(problem[0], problem[3]) for problem in found.report["errors"]] == [(2, REFUSED)]
    assert import_roster(northwind, file, by=northwind.champion, skip=True).applied_at
    with northwind.scope():
        leave_on_the_day(organization=northwind.organization, now=NOW + timedelta(days=90000), by=BY_CLOCK)
        assert Membership.objects.get(user=admin).suspended_at is None
        assert Person.objects.get(employee_id="E4").status == PersonStatus.LEFT


def test_owner_who_imports_ends_it(northwind: Cast) -> None:
    admin = admin_of(northwind, on_the_roster=True)
    file = LEAVES + "E80,Ada,Admin,ada@northwind.example,Terminated,\n"
    assert import_roster(northwind, file, by=northwind.owner).counts["errors"] == 0
    with northwind.scope():
        assert Membership.objects.get(user=admin).suspended_at is not None


def test_leavers_address_takes_no_admin_along(northwind: Cast) -> None:
    """A leaver is given the address of an admin whom the roster does not know: the sweep would think that it
    is the admin who has left."""
    admin = admin_of(northwind, on_the_roster=False)
    with northwind.scope():
        jun = mark_left(person=Person.objects.get(employee_id="E4"), now=NOW, by=northwind.by)
        entry = Entry({**EMPTY, "employee_id": "E4", "email": admin.email})
        with pytest.raises(WrongValues, match="has a role here"):
            save_person(entry=entry, person=jun, now=NOW, by=northwind.by)
        bob = save_person(
            entry=Entry({**entry.values, "employee_id": "E81", "first_name": "Bob"}), person=None, now=NOW,
            by=northwind.by,
        )  # fmt: skip
        with pytest.raises(NotAllowed, match="Bob has a role here"):
            leave(person=bob, on=NOW.date(), today=NOW.date(), reason="", now=NOW, by=northwind.by)
        leave_on_the_day(organization=northwind.organization, now=NOW, by=BY_CLOCK)
        assert Membership.objects.get(user=admin).suspended_at is None


@pytest.mark.parametrize("who_checks", ["owner", "champion"])
def test_what_was_checked_is_written_and_by_whom_is_on_record(northwind: Cast, who_checks: str) -> None:
    """One checks, another one applies: neither can do more than both, and the log tells them apart."""
    admin_of(northwind, on_the_roster=True)
    checks, applies = northwind.owner, northwind.champion
    if who_checks == "champion":
        checks, applies = applies, checks
    file = LEAVES + "E80,Ada,Admin,ada@northwind.example,Terminated,\nE4,Jun,Park,,Terminated,\n"
    found = checked_roster(northwind, file, by=checks)
    with northwind.scope():
        found.refresh_from_db()
        apply_import(roster_import=found, skip_bad_rows=True, in_line=False, by=Actor.of_user(applies))
    run(northwind.organization, found, work_on_import)
    with northwind.scope():
        log = {(event.action, event.by) for event in AuditEvent.objects.all()}
        left = set(Person.objects.filter(status=PersonStatus.LEFT).values_list("employee_id", flat=True))
    assert left == {"E4"}
    assert log >= {
        ("roster_import.started", checks.email),
        ("roster_import.mapped", checks.email),
        ("roster_import.approved", applies.email),
        ("people.imported", applies.email),
    }
