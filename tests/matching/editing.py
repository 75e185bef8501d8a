"""Drafts changed by hand, and what is said of their pairs."""

from datetime import UTC, datetime, timedelta
from typing import Any

from matching.actions.edits import edit_draft
from matching.actions.solve import work_off
from matching.enums import EditKind
from matching.models import MatchRun, Proposal, Ruling
from matching.queries.runs import proposals
from mentoring.jobs import run_job
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.making import find


def later(minutes: int = 1) -> datetime:
    """After everything that a worker has finished by now."""
    return datetime.now(UTC) + timedelta(minutes=minutes)


def pair_of(run: MatchRun, mentor: str) -> Proposal:
    return (
        proposals()
        .select_related("run__cohort", "mentor__cohort")
        .get(run=run, mentor__person__first_name=mentor)
    )


def edited(cast: Cast, run: MatchRun, mentor: str, kind: EditKind, other: str, **more: Any) -> MatchRun:
    """The draft that this change makes, worked off here and now. Call it outside of any scope."""
    with cast.scope():
        new = edit_draft(
            proposal=pair_of(run, mentor), kind=kind, other=find(run.cohort, other), by=cast.by, **more
        )
    run_job(MatchRun, work_off, cast.organization.pk, new.pk)
    with cast.scope():
        return MatchRun.objects.select_related("cohort__program").get(pk=new.pk)


def said(cohort: Cohort) -> dict[tuple[str, str], str]:
    rows = Ruling.objects.filter(cohort=cohort).select_related("mentor__person", "mentee__person")
    return {(row.mentor.person.first_name, row.mentee.person.first_name): row.kind for row in rows}
