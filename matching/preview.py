"""What settings mean for the people of a cohort, counted before anything is saved or solved. No queries here.

With numpy alone, so that a page can ask; above some four million possible pairs only what needs no look
at every pair.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from matching.core.features import ChoiceSets
from matching.core.points import Product, chunks
from matching.enums import Comparator, Rule
from matching.queries.inputs import Inputs, SideInput
from matching.rules import FORBIDDEN_WORDS, Text
from matching.run_settings import CriterionSetting
from matching.solving.points import Prepared, score
from matching.solving.restrictions import floor_points, hard_rules

Ints = NDArray[np.int64]

FEW = 3
PAIRS_AT_MOST = 4_000_000
NAMED_AT_MOST = 200
# Shown even where they forbid nobody: the champion switches them.
SWITCHED = (Rule.REPORTING_LINE.value, Rule.EARLIER_PARTNER.value, Rule.EXCLUSION.value)


@dataclass(frozen=True)
class Scarce:
    """Somebody with few possible partners."""

    name: str
    person_id: int
    partners: int


@dataclass(frozen=True)
class Side:
    """One role: who is considered, their seats, how many can be placed at the most, and who has few
    possible partners (`few` of them, `nobody` with none), fewest first."""

    people: int
    seats: int
    placed_at_most: int = 0
    few: int = 0
    nobody: int = 0
    scarce: list[Scarce] = field(default_factory=list)

    @property
    def not_named(self) -> int:
        return self.few - len(self.scarce)


@dataclass(frozen=True)
class Forbidden:
    words: Text
    pairs: int


@dataclass(frozen=True)
class Preview:
    """`counted` is False where there are too many pairs to look at each. `nothing`: possible pairs in which
    the mentor can show nothing the mentee wants, None without such a criterion. `best` and `mean` are scores
    of 100: a mentee's best possible partner on average, and any possible partner."""

    mentors: Side
    mentees: Side
    pairs: int
    forbidden: list[Forbidden]
    counted: bool = False
    possible: int = 0
    nothing: int | None = None
    best: int | None = None
    mean: int | None = None

    @property
    def everybody(self) -> bool:
        """Nothing counted here stands in the way of a partner for each of the smaller side."""
        smaller = min(self.mentors, self.mentees, key=lambda side: side.people)
        return smaller.placed_at_most == smaller.people


def look_ahead(inputs: Inputs) -> Preview:
    """Who said "not for me" is part of one figure and of nothing that has a name beside it."""
    rules = hard_rules(replace(inputs, refused=[]))
    mentors, mentees = inputs.mentors, inputs.mentees
    pairs = len(mentors.ids) * len(mentees.ids)
    counts = rules.counts() | {"refused": len(inputs.refused)}
    if pairs > PAIRS_AT_MOST or not pairs:
        left, right = (Side(len(one.ids), sum(one.seats)) for one in (mentors, mentees))
        return Preview(left, right, pairs, _forbidden(inputs, counts))
    prepared = score(inputs)
    floor = floor_points(prepared)
    seen = _Seen(prepared)
    for rows in chunks(*rules.shape):
        allowed = rules.allowed_rows(rows)
        points = seen.points.block(rows)
        if floor is not None:
            counts["floor"] = counts.get("floor", 0) + int((allowed & (points < floor)).sum())
            allowed &= points >= floor
        seen.add(rows, allowed, points)
    return Preview(
        _side(mentors, seen.of_mentor, mentees, seen.of_mentee),
        _side(mentees, seen.of_mentee, mentors, seen.of_mentor),
        pairs,
        _forbidden(inputs, counts),
        counted=True,
        possible=int(seen.of_mentor.sum()),
        nothing=seen.nothing,
        best=seen.best_percent,
        mean=seen.mean_percent,
    )


class _Seen:
    """What is found while possible pairs are looked at, some mentors at a time."""

    def __init__(self, prepared: Prepared) -> None:
        mentors, mentees = prepared.sheet.shape
        self.of_mentor: Ints = np.zeros(mentors, dtype=np.int64)
        self.of_mentee: Ints = np.zeros(mentees, dtype=np.int64)
        self.points = Product(*prepared.sheet.factors)
        self._top = prepared.sheet.max_points
        self._best = np.full(mentees, -1.0)
        self._sum = 0.0
        self._learning = [
            (one.mentor_feature.chosen.astype(np.float32), one.mentee_feature.chosen.astype(np.float32))
            for one in prepared.sheet.criteria
            if one.comparator == Comparator.COVERS
            and isinstance(one.mentor_feature, ChoiceSets)
            and isinstance(one.mentee_feature, ChoiceSets)
        ]
        self.nothing: int | None = 0 if self._learning else None

    def add(self, rows: Ints, allowed: NDArray[np.bool_], points: NDArray) -> None:
        self.of_mentor[rows] = allowed.sum(axis=1)
        self.of_mentee += allowed.sum(axis=0)
        held = np.where(allowed, points, -1.0)
        self._best = np.maximum(self._best, held.max(axis=0))
        self._sum += float(points[allowed].sum(dtype=np.float64))
        if self.nothing is not None:
            shared = sum(left[rows] @ right.T for left, right in self._learning)
            self.nothing += int((allowed & (shared == 0)).sum())

    @property
    def best_percent(self) -> int | None:
        found = self._best[self._best >= 0]
        return round(100 * float(found.mean()) / self._top) if len(found) and self._top else None

    @property
    def mean_percent(self) -> int | None:
        possible = int(self.of_mentor.sum())
        return round(100 * self._sum / possible / self._top) if possible and self._top else None


def _side(own: SideInput, partners: Ints, other: SideInput, their_partners: Ints) -> Side:
    """At the most so many are placed as have a partner, and as the others have seats for."""
    seats = np.array(other.seats, dtype=np.int64)
    room = int(np.minimum(seats, their_partners).sum())
    few = np.flatnonzero(partners < FEW)
    order = sorted(few.tolist(), key=lambda index: (partners[index], own.names[index], own.ids[index]))
    return Side(
        people=len(own.ids),
        seats=sum(own.seats),
        placed_at_most=min(int((partners > 0).sum()), room),
        few=len(few),
        nobody=int((partners == 0).sum()),
        scarce=[
            Scarce(own.names[index], own.people[index], int(partners[index]))
            for index in order[:NAMED_AT_MOST]
        ],
    )


def _forbidden(inputs: Inputs, counts: dict[str, int]) -> list[Forbidden]:
    """By rule, most pairs first; a pair that two rules forbid counts in both."""
    labels = {f"must:{one.key}": _named(one) for one in inputs.musts}
    shown = [
        Forbidden(labels.get(rule) or FORBIDDEN_WORDS[rule], number)
        for rule, number in counts.items()
        if number or rule in labels or (rule in SWITCHED and rule in inputs.rules)
    ]
    return sorted(shown, key=lambda one: -one.pairs)


def _named(one: CriterionSetting) -> str:
    """A criterion keeps its name when it becomes a rule: say which, unless the name does."""
    words = str(Comparator(one.comparator).label).lower()
    return one.label if words in one.label.lower() else f"{one.label} ({words})"
