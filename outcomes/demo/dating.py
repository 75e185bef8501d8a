"""The past of the demo's audit log. The application cannot choose when something happened, so the table's
owner opens a door while an organization is told, and closes it afterwards: no other database ever has it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from mentoring.actions.audit import SEALED_AT_ONCE, seal_events
from mentoring.models import Organization
from mentoring.settings import database
from mentoring.tenancy.scoping import current_organization_id, organization_scope

OPEN = """
CREATE OR REPLACE FUNCTION demo_date_audit(organization bigint, since bigint, moment timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.mentoring_auditevent SET at = moment
    WHERE organization_id = organization AND id > since AND number IS NULL
$$
"""
CLOSE = "DROP FUNCTION IF EXISTS demo_date_audit(bigint, bigint, timestamptz)"


@contextmanager
def backdating() -> Iterator[None]:
    _as_owner(OPEN)
    try:
        yield
    finally:
        _as_owner(CLOSE)


def date_events(since: int, moment: datetime) -> None:
    """Everything that was recorded after this row happened at `moment`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT demo_date_audit(%s, %s, %s)", [current_organization_id(), since, moment])


def dated(make: Callable[[datetime], Organization]) -> Callable[[datetime], Organization]:
    """`make` may date what it records; afterwards its audit log is sealed."""

    @wraps(make)
    def made(now: datetime) -> Organization:
        with backdating():
            organization = make(now)
        with organization_scope(organization):
            while seal_events() == SEALED_AT_ONCE:
                pass
        return organization

    return made


def _as_owner(statement: str) -> None:
    owner: Any = database(settings.OWNER_DATABASE_URL)
    parts = {
        "host": owner["HOST"],
        "port": owner["PORT"],
        "user": owner["USER"],
        "password": owner["PASSWORD"],
        "dbname": connection.settings_dict["NAME"],
    }
    with psycopg.connect(**{name: part for name, part in parts.items() if part}, autocommit=True) as opened:
        opened.execute(statement.encode())
