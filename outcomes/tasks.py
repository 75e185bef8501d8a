from django.utils import timezone

from mentoring.jobs import job_task
from mentoring.tenancy.scoping import organization_scope
from outcomes import actions
from outcomes.models import MetricsExport


@job_task(MetricsExport.TASK, MetricsExport)
def make_export(export: MetricsExport) -> None:
    with organization_scope(export.organization_id):
        actions.make_export(export, now=timezone.now())
