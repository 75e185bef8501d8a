"""The Celery application and the schedule that beat follows."""

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_process_init

from mentoring.processes import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")

app = Celery("mentoring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()  # in every thread of a threaded web server, too
app.conf.beat_schedule = {
    "sweep jobs": {"task": "mentoring.sweep_jobs_everywhere", "schedule": 30.0},
    "sweep mail": {"task": "mentoring.sweep_mail_everywhere", "schedule": 60.0},
    "seal audit": {"task": "mentoring.seal_audit_everywhere", "schedule": 60.0},
    "forget sign-ups": {"task": "mentoring.forget_unconfirmed", "schedule": crontab(minute="17")},
    "forget secrets": {"task": "mentoring.forget_secrets_everywhere", "schedule": crontab(minute="*/10")},
    "leave on the day": {"task": "mentoring.leave_on_the_day_everywhere", "schedule": crontab(minute="*/10")},
    "plan suggestions": {"task": "matching.plan_suggestions_everywhere", "schedule": 60.0},
    "sweep requests": {"task": "matching.sweep_requests_everywhere", "schedule": crontab(minute="*/5")},
    "plan reminders": {"task": "mentoring.plan_reminders_everywhere", "schedule": crontab(minute="*/10")},
}


@worker_process_init.connect
def end_with_the_worker(**_: object) -> None:
    """A task must not go on in a process whose worker was killed: another worker has it by then."""
    end_with_parent()
