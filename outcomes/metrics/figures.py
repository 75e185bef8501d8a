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
    `pair_months` the months that active pairs have been running, summed over pairs. `matchable` are those who
    joined a cohort whose pairs are published."""

    invited: int = 0
    opened: int = 0
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


@dataclass(frozen=True)
class Figure:
    """One metric. `part` of `base` for a percentage, `part` over `base` for a mean, `part` for a count."""

    key: str
    group: str | Promise
    label: str | Promise
    unit: Unit
    part: float
    base: float | None
    base_label: str | Promise
    meaning: str | Promise

    @property
    def value(self) -> float | None:
        if self.unit is Unit.COUNT:
            return self.part
        if not self.base:
            return None
        return round((100 if self.unit is Unit.PERCENT else 1) * self.part / self.base, 1)


ENROLMENT, MATCHING, MEETINGS = _("Enrolment"), _("Matching"), _("Meetings")


def figures(counts: CohortCounts) -> list[Figure]:
    """The metrics of a cohort, or of several added up, in the order of a report."""
    c = counts
    settled = c.meetings_held + c.meetings_cancelled + c.meetings_missed
    people, pairs, meetings = _("people"), _("pairs"), _("meetings")

    def count(key: str, group: Promise, label: Promise, part: int, meaning: Promise) -> Figure:
        return Figure(key, group, label, Unit.COUNT, part, None, "", meaning)

    def share(
        key: str, group: Promise, label: Promise, part: int, base: int, what: Promise, meaning: Promise
    ) -> Figure:
        return Figure(key, group, label, Unit.PERCENT, part, base, what, meaning)

    def mean(
        key: str, group: Promise, label: Promise, part: float, base: float, what: Promise, meaning: Promise
    ) -> Figure:
        return Figure(key, group, label, Unit.MEAN, part, base, what, meaning)

    return [
        count(
            "invited", ENROLMENT, _("Invited"), c.invited, _("People invited to the cohort or added to it.")
        ),
        share(
            "joined",
            ENROLMENT,
            _("Joined"),
            c.joined,
            c.invited,
            people,
            _("Of those invited, who said yes."),
        ),
        share(
            "declined",
            ENROLMENT,
            _("Declined"),
            c.declined,
            c.invited,
            people,
            _("Of those invited, who said no."),
        ),
        share(
            "answered",
            ENROLMENT,
            _("Answered the questionnaire"),
            c.answered,
            c.joined,
            people,
            _("Of those who joined, who sent the questionnaire."),
        ),
        share(
            "matched",
            MATCHING,
            _("Match rate"),
            c.paired,
            c.matchable,
            people,
            _("Of those who joined, who got at least one partner; counted once pairs are published."),
        ),
        mean(
            "score",
            MATCHING,
            _("Average score"),
            c.points,
            c.scored,
            pairs,
            _("Score of 0 to 100 of published pairs: how well answers fit, not proof that they will get on."),
        ),
        count("pairs", MATCHING, _("Pairs published"), c.pairs, _("Pairs that were ever published.")),
        count(
            "active_pairs",
            MEETINGS,
            _("Active pairs"),
            c.active_pairs,
            _("Pairs that neither ended nor completed."),
        ),
        share(
            "ended", MEETINGS, _("Ended early"), c.ended_pairs, c.pairs, pairs, _("Of the pairs published.")
        ),
        share(
            "completed",
            MEETINGS,
            _("Completed"),
            c.completed_pairs,
            c.pairs,
            pairs,
            _("Of the pairs published."),
        ),
        share(
            "met_this_month",
            MEETINGS,
            _("Met this month"),
            c.met_this_month,
            c.active_pairs,
            pairs,
            _("Of the active pairs, who held a meeting in the cohort's current month."),
        ),
        share(
            "ever_met",
            MEETINGS,
            _("Met at least once"),
            c.ever_met,
            c.pairs,
            pairs,
            _("Of the pairs published, who confirmed a meeting."),
        ),
        count(
            "meetings_held",
            MEETINGS,
            _("Meetings held"),
            c.meetings_held,
            _("Confirmed by mentor or mentee."),
        ),
        mean(
            "meetings_per_pair",
            MEETINGS,
            _("Meetings per pair"),
            c.meetings_held,
            c.pairs,
            pairs,
            _("Meetings held, over all pairs published."),
        ),
        mean(
            "meetings_per_pair_month",
            MEETINGS,
            _("Meetings per pair and month"),
            c.meetings_held,
            round(c.pair_months, 1),
            _("pair-months"),
            _("Meetings held, over the months that the pairs ran; the minimum is one."),
        ),
        share(
            "kept",
            MEETINGS,
            _("Meetings that took place"),
            c.meetings_held,
            settled,
            meetings,
            _("Of the meetings that were held, cancelled or missed; future ones are not counted."),
        ),
    ]


def added(several: Iterable[CohortCounts]) -> CohortCounts:
    """Several cohorts as one. Shares of the sum are weighted by their bases, as they must be."""
    totals: dict[str, float] = {}
    for counts in several:
        for name, value in vars(counts).items():
            totals[name] = totals.get(name, 0) + value
    return CohortCounts(**totals)  # type: ignore[arg-type]
