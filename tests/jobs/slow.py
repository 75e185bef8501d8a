"""A task for the tests' real worker: writes down that it ran; its first attempt then hangs."""

import os
import time
from pathlib import Path

from mentoring.jobs import finish_job, job_task
from mentoring.models import RosterImport
from mentoring.tenancy.scoping import organization_scope

TASK = "tests.slow"


@job_task(TASK, RosterImport)
def slow(job: RosterImport) -> None:
    with Path(job.options["log"]).open("a") as log:
        log.write(f"{job.attempts} {os.getpid()}\n")
    if job.attempts == 1:
        time.sleep(120)
    with organization_scope(job.organization_id):
        finish_job(job, counts={"done": 1})
