"""The worker's part of a roster import: check the file, or apply what was checked."""

import io
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mentoring.actions.files import store_file
from mentoring.actions.people import write_plan
from mentoring.actions.roster_imports import TASK, record_applied
from mentoring.actors import Actor
from mentoring.exchange.refusals import Refused
from mentoring.exchange.tables import open_table
from mentoring.exchange.uploads import upload_limits
from mentoring.exchange.writers import CONTENT_TYPES, write_csv
from mentoring.jobs import check_cancelled, finish_job, job_task, report_progress
from mentoring.models import Organization, RosterImport, StoredFile
from mentoring.people.draft import Problem
from mentoring.people.plan import Plan, plan_import
from mentoring.people.report import report_of
from mentoring.queries.people import known_people
from mentoring.queries.roster_imports import content_of
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import organization_scope


def work_on_import(job: RosterImport) -> None:
    """Both phases plan anew: between check and apply the roster may have changed."""
    with organization_scope(job.organization_id):
        roster_import = RosterImport.objects.select_related("created_by").get(pk=job.pk)
        organizations = Organization.objects.all()
        if roster_import.phase == "apply":  # one writer at a time; inserts that refer to the row go on
            organizations = organizations.select_for_update(no_key=True)
        organization = organizations.get(pk=job.organization_id)
        plan = make_plan(roster_import, organization)
        if roster_import.phase == "apply":
            apply_plan(roster_import, plan)
        else:
            keep_report(roster_import, plan)


def make_plan(roster_import: RosterImport, organization: Organization) -> Plan:
    def progress(done: int) -> None:
        report_progress(
            roster_import, done=done, total=roster_import.counts.get("rows", 0), phase=_("Reading the rows")
        )
        check_cancelled(roster_import)

    progress(0)
    content = content_of(roster_import.file_id)
    if not content:
        raise NotAllowed(_("The file of this import is no longer kept. Upload it again."))
    try:
        table = open_table(io.BytesIO(content), limits=upload_limits())
        return plan_import(
            table,
            roster_import.mapping,
            known_people(),
            today=timezone.localdate(),
            day_first=bool(roster_import.options.get("day_first", True)),
            progress=progress,
        )
    except Refused as refusal:
        raise NotAllowed(str(refusal)) from None


def keep_report(roster_import: RosterImport, plan: Plan) -> None:
    report = {**roster_import.report, **report_of(plan)}
    StoredFile.objects.filter(pk=roster_import.report.get("errors_file")).delete()
    report["errors_file"] = errors_file(plan.errors).pk if plan.errors else None
    finish_job(roster_import, report=report, counts=plan.counts(), checked_at=timezone.now())


def errors_file(problems: list[Problem]) -> StoredFile:
    out = io.BytesIO()
    headers = [_("Row"), _("Column"), _("Value"), _("What is wrong")]
    write_csv(out, headers, ([p.line, p.column, p.value, p.reason] for p in problems))
    return store_file(name="errors.csv", content=out.getvalue(), content_type=CONTENT_TYPES["csv"])


def apply_plan(roster_import: RosterImport, plan: Plan) -> None:
    if plan.errors and not roster_import.options.get("skip_bad_rows"):
        raise NotAllowed(
            _("The roster has changed since the check, and the file has errors now. Check it again.")
        )
    total = len(plan.new) + len(plan.changed)

    def progress(done: int) -> None:
        report_progress(roster_import, done=done, total=total, phase=_("Writing people"))
        check_cancelled(roster_import)

    progress(0)
    with transaction.atomic():
        write_plan(plan, progress=progress)
    counts: dict[str, Any] = plan.counts()
    user = roster_import.created_by
    record_applied(
        roster_import=roster_import,
        counts=counts,
        by=Actor.of_user(user) if user else Actor.system("import_people"),
    )
    finish_job(roster_import, counts=counts, applied_at=timezone.now())


@job_task(TASK, RosterImport)
def run_roster_import(job: RosterImport) -> None:
    work_on_import(job)
