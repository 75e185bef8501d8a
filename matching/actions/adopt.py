"""Making a finished run the draft that counts."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from matching.actions.holds import check_holds, over_capacity
from matching.actions.steps import change_rulings, check_step, give_seat_again
from matching.enums import RunPurpose
from matching.models import Criterion, HardRule, MatchRun, MatchSettings
from matching.queries.runs import current_draft, open_run, proposals
from matching.queries.settings import criteria_of, fields_of
from matching.rules import check_matchable
from matching.run_settings import Settings
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.enums import JobStatus
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort
from programs.actions.participants import add_seat
from programs.models import Cohort

Fields = Mapping[str, Any]


@transaction.atomic
def adopt_run(*, run: MatchRun, by: Actor, now: datetime, with_seats: bool = False) -> bool:
    """Make this run the draft that counts, with its criteria, rules and options for the runs to come.

    A draft changed by hand takes its kept and ruled-out pairs along; where it changes the draft that counts,
    this redoes that change and nothing else (`actions.steps`). Refused if it no longer holds. Extra
    seats of a what-if are not given to everybody: with `with_seats` those, and only those, who have more
    partners in this draft than they take get the seats they need; without it such a draft is refused, and so
    is one that needs more than it tried.
    Answers whether anything changed: adopting it a second time does nothing.
    """
    cohort = lock_cohort(run.cohort)
    run = MatchRun.objects.select_related("cohort").get(pk=run.pk)
    check_adoptable(cohort, run)
    counting = current_draft(cohort)
    if counting is not None and counting.pk == run.pk:
        return False
    redone = run.purpose == RunPurpose.EDIT and counting is not None and run.based_on_id == counting.pk
    change_rulings(cohort, run, to="after")
    if redone or with_seats:
        give_seat_again(run, by)
    if redone and counting:
        check_step(run, come_from=counting, go_to=run)
    else:
        check_holds(run, with_seats=with_seats)
        _write_settings(cohort, run.settings_then)
    seats = _give_seats(run, by) if with_seats else {}
    MatchRun.objects.filter(pk=run.pk).update(adopted_at=now)
    audit.record("matching.adopted", run, by=by, cohort=cohort.pk, purpose=run.purpose, seats=seats)
    return True


def check_adoptable(cohort: Cohort, run: MatchRun) -> None:
    check_matchable(cohort.status)
    if run.status != JobStatus.DONE:
        raise NotAllowed(_("This run has not finished, so there is nothing to adopt."))
    if run.published_at:
        raise NotAllowed(_("This draft has been published already. Run the matching again."))
    if open_run(cohort):
        raise NotAllowed(_("A run is on its way. Wait for it or cancel it first."))


def _give_seats(run: MatchRun, by: Actor) -> dict[str, int]:
    needed = over_capacity(list(proposals().filter(run=run)))
    for participant, capacity in needed.items():
        for _seat in range(capacity - participant.capacity):
            add_seat(participant=participant, by=by)
    return {str(participant.pk): capacity for participant, capacity in needed.items()}


def _write_settings(cohort: Cohort, settings: Settings) -> None:
    """The cohort's criteria, rules and options become those of the run."""
    present = {one.key: one for one in criteria_of(cohort)}
    Criterion.objects.filter(cohort=cohort, key__in=present.keys() - settings.labels.keys()).delete()
    for position, one in enumerate(settings.criteria):
        fields = {**asdict(one), "position": position}
        Criterion.objects.update_or_create(cohort=cohort, key=one.key, defaults=fields)
    for rule in HardRule.objects.filter(cohort=cohort):
        if rule.enabled != (rule.rule in settings.rules):
            rule.enabled = rule.rule in settings.rules
            rule.save(update_fields=["enabled"])
    MatchSettings.objects.update_or_create(cohort=cohort, defaults=fields_of(settings.options))
