"""Which cohorts need suggestions, and everything that these are worked out from as one short text."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import CharField, Max, QuerySet, Value
from django.db.models.functions import MD5, Cast, Concat

from matching.models import Exclusion, SuggestionList, SuggestionRun
from matching.queries.inputs import ready
from matching.queries.settings import settings_now
from matching.run_settings import Options, Rulings, Settings
from mentoring.enums import OPEN_JOBS, JobStatus
from mentoring.models import AuditEvent, Person
from mentoring.rules import today_in
from programs.enums import CohortStatus, PairRole
from programs.models import Cohort, Participant, Response, ResponseImport
from programs.queries.cohorts import cohorts
from programs.rules import choosing_is_open

TRY_AGAIN_AFTER = timedelta(hours=1)
SEATS_FOR_ALL = 1000  # more than anybody has partners: who is paired meanwhile keeps their list


def cohorts_in_choosing(now: datetime) -> list[Cohort]:
    found = cohorts().select_related("organization").filter(status=CohortStatus.MATCHING)
    return [one for one in found if choosing_is_open(one, today_in(one.organization.time_zone, now))]


def suggestion_settings(cohort: Cohort) -> Settings:
    """What a run of suggestions goes by: criteria and hard rules as any run. Neither kept pairs nor seats
    nor anybody's picks count in it."""
    now = settings_now(cohort)
    return Settings(
        criteria=now.criteria,
        rules=now.rules,
        rulings=Rulings(never=now.rulings.never),
        options=Options(priority=False),
        seats=dict.fromkeys(PairRole.values, SEATS_FOR_ALL),
    )


def state_of(cohort: Cohort, settings: Settings) -> str:
    """Differs when anything does that could change a list."""
    row = settings.as_row()
    counted = [row["criteria"], row["rules"], row["rulings"]["never"], _people(cohort)]
    return hashlib.sha256(json.dumps(counted, default=str).encode()).hexdigest()


def _people(cohort: Cohort) -> list[Any]:
    each = Concat(Cast("id", CharField()), Value(":"), Cast("answered_at", CharField()))
    people = ready(cohort).order_by().aggregate(all=MD5(StringAgg(each, Value(","), order_by="id")))
    imports = ResponseImport.objects.filter(cohort=cohort, status=JobStatus.DONE)
    return [
        people["all"],
        _answers_changed(cohort),
        imports.aggregate(last=Max("finished_at"))["last"],
        Exclusion.objects.aggregate(last=Max("pk"))["last"],
        Exclusion.objects.count(),
        Person.objects.aggregate(last=Max("updated_at"))["last"],
    ]


def _answers_changed(cohort: Cohort) -> int:
    """How often people changed answers that were handed in: each time leaves an audit row."""
    responses = Response.objects.filter(participant__cohort=cohort)
    return AuditEvent.objects.filter(
        action="response.changed",
        object_type=Response._meta.label_lower,
        object_id__in=responses.values("pk"),
    ).count()


def needs_suggestions(cohort: Cohort, state: str, now: datetime) -> bool:
    """Not while a run is on its way; a failed one of the same state is tried again after an hour."""
    last = SuggestionRun.objects.filter(cohort=cohort).order_by("-pk").first()
    if last is None:
        return True
    if last.status in OPEN_JOBS:
        return False
    changed = last.settings.get("state") != state
    if last.status == JobStatus.DONE:
        return changed
    return changed or last.finished_at is None or last.finished_at <= now - TRY_AGAIN_AFTER


def suggestions_of(participant: Participant) -> SuggestionList | None:
    return SuggestionList.objects.select_related("run").filter(participant=participant).first()


def lists_of(cohort: Cohort) -> QuerySet[SuggestionList]:
    return SuggestionList.objects.filter(participant__cohort=cohort)
