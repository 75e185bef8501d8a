"""A pytest plugin, loaded before Django's settings: starts PostgreSQL and Valkey of its own.

With DATABASE_URL, OWNER_DATABASE_URL, REDIS_URL and CACHE_URL set, those servers are used instead.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mentoring.embedded import Engines, remove

_engines: Engines | None = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: Any) -> Iterator[None]:
    global _engines
    os.environ["UPWARD_TESTING"] = "1"
    os.environ.setdefault("EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
    wanted = early_config.known_args_namespace
    if "DATABASE_URL" not in os.environ and not wanted.help and not wanted.version:
        _engines = Engines(Path(tempfile.mkdtemp(prefix="upward-tests-")), durable=False)
        _engines.start()
        os.environ.update(_engines.environment)
    return (yield)


def pytest_unconfigure() -> None:
    if _engines is not None:
        _engines.stop()
        remove(_engines.state_dir)
