"""A cohort in which people choose, with everybody's suggestions worked out."""

from datetime import UTC, date, datetime
from typing import Any

from matching.actions.suggest import plan_suggestions, work_off
from matching.models import Pick, SuggestionList, SuggestionRun
from mentoring.jobs import run_job
from programs.enums import MatchingMode
from programs.models import Cohort, Participant
from tests.cast import Cast
from tests.matching.making import find

UNTIL = date(2027, 1, 8)  # a Friday
NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)  # the Monday before


def choosing(
    cast: Cast, cohort: Cohort, *, mode: MatchingMode = MatchingMode.HYBRID, **fields: Any
) -> Cohort:
    """Call it outside of any scope, as `suggest`."""
    with cast.scope():
        Cohort.objects.filter(pk=cohort.pk).update(matching_mode=mode, choose_until=UNTIL, **fields)
    suggest(cast)
    with cast.scope():
        return Cohort.objects.select_related("program", "organization").get(pk=cohort.pk)


def suggest(cast: Cast, *, now: datetime = NOW) -> int:
    """Plan and work off, as the scheduler and a worker do."""
    with cast.scope():
        number = plan_suggestions(now=now)
        queued = list(SuggestionRun.objects.filter(status="queued").values_list("pk", flat=True))
    for pk in queued:
        run_job(SuggestionRun, work_off, cast.organization.pk, pk)
    return number


def listed(cohort: Cohort, name: str) -> list[str]:
    """First names of whom somebody may choose, in order. Call it inside a scope, as all below."""
    found = SuggestionList.objects.get(participant=find(cohort, name))
    names = dict(Participant.objects.values_list("pk", "person__first_name"))
    return [names[pk] for pk in found.partners]


def picks(participant: Participant) -> list[tuple[str, int | None]]:
    """(first name, rank) in order of rank, refusals last."""
    rows = Pick.objects.filter(participant=participant).values_list("partner__person__first_name", "rank")
    return sorted(rows, key=lambda row: (row[1] is None, row[1] or 0, row[0]))
