"""Both locks, for every scoped model. The rows of Fabrikam are what could leak."""

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.utils import ProgrammingError

from mentoring.models import Person
from mentoring.tenancy.isolation import composite_name, scoped_foreign_keys
from mentoring.tenancy.scoping import (
    OtherOrganization,
    OutsideScope,
    organization_scope,
    scoped_models,
)
from tests.cast import Cast

every_scoped_model = pytest.mark.parametrize("model", scoped_models(), ids=lambda model: model._meta.label)


def fetch(sql: str, *params: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def test_role_is_held_by_row_security(db: None) -> None:
    assert fetch(
        "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ) == [("upward_app", False, False)]


@every_scoped_model
def test_table_has_forced_row_security_and_policy(model: type[models.Model], db: None) -> None:
    table = model._meta.db_table
    assert fetch("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", table) == [
        (True, True)
    ]
    policies = fetch(
        "SELECT policyname, cmd, qual LIKE '%%organization_id%%' FROM pg_policies WHERE tablename = %s", table
    )
    assert ("by_organization", "ALL", True) in policies


@every_scoped_model
def test_foreign_keys_hold_the_organization(model: type[models.Model], db: None) -> None:
    expected = {composite_name(model._meta.db_table, field.column) for field in scoped_foreign_keys(model)}
    found = fetch(
        "SELECT conname FROM pg_constraint "
        "WHERE conrelid = %s::regclass AND contype = 'f' AND array_length(conkey, 1) = 2",
        f'"{model._meta.db_table}"',
    )
    assert {name for (name,) in found} == expected


@every_scoped_model
def test_manager_raises_outside_a_scope(model: type[models.Model], db: None) -> None:
    with pytest.raises(OutsideScope):
        model._default_manager.all()
    with pytest.raises(OutsideScope):
        model._base_manager.all()


def test_raw_sql_sees_one_organization(northwind: Cast, fabrikam: Cast) -> None:
    with organization_scope(northwind.organization):
        seen = fetch("SELECT DISTINCT organization_id FROM mentoring_person")
        count = fetch("SELECT count(*) FROM mentoring_person WHERE email LIKE '%%fabrikam%%'")
    assert seen == [(northwind.organization.pk,)]
    assert count == [(0,)]
    assert fetch("SELECT count(*) FROM mentoring_person") == [(0,)]


def test_other_organizations_row_is_invisible(northwind: Cast, fabrikam: Cast) -> None:
    with organization_scope(northwind.organization):
        assert Person.objects.filter(pk=fabrikam.people["mentor"].pk).count() == 0
        with pytest.raises(OtherOrganization):
            fabrikam.people["mentor"].save()
        with pytest.raises(OtherOrganization):
            Person.objects.bulk_create([Person(organization=fabrikam.organization, email="x@x.example")])


def test_cross_tenant_foreign_key_is_rejected(northwind: Cast, fabrikam: Cast) -> None:
    def point_into_fabrikam() -> None:
        spare, boss = northwind.people["spare"], fabrikam.people["boss"]
        with organization_scope(northwind.organization), connection.cursor() as cursor:
            Person.objects.filter(pk=spare.pk).update(manager_id=boss.pk)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError), transaction.atomic():
        point_into_fabrikam()


def test_writing_another_organizations_id_is_rejected(northwind: Cast, fabrikam: Cast) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic(), northwind.scope():
        Person.objects.update(organization=fabrikam.organization)


def test_scope_of_another_organization_cannot_be_opened_inside(northwind: Cast, fabrikam: Cast) -> None:
    with northwind.scope(), pytest.raises(OtherOrganization), fabrikam.scope():
        pass


def test_scope_ends_inside_an_outer_transaction(northwind: Cast) -> None:
    with northwind.scope():
        pass
    assert fetch("SELECT coalesce(current_setting('app.organization_id', true), '')") == [("",)]
