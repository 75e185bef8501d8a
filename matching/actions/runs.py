from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from matching.actions.settings import ensure_criteria
from matching.models import MatchRun
from matching.queries.inputs import ready
from matching.queries.settings import settings_now
from matching.rules import check_matchable
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.enums import OPEN_JOBS
from mentoring.jobs import queue_job, request_cancel
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort
from programs.enums import PairRole
from programs.models import Cohort


def start_run(*, cohort: Cohort, by: Actor) -> MatchRun:
    """Queue a run of the cohort with the settings as they are now. One at a time; the next number."""
    locked = lock_cohort(cohort)
    check_matchable(locked.status)
    if MatchRun.objects.filter(cohort=locked, status__in=OPEN_JOBS).exists():
        raise NotAllowed(_("A run of this cohort is on its way already. Wait for it, or cancel it."))
    there = set(ready(locked).order_by().values_list("role", flat=True).distinct())
    if there != {PairRole.MENTOR, PairRole.MENTEE}:
        raise NotAllowed(
            _("There is nobody to pair yet: at least one mentor and one mentee have to join and answer.")
        )
    ensure_criteria(cohort=locked, by=by)
    number = MatchRun.objects.filter(cohort=locked).aggregate(last=Max("number"))["last"] or 0
    run = MatchRun(cohort=locked, number=number + 1, settings=settings_now(locked), created_by_id=by.user_id)
    queue_job(run)
    audit.record("matching.run_started", run, by=by, cohort=locked.pk)
    return run


def cancel_run(*, run: MatchRun, by: Actor) -> None:
    """Ask an open run to stop; nothing of it is stored."""
    request_cancel(run)
    audit.record("matching.run_cancelled", run, by=by)
