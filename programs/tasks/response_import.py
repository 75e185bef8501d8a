"""The worker's part of an import of answers: look at the file, check it, or apply what was checked."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mentoring.actions.imports import applier_of, follow, keep_check, open_file
from mentoring.jobs import finish_job, job_task, report_progress
from mentoring.rules import NotAllowed, today_in
from mentoring.tenancy.scoping import organization_scope
from programs.actions.import_answers import import_answers
from programs.actions.response_import import definition_for, look_at_answers
from programs.enums import PairRole
from programs.models import ResponseImport
from programs.queries.response_imports import known_participants, known_people
from programs.response_import.plan import Plan, plan_responses
from programs.response_import.report import report_of


@job_task(ResponseImport.TASK, ResponseImport)
def run_response_import(job: ResponseImport) -> None:
    work_on_import(job)


def work_on_import(job: ResponseImport) -> None:
    """Check and apply plan anew: between them the cohort may have changed."""
    if job.phase == "look":
        report_progress(job, phase=_("Reading the file"))
        look_at_answers(job)
        return
    with organization_scope(job.organization_id):
        found = ResponseImport.objects.select_related("cohort__program").get(pk=job.pk)
        if found.phase == "apply":
            apply_plan(found, make_plan(found, add_choices=bool(found.options.get("add_choices"))))
            return
        plan = make_plan(found, add_choices=True)
        problems = sorted([*plan.errors, *plan.refusable], key=lambda problem: (problem.line, problem.column))
        keep_check(found, report=report_of(plan), counts=plan.counts(), problems=problems)


def make_plan(response_import: ResponseImport, *, add_choices: bool) -> Plan:
    total = response_import.counts.get("rows", 0)
    progress = follow(response_import, total=total, phase=_("Reading the rows"))
    cohort = response_import.cohort
    definition = definition_for(cohort, response_import.role)
    with open_file(response_import) as table:
        return plan_responses(
            table,
            response_import.mapping,
            definition,
            PairRole(response_import.role),
            known_people(today_in(cohort.organization.time_zone, timezone.now())),
            known_participants(cohort, definition),
            add_choices=add_choices,
            progress=progress,
        )


def apply_plan(response_import: ResponseImport, plan: Plan) -> None:
    if plan.errors and not response_import.options.get("skip_bad_rows"):
        raise NotAllowed(
            _("The cohort has changed since the check, and the file has errors now. Check it again.")
        )
    progress = follow(response_import, total=len(plan.entries), phase=_("Writing the answers"))
    with transaction.atomic():
        import_answers(
            cohort=response_import.cohort,
            role=PairRole(response_import.role),
            plan=plan,
            now=timezone.now(),
            by=applier_of(response_import, command="import_responses"),
            progress=progress,
        )
    finish_job(response_import, counts=plan.counts(), applied_at=timezone.now())
