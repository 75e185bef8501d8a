"""What somebody reads who gets hold of the database, or of a backup, and of the cache."""

import base64
import re
from typing import Any

from django.core.cache import cache
from django.db import connection

from tests.cast import Cast

COLUMNS = """
    SELECT table_name, string_agg(format('%%I', column_name), ', ') FROM information_schema.columns
    WHERE table_schema = 'public' AND (data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea')
        OR data_type = 'ARRAY')
    GROUP BY table_name ORDER BY table_name
"""
# As Django signs: what it says, when, and the signature.
TOKEN = re.compile(r"[\w-]{8,}:[\w-]{4,}:[\w-]{40,}")


def stored(*casts: Cast) -> str:
    """Every text in every table, as PostgreSQL has it, with these organizations' rows; every text in the
    cache, with its keys; and whatever of it is only encoded, decoded as well."""
    texts = _in_cache()
    for cast in casts:
        with cast.scope():
            texts |= _in_tables()
    return "\n".join(part for text in texts for part in _opened(text.replace("\r\n ", "")))


def _in_tables() -> set[str]:
    texts: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [])
        tables = cursor.fetchall()
        assert len(tables) > 50
        for table, columns in tables:
            cursor.execute(f'SELECT {columns} FROM "{table}"')
            texts |= {_text(value) for row in cursor.fetchall() for value in row if value}
    return texts


def _in_cache() -> set[str]:
    redis = cache._cache.get_client()  # type: ignore[attr-defined]
    keys = redis.keys("*")
    values = {_text(redis.get(key)) for key in keys if redis.type(key) == b"string"}
    return values | {_text(key) for key in keys}


def _text(value: Any) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)


def _opened(text: str) -> list[str]:
    found = [text]
    for part in re.findall(r"[\w-]{16,}", text):
        try:
            found.append(base64.urlsafe_b64decode(part + "==").decode("latin-1"))
        except ValueError:
            pass
    return found
