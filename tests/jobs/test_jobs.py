"""Long work runs once, survives its worker and its broker, and can be stopped."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection
from django.utils import timezone

from mentoring import jobs
from mentoring.celery import app
from mentoring.enums import JobStatus
from mentoring.jobs import (
    check_cancelled,
    finish_job,
    queue_job,
    read_progress,
    report_progress,
    request_cancel,
    run_job,
)
from mentoring.models import Person, RosterImport, StoredFile
from mentoring.rules import NotAllowed
from tests.cast import Cast, make_cast
from tests.running import PATIENCE
from tests.together import at_once

TASK = "mentoring.run_roster_import"
Sent = list[tuple[str, tuple[Any, ...]]]


def test_every_job_and_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    wanted = [kind.model.TASK for kind in jobs.job_kinds]
    wanted += [entry["task"] for entry in app.conf.beat_schedule.values()]
    assert [name for name in wanted if name not in app.tasks] == []


def queued(cast: Cast, **fields: Any) -> RosterImport:
    with cast.scope():
        file = StoredFile.objects.create(name="x.csv", content=b"", content_type="", size=0, sha256="")
        job = RosterImport(file=file, **fields)
        queue_job(job)
    return job


def run(job: RosterImport, function: Any) -> RosterImport:
    run_job(RosterImport, function, job.organization_id, job.pk)
    return fresh(job)


def fresh(job: RosterImport) -> RosterImport:
    from mentoring.tenancy.scoping import organization_scope

    with organization_scope(job.organization_id):
        return RosterImport.objects.get(pk=job.pk)


def finish(cast: Cast) -> Any:
    def work(job: RosterImport) -> None:
        with cast.scope():
            finish_job(job, counts={"people": 3})

    return work


def test_run_marks_done_with_its_result(northwind: Cast, sent_tasks: Sent) -> None:
    job = run(queued(northwind), finish(northwind))
    assert (job.status, job.counts, job.attempts) == (JobStatus.DONE, {"people": 3}, 1)
    assert None not in (job.started_at, job.finished_at)


def test_queue_sends_after_the_commit(
    northwind: Cast, sent_tasks: Sent, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = queued(northwind)
        assert sent_tasks == []
    assert sent_tasks == [(TASK, (job.organization_id, job.pk))]


def test_run_of_a_finished_job_does_nothing(northwind: Cast, sent_tasks: Sent) -> None:
    job = run(queued(northwind), finish(northwind))
    ran: list[int] = []
    assert run(job, lambda job: ran.append(job.pk)).status == JobStatus.DONE
    assert ran == []


def test_run_in_another_organization_does_nothing(northwind: Cast, fabrikam: Cast, sent_tasks: Sent) -> None:
    job, ran = queued(northwind), []
    run_job(RosterImport, lambda job: ran.append(job.pk), fabrikam.organization.pk, job.pk)
    assert (ran, fresh(job).status) == ([], JobStatus.QUEUED)


def test_refusal_is_told_to_the_user(northwind: Cast, sent_tasks: Sent) -> None:
    def work(job: RosterImport) -> None:
        raise NotAllowed("The file has no heading.")

    job = run(queued(northwind), work)
    assert (job.status, job.error) == (JobStatus.FAILED, "The file has no heading.")


def test_crash_is_ours_and_undoes_the_work(northwind: Cast, sent_tasks: Sent) -> None:
    def work(job: RosterImport) -> None:
        with northwind.scope():
            Person.objects.create(employee_id="half")
            raise ZeroDivisionError("secret detail")

    job = run(queued(northwind), work)
    assert job.status == JobStatus.FAILED
    assert job.error == "Something went wrong on our side. Nothing was changed; try again."
    with northwind.scope():
        assert Person.objects.filter(employee_id="half").count() == 0


def test_cancel_of_a_waiting_job_is_at_once(northwind: Cast, sent_tasks: Sent) -> None:
    job = queued(northwind)
    with northwind.scope():
        request_cancel(job)
    assert fresh(job).status == JobStatus.CANCELLED
    assert run(job, finish(northwind)).status == JobStatus.CANCELLED


def test_cancel_of_a_running_job_undoes_the_work(northwind: Cast, sent_tasks: Sent) -> None:
    def work(job: RosterImport) -> None:
        with northwind.scope():
            request_cancel(job)  # the user's request, seen at the next check
        with northwind.scope():
            Person.objects.create(employee_id="half")
            check_cancelled(job)
            finish_job(job)

    assert run(queued(northwind), work).status == JobStatus.CANCELLED
    with northwind.scope():
        assert Person.objects.filter(employee_id="half").count() == 0


def test_cancel_after_the_last_look_still_undoes_the_work(northwind: Cast, sent_tasks: Sent) -> None:
    """The audit log says by then that it was stopped."""
    job = queued(northwind)

    def work(job: RosterImport) -> None:
        with northwind.scope():
            check_cancelled(job)
            assert request_cancel(job)
            Person.objects.create(first_name="Nobody")
            finish_job(job)

    assert run(job, work).status == JobStatus.CANCELLED


def test_progress_is_seen_from_outside(northwind: Cast, sent_tasks: Sent) -> None:
    job = queued(northwind)
    assert read_progress(job) == {"done": 0, "total": 0, "phase": "", "percent": None}
    report_progress(job, done=30, total=120, phase="Reading")
    assert read_progress(job) == {"done": 30, "total": 120, "phase": "Reading", "percent": 25}


def test_a_job_that_kills_workers_is_given_up(northwind: Cast, sent_tasks: Sent) -> None:
    job = queued(northwind)
    with northwind.scope():
        RosterImport.objects.filter(pk=job.pk).update(
            attempts=jobs.ATTEMPTS_AT_MOST, status=JobStatus.RUNNING
        )
    job = run(job, finish(northwind))
    assert job.status == JobStatus.FAILED
    assert job.error.startswith("The worker stopped several times")


def test_sweep_sends_lost_jobs_only(
    northwind: Cast, sent_tasks: Sent, django_capture_on_commit_callbacks: Any
) -> None:
    lost, done = queued(northwind), run(queued(northwind), finish(northwind))
    assert done.status == JobStatus.DONE

    def sweep(seconds: int) -> int:
        connection.run_on_commit.clear()  # the test's own transaction never commits
        with django_capture_on_commit_callbacks(execute=True), northwind.scope():
            return jobs.sweep_jobs(now=timezone.now() + timedelta(seconds=seconds))

    assert sweep(10) == 0
    assert sweep(60) == 1
    assert sweep(61) == 0  # sent a second ago
    assert sent_tasks == [(TASK, (lost.organization_id, lost.pk))]


def without_broker() -> Celery:
    """Celery with the product's settings, whose broker is down."""
    return Celery(
        broker="redis://127.0.0.1:1/0",
        set_as_current=False,
        broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        broker_connection_max_retries=settings.CELERY_BROKER_CONNECTION_MAX_RETRIES,
    )


