"""Works a run off. Imports numpy and scipy: only tasks and the command import this module, when needed."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from matching.actions.edits import settle_edit
from matching.core.replay import pack_proof, versions
from matching.enums import RunPurpose
from matching.explaining.drafts import proposals, unmatched
from matching.explaining.figures import figures
from matching.models import MatchRun, Proposal, Unmatched
from matching.queries.inputs import load_run
from matching.solving import restrict, score
from matching.solving.answering import answer, faults, fingerprint
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.jobs import check_cancelled, finish_job, report_progress
from mentoring.tenancy.scoping import organization_scope

Tell = Callable[[str, int], None]


def work_off(run: MatchRun, tell: Tell | None = None) -> None:
    """Load, score, assign, check, explain and store, all of it or nothing; `tell(phase, percent)` hears.

    Nothing is written before the end, so a run whose worker died simply starts anew. The second opinion
    of `matching.core.verify_program` must agree before anything is stored.
    """

    def at(phase: str, percent: int) -> None:
        report_progress(run, done=percent, total=100, phase=phase)
        if tell:
            tell(phase, percent)
        with organization_scope(run.organization_id):
            check_cancelled(run)

    at(_("Reading the answers"), 0)
    with organization_scope(run.organization_id):
        inputs = load_run(run)
    at(_("Scoring every possible pair"), 15)
    prepared = score(inputs)
    problem = restrict(prepared)
    at(_("Finding the best pairs"), 30)
    program = answer(
        prepared,
        problem,
        progress=lambda phase, share: at(searching(phase, share), 30 + int(40 * share)),
    )
    at(_("Checking the result"), 70)
    if wrong := faults(prepared, problem, program):
        raise RuntimeError(f"run {run.pk}: the answer does not hold: {wrong[:3]}")
    at(_("Writing down the reasons"), 80)
    pairs = proposals(prepared, problem, program)
    alone = unmatched(prepared, problem, program)
    told = figures(prepared, problem, program)
    at(_("Storing the pairs"), 90)
    _store(
        run,
        pairs,
        alone,
        figures=told,
        input_hash=fingerprint(prepared, problem),
        proof=pack_proof(program.weighed, program.solution),
        versions=versions(),
    )


def searching(phase: str, share: float) -> str:
    """While a large cohort is solved: how much of the gap between the pairs found and the best that is still
    possible is closed (`matching.core.sparse` reports from 0.1, none, to 0.8, all of it)."""
    if phase == "raise":
        return _("Closing the gap: the best pairs once more, with another weight")
    closed = round(100 * (share - 0.1) / 0.7)
    if phase != "assign" or not 0 < closed <= 100:
        return _("Finding the best pairs")
    words = _("Finding the best pairs: %(closed)s %% of the gap to the best possible is closed")
    return words % {"closed": closed}


def _store(run: MatchRun, pairs: list[dict[str, Any]], alone: list[dict[str, Any]], **fields: Any) -> None:
    with organization_scope(run.organization_id):
        Proposal.objects.filter(run=run).delete()
        Unmatched.objects.filter(run=run).delete()
        Proposal.objects.bulk_create([Proposal(run=run, **one) for one in pairs], batch_size=1000)
        Unmatched.objects.bulk_create([Unmatched(run=run, **one) for one in alone], batch_size=1000)
        adopted = None if run.purpose == RunPurpose.WHAT_IF else timezone.now()
        finish_job(run, adopted_at=adopted, **fields)
        settle_edit(run)
        audit.record("matching.run_done", run, by=Actor.system("matching"), pairs=len(pairs))
