"""The test database, as in production: migrated by its owner, used by a role that row security holds."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from mentoring.settings import database

pytest_plugins = ["tests.cast", "tests.workers"]
TEST_DATABASE = "test_upward"


def _administer(*statements: str) -> None:
    owner = database(settings.OWNER_DATABASE_URL)
    where = {"host": owner["HOST"] or None, "port": owner["PORT"] or None, "user": owner["USER"]}
    if owner["PASSWORD"]:
        where["password"] = owner["PASSWORD"]
    with psycopg.connect(dbname="template1", autocommit=True, **where) as admin:  # type: ignore[arg-type]
        for statement in statements:
            admin.execute(statement)  # type: ignore[call-overload]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    _administer(f"DROP DATABASE IF EXISTS {TEST_DATABASE} WITH (FORCE)", f"CREATE DATABASE {TEST_DATABASE}")
    with django_db_blocker.unblock():
        application = dict(connection.settings_dict)
        connection.settings_dict["NAME"] = TEST_DATABASE
        call_command("migrate", verbosity=0, interactive=False)
        with connection.cursor() as cursor:  # TransactionTestCase empties tables between tests
            cursor.execute("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO upward_app")
        connection.close()
        connection.settings_dict.update(application | {"NAME": TEST_DATABASE})
    yield
    with django_db_blocker.unblock():
        connection.close()
    _administer(f"DROP DATABASE IF EXISTS {TEST_DATABASE} WITH (FORCE)")


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    from django.core.cache import cache

    cache.clear()
    yield
