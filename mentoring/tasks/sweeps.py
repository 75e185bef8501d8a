from celery import shared_task
from django.utils import timezone

from mentoring import jobs
from mentoring.actions.account_mail import forget_account_mail
from mentoring.actions.audit import SEALED_AT_ONCE, seal_events
from mentoring.actions.users import forget_link_sessions, forget_unconfirmed, forget_user_sessions
from mentoring.jobs import everywhere, tenant_task
from mentoring.sealed_sessions import SessionStore


@shared_task(name="mentoring.sweep_jobs_everywhere")
def sweep_jobs_everywhere() -> None:
    everywhere("mentoring.sweep_jobs", expires=30)


@tenant_task("mentoring.sweep_jobs")
def sweep_jobs(organization_id: int) -> None:
    jobs.sweep_jobs(now=timezone.now())


@shared_task(name="mentoring.forget_unconfirmed")
def forget_unconfirmed_sign_ups() -> None:
    forget_unconfirmed(now=timezone.now())


@shared_task(name="mentoring.forget_secrets_everywhere")
def forget_secrets_everywhere() -> None:
    """Codes and reset links that are too old, and sessions that are over."""
    forget_account_mail(now=timezone.now())
    SessionStore.clear_expired()
    forget_user_sessions()
    everywhere("mentoring.forget_link_sessions", expires=540)


@tenant_task("mentoring.forget_link_sessions")
def forget_link_sessions_of(organization_id: int) -> None:
    forget_link_sessions(now=timezone.now())


@shared_task(name="mentoring.seal_audit_everywhere")
def seal_audit_everywhere() -> None:
    everywhere("mentoring.seal_audit", expires=60)


@tenant_task("mentoring.seal_audit")
def seal_audit(organization_id: int) -> None:
    if seal_events() == SEALED_AT_ONCE:
        jobs.enqueue("mentoring.seal_audit", organization_id)
