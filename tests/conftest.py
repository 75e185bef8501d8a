"""The test database, as in production: migrated by its owner, used by a role that row security holds.

Each process of pytest-xdist has a database of its own on the same engines, and five of the sixteen
databases of a Valkey, so that there can be three such processes.
"""

import os
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as examples

from mentoring.settings import database

pytest_plugins = ["tests.cast", "tests.clock", "tests.sharing", "tests.workers"]
# How long an example takes says something of the machine, not of the code.
examples.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("patient")
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
TEST_DATABASE = f"test_upward_{WORKER}"
TEMPLATE_DATABASE = "test_upward_template"
RUN = re.sub(r"\W", "", os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid())))
if WORKER:
    os.environ["REDIS_URL"] = settings.REDIS_URL.replace("virtual_host=0", f"virtual_host={5 * WORKER}")
    os.environ["CACHE_URL"] = os.environ["CACHE_URL"].replace("db=1", f"db={5 * WORKER + 1}")
    settings.REDIS_URL = settings.CELERY_BROKER_URL = os.environ["REDIS_URL"]
    settings.CACHES["default"]["LOCATION"] = os.environ["CACHE_URL"]


def _as_owner() -> psycopg.Connection[Any]:
    owner = database(settings.OWNER_DATABASE_URL)
    where = {"host": owner["HOST"] or None, "port": owner["PORT"] or None, "user": owner["USER"]}
    if owner["PASSWORD"]:
        where["password"] = owner["PASSWORD"]
    return psycopg.connect(dbname=owner["NAME"], autocommit=True, **where)  # type: ignore[arg-type]


def _administer(*statements: str) -> None:
    with _as_owner() as admin:
        for statement in statements:
            admin.execute(statement)  # type: ignore[call-overload]


def _make_template() -> None:
    """The first process of a run makes it; the others wait for its lock, and find it."""
    with _as_owner() as admin:
        admin.execute("SELECT pg_advisory_lock(hashtext(%s))", [TEMPLATE_DATABASE])
        made = admin.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [TEMPLATE_DATABASE],
        ).fetchone()
        if made == (RUN,):
            return
        admin.execute(f"DROP DATABASE IF EXISTS {TEMPLATE_DATABASE} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {TEMPLATE_DATABASE}")
        application = dict(connection.settings_dict)
        connection.settings_dict["NAME"] = TEMPLATE_DATABASE
        call_command("migrate", verbosity=0, interactive=False)
        with connection.cursor() as cursor:  # tests that commit empty the tables afterwards
            cursor.execute("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO upward_app")
            cursor.execute("ALTER TABLE mentoring_auditevent DISABLE TRIGGER audit_never_emptied")
        connection.close()
        connection.settings_dict.update(application)
        admin.execute(f"COMMENT ON DATABASE {TEMPLATE_DATABASE} IS '{RUN}'")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Migrated once; each process takes a copy of that, which costs a fiftieth."""
    with django_db_blocker.unblock():
        _make_template()
        _administer(
            f"DROP DATABASE IF EXISTS {TEST_DATABASE} WITH (FORCE)",
            f"CREATE DATABASE {TEST_DATABASE} TEMPLATE {TEMPLATE_DATABASE} STRATEGY FILE_COPY",
        )
        connection.close()
        connection.settings_dict["NAME"] = TEST_DATABASE
    yield
    with django_db_blocker.unblock():  # the next run drops it: a session that ends now would still hold it
        connection.close()


KEPT_TABLES = ("django_migrations", "django_content_type", "auth_permission")
# A table that was emptied has no pages; one that was written to has, whatever row security shows of it.
WRITTEN_TABLES = """
    SELECT format('%%I', relname) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname <> ALL(%s) AND pg_relation_size(oid) > 0
"""


def _empty_tables(self: TransactionTestCase) -> None:
    """After a test that commits. Django's own way empties every table, and fills in content types anew."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN_TABLES, [list(KEPT_TABLES)])
        if tables := [name for (name,) in cursor.fetchall()]:
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    cache.clear()
