"""Success metrics as pure numbers: counts in, figures with their base out. No Django models here.

Every figure says what it is a share or a mean *of*. A figure without a base has no value (None), never
zero: nothing that did not happen yet is reported as a failure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Unit(StrEnum):
    COUNT = "count"
    PERCENT = "percent"
    MEAN = "mean"


@dataclass(frozen=True)
class CohortCounts:
    """What a cohort's rows say. `points` is the sum of the scores (0-100) of the `scored` pairs;
    `pair_months` the months that pairs ran, added up; `matchable` those who joined a cohort whose pairs are
    published."""

    invited: int = 0
    joined: int = 0
    declined: int = 0
    answered: int = 0
    matchable: int = 0
    paired: int = 0
    pairs: int = 0
    active_pairs: int = 0
    ended_pairs: int = 0
    completed_pairs: int = 0
    scored: int = 0
    points: int = 0
    met_this_month: int = 0
    ever_met: int = 0
    meetings_held: int = 0
    meetings_planned: int = 0
    meetings_cancelled: int = 0
    meetings_missed: int = 0
    pair_months: float = 0.0

    @property
    def meetings_settled(self) -> int:
        return self.meetings_held + self.meetings_cancelled + self.meetings_missed


@dataclass(frozen=True)
class Metric:
    """What a figure is: `part` and `base` name counts. The table `METRICS` is the whole list."""

    key: str
    group: Promise
    label: Promise
    unit: Unit
    part: str
    meaning: Promise
    base: str = ""
    base_label: str | Promise = ""


@dataclass(frozen=True)
class Figure:
    """A metric with its numbers: `part` of `base` for a percentage, `part` over `base` for a mean, `part`
    for a count, of a base or alone."""

    metric: Metric
    part: float
    base: float | None

    @property
    def value(self) -> float | None:
        if self.metric.unit is Unit.COUNT:
            return self.part
        if not self.base:
            return None
        return round((100 if self.metric.unit is Unit.PERCENT else 1) * self.part / self.base, 1)


ENROLMENT, MATCHING, MEETINGS = _("Enrolment"), _("Matching"), _("Meetings")
COUNT, PERCENT, MEAN = Unit.COUNT, Unit.PERCENT, Unit.MEAN

# fmt: off
METRICS = (
    Metric("invited", ENROLMENT, _("Invited"), COUNT, "invited",
           _("People invited to the cohort or added to it.")),
    Metric("joined", ENROLMENT, _("Joined"), PERCENT, "joined",
           _("Of those invited, who said yes."), "invited", _("people")),
    Metric("declined", ENROLMENT, _("Declined"), PERCENT, "declined",
           _("Of those invited, who said no."), "invited", _("people")),
    Metric("answered", ENROLMENT, _("Answered the questionnaire"), PERCENT, "answered",
           _("Of those who joined, who handed in the questionnaire."), "joined", _("people")),
    Metric("matched", MATCHING, _("Match rate"), PERCENT, "paired",
           _("Of those who joined, who got at least one partner; counted once pairs are published."),
           "matchable", _("people who joined")),
    Metric("score", MATCHING, _("Average score"), MEAN, "points",
           _("Score of 0 to 100 of published pairs: how well answers fit, not proof that they will get on."),
           "scored", _("pairs")),
    Metric("pairs", MATCHING, _("Pairs published"), COUNT, "pairs",
           _("Pairs that were ever published.")),
    Metric("active_pairs", MEETINGS, _("Active pairs"), COUNT, "active_pairs",
           _("Pairs that neither ended nor completed."), "pairs", _("pairs published")),
    Metric("ended", MEETINGS, _("Ended early"), PERCENT, "ended_pairs",
           _("Of the pairs published."), "pairs", _("pairs")),
    Metric("completed", MEETINGS, _("Completed"), PERCENT, "completed_pairs",
           _("Of the pairs published."), "pairs", _("pairs")),
    Metric("met_this_month", MEETINGS, _("Met this month"), PERCENT, "met_this_month",
           _("Of the active pairs, who held a meeting in the cohort's current month."),
           "active_pairs", _("pairs")),
    Metric("ever_met", MEETINGS, _("Met at least once"), PERCENT, "ever_met",
           _("Of the pairs published, who confirmed a meeting."), "pairs", _("pairs")),
    Metric("meetings_held", MEETINGS, _("Meetings held"), COUNT, "meetings_held",
           _("Confirmed by mentor or mentee.")),
    Metric("meetings_per_pair", MEETINGS, _("Meetings per pair"), MEAN, "meetings_held",
           _("Meetings held, over all pairs published."), "pairs", _("pairs")),
    Metric("meetings_per_pair_month", MEETINGS, _("Meetings per pair and month"), MEAN, "meetings_held",
           _("Meetings held, over the months that the pairs ran; the minimum is one."),
           "pair_months", _("pair-months")),
    Metric("kept", MEETINGS, _("Meetings that took place"), PERCENT, "meetings_held",
           _("Of the meetings that were held, cancelled or missed; future ones are not counted."),
           "meetings_settled", _("meetings")),
)
# fmt: on


def figures(counts: CohortCounts) -> list[Figure]:
    """The metrics of a cohort, or of several added up, in the order of a report."""
    return [
        Figure(
            metric,
            getattr(counts, metric.part),
            _rounded(getattr(counts, metric.base)) if metric.base else None,
        )
        for metric in METRICS
    ]


def _rounded(base: float) -> float:
    return base if isinstance(base, int) else round(base, 1)


def added(several: Iterable[CohortCounts]) -> CohortCounts:
    """Several cohorts as one. Shares of the sum are weighted by their bases, as they must be."""
    totals: dict[str, float] = {}
    for counts in several:
        for name, value in vars(counts).items():
            totals[name] = totals.get(name, 0) + value
    return CohortCounts(**totals)  # type: ignore[arg-type]
