from matching.models import MatchRun
from mentoring.jobs import job_task


@job_task(MatchRun.TASK, MatchRun)
def run_matching(run: MatchRun) -> None:
    """Numpy and scipy take a second to import: only a worker that solves pays for it."""
    from matching.actions.solve import work_off

    work_off(run)
