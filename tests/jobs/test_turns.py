"""The imports of one organization take one worker at a time, and few wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from mentoring.actions.roster_imports import start_import
from mentoring.celery import app
from mentoring.enums import JobStatus
from mentoring.jobs import advisory_lock
from mentoring.models import Organization, RosterImport
from mentoring.rules import NotAllowed
from tests.cast import Cast, make_cast
from tests.together import at_once

ROSTER = b"Employee ID,Name\nE70,Ana Ruiz\n"


def upload(cast: Cast, content: bytes = ROSTER) -> int | str:
    """The import's id, or why there is none."""
    try:
        with cast.scope():
            return start_import(name="x.csv", content=content, organization=cast.organization, by=cast.by).pk
    except NotAllowed as refusal:
        return str(refusal)


@contextmanager
def held_elsewhere(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another worker, on a connection of its own, works on an import of this organization."""
    other = connection.copy()
    try:
        with monkeypatch.context() as there:
            there.setattr("mentoring.jobs.connection", other)
            with advisory_lock(Organization, organization.pk) as free:
                assert free
                there.undo()
                yield
                there.setattr("mentoring.jobs.connection", other)
    finally:
        other.close()


def test_import_waits_while_another_of_its_organization_is_worked_on(
    northwind: Cast, fabrikam: Cast, sent_tasks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.loader.import_default_modules()
    mine, theirs = upload(northwind), upload(fabrikam)
    task = app.tasks[RosterImport.TASK]
    with held_elsewhere(northwind.organization, monkeypatch):
        task(northwind.organization.pk, mine)
        assert sent_tasks == [(RosterImport.TASK, (northwind.organization.pk, mine))]
        with northwind.scope():
            assert RosterImport.objects.get(pk=mine).status == JobStatus.QUEUED
        task(fabrikam.organization.pk, theirs)
        with fabrikam.scope():
            assert RosterImport.objects.get(pk=theirs).status == JobStatus.DONE
    task(northwind.organization.pk, mine)
    with northwind.scope():
        assert RosterImport.objects.get(pk=mine).status == JobStatus.DONE


@pytest.mark.django_db(transaction=True)
def test_uploads_at_the_same_moment_count_each_other(sent_tasks: list[Any]) -> None:
    northwind = make_cast("northwind", "Northwind")
    twice = at_once(lambda: upload(northwind), lambda: upload(northwind))
    assert twice[0] == twice[1]
    files = [ROSTER + b"\n" * number for number in range(1, 5)]
    answers = at_once(*(lambda file=file: upload(northwind, file) for file in files))  # type: ignore[misc]
    assert sorted(isinstance(answer, int) for answer in answers) == [False, False, True, True]
