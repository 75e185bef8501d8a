"""PostgreSQL keeps the audit log from the application itself."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from mentoring.actions import audit
from mentoring.actions.organizations import create_organization
from mentoring.actions.users import forget_sign_up
from mentoring.models import AuditEvent, Membership, User
from mentoring.tenancy.scoping import organization_scope
from outcomes.demo.dating import backdating, date_events
from tests.cast import Cast
from tests.owner import as_owner

UPSERT = """
INSERT INTO mentoring_auditevent (id, organization_id, action, by, object_type, object_label, data)
SELECT id, organization_id, 'x', by, object_type, object_label, data FROM mentoring_auditevent
ON CONFLICT (id) DO UPDATE SET action = 'x'
"""
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def recorded(cast: Cast, number: int = 1) -> list[AuditEvent]:
    with cast.scope():
        return [audit.record("thing.done", cast.program, by=cast.by, number=one) for one in range(number)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mentoring_auditevent SET action = 'x'",
        "UPDATE mentoring_auditevent SET at = '2001-01-01'",
        "UPDATE mentoring_auditevent SET number = 7, hash = ''",
        "DELETE FROM mentoring_auditevent",
        "ALTER TABLE mentoring_auditevent DISABLE TRIGGER ALL",
        "DROP TABLE mentoring_auditevent",
        "SET session_replication_role = replica",
        UPSERT,
    ],
)
def test_application_changes_nothing(northwind: Cast, statement: str) -> None:
    (event,) = recorded(northwind)
    with pytest.raises(ProgrammingError), transaction.atomic(), northwind.scope():
        connection.cursor().execute(statement)
    with northwind.scope():
        kept = AuditEvent.objects.get(pk=event.pk)
    assert (kept.action, kept.at, kept.number) == ("thing.done", event.at, None)


def test_orm_changes_nothing(northwind: Cast) -> None:
    (event,) = recorded(northwind)
    for change in (event.delete, event.save, lambda: AuditEvent.objects.all().delete()):
        with pytest.raises(ProgrammingError), transaction.atomic(), northwind.scope():
            change()


def test_application_does_not_empty_the_table(northwind: Cast) -> None:
    """The tests' role may empty tables between tests; production's trigger is on for a moment."""
    with as_owner() as owner:
        owner.execute("ALTER TABLE mentoring_auditevent ENABLE TRIGGER audit_never_emptied")
        try:
            with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
                connection.cursor().execute("TRUNCATE mentoring_auditevent CASCADE")
        finally:
            owner.execute("ALTER TABLE mentoring_auditevent DISABLE TRIGGER audit_never_emptied")


def test_rights_are_not_there_in_the_first_place(northwind: Cast) -> None:
    """Apart from the tests' own TRUNCATE, which conftest.py grants."""
    rights = ["SELECT", "INSERT", "UPDATE", "DELETE"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT role, array_agg(has_table_privilege(role, 'mentoring_auditevent', r) ORDER BY place) "
            "FROM unnest(ARRAY['upward_app', 'upward_system']) AS role, "
            "unnest(%s::text[]) WITH ORDINALITY AS wanted (r, place) GROUP BY role ORDER BY role",
            [rights],
        )
        assert cursor.fetchall() == [
            ("upward_app", [True, True, False, False]),
            ("upward_system", [True, True, False, False]),
        ]


def test_triggers_hold_where_the_rights_came_back(northwind: Cast) -> None:
    """As after a restore: new tables get the rights that roles.sql gives."""
    (event,) = recorded(northwind)
    with as_owner() as owner:
        owner.execute("GRANT UPDATE, DELETE ON mentoring_auditevent TO upward_app")
        try:
            for statement in ("UPDATE mentoring_auditevent SET by = 'x'", "DELETE FROM mentoring_auditevent"):
                with (
                    pytest.raises(ProgrammingError, match="append-only"),
                    transaction.atomic(),
                    northwind.scope(),
                ):
                    connection.cursor().execute(statement)
        finally:
            owner.execute("REVOKE UPDATE, DELETE ON mentoring_auditevent FROM upward_app")
    with northwind.scope():
        assert AuditEvent.objects.get(pk=event.pk).by == event.by


def test_time_is_the_servers(northwind: Cast) -> None:
    with northwind.scope():
        event = AuditEvent.objects.create(
            at=LONG_AGO, number=5, hash=b"x", action="x", by="x", object_type="x", object_label="x"
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (server,) = cursor.fetchone()
        event.refresh_from_db()
    assert timedelta(0) <= server - event.at < timedelta(hours=1)
    assert (event.number, event.hash) == (None, None)


def test_temporary_table_does_not_pretend_to_be_the_catalog(northwind: Cast) -> None:
    """The trigger asks who owns the table. Whoever could answer for it would be let through."""
    (event,) = recorded(northwind)
    with as_owner() as owner:
        owner.execute("GRANT UPDATE ON mentoring_auditevent TO upward_app")
        try:
            with northwind.scope(), connection.cursor() as cursor:
                cursor.execute("CREATE TEMP TABLE pg_class AS SELECT * FROM pg_catalog.pg_class")
                cursor.execute("UPDATE pg_temp.pg_class SET relowner = current_user::regrole")
                with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
                    cursor.execute("UPDATE mentoring_auditevent SET by = 'x' WHERE id = %s", [event.pk])
                cursor.execute("DROP TABLE pg_temp.pg_class")
        finally:
            owner.execute("REVOKE UPDATE ON mentoring_auditevent FROM upward_app")


def test_door_of_the_demo_is_closed_afterwards(northwind: Cast) -> None:
    (event,) = recorded(northwind)
    with northwind.scope(), backdating():
        date_events(event.pk - 1, LONG_AGO)
    with northwind.scope():
        assert AuditEvent.objects.get(pk=event.pk).at == LONG_AGO
    with pytest.raises(ProgrammingError, match="does not exist"), transaction.atomic(), northwind.scope():
        date_events(event.pk - 1, LONG_AGO)


def test_deleted_user_stays_in_the_log(northwind: Cast) -> None:
    user = User.objects.create_user("once@northwind.example", name="Once")
    with northwind.scope():
        Membership.objects.create(user=user, role="admin", invited_email=user.email)
        event = audit.record("thing.done", northwind.program, by=northwind.by.of_user(user))
        Membership.objects.filter(user=user).delete()
    gone = user.pk
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM mentoring_user WHERE id = %s", [user.pk])
    with northwind.scope():
        kept = AuditEvent.objects.get(pk=event.pk)
    assert (kept.user_id, kept.by) == (gone, "once@northwind.example")


def test_log_goes_with_its_organization(northwind: Cast) -> None:
    """A sign-up that nobody confirmed is forgotten as a whole, by the application."""
    recorded(northwind)
    owner = User.objects.create_user("typo@contoso.example", name="Typo")
    contoso = create_organization(name="Contoso", slug="contoso", owner=owner).pk
    with organization_scope(contoso):
        assert AuditEvent.objects.count() == 1
    assert forget_sign_up(owner) is True
    with organization_scope(contoso):
        assert AuditEvent.objects.count() == 0
    with northwind.scope():
        assert AuditEvent.objects.count() == 1


def test_owner_may_erase(northwind: Cast) -> None:
    with as_owner() as owner, pytest.raises(psycopg.errors.RaiseException):
        owner.execute("DO $$ BEGIN DELETE FROM mentoring_auditevent; RAISE EXCEPTION 'back'; END $$")
