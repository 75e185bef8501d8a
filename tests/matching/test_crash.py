"""A worker killed in the middle of a run: a real Celery worker, a real broker, SIGKILL."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from matching.actions.runs import start_run
from matching.models import MatchRun, Proposal
from mentoring import processes
from mentoring.celery import app
from mentoring.enums import JobStatus
from mentoring.jobs import sweep_jobs
from programs.enums import PairRole
from tests.cast import Cast, make_cast
from tests.matching.making import Someone, make_cohort, solved
from tests.running import PATIENCE
from tests.workers import broker_url

ROOT = Path(__file__).resolve().parents[2]
BROKER = broker_url(3)
# Holds the worker in the middle of a run until its gate is opened, or for good.
SLOW = """
import os, pathlib, time
from matching.actions import solve
gate = pathlib.Path(os.environ["GATE"])
real = solve.faults
def faults(*arguments):
    gate.with_suffix(".reached").touch()
    while not gate.exists():
        time.sleep(0.02)
    return real(*arguments)
solve.faults = faults
from mentoring.celery import app
app.worker_main(["worker", "--pool=solo", "--without-mingle", "--without-gossip", "--loglevel=warning"])
"""


def until(condition: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.05)


def deliver(sent: list[tuple[str, tuple[Any, ...]]]) -> None:
    """Put what was enqueued into the workers' broker."""
    with app.connection_for_write(BROKER) as broker:
        while sent:
            name, arguments = sent.pop(0)
            app.send_task(name, args=arguments, connection=broker)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Callable[[], processes.Child]]:
    name = connection.settings_dict["NAME"]
    started: list[processes.Child] = []
    environment = os.environ | {
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl(),
        "REDIS_URL": BROKER,
        "CACHE_PREFIX": "crash",
        "DJANGO_SETTINGS_MODULE": "mentoring.settings",
        "GATE": str(tmp_path / "gate"),
    }
    boot = f"import django; django.setup()\n{SLOW}"

    def start() -> processes.Child:
        number = len(started) + 1
        child = processes.start(
            f"worker {number}",
            [sys.executable, "-c", boot],
            log=tmp_path / f"worker{number}.log",
            environment=environment,
            cwd=ROOT,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.stop(signal.SIGTERM, patience=3)
        child.kill_session()


@pytest.mark.django_db(transaction=True)
def test_worker_killed_in_the_middle_leaves_one_whole_run(
    tmp_path: Path, worker: Callable[[], processes.Child], sent_tasks: list[tuple[str, tuple[Any, ...]]]
) -> None:
    cast: Cast = make_cast("northwind", "Northwind")
    skills = ("ai_tools", "automation", "social_media", "inclusion")
    with cast.scope():
        cohort = make_cohort(
            cast,
            [Someone(f"Mentor {n}", (skills[n % 4],)) for n in range(8)],
            [Someone(f"Mentee {n}", (skills[(n * 3) % 4],)) for n in range(8)],
        )
    expected = solved(cast, cohort)
    sent_tasks.clear()
    first = worker()
    with cast.scope():
        run = start_run(cohort=cohort, by=cast.by)
    deliver(sent_tasks)
    until((tmp_path / "gate.reached").exists, "the first worker to be in the middle of the run")
    os.kill(first.process.pid, signal.SIGKILL)
    until(lambda: not first.alive, "the first worker's end")
    with cast.scope():
        assert MatchRun.objects.get(pk=run.pk).status == JobStatus.RUNNING
        assert Proposal.objects.filter(run=run).count() == 0
    (tmp_path / "gate").touch()
    worker()
    later = timezone.now() + timedelta(minutes=5)

    def swept() -> int:
        with cast.scope():
            return sweep_jobs(now=later)

    until(swept, "the dead worker's lock to be free")
    deliver(sent_tasks)

    def status() -> str:
        with cast.scope():
            return str(MatchRun.objects.get(pk=run.pk).status)

    until(lambda: status() == JobStatus.DONE, "the second worker")
    with cast.scope():
        again = MatchRun.objects.get(pk=run.pk)
        assert (again.attempts, again.input_hash, paired_numbers(again)) == (
            2,
            expected.input_hash,
            paired_numbers(expected),
        )
        assert again.proposals.count() == 8
        assert {one.mentor.role for one in again.proposals.select_related("mentor")} == {PairRole.MENTOR}


def paired_numbers(run: MatchRun) -> list[tuple[int, int]]:
    return sorted(run.proposals.values_list("mentor_id", "mentee_id"))
