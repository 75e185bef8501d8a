"""Long work: enqueue it so that it is not lost, run it so that it is not doubled, show how far it is.

The row (`models.Job`) is the truth; the broker only carries a hint that there is something to do. A
message lost with the broker or a worker is sent again by the sweep, and a job delivered twice runs once:
its runner holds a PostgreSQL advisory lock, which dies with its connection and so with its worker.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import shared_task
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from mentoring.celery import app
from mentoring.enums import OPEN_JOBS, JobStatus
from mentoring.models import Job, Organization
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import organization_scope
from mentoring.tenancy.statistics import refresh_statistics

log = structlog.get_logger(__name__)

ATTEMPTS_AT_MOST = 5
SWEEP_AFTER = timedelta(seconds=45)
TURN_SECONDS = 3
PROGRESS_SECONDS = 3600


@dataclass(frozen=True)
class JobKind:
    """A job table, for the sweep; `fills` are the tables that its task fills in bulk."""

    model: type[Job]
    fills: tuple[type[Model], ...] = ()


# Every app appends its own in `AppConfig.ready()`.
job_kinds: list[JobKind] = []


class JobCancelled(Exception):
    """Raised inside a job by `check_cancelled`; its open transaction is undone."""


def enqueue(name: str, *args: Any, expires: float | None = None) -> None:
    """Send a task by name once the transaction is committed; the same call twice in it is one.

    A dead broker is logged and not an error: what must happen is a row, and the sweeps find it.
    """
    if any(getattr(waiting[1], "task", None) == (name, args) for waiting in connection.run_on_commit):
        return

    def hook() -> None:
        send(name, args, expires)

    hook.task = (name, args)  # type: ignore[attr-defined]
    transaction.on_commit(hook)


def send(
    name: str, args: tuple[Any, ...], expires: float | None = None, countdown: float | None = None
) -> None:
    try:
        app.send_task(name, args=args, expires=expires, countdown=countdown, retry=False)
    except (OperationalError, ConnectionError, OSError) as error:
        log.warning("broker unreachable, the sweep will pick it up", task=name, error=str(error))


def _lock_key(model: type[Model], pk: int) -> tuple[int, int]:
    return zlib.crc32(model._meta.label.encode()) - 2**31, pk % 2**31


@contextmanager
def advisory_lock(model: type[Model], pk: int) -> Iterator[bool]:
    """A session lock on one row, of a job or a mail mostly; True when it was free. PostgreSQL frees it when
    the worker dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", _lock_key(model, pk))
        (held,) = cursor.fetchone()
    try:
        yield held
    finally:
        if held and connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", _lock_key(model, pk))


def progress_key(job: Job) -> str:
    return f"progress:{job._meta.label_lower}:{job.pk}"


def report_progress(job: Job, *, done: int = 0, total: int = 0, phase: str | Promise = "") -> None:
    """Publish how far a job is, in the cache: it must be seen before the job's transaction commits."""
    try:
        cache.set(progress_key(job), {"done": done, "total": total, "phase": str(phase)}, PROGRESS_SECONDS)
    except Exception:
        log.warning("progress not stored", job=job.pk, exc_info=True)


def read_progress(job: Job) -> dict[str, Any]:
    """`done`, `total`, `phase` and `percent` (None while the total is unknown)."""
    try:
        progress = cache.get(progress_key(job)) or {"done": 0, "total": 0, "phase": ""}
    except Exception:
        progress = {"done": 0, "total": 0, "phase": ""}
    total = progress["total"]
    percent = min(100, round(100 * progress["done"] / total)) if total else None
    return {**progress, "percent": percent}


def check_cancelled(job: Job) -> None:
    if type(job).objects.filter(pk=job.pk, cancel_requested=True).exists():
        raise JobCancelled


def queue_job(job: Job) -> None:
    """Put a job (new, or a further phase of one) in line."""
    job.status = JobStatus.QUEUED
    job.enqueued_at = timezone.now()
    job.finished_at = None
    job.started_at = None
    job.attempts = 0
    job.error = ""
    job.cancel_requested = False
    job.save()
    cache.delete(progress_key(job))
    enqueue(job.TASK, job.organization_id, job.pk)


def request_cancel(job: Job) -> bool:
    """Ask a job to stop. One that waits is cancelled at once; a running one at its next check. False: it has
    ended meanwhile, or was asked before."""
    kind = type(job)
    waiting = kind.objects.filter(pk=job.pk, status=JobStatus.QUEUED, started_at=None)
    if waiting.update(status=JobStatus.CANCELLED, cancel_requested=True, finished_at=timezone.now()):
        return True
    running = kind.objects.filter(pk=job.pk, status__in=OPEN_JOBS, cancel_requested=False)
    return bool(running.update(cancel_requested=True))


