"""The worker's part of an import of answers: check the file, or apply what was checked."""

import io

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mentoring.actions.files import store_file
from mentoring.actors import Actor
from mentoring.exchange.refusals import Refused
from mentoring.exchange.tables import open_table
from mentoring.exchange.uploads import upload_limits
from mentoring.exchange.writers import CONTENT_TYPES, write_csv
from mentoring.jobs import check_cancelled, finish_job, job_task, report_progress
from mentoring.models import StoredFile
from mentoring.people.draft import Problem
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import organization_scope
from programs.actions.import_answers import import_answers
from programs.actions.response_import import TASK, definition_for
from programs.enums import PairRole
from programs.models import ResponseImport
from programs.queries.response_imports import known_participants, known_people
from programs.response_import.plan import Plan, plan_responses
from programs.response_import.report import report_of


def work_on_import(job: ResponseImport) -> None:
    """Both phases plan anew: between check and apply the cohort may have changed."""
    with organization_scope(job.organization_id):
        found = ResponseImport.objects.select_related("file", "created_by", "cohort__program").get(pk=job.pk)
        if found.phase == "apply":
            apply_plan(found, make_plan(found, add_choices=bool(found.options.get("add_choices"))))
        else:
            keep_report(found, make_plan(found, add_choices=True))


def make_plan(response_import: ResponseImport, *, add_choices: bool) -> Plan:
    def progress(done: int) -> None:
        total = response_import.counts.get("rows", 0)
        report_progress(response_import, done=done, total=total, phase=_("Reading the rows"))
        check_cancelled(response_import)

    progress(0)
    definition = definition_for(response_import.cohort, response_import.role)
    try:
        return plan_responses(
            open_table(io.BytesIO(bytes(response_import.file.content)), limits=upload_limits()),
            response_import.mapping,
            definition,
            PairRole(response_import.role),
            known_people(),
            known_participants(response_import.cohort, definition),
            add_choices=add_choices,
            progress=progress,
        )
    except Refused as refusal:
        raise NotAllowed(str(refusal)) from None


def keep_report(response_import: ResponseImport, plan: Plan) -> None:
    report = {**response_import.report, **report_of(plan)}
    StoredFile.objects.filter(pk=response_import.report.get("errors_file")).delete()
    problems = sorted([*plan.errors, *plan.refusable], key=lambda problem: (problem.line, problem.column))
    report["errors_file"] = errors_file(problems).pk if problems else None
    finish_job(response_import, report=report, counts=plan.counts(), checked_at=timezone.now())


def errors_file(problems: list[Problem]) -> StoredFile:
    out = io.BytesIO()
    headers = [_("Row"), _("Column"), _("Value"), _("What is wrong")]
    write_csv(out, headers, ([p.line, p.column, p.value, p.reason] for p in problems))
    return store_file(name="errors.csv", content=out.getvalue(), content_type=CONTENT_TYPES["csv"])


def apply_plan(response_import: ResponseImport, plan: Plan) -> None:
    if plan.errors and not response_import.options.get("skip_bad_rows"):
        raise NotAllowed(
            _("The cohort has changed since the check, and the file has errors now. Check it again.")
        )
    total = len(plan.entries)

    def progress(done: int) -> None:
        report_progress(response_import, done=done, total=total, phase=_("Writing the answers"))
        check_cancelled(response_import)

    progress(0)
    user = response_import.created_by
    with transaction.atomic():
        import_answers(
            cohort=response_import.cohort,
            role=PairRole(response_import.role),
            plan=plan,
            now=timezone.now(),
            by=Actor.of_user(user) if user else Actor.system("import_responses"),
            progress=progress,
        )
    finish_job(response_import, counts=plan.counts(), applied_at=timezone.now())


@job_task(TASK, ResponseImport)
def run_response_import(job: ResponseImport) -> None:
    work_on_import(job)
