"""A file of leavers, as HR writes it, applied to Northwind's roster."""

from collections.abc import Callable
from typing import Any

import pytest

from mentoring.actions.roster_imports import apply_import, choose_mapping, start_import
from mentoring.actors import Actor
from mentoring.models import Person, RosterImport, User
from tests.cast import Cast

HEAD = "Employee ID,Work Email,Status,Termination Date\n"


def rows(*leavers: tuple[str, str], status: str = "Terminated", on: str = "2026-11-20") -> str:
    return HEAD + "".join(f"{number},{email},{status},{on}\n" for number, email in leavers)


def row_of(person: Person, **more: str) -> str:
    return rows((person.employee_id or "", person.email), **more)


@pytest.fixture
def check_file(northwind: Cast, run_tasks: Any) -> Callable[[str], RosterImport]:
    """Upload, map as suggested, have it checked."""

    by = Actor.of_user(northwind.owner)  # who may end any role

    def checked(content: str) -> RosterImport:
        started: list[int] = []

        def newest() -> RosterImport:
            return RosterImport.objects.get(pk=started[0])

        def start() -> None:
            with northwind.scope():
                found = start_import(
                    name="leavers.csv",
                    content=content.encode(),
                    organization=northwind.organization,
                    by=by,
                )
                started.append(found.pk)

        def choose() -> None:
            with northwind.scope():
                found = newest()
                choose_mapping(roster_import=found, mapping=found.mapping, day_first=True, by=by)

        run_tasks(start)
        run_tasks(choose)
        with northwind.scope():
            return newest()

    return checked


@pytest.fixture
def import_file(northwind: Cast, check_file: Any, run_tasks: Any) -> Callable[[str], RosterImport]:
    """The same, applied."""

    def imported(content: str) -> RosterImport:
        found = check_file(content)

        def approve() -> None:
            with northwind.scope():
                apply_import(roster_import=found, skip_bad_rows=False, by=Actor.of_user(northwind.owner))

        run_tasks(approve)
        with northwind.scope():
            return RosterImport.objects.get(pk=found.pk)

    return imported


def on_roster(cast: Cast, user: User, number: str = "E90") -> Person:
    """A member's person, as the roster has her when it is imported after she joined: without a log-in."""
    first, last = user.name.split(" ", 1)
    with cast.scope():
        return Person.objects.create(employee_id=number, email=user.email, first_name=first, last_name=last)
