"""Lock one: no query on a tenant's table without an organization, and none that leaves it.

`organization_scope` also turns the key of lock two (`mentoring.tenancy.isolation`): PostgreSQL's
transaction-local setting `app.organization_id`, which every row security policy compares with.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connection, models, transaction


class OutsideScope(RuntimeError):
    """A tenant's table was used where no organization is open."""


class OtherOrganization(RuntimeError):
    """A row of one organization was to be saved, or a scope opened, inside another one's scope."""


_CROSSING = -1
_scope: ContextVar[int | None] = ContextVar("organization_scope", default=None)


def current_organization_id() -> int:
    organization_id = _scope.get()
    if organization_id is None or organization_id == _CROSSING:
        raise OutsideScope("No organization is open here: use organization_scope(organization).")
    return organization_id


def _set_local(name: str, value: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, "" if value is None else str(value)])


@contextmanager
def organization_scope(organization: Any) -> Iterator[None]:
    """Open a transaction in which only this organization's rows exist, for Python and for PostgreSQL.

    Opening the same organization again nests (a savepoint); opening another one raises, because a
    function that works for two tenants at once is a leak waiting to happen.
    """
    organization_id: int = getattr(organization, "pk", organization)
    outer = _scope.get()
    if outer is not None and outer not in (organization_id, _CROSSING):
        raise OtherOrganization(
            f"Organization {outer} is open, {organization_id} cannot be opened inside it."
        )
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outer != organization_id:
            _set_local("app.organization_id", organization_id)
        token = _scope.set(organization_id)
        try:
            yield
        finally:
            _scope.reset(token)
        # A transaction-local setting survives the release of a savepoint; a rollback undoes it.
        if not outermost and outer != organization_id:
            _set_local("app.organization_id", None)


@contextmanager
def across_organizations(*, reason: str, user_id: int | None = None) -> Iterator[None]:
    """Lift lock one only. PostgreSQL still hides every tenant's rows, except those a user may always
    read about themselves (`Isolate(own_rows=...)`: their memberships). Callers are listed in a test."""
    assert reason
    with transaction.atomic():
        _set_local("app.user_id", user_id)
        token = _scope.set(_CROSSING)
        try:
            yield
        finally:
            _scope.reset(token)
        _set_local("app.user_id", None)


T = TypeVar("T", bound=models.Model)


class ScopedQuerySet(models.QuerySet[T]):
    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[T]:
        objs = list(objs)
        for instance in objs:
            instance.enter_scope()
        return super().bulk_create(objs, *args, **kwargs)


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    use_in_migrations = False

    def get_queryset(self) -> ScopedQuerySet[Any]:
        organization_id = _scope.get()
        if organization_id is None:
            raise OutsideScope(f"{self.model.__name__}: open organization_scope(organization) first.")
        queryset = super().get_queryset()
        return queryset if organization_id == _CROSSING else queryset.filter(organization_id=organization_id)


class OrganizationScoped(models.Model):
    """A row that belongs to one organization. See the two locks in DESIGN: this is the first."""

    organization = models.ForeignKey(
        "mentoring.Organization", on_delete=models.CASCADE, related_name="+", editable=False, db_index=False
    )

    objects = ScopedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.enter_scope()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.enter_scope()
        return super().delete(*args, **kwargs)

    def enter_scope(self) -> None:
        organization_id = current_organization_id()
        if self.organization_id is None:
            self.organization_id = organization_id
        elif self.organization_id != organization_id:
            raise OtherOrganization(f"{type(self).__name__} belongs to organization {self.organization_id}.")


def scoped_models() -> list[type[OrganizationScoped]]:
    from django.apps import apps

    return [model for model in apps.get_models() if issubclass(model, OrganizationScoped)]
