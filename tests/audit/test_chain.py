"""The chain of hashes: what it finds, and what `manage.py check_audit` says of it."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from mentoring.actions import audit
from mentoring.models import AuditEvent
from mentoring.queries import audit_chain
from mentoring.tenancy.scoping import organization_scope
from tests.cast import Cast
from tests.owner import as_owner
from tests.running import PATIENCE
from tests.together import at_once


def record(cast: Cast, number: int = 1) -> list[int]:
    with cast.scope():
        return [audit.record("thing.done", cast.program, by=cast.by, number=one).pk for one in range(number)]


def sealed(cast: Cast, number: int) -> list[int]:
    pks = record(cast, number)
    with cast.scope():
        assert audit.seal_events() == number
    return pks


def fault_of(cast: Cast, *anchors: audit_chain.Head) -> str:
    with cast.scope():
        return audit_chain.check_chain(list(anchors)).fault


@pytest.fixture
def two(transactional_db: None, northwind: Cast, fabrikam: Cast) -> tuple[Cast, Cast]:
    """Committed, so that the owner's connection sees it."""
    return northwind, fabrikam


def test_chain_of_an_untouched_log_is_whole(northwind: Cast, fabrikam: Cast) -> None:
    sealed(northwind, 3)
    sealed(fabrikam, 2)
    record(northwind, 1)
    with northwind.scope():
        chain = audit_chain.check_chain([])
        numbers = list(AuditEvent.objects.order_by("id").values_list("number", flat=True))
    assert (chain.rows, chain.fault, chain.waiting, chain.late) == (3, "", 1, 0)
    assert numbers == [1, 2, 3, None]
    with northwind.scope():
        assert (audit.seal_events(), audit.seal_events()) == (1, 0)
        again = audit_chain.check_chain([chain.head])
    assert (again.rows, again.fault, again.waiting) == (4, "", 0)


def test_chain_takes_odd_texts_and_numbers(northwind: Cast) -> None:
    odd = {
        "name": "Zoë “\\u0041” \n\t",
        "score": 1.10,
        "big": 10**30,
        "none": None,
        "list": [[], {"é": "🙂"}],
    }
    with northwind.scope():
        audit.record("thing.done", northwind.program, by=northwind.by, label="“O'Neill” \\ \t", **odd)
        audit.seal_events()
        assert audit_chain.check_chain([]).fault == ""


