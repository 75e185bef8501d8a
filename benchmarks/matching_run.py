"""A run of the matching as a worker does it: load the rows, score, assign, check, explain, store."""

from django.utils import timezone

from benchmarks.dataset import Filled, fill
from benchmarks.harness import Row, clock, peak_megabytes, settle, statements
from matching.actions.runs import start_run
from matching.actions.solve import work_off
from matching.models import MatchRun, Proposal
from mentoring.jobs import run_job
from mentoring.tenancy.scoping import organization_scope


def match(filled: Filled) -> MatchRun:
    """Start a run of the matching cohort and do the worker's part here."""
    with organization_scope(filled.organization):
        matched = start_run(cohort=filled.matching, by=filled.by)
    run_job(MatchRun, work_off, filled.organization.pk, matched.pk)
    with organization_scope(filled.organization):
        matched.refresh_from_db()
    if not matched.is_done:
        raise RuntimeError(f"The run failed: {matched.error}")
    return matched


def run(size: int) -> list[Row]:
    filled = fill("matching", people=2 * size, rows=10, now=timezone.now(), pairs=0, to_match=size)
    settle()
    before = peak_megabytes()
    with clock() as first, statements() as sent:
        matched = match(filled)
    with clock() as second:
        match(filled)
    with organization_scope(filled.organization):
        stored = Proposal.objects.filter(run=matched).count()
    return [
        Row(f"from rows to proposals, {size:,} x {size:,}", first[0], "s"),
        Row("the same again, solver already loaded", second[0], "s"),
        Row("proposals stored", stored, "proposals"),
        Row("statements", sent[0], "SQL"),
        Row("peak memory before the run", before, "MB"),
        Row("peak memory after it", peak_megabytes(), "MB"),
    ]
