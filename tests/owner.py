"""The database's owner, who may do what the application may not. Sees what is committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from mentoring.settings import database


@contextmanager
def as_owner() -> Iterator[Any]:
    owner: Any = database(settings.OWNER_DATABASE_URL)
    parts = {
        "host": owner["HOST"],
        "port": owner["PORT"],
        "user": owner["USER"],
        "password": owner["PASSWORD"],
        "dbname": connection.settings_dict["NAME"],
    }
    with psycopg.connect(**{name: part for name, part in parts.items() if part}, autocommit=True) as opened:
        yield opened