def test_empty_log_is_whole(northwind: Cast) -> None:
    with northwind.scope():
        chain = audit_chain.check_chain([])
    assert (chain.rows, chain.fault, chain.head.hash) == (0, "", "")


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_chain_is_read_in_batches(northwind: Cast, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed(northwind, 5)
    monkeypatch.setattr(audit_chain, "BATCH", batch)
    with northwind.scope():
        assert audit_chain.check_chain([]).rows == 5


COLUMNS = {
    "at": "at + interval '1 second'",
    "action": "'thing.undone'",
    "user_id": "user_id + 1",
    "by": "'somebody@else.example'",
    "object_type": "'x'",
    "object_id": "object_id + 1",
    "object_label": "'x'",
    "data": """'{"number": -1}'""",
    "number": "number + 100",
    "hash": "sha256('x')",
}


def test_changed_column_is_found(two: tuple[Cast, Cast]) -> None:
    """Whatever a database superuser changes in a sealed row, the first such row is named."""
    northwind, fabrikam = two
    pks = sealed(northwind, len(COLUMNS))
    sealed(fabrikam, 2)
    for place, (column, value) in reversed(list(enumerate(COLUMNS.items(), start=1))):
        pk = pks[place - 1]
        with as_owner() as owner:
            owner.execute(f'UPDATE mentoring_auditevent SET "{column}" = {value} WHERE id = %s', [pk])
        said = "was taken out" if column == "number" else f"(id {pk}) was changed, or put in"
        assert fault_of(northwind) == f"row {place} {said}"
    assert fault_of(fabrikam) == ""


def test_every_column_is_in_the_chain() -> None:
    assert {field.column for field in AuditEvent._meta.local_fields} == {*COLUMNS, "id", "organization_id"}


def test_row_that_was_taken_out_is_found(two: tuple[Cast, Cast]) -> None:
    """The last one only by what was noted outside."""
    northwind, _fabrikam = two
    pks = sealed(northwind, 4)
    with northwind.scope():
        head = audit_chain.check_chain([]).head
    cut = "row 4 and what followed, up to 4, was cut off"
    for gone, fault in ((3, ""), (1, "row 2 was taken out"), (0, "row 1 was taken out")):
        with as_owner() as owner:
            owner.execute("DELETE FROM mentoring_auditevent WHERE id = %s", [pks[gone]])
        assert fault_of(northwind) == fault
        assert fault_of(northwind, head) == (fault or cut)


def test_chain_written_anew_is_found_by_a_noted_head(two: tuple[Cast, Cast]) -> None:
    northwind, _fabrikam = two
    pks = sealed(northwind, 4)
    with northwind.scope():
        head = audit_chain.check_chain([]).head
    with as_owner() as owner:
        owner.execute("DELETE FROM mentoring_auditevent WHERE id = %s", [pks[1]])
        owner.execute("UPDATE mentoring_auditevent SET number = NULL, hash = NULL")
    record(northwind, 1)
    with northwind.scope():
        assert audit.seal_events() == 4
    assert fault_of(northwind) == ""
    assert fault_of(northwind, head).endswith("is not the one that was noted: the chain was written anew")


def test_two_transactions_do_not_wait_for_each_other_nor_fork_the_chain(two: tuple[Cast, Cast]) -> None:
    """One holds a row and an audit row uncommitted, while another one records, commits and is sealed."""
    northwind, _fabrikam = two
    organization = northwind.organization.pk

    def while_open(work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(PATIENCE)
        assert not thread.is_alive()

    def other() -> None:
        try:
            record(northwind, 2)
            with organization_scope(organization):
                audit.seal_events()
        finally:
            connection.close()

    with northwind.scope():
        early = audit.record("thing.begun", northwind.program, by=northwind.by)
        while_open(other)
    with northwind.scope():
        audit.seal_events()
        order = list(AuditEvent.objects.order_by("number").values_list("action", flat=True))
        assert AuditEvent.objects.get(pk=early.pk).number == 3
    assert order == ["thing.done", "thing.done", "thing.begun"]
    assert fault_of(northwind) == ""


def test_sealing_at_once_makes_one_chain(two: tuple[Cast, Cast]) -> None:
    northwind, _fabrikam = two
    record(northwind, 40)

    def seal_and_record() -> int:
        with northwind.scope():
            done = audit.seal_events()
        record(northwind, 5)
        return done

    at_once(*[seal_and_record] * 4)
    with northwind.scope():
        audit.seal_events()
        chain = audit_chain.check_chain([])
    assert (chain.rows, chain.fault, chain.waiting) == (60, "", 0)


def test_command_says_what_it_saw(two: tuple[Cast, Cast], told: Any) -> None:
    northwind, fabrikam = two
    sealed(northwind, 3)
    sealed(fabrikam, 1)
    record(northwind, 2)
    with trigger_on():
        assert told() == [
            "northwind: 3 rows, whole; 2 newer ones wait for their seal",
            "fabrikam: 1 rows, whole; 0 newer ones wait for their seal",
        ]
        assert told("fabrikam") == ["fabrikam: 1 rows, whole; 0 newer ones wait for their seal"]
        with pytest.raises(CommandError, match="There is no organization"):
            told("nobody")


def test_command_holds_against_what_it_printed_before(
    two: tuple[Cast, Cast], told: Any, tmp_path: Path, capsys: Any
) -> None:
    northwind, fabrikam = two
    pks = sealed(northwind, 3)
    sealed(fabrikam, 1)
    with trigger_on():
        lines = told("--json")
        anchors = tmp_path / "anchors.jsonl"
        anchors.write_text("\n".join(lines))
        assert json.loads(lines[0])["number"] == 3
        told("--anchors", str(anchors))
        with as_owner() as owner:
            owner.execute("DELETE FROM mentoring_auditevent WHERE id = %s", [pks[2]])
        told()
        with pytest.raises(CommandError, match="not as it should be"):
            told("--anchors", str(anchors))
        with as_owner() as owner:
            owner.execute("DELETE FROM mentoring_auditevent WHERE id = %s", [pks[0]])
        with pytest.raises(CommandError, match="not as it should be"):
            told()
    anchors.write_text("nonsense")
    with pytest.raises(CommandError, match="cannot be read"):
        told("--anchors", str(anchors))


def test_command_finds_a_log_that_is_not_protected(northwind: Cast, told: Any) -> None:
    """As the tests run: they may empty tables."""
    with pytest.raises(CommandError, match="not as it should be"):
        told()
    assert audit_chain.weaknesses() == [
        "upward_app may TRUNCATE",
        "a trigger that refuses changes is missing or off",
    ]


@pytest.fixture
def told(capsys: Any) -> Callable[..., list[str]]:
    def tell(*arguments: str) -> list[str]:
        capsys.readouterr()
        call_command("check_audit", *arguments)
        return capsys.readouterr().out.splitlines()

    return tell


class trigger_on:
    """As in production, where no role may empty the table."""

    def __enter__(self) -> None:
        with as_owner() as owner:
            owner.execute("REVOKE TRUNCATE ON mentoring_auditevent FROM upward_app")
            owner.execute("ALTER TABLE mentoring_auditevent ENABLE TRIGGER audit_never_emptied")

    def __exit__(self, *error: object) -> None:
        with as_owner() as owner:
            owner.execute("GRANT TRUNCATE ON mentoring_auditevent TO upward_app")
            owner.execute("ALTER TABLE mentoring_auditevent DISABLE TRIGGER audit_never_emptied")
