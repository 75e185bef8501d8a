from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from matching.actions.gaps import check_gap
from matching.actions.settings import check_confidence, check_something_counts, ensure_criteria
from matching.enums import Comparator, Rule, RunPurpose
from matching.models import MatchRun
from matching.queries.inputs import STAYS_NEAR, ready
from matching.queries.runs import current_draft
from matching.queries.settings import settings_now
from matching.rules import WEIGHT_AT_MOST, check_matchable
from matching.run_settings import Changes, Settings
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.enums import OPEN_JOBS, JobStatus
from mentoring.jobs import queue_job, request_cancel
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort
from programs.enums import PairRole
from programs.models import Cohort

SEATS_AT_MOST = 5


def start_run(
    *,
    cohort: Cohort,
    by: Actor,
    purpose: RunPurpose = RunPurpose.DRAFT,
    based_on: MatchRun | None = None,
    changes: Changes | None = None,
    edit: dict[str, Any] | None = None,
    note: str = "",
) -> MatchRun:
    """Queue a run of the cohort with the settings as they are now. One at a time; the next number.

    `changes` are laid over the settings for this run only. A run of purpose edit or repair moves as few
    pairs of `based_on` (default: the draft that counts) as possible.
    """
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
    settings = settings_now(locked)
    if changes:
        _check_changes(settings, changes)
        settings = settings.changed(changes)
    check_something_counts(settings.criteria)
    check_confidence(locked, settings.criteria)
    check_gap(settings.options)
    run = MatchRun(
        cohort=locked,
        number=(MatchRun.objects.filter(cohort=locked).aggregate(last=Max("number"))["last"] or 0) + 1,
        settings=settings.as_row(),
        purpose=purpose,
        based_on=_based_on(locked, purpose, based_on),
        edit=edit or {},
        note=note,
        created_by_id=by.user_id,
    )
    queue_job(run)
    audit.record("matching.run_started", run, by=by, cohort=locked.pk, purpose=run.purpose)
    return run


def _based_on(cohort: Cohort, purpose: RunPurpose, given: MatchRun | None) -> MatchRun | None:
    """The run it changes or is compared with: a finished one of the same cohort."""
    found = given or (current_draft(cohort) if purpose in STAYS_NEAR else None)
    if found and (found.cohort_id != cohort.pk or found.status != JobStatus.DONE):
        raise NotAllowed(_("The draft to start from is not a finished one of this cohort."))
    if found is None and purpose in STAYS_NEAR:
        raise NotAllowed(_("There is no draft yet that could be changed. Run the matching first."))
    return found


def _check_changes(settings: Settings, changes: Changes) -> None:
    """Refuse what these settings do not have, or what is out of range."""
    there = {*changes.weights, *changes.relations} <= settings.labels.keys()
    there = there and {*changes.rules} <= {*Rule.values}
    if not there or not {*changes.relations.values()} <= {*Comparator.values}:
        raise NotAllowed(_("This cohort has no such criterion or rule. Open the page again."))
    if any(not 0 <= weight <= WEIGHT_AT_MOST for weight in changes.weights.values()):
        raise NotAllowed(_("A weight is a whole number from 0 to 5."))
    seats = changes.seats
    if not seats.keys() <= settings.seats.keys() or any(not 0 <= n <= SEATS_AT_MOST for n in seats.values()):
        raise NotAllowed(_("Give everybody from 0 to %(most)s more seats.") % {"most": SEATS_AT_MOST})


def cancel_run(*, run: MatchRun, by: Actor) -> bool:
    """Ask an open run to stop; nothing of it is stored. Answers whether this call did it."""
    if not run.is_open:
        raise NotAllowed(_("This run has ended already, so there is nothing to cancel."))
    if not request_cancel(run):
        return False
    audit.record("matching.run_cancelled", run, by=by)
    return True
