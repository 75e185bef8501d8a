"""Fixtures that do the worker's part inside a test: run what was enqueued, now, in this process."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from mentoring import jobs
from mentoring.celery import app
from tests.running import soon


def broker_url(number: int) -> str:
    """A broker of this test process that nobody else uses, 2 to 4; 0 is the settings' own, 1 its cache."""
    return re.sub(
        r"virtual_host=(\d+)", lambda own: f"virtual_host={int(own[1]) + number}", settings.REDIS_URL
    )


def sweep_once_free(now: datetime) -> int:
    """How many jobs a sweep sends again. PostgreSQL holds the lock of a process that was killed until it
    notices that the connection is gone, a moment later on a busy machine; the product sweeps again then."""
    swept: list[int] = []

    def sweep() -> bool:
        swept.append(jobs.sweep_jobs(now=now))
        return swept[-1] > 0

    soon(sweep)
    return swept[-1]


@pytest.fixture
def sent_tasks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...]]]:
    """Task calls that would have gone to the broker, in order."""
    sent: list[tuple[str, tuple[Any, ...]]] = []
    monkeypatch.setattr(
        jobs, "send", lambda name, args, expires=None, countdown=None: sent.append((name, args))
    )
    return sent


@pytest.fixture
def run_tasks(
    sent_tasks: list[tuple[str, tuple[Any, ...]]], django_capture_on_commit_callbacks: Any
) -> Callable[..., list[str]]:
    """`run_tasks(function, ...)`: call it, let its on-commit hooks fire, then work off every task they
    enqueued, and those that these enqueued, in this process. Answers the names of the tasks that ran."""
    app.loader.import_default_modules()

    def run(function: Callable[..., Any] | None = None, *args: Any, **kwargs: Any) -> list[str]:
        ran = []
        connection.run_on_commit.clear()  # what earlier calls enqueued has run; the test never commits
        with django_capture_on_commit_callbacks(execute=True):
            if function is not None:
                function(*args, **kwargs)
        while sent_tasks:
            name, arguments = sent_tasks.pop(0)
            ran.append(name)
            with django_capture_on_commit_callbacks(execute=True):
                app.tasks[name](*arguments)
        return ran

    return run
