"""The export as one table: a row for each metric, then a row for each pair. `row` says which it is, so
that one file can be filtered in any spreadsheet and read by any program."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from mentoring.exchange.columns import Column
from mentoring.models import Organization
from outcomes.metrics.figures import Figure, figures
from outcomes.queries import counts_of, pairs_to_export
from programs.models import Cohort, Pair

Row = dict[str, object]


def _column(key: str, label: str) -> Column:
    return Column(key=key, label=label, exporter=lambda row: row.get(key))


def columns() -> list[Column]:
    """The columns of the export; those of the other kind of row stay empty."""
    return [
        _column("row", _("Row")),
        _column("program", _("Program")),
        _column("cohort", _("Cohort")),
        _column("metric", _("Metric")),
        _column("value", _("Value")),
        _column("unit", _("Unit")),
        _column("part", _("Part")),
        _column("base", _("Base")),
        _column("base_of", _("Base counts")),
        _column("meaning", _("Meaning")),
        _column("mentor", _("Mentor")),
        _column("mentor_id", _("Mentor's employee ID")),
        _column("mentee", _("Mentee")),
        _column("mentee_id", _("Mentee's employee ID")),
        _column("status", _("Status")),
        _column("score", _("Score (0-100)")),
        _column("published_on", _("Published on")),
        _column("ended_on", _("Ended on")),
        _column("held", _("Meetings held")),
        _column("planned", _("Meetings planned")),
        _column("cancelled", _("Meetings cancelled")),
        _column("missed", _("Meetings missed")),
        _column("first_met", _("First met")),
        _column("last_met", _("Last met")),
    ]


def rows(organization: Organization, cohorts: Iterable[Cohort], *, now: datetime) -> Iterator[Row]:
    cohorts = list(cohorts)
    counts = counts_of(cohorts, organization=organization, now=now)
    for cohort in cohorts:
        where = {"program": cohort.program.name, "cohort": cohort.name}
        for figure in figures(counts[cohort.pk]):
            yield where | _metric(figure)
    zone = ZoneInfo(organization.time_zone)
    for pair in pairs_to_export([cohort.pk for cohort in cohorts]):
        yield _pair(pair, zone)


def _metric(figure: Figure) -> Row:
    return {
        "row": "metric",
        "metric": str(figure.metric.label),
        "value": figure.value,
        "unit": figure.metric.unit.value,
        "part": figure.part,
        "base": figure.base,
        "base_of": str(figure.metric.base_label),
        "meaning": str(figure.metric.meaning),
    }


def _pair(pair: Any, zone: ZoneInfo) -> Row:
    def day(moment: datetime | None) -> object:
        return moment and moment.astimezone(zone).date()

    found: Pair = pair
    return {
        "row": "pair",
        "program": found.cohort.program.name,
        "cohort": found.cohort.name,
        "mentor": found.mentor.person.name,
        "mentor_id": found.mentor.person.employee_id,
        "mentee": found.mentee.person.name,
        "mentee_id": found.mentee.person.employee_id,
        "status": found.get_status_display(),
        "score": found.score,
        "published_on": day(found.published_at),
        "ended_on": day(found.ended_at),
        "held": pair.held,
        "planned": pair.planned,
        "cancelled": pair.cancelled,
        "missed": pair.missed,
        "first_met": day(pair.first_met),
        "last_met": day(pair.last_met),
    }
