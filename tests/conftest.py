"""The test database, as in production: migrated by its owner, used by a role that row security holds.

Each process of pytest-xdist has a database of its own on the same engines, and five of the sixteen
databases of a Valkey, so that there can be three such processes.
"""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as examples

from mentoring.settings import database

pytest_plugins = ["tests.cast", "tests.sharing", "tests.workers"]
# How long an example takes says something of the machine, not of the code.
examples.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("patient")
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
TEST_DATABASE = f"test_upward_{WORKER}"
if WORKER:
    os.environ["REDIS_URL"] = settings.REDIS_URL.replace("virtual_host=0", f"virtual_host={5 * WORKER}")
    os.environ["CACHE_URL"] = os.environ["CACHE_URL"].replace("db=1", f"db={5 * WORKER + 1}")
    settings.REDIS_URL = settings.CELERY_BROKER_URL = os.environ["REDIS_URL"]
    settings.CACHES["default"]["LOCATION"] = os.environ["CACHE_URL"]


def _administer(*statements: str) -> None:
    owner = database(settings.OWNER_DATABASE_URL)
    where = {"host": owner["HOST"] or None, "port": owner["PORT"] or None, "user": owner["USER"]}
    if owner["PASSWORD"]:
        where["password"] = owner["PASSWORD"]
    with psycopg.connect(dbname=owner["NAME"], autocommit=True, **where) as admin:  # type: ignore[arg-type]
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
    with django_db_blocker.unblock():  # the next run drops it: a session that ends now would still hold it
        connection.close()


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    cache.clear()
