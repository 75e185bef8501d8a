"""A real worker, killed in the middle of a job."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from mentoring import jobs
from mentoring.actions.roster_imports import start_import
from mentoring.enums import JobStatus
from mentoring.models import RosterImport, StoredFile
from tests.cast import make_cast
from tests.conftest import TEST_DATABASE
from tests.exchange.workbooks import HEADINGS, PERSON, sheet_of, workbook
from tests.jobs.slow import TASK
from tests.running import PATIENCE, readers_below, soon
from tests.workers import sweep_once_free


def start_worker(log: Path, **environment: str) -> subprocess.Popen[bytes]:
    place, _, query = os.environ["DATABASE_URL"].partition("?")
    url = f"{place.rpartition('/')[0]}/{TEST_DATABASE}?{query}"
    command = [sys.executable, "-m", "celery", "-A", "mentoring", "worker", "--include", "tests.jobs.slow"]
    with log.open("ab") as output:
        return subprocess.Popen(
            [*command, "--concurrency=1", "--without-mingle", "--without-gossip", "--loglevel=INFO"],
            env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "mentoring.settings"}
            | environment,
            cwd=settings.BASE_DIR,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait_for(done: Callable[[], bool], worker: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not done():
        assert worker.poll() is None, log.read_text()[-3000:]
        assert time.monotonic() < until, log.read_text()[-3000:]
        time.sleep(0.1)


@pytest.mark.django_db(transaction=True)
def test_job_of_a_killed_worker_runs_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    northwind = make_cast("northwind", "Northwind")
    monkeypatch.setattr(RosterImport, "TASK", TASK)
    ran, log = tmp_path / "ran", tmp_path / "worker.log"
    ran.touch()
    with northwind.scope():
        file = StoredFile.objects.create(name="x.csv", content=b"", content_type="", size=0, sha256="")
        job = RosterImport(file=file, options={"log": str(ran)})
        jobs.queue_job(job)

    def status() -> str:
        with northwind.scope():
            return RosterImport.objects.get(pk=job.pk).status

    worker = start_worker(log)
    try:
        wait_for(lambda: ran.read_text() != "", worker, log)
        assert status() == JobStatus.RUNNING
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    with northwind.scope():
        assert sweep_once_free(timezone.now() + timedelta(minutes=1)) == 1
    worker = start_worker(log)
    try:
        wait_for(lambda: status() == JobStatus.DONE, worker, log)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    attempts = [line.split()[0] for line in ran.read_text().splitlines()]
    assert attempts == ["1", "2"]


@pytest.mark.django_db(transaction=True)
def test_import_of_a_worker_killed_while_it_looks_at_the_file(tmp_path: Path) -> None:
    """The process that reads ends with the worker, the sweep has the file looked at again, and nothing of the
    first time is left: no file, no process, no row."""
    northwind, log, scratch = (
        make_cast("northwind", "Northwind"),
        tmp_path / "worker.log",
        tmp_path / "scratch",
    )
    scratch.mkdir()
    seconds_of_work = '<row r="3">' + "<c/>" * 15_000_000 + "</row>"
    content = workbook(sheet_of(HEADINGS + PERSON + seconds_of_work))
    with northwind.scope():
        pk = start_import(
            name="x.xlsx", content=content, organization=northwind.organization, by=northwind.by
        ).pk

    def look() -> RosterImport:
        with northwind.scope():
            return RosterImport.objects.get(pk=pk)

    worker = start_worker(log, TMPDIR=str(scratch))
    try:
        wait_for(lambda: readers_below(worker.pid), worker, log)
        reader = readers_below(worker.pid)[0]
        assert look().status == JobStatus.RUNNING
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    assert soon(lambda: not Path(f"/proc/{reader}").exists())
    assert look().status == JobStatus.RUNNING
    with northwind.scope():
        assert sweep_once_free(timezone.now() + timedelta(minutes=1)) == 1
    worker = start_worker(log, TMPDIR=str(scratch))
    try:
        wait_for(lambda: look().status == JobStatus.DONE, worker, log)
        assert readers_below(worker.pid) == []
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    found = look()
    assert (found.phase, found.report["headers"], found.attempts) == ("map", ["ID", "Name"], 2)
    with northwind.scope():
        assert (RosterImport.objects.count(), StoredFile.objects.count()) == (1, 1)
    assert [path.name for path in scratch.iterdir() if path.is_file()] == []
