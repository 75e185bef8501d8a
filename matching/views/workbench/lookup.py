"""What the ids of an address stand for in one cohort; 404 for anything else."""

from django.http import Http404

from matching.models import MatchRun, Proposal
from matching.queries.runs import proposals, run_in
from programs.models import Cohort


def run_or_404(cohort: Cohort, run_id: int) -> MatchRun:
    run = run_in(cohort, run_id)
    if run is None:
        raise Http404
    return run


def proposal_or_404(cohort: Cohort, proposal_id: int) -> Proposal:
    found = proposals().select_related("run__cohort", "mentor__cohort", "mentee__cohort")
    proposal = found.filter(run__cohort=cohort, pk=proposal_id).first()
    if proposal is None:
        raise Http404
    return proposal