def finish_job(job: Job, **fields: Any) -> None:
    """Mark a job done, inside the transaction that writes its result: both stand or neither does. Not one
    that somebody has stopped meanwhile: the audit log says so already."""
    changed = (
        type(job)
        .objects.filter(pk=job.pk, status=JobStatus.RUNNING, cancel_requested=False)
        .update(status=JobStatus.DONE, finished_at=timezone.now(), error="", **fields)
    )
    if not changed:
        raise JobCancelled


def run_job(model: type[Job], function: Callable[[Any], None], organization_id: int, job_id: int) -> None:
    """Run `function(job)` under the job's lock. It opens its own scopes and calls `finish_job`.

    `NotAllowed` raised inside is the user's error and shown; anything else is ours: logged, shown as such.
    """
    with advisory_lock(model, job_id) as held:
        if not held:
            return
        with organization_scope(organization_id):
            job = model.objects.select_for_update(no_key=True).filter(pk=job_id, status__in=OPEN_JOBS).first()
            if job is None:
                return
            if job.cancel_requested or job.attempts >= ATTEMPTS_AT_MOST:
                _end(job, JobStatus.CANCELLED if job.cancel_requested else JobStatus.FAILED, _gave_up())
                return
            job.status = JobStatus.RUNNING
            job.started_at = job.started_at or timezone.now()
            job.attempts += 1
            job.save(update_fields=["status", "started_at", "attempts"])
        try:
            function(job)
        except JobCancelled:
            with organization_scope(organization_id):
                _end(job, JobStatus.CANCELLED, "")
        except NotAllowed as refusal:
            with organization_scope(organization_id):
                _end(job, JobStatus.FAILED, str(refusal))
        except Exception:
            log.exception("job failed", job=job_id, model=model._meta.label)
            with organization_scope(organization_id):
                _end(
                    job,
                    JobStatus.FAILED,
                    _("Something went wrong on our side. Nothing was changed; try again."),
                )
        else:
            refresh_statistics(*(table for kind in job_kinds if kind.model is model for table in kind.fills))


def _gave_up() -> str:
    return _("The worker stopped several times while working on this. Try again, or ask your operator.")


def _end(job: Job, status: JobStatus, error: str) -> None:
    type(job).objects.filter(pk=job.pk, status__in=OPEN_JOBS).update(
        status=status, error=error if status == JobStatus.FAILED else "", finished_at=timezone.now()
    )


def job_task(name: str, model: type[Job]) -> Callable[[Callable[[Any], None]], Any]:
    """Make `function(job)` the Celery task `name(organization_id, job_id)` of a job table."""

    def decorate(function: Callable[[Any], None]) -> Any:
        def task(organization_id: int, job_id: int) -> None:
            with structlog.contextvars.bound_contextvars(organization=organization_id, job=job_id):
                if not model.ONE_AT_A_TIME:
                    run_job(model, function, organization_id, job_id)
                    return
                with advisory_lock(Organization, organization_id) as free:
                    if free:
                        run_job(model, function, organization_id, job_id)
                    else:
                        send(name, (organization_id, job_id), countdown=TURN_SECONDS)

        task.__name__ = function.__name__
        task.__module__ = function.__module__
        task.__doc__ = function.__doc__
        return shared_task(name=name)(task)

    return decorate


def tenant_task(name: str) -> Callable[[Callable[..., None]], Any]:
    """Make `function(organization_id, ...)` a Celery task that runs inside that organization's scope."""

    def decorate(function: Callable[..., None]) -> Any:
        def task(organization_id: int, *args: Any) -> None:
            bound = structlog.contextvars.bound_contextvars(organization=organization_id)
            with bound, organization_scope(organization_id):
                function(organization_id, *args)

        task.__name__ = function.__name__
        task.__module__ = function.__module__
        return shared_task(name=name)(task)

    return decorate


def everywhere(name: str, *, expires: float) -> None:
    """One task for each organization: a slow or broken tenant must not hold up the others."""
    for organization_id in Organization.objects.order_by("pk").values_list("pk", flat=True).iterator():
        send(name, (organization_id,), expires)


def sweep_jobs(*, now: datetime) -> int:
    """Send open jobs again whose worker or message was lost: old enough, and nobody holds their lock."""
    swept = 0
    for kind in job_kinds:
        stale = kind.model.objects.filter(status__in=OPEN_JOBS, enqueued_at__lt=now - SWEEP_AFTER)
        for job in stale.order_by("pk")[:100]:
            with advisory_lock(kind.model, job.pk) as free:
                if not free:
                    continue
            kind.model.objects.filter(pk=job.pk).update(enqueued_at=now)
            enqueue(job.TASK, job.organization_id, job.pk)
            swept += 1
    return swept
