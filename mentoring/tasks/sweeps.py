from celery import shared_task
from django.utils import timezone

from mentoring import jobs
from mentoring.actions.users import forget_unconfirmed
from mentoring.jobs import everywhere, tenant_task


@shared_task(name="mentoring.sweep_jobs_everywhere")
def sweep_jobs_everywhere() -> None:
    everywhere("mentoring.sweep_jobs", expires=30)


@tenant_task("mentoring.sweep_jobs")
def sweep_jobs(organization_id: int) -> None:
    jobs.sweep_jobs(now=timezone.now())


@shared_task(name="mentoring.forget_unconfirmed")
def forget_unconfirmed_sign_ups() -> None:
    forget_unconfirmed(now=timezone.now())
