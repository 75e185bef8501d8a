from celery import shared_task
from django.utils import timezone

from mentoring import jobs
from mentoring.jobs import everywhere, tenant_task
from mentoring.mail import outbox
from mentoring.mail.reminders import plan_reminders
from mentoring.models import AccountMessage, Organization, OutgoingMessage
from mentoring.tenancy.scoping import organization_scope


@shared_task(name="mentoring.send_due_mail")
def send_due_mail(organization_id: int) -> None:
    """Send everything of an organization that is due. Not in one scope: each mail's fate is committed."""
    while True:
        now = timezone.now()
        with organization_scope(organization_id):
            rows = outbox.claim(OutgoingMessage, now=now)
        if not rows:
            return
        outbox.deliver(rows, now=now)


@shared_task(name="mentoring.send_account_mail")
def send_account_mail() -> None:
    while rows := outbox.claim(AccountMessage, now=timezone.now()):
        outbox.deliver(rows, now=timezone.now())


@shared_task(name="mentoring.sweep_mail_everywhere")
def sweep_mail_everywhere() -> None:
    outbox.sweep_mail(AccountMessage, now=timezone.now())
    if outbox.has_due(AccountMessage, now=timezone.now()):
        jobs.send("mentoring.send_account_mail", (), expires=55)
    everywhere("mentoring.sweep_mail", expires=55)


@tenant_task("mentoring.sweep_mail")
def sweep_mail(organization_id: int) -> None:
    now = timezone.now()
    outbox.sweep_mail(OutgoingMessage, now=now)
    if outbox.has_due(OutgoingMessage, now=now):
        jobs.send("mentoring.send_due_mail", (organization_id,), expires=55)


@shared_task(name="mentoring.plan_reminders_everywhere")
def plan_reminders_everywhere() -> None:
    everywhere("mentoring.plan_reminders", expires=540)


@tenant_task("mentoring.plan_reminders")
def plan_reminders_of(organization_id: int) -> None:
    plan_reminders(Organization.objects.get(pk=organization_id), now=timezone.now())
