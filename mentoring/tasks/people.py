"""The worker's part of a roster import: look at the file, check it, or apply what was checked."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mentoring.actions.addresses import move_addresses
from mentoring.actions.columns import take_column_out
from mentoring.actions.imports import applier_of, checker_of, follow, keep_check, open_file
from mentoring.actions.leaving import bring_people_back, mark_people_left, what_ends
from mentoring.actions.people import write_plan
from mentoring.actions.roster_imports import look_at_roster, record_applied
from mentoring.actors import Actor
from mentoring.jobs import finish_job, job_task, report_progress
from mentoring.models import ColumnRemoval, RosterImport
from mentoring.people.plan import Plan, plan_import
from mentoring.people.report import report_of, report_of_leaving
from mentoring.queries.columns import kept_reasons
from mentoring.queries.locks import lock_organization
from mentoring.queries.logins import LoginBook
from mentoring.queries.people import known_people
from mentoring.rules import NotAllowed, today_in
from mentoring.tenancy.scoping import organization_scope

COMMAND = "import_people"


@job_task(RosterImport.TASK, RosterImport)
def run_roster_import(job: RosterImport) -> None:
    work_on_import(job)


def work_on_import(job: RosterImport) -> None:
    """Check and apply plan anew: between them the roster may have changed."""
    if job.phase == "look":
        report_progress(job, phase=_("Reading the file"))
        look_at_roster(job)
        return
    with organization_scope(job.organization_id):
        roster_import = RosterImport.objects.select_related("organization").get(pk=job.pk)
        now = timezone.now()
        if roster_import.phase == "apply":  # one writer at a time
            lock_organization()
            apply_plan(roster_import, make_plan(roster_import, now), now)
        else:
            plan = make_plan(roster_import, now)
            report = report_of(plan) | {"leaving": leaving_in(plan, now)}
            keep_check(roster_import, report=report, counts=plan.counts(), problems=plan.errors)


def make_plan(roster_import: RosterImport, now: datetime) -> Plan:
    progress = follow(roster_import, total=roster_import.counts.get("rows", 0), phase=_("Reading the rows"))
    with open_file(roster_import) as table:
        return plan_import(
            table,
            kept_mapping(roster_import),
            known_people(),
            today=today_in(roster_import.organization.time_zone, now),
            day_first=bool(roster_import.options.get("day_first", True)),
            book=LoginBook(*_whose_word(roster_import)),
            progress=progress,
        )


def _whose_word(roster_import: RosterImport) -> list[Actor]:
    """What is written is what was checked: neither of the two may do more with the other one's import."""
    checker = checker_of(roster_import, command=COMMAND)
    if roster_import.phase != "apply":
        return [checker]
    return [checker, applier_of(roster_import, command=COMMAND)]


def kept_mapping(roster_import: RosterImport) -> dict[str, str]:
    """Without the sensitive columns whose reason was taken back since they were mapped."""
    dropped = roster_import.sensitive.keys() - kept_reasons().keys()
    return {header: key for header, key in roster_import.mapping.items() if header not in dropped}


@job_task(ColumnRemoval.TASK, ColumnRemoval)
def run_column_removal(job: ColumnRemoval) -> None:
    take_column_out(job)


def leaving_in(plan: Plan, now: datetime) -> dict[str, Any]:
    ends, kept = what_ends(plan.leavers, now=now)
    return report_of_leaving(plan, ends=ends, kept=kept)


def apply_plan(roster_import: RosterImport, plan: Plan, now: datetime) -> None:
    """All of it or nothing: the roster, and what ends with those who leave."""
    if plan.errors and not roster_import.options.get("skip_bad_rows"):
        raise NotAllowed(
            _("The roster has changed since the check, and the file has errors now. Check it again.")
        )
    progress = follow(roster_import, total=len(plan.new) + len(plan.changed), phase=_("Writing people"))
    by = applier_of(roster_import, command=COMMAND)
    report = roster_import.report | {"leaving": leaving_in(plan, now)}
    with transaction.atomic():
        mark_people_left(plan.leavers, now=now, by=by)
        bring_people_back(plan.returning, now=now, by=by)
        write_plan(plan, progress=progress)
        mark_people_left(plan.unknown_leavers, now=now, by=by)
        move_addresses(moves=plan.moves, now=now, by=by)
    record_applied(roster_import=roster_import, counts=plan.counts(), by=by)
    finish_job(roster_import, counts=plan.counts(), report=report, applied_at=timezone.now())
