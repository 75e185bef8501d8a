"""Keeps everybody's suggestions up to date while people choose: found from the state, so that neither a
dead broker nor a forgotten call leaves anybody without a list."""

from datetime import datetime

from django.db.models import TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from matching.actions.settings import ensure_criteria
from matching.models import SuggestionList, SuggestionRun
from matching.queries.inputs import load_inputs
from matching.queries.suggestions import (
    cohorts_in_choosing,
    lists_of,
    needs_suggestions,
    state_of,
    suggestion_settings,
)
from mentoring.actors import Actor
from mentoring.jobs import check_cancelled, enqueue, finish_job, queue_job, report_progress
from mentoring.tenancy.scoping import organization_scope
from programs.actions.cohorts import lock_cohort
from programs.models import Cohort


def plan_suggestions(*, now: datetime) -> int:
    """Queue a run for each cohort of the organization in which people choose and whose lists are missing or
    older than what they are made of; answers how many. As often as one likes."""
    return sum(_plan(cohort, now) for cohort in cohorts_in_choosing(now))


def _plan(cohort: Cohort, now: datetime) -> bool:
    ensure_criteria(cohort=cohort, by=Actor.system("matching"))
    if not needs_suggestions(cohort, state_of(cohort, suggestion_settings(cohort)), now):
        return False
    locked = lock_cohort(cohort)
    settings = suggestion_settings(locked)
    state = state_of(locked, settings)
    if not needs_suggestions(locked, state, now):
        return False
    queue_job(SuggestionRun(cohort=locked, settings={**settings.as_row(), "state": state}))
    return True


def work_off(run: SuggestionRun) -> None:
    """Replace all lists of the cohort, or none: a run whose worker died starts anew, and until it is done
    everybody sees the lists of before. They are written as they are made, some hundred people at a time."""
    from matching.suggesting import prepare, suggest  # numpy

    report_progress(run, phase=_("Reading the answers"))
    with organization_scope(run.organization_id):
        inputs = load_inputs(run.cohort, run.settings_then)
    people = len(inputs.mentors.ids) + len(inputs.mentees.ids)
    done = listed = 0
    prepared = prepare(inputs)
    with organization_scope(run.organization_id):
        lists_of(run.cohort).delete()
        for block in suggest(prepared):
            check_cancelled(run)
            SuggestionList.objects.bulk_create([_row(run, *one) for one in block], batch_size=200)
            done += len(block)
            listed += sum(bool(partners) for _pk, partners, _scores in block)
            report_progress(run, done=done, total=people, phase=_("Looking for suggestions"))
        finish_job(run, figures={"people": people, "listed": listed, "scales": prepared.scales})
        enqueue("mentoring.plan_reminders", run.organization_id)


def _row(run: SuggestionRun, participant_id: int, partners: list[int], scores: list[int]) -> SuggestionList:
    """With both lists written as PostgreSQL reads them: number by number, as a list is prepared otherwise,
    ten million of them take minutes."""
    row = SuggestionList(run=run, participant_id=participant_id)
    for name, numbers in (("partners", partners), ("scores", scores)):
        text = Value("{" + ",".join(map(str, numbers)) + "}", output_field=TextField())
        setattr(row, name, Cast(text, SuggestionList._meta.get_field(name)))  # type: ignore[arg-type]
    return row
