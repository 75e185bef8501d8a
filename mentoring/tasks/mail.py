from celery import shared_task
from django.utils import timezone

from mentoring import jobs
from mentoring.jobs import everywhere, tenant_task
from mentoring.mail.delivery import Sender, has_due, sweep_mail
from mentoring.mail.reminders import plan_reminders
from mentoring.models import Organization


@shared_task(name="mentoring.send_due_mail")
def send_due_mail(organization_id: int) -> None:
    """Send everything of an organization that is due. Not in one scope: each mail's fate is committed."""
    Sender(organization_id).send_all(timezone.now)


@shared_task(name="mentoring.send_account_mail")
def send_account_mail() -> None:
    Sender(None).send_all(timezone.now)


@shared_task(name="mentoring.sweep_mail_everywhere")
def sweep_mail_everywhere() -> None:
    now = timezone.now()
    sweep_mail(None, now=now)
    if has_due(None, now=now):
        jobs.send("mentoring.send_account_mail", (), expires=55)
    everywhere("mentoring.sweep_mail", expires=55)


@shared_task(name="mentoring.sweep_mail")
def sweep_mail_of(organization_id: int) -> None:
    now = timezone.now()
    sweep_mail(organization_id, now=now)
    if has_due(organization_id, now=now):
        jobs.send("mentoring.send_due_mail", (organization_id,), expires=55)


@shared_task(name="mentoring.plan_reminders_everywhere")
def plan_reminders_everywhere() -> None:
    everywhere("mentoring.plan_reminders", expires=540)


@tenant_task("mentoring.plan_reminders")
def plan_reminders_of(organization_id: int) -> None:
    plan_reminders(Organization.objects.get(pk=organization_id), now=timezone.now())