def test_broker_down_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "app", without_broker())
    jobs.send("mentoring.sweep_mail", (1,))  # loads what it needs
    began = time.monotonic()
    jobs.send("mentoring.sweep_mail", (1,))
    assert time.monotonic() - began < 0.5


def test_broker_down_workers_try_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes pages give up at once must not make a worker give up: it has another setting, and its
    number of attempts comes from there."""
    waits: list[float] = []

    class EnoughError(Exception):
        pass

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) > 1000:
            raise EnoughError

    monkeypatch.setattr("kombu.utils.functional.sleep", wait)
    app = without_broker()
    with pytest.raises(EnoughError), app.connection_for_read() as broker:
        broker.ensure_connection(max_retries=app.conf.broker_connection_max_retries)


def test_broker_down_the_request_succeeds_and_the_sweep_sends(
    northwind: Cast,
    sign_in: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    invitation = {"email": "ada@northwind.example", "name": "", "role": "champion"}
    with monkeypatch.context() as patched, django_capture_on_commit_callbacks(execute=True):
        patched.setattr(jobs, "app", without_broker())
        job = queued(northwind)
        response = sign_in(northwind.owner).post("/o/northwind/members/invite/", invitation)
    assert response.status_code == 302
    assert fresh(job).status == JobStatus.QUEUED
    sent: Sent = []
    connection.run_on_commit.clear()  # the test's own transaction never commits
    monkeypatch.setattr(
        jobs, "send", lambda name, args, expires=None, countdown=None: sent.append((name, args))
    )
    with django_capture_on_commit_callbacks(execute=True), northwind.scope():
        jobs.sweep_jobs(now=timezone.now() + timedelta(minutes=1))
    assert sent == [(TASK, (job.organization_id, job.pk))]


@pytest.mark.django_db(transaction=True)
def test_job_delivered_twice_at_once_runs_once(sent_tasks: Sent) -> None:
    northwind = make_cast("northwind", "Northwind")
    job = queued(northwind)
    ran: list[int] = []

    def work(job: RosterImport) -> None:
        ran.append(job.attempts)
        time.sleep(0.4)
        with northwind.scope():
            finish_job(job)

    def worker() -> None:
        run_job(RosterImport, work, job.organization_id, job.pk)

    at_once(worker, worker)
    assert ran == [1]
    assert fresh(job).status == JobStatus.DONE


@pytest.mark.django_db(transaction=True)
def test_sweep_leaves_a_job_that_is_being_worked_on(sent_tasks: Sent) -> None:
    northwind = make_cast("northwind", "Northwind")
    job = queued(northwind)
    sent_tasks.clear()
    started, go_on = threading.Event(), threading.Event()

    def work(job: RosterImport) -> None:
        started.set()
        go_on.wait(PATIENCE)
        with northwind.scope():
            finish_job(job)

    def worker() -> None:
        run_job(RosterImport, work, job.organization_id, job.pk)
        connection.close()

    thread = threading.Thread(target=worker)
    thread.start()
    assert started.wait(PATIENCE)
    with northwind.scope():
        swept = jobs.sweep_jobs(now=timezone.now() + timedelta(hours=1))
    go_on.set()
    thread.join()
    assert (swept, sent_tasks, fresh(job).status) == (0, [], JobStatus.DONE)


def test_every_job_table_is_swept() -> None:
    from django.apps import apps

    from mentoring.models import Job

    tables = {model for model in apps.get_models() if issubclass(model, Job)}
    assert {kind.model for kind in jobs.job_kinds} == tables


def test_planner_knows_what_a_job_has_filled(northwind: Cast) -> None:
    def rows_known() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'mentoring_person'")
            return int(cursor.fetchone()[0])

    before = rows_known()
    with northwind.scope():
        Person.objects.bulk_create(Person(first_name=str(number)) for number in range(500))
    run(queued(northwind), finish(northwind))
    assert rows_known() >= before + 500
