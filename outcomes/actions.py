import io
from datetime import datetime
from typing import BinaryIO

from django.utils.text import slugify

from mentoring.actions import audit
from mentoring.actions.files import store_file
from mentoring.actors import Actor
from mentoring.enums import OPEN_JOBS
from mentoring.exchange.writers import CONTENT_TYPES, export_rows, write_table
from mentoring.jobs import check_cancelled, finish_job, queue_job
from mentoring.models import Organization, StoredFile
from mentoring.queries.locks import lock_organization
from outcomes.models import MetricsExport
from outcomes.queries import reported_cohorts
from outcomes.reports.table import columns, rows
from programs.models import Cohort


def request_export(*, cohort: Cohort | None, format: str, by: Actor) -> MetricsExport:
    """Queue an export of one cohort's metrics, or of all of them. The same one, asked for again while it
    waits or is made, is that one: a double click makes one file."""
    # Requests of an organization come one after the other, so that both cannot find nothing.
    lock_organization()
    waiting = MetricsExport.objects.filter(
        cohort=cohort, format=format, created_by_id=by.user_id, status__in=OPEN_JOBS
    )
    if same := waiting.first():
        return same
    export = MetricsExport(cohort=cohort, format=MetricsExport.Format(format), created_by_id=by.user_id)
    queue_job(export)
    audit.record("metrics.export_requested", export, by=by, cohort=cohort and cohort.pk, format=format)
    return export


def write_metrics(
    out: BinaryIO, *, organization: Organization, cohort: Cohort | None, format: str, now: datetime
) -> None:
    """Write the export's table. The one place where it is made, for the page and the command alike."""
    cohorts = reported_cohorts()
    chosen = cohorts.filter(pk=cohort.pk) if cohort else cohorts
    headers, table = export_rows(columns(), rows(organization, chosen, now=now))
    write_table(out, headers, table, format=format, title="Success metrics")


def make_export(export: MetricsExport, *, now: datetime) -> None:
    """Make the file of a queued export and finish its job, in one transaction."""
    organization = export.organization
    out = io.BytesIO()
    write_metrics(out, organization=organization, cohort=export.cohort, format=export.format, now=now)
    check_cancelled(export)
    stem = slugify(f"{organization.slug} {export.cohort or ''} metrics {now:%Y-%m-%d}")
    name, kind = f"{stem}.{export.format}", CONTENT_TYPES[export.format]
    finish_job(export, file=store_file(name=name, content=out.getvalue(), content_type=kind))


def fetch_export(*, export: MetricsExport, by: Actor) -> StoredFile:
    """The file of a finished export; that somebody took it away is on record."""
    assert export.file is not None
    audit.record("metrics.export_downloaded", export, by=by, file=export.file.name, size=export.file.size)
    return export.file
