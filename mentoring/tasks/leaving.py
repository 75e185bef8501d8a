from celery import shared_task
from django.utils import timezone

from mentoring.actions.leaving import leave_on_the_day
from mentoring.actors import Actor
from mentoring.jobs import everywhere, tenant_task
from mentoring.models import Organization


@shared_task(name="mentoring.leave_on_the_day_everywhere")
def leave_on_the_day_everywhere() -> None:
    everywhere("mentoring.leave_on_the_day", expires=540)


@tenant_task("mentoring.leave_on_the_day")
def leave_on_the_day_of(organization_id: int) -> None:
    organization = Organization.objects.get(pk=organization_id)
    leave_on_the_day(organization=organization, now=timezone.now(), by=Actor.system("last day"))
