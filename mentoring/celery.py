"""The Celery application and the schedule that beat follows."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")

app = Celery("mentoring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()  # in every thread of a threaded web server, too
app.conf.beat_schedule = {
    "sweep jobs": {"task": "mentoring.sweep_jobs_everywhere", "schedule": 30.0},
    "sweep mail": {"task": "mentoring.sweep_mail_everywhere", "schedule": 60.0},
    "plan reminders": {"task": "mentoring.plan_reminders_everywhere", "schedule": crontab(minute="*/10")},
}
