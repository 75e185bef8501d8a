"""A run whose process is killed (SIGKILL) at every phase, one after the other: it ends once, and the same.

A child is forked for each, from a process that has loaded everything; what Celery adds is in `test_crash`.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from matching.actions.runs import start_run
from matching.actions.solve import work_off
from matching.enums import RunPurpose
from matching.models import MatchRun, Pick, Proposal, Unmatched
from matching.run_settings import Changes
from mentoring.enums import JobStatus
from mentoring.jobs import run_job
from mentoring.models import AuditEvent
from programs.enums import MatchingMode
from programs.models import Cohort
from tests.cast import NOW, Cast, make_cast
from tests.matching.making import Someone, find, make_cohort, solved
from tests.workers import sweep_once_free

ROOT = Path(__file__).resolve().parents[2]
# Where a child dies: when it has reported so much of the work, or inside the transaction that stores.
REPORTED = ("0", "15", "30", "70", "80", "90")
STORING = ("finish_job", "audit")
FORKING = """
import os, signal, sys
from functools import partial
import django
django.setup()
from matching.actions import solve
from matching.models import MatchRun
from mentoring.jobs import run_job

def die(*_arguments, **_more):
    os.kill(os.getpid(), signal.SIGKILL)

def work(organization, run, spot):
    if spot == "finish_job":
        solve.finish_job = die
    elif spot == "audit":
        solve.audit.record = die
    tell = lambda _phase, percent: die() if str(percent) == spot else None
    run_job(MatchRun, partial(solve.work_off, tell=tell), organization, run)

print("ready", flush=True)
for line in sys.stdin:
    organization, run, spot = line.split()
    child = os.fork()
    if not child:
        work(int(organization), int(run), spot)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def work_until(django_db_setup: Any) -> Iterator[Callable[[MatchRun, str], int]]:
    """`work_until(run, spot)`: a process works the run off and dies at that spot; answers its exit code."""
    name = connection.settings_dict["NAME"]
    environment = os.environ | {
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl(),
        "DJANGO_SETTINGS_MODULE": "mentoring.settings",
    }
    with subprocess.Popen(
        [sys.executable, "-c", FORKING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        cwd=ROOT,
        text=True,
    ) as parent:
        assert parent.stdin
        assert parent.stdout
        assert parent.stdout.readline() == "ready\n"

        def work(run: MatchRun, spot: str) -> int:
            assert parent.stdin
            assert parent.stdout
            parent.stdin.write(f"{run.organization_id} {run.pk} {spot}\n")
            parent.stdin.flush()
            return int(parent.stdout.readline())

        yield work
        parent.stdin.close()


def a_cohort(cast: Cast) -> Cohort:
    skills = ("ai_tools", "automation", "social_media", "inclusion")
    with cast.scope():
        cohort = make_cohort(
            cast,
            [Someone(f"Mentor {n}", (skills[n % 4],)) for n in range(6)],
            [Someone(f"Mentee {n}", (skills[(n * 3) % 4],)) for n in range(7)],
        )
        cohort.matching_mode, cohort.choose_until = MatchingMode.HYBRID, NOW.date()
        cohort.save()
        Pick.objects.create(participant=find(cohort, "Mentor 1"), partner=find(cohort, "Mentee 5"), rank=1)
    return cohort


def stored(run: MatchRun) -> tuple[Any, ...]:
    """What a run leaves behind, but for its own number and time."""
    pairs = run.proposals.order_by("mentor_id", "mentee_id")
    alone = run.unmatched.order_by("participant_id").values_list("participant_id", "cause")
    figures = {key: value for key, value in run.figures.items() if key != "seconds"}
    found = pairs.values_list("mentor_id", "mentee_id", "points", "kept", "ranks", "contributions")
    return run.input_hash, figures, bool(run.adopted_at), list(found), list(alone)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("purpose", "changes"),
    [
        (RunPurpose.DRAFT, None),
        (RunPurpose.REPAIR, None),
        (RunPurpose.WHAT_IF, Changes(weights={"unit": 3}, seats={"mentor": 1})),
    ],
)
def test_killed_at_every_phase_a_run_ends_once_and_the_same(
    purpose: RunPurpose,
    changes: Changes | None,
    work_until: Callable[[MatchRun, str], int],
    sent_tasks: list[tuple[str, tuple[Any, ...]]],
) -> None:
    cast = make_cast("northwind", "Northwind")
    cohort = a_cohort(cast)
    more: dict[str, Any] = {"purpose": purpose, "based_on": solved(cast, cohort), "changes": changes}
    expected = solved(cast, cohort, **more)
    with cast.scope():
        expectation = stored(expected)
    for spot in (*REPORTED, *STORING):
        with cast.scope():
            run = start_run(cohort=cohort, by=cast.by, **more)
        assert work_until(run, spot) == -signal.SIGKILL, spot
        sent_tasks.clear()
        with cast.scope():
            run.refresh_from_db()
            left = Proposal.objects.filter(run=run).count() + Unmatched.objects.filter(run=run).count()
            assert (run.status, left) == (JobStatus.RUNNING, 0), spot
            assert sweep_once_free(timezone.now() + timedelta(minutes=5)) == 1, spot
        ((_name, arguments),) = sent_tasks
        run_job(MatchRun, work_off, *arguments)
        run_job(MatchRun, work_off, *arguments)
        with cast.scope():
            run.refresh_from_db()
            done = AuditEvent.objects.filter(action="matching.run_done", object_id=run.pk).count()
            assert (run.status, run.attempts, done) == (JobStatus.DONE, 2, 1), spot
            assert stored(run) == expectation, spot
