"""From answers to whole points for every pair, and back from a pair to its reasons.

A criterion of weight w gives 0 to w x 1,000 points; the champion sees points as 0-100 of the possible.

Missing answers are neutral: a pair in which somebody skipped the question gets what the pairs that
answered got on average, the same with everybody, so skipping neither helps nor hurts. `covers` is the
exception: who named nothing to learn, or nothing to show, gets 0 with everybody, because with too few
seats these go first to mentees who asked for something and can be shown it. `missing` overrides both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.core.comparators import COMPARE, Comparator, Factors
from matching.core.features import ChoiceSets, Feature
from matching.core.problem import matrix_product

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

POINTS_PER_WEIGHT = 1000


@dataclass(frozen=True, eq=False)
class Criterion:
    """One weighted comparison. `weight` >= 0 (0 = ignored); `missing` 0-100 is the share of the points
    for a pair with a missing answer, None the rule of the module; `scale` (in the numbers' unit) only
    for `close` (how far apart gives nothing) and `skill_gap` (how far ahead gives all). For `returns` the
    mentors' feature is what they want, the mentees' what they can show. ValueError for a wrong weight,
    share or kind of feature."""

    key: str
    comparator: Comparator | str
    weight: float
    mentor_feature: Feature
    mentee_feature: Feature
    scale: float | None = None
    missing: int | None = None

    def __post_init__(self) -> None:
        kind, _compare = COMPARE[Comparator(self.comparator)]
        for side, feature in (("mentor", self.mentor_feature), ("mentee", self.mentee_feature)):
            if not isinstance(feature, kind):
                raise ValueError(
                    f"{self.key}: {self.comparator} needs {kind.__name__} of the {side}s, "
                    f"not {type(feature).__name__}"
                )
        if not 0 <= self.weight <= 1000:
            raise ValueError(f"{self.key}: weight {self.weight} is not between 0 and 1,000")
        if self.missing is not None and not 0 <= self.missing <= 100:
            raise ValueError(f"{self.key}: missing {self.missing} is not between 0 and 100")

    @property
    def full(self) -> int:
        """Points of a perfect pair."""
        return round(self.weight * POINTS_PER_WEIGHT)


@dataclass(frozen=True, eq=False)
class Contributions:
    """Why pairs have their score, all (pairs, criteria) in the order of `keys`.

    `points` int64 (each row sums to the pair's score exactly), `percent` 0-100 of the criterion's full
    points, `answered` bool: False means somebody skipped it and the points are the neutral ones;
    `mentor_answered` and `mentee_answered` tell who.
    """

    keys: tuple[str, ...]
    points: Ints
    percent: NDArray[np.float64]
    answered: Bools
    mentor_answered: Bools
    mentee_answered: Bools


class ScoreSheet:
    """The points of all pairs under some criteria. Keys must be unique, sides of equal length throughout."""

    def __init__(self, criteria: Sequence[Criterion], mentors: int, mentees: int) -> None:
        keys = [criterion.key for criterion in criteria]
        if len(set(keys)) != len(keys):
            raise ValueError(f"criteria: a key is given more than once: {sorted(keys)}")
        for one in criteria:
            sizes = len(one.mentor_feature.answered), len(one.mentee_feature.answered)
            if sizes != (mentors, mentees):
                raise ValueError(f"{one.key}: is for {sizes} mentors and mentees, not {(mentors, mentees)}")
        self.criteria = tuple(criteria)
        self.shape = (mentors, mentees)
        self.max_points = sum(criterion.full for criterion in criteria)
        prepared = [_factors(criterion) for criterion in criteria]
        self._factors = [factors for factors, _neutral in prepared]
        self.neutral_points = {key: neutral for key, (_factors, neutral) in zip(keys, prepared, strict=True)}

    @cached_property
    def factors(self) -> Factors:
        """(offers, wants): `points` is offers @ wants.T."""
        if not self._factors:
            return np.zeros((self.shape[0], 0), np.int64), np.zeros((self.shape[1], 0), np.int64)
        return (
            np.concatenate([offers for offers, _wants in self._factors], axis=1),
            np.concatenate([wants for _offers, wants in self._factors], axis=1),
        )

    @cached_property
    def points(self) -> Ints:
        """(mentors, mentees) int64, 0 to `max_points`."""
        return matrix_product(*self.factors)

    def percent(self, points: ArrayLike) -> NDArray[np.float64]:
        """Points as the champion sees them: 0-100 of what a perfect pair would have."""
        return np.asarray(points, dtype=np.float64) * 100 / max(self.max_points, 1)

    def contributions(self, pairs: ArrayLike) -> Contributions:
        """The score of each of `pairs` (P, 2), criterion by criterion."""
        index = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
        mentor, mentee = index[:, 0], index[:, 1]
        shape = len(index), len(self.criteria)
        points = np.zeros(shape, dtype=np.int64)
        left, right = np.ones(shape, dtype=bool), np.ones(shape, dtype=bool)
        for column, (one, (offers, wants)) in enumerate(zip(self.criteria, self._factors, strict=True)):
            points[:, column] = np.einsum("pk,pk->p", offers[mentor], wants[mentee])
            left[:, column] = one.mentor_feature.answered[mentor]
            right[:, column] = one.mentee_feature.answered[mentee]
        full = np.array([max(criterion.full, 1) for criterion in self.criteria], dtype=np.float64)
        keys = tuple(criterion.key for criterion in self.criteria)
        return Contributions(keys, points, points * 100 / full, left & right, left, right)

    def criterion(self, key: str) -> Criterion:
        for one in self.criteria:
            if one.key == key:
                return one
        raise ValueError(f"criteria: there is none called {key!r}")

    def shared_choices(self, key: str, pairs: ArrayLike) -> list[list[int]]:
        """For each of `pairs`, the positions of the choices both have: what one can show the other."""
        one = self.criterion(key)
        if not isinstance(one.mentor_feature, ChoiceSets) or not isinstance(one.mentee_feature, ChoiceSets):
            raise ValueError(f"{key}: has no choices to share")
        index = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
        both = one.mentor_feature.chosen[index[:, 0]] & one.mentee_feature.chosen[index[:, 1]]
        return [np.flatnonzero(row).tolist() for row in both]


def _factors(criterion: Criterion) -> tuple[Factors, int]:
    """The criterion's factors with missing answers filled in, and the points these get."""
    _kind, compare = COMPARE[Comparator(criterion.comparator)]
    offers, wants = compare(
        criterion.mentor_feature, criterion.mentee_feature, criterion.full, criterion.scale
    )
    mentor_known = criterion.mentor_feature.answered.astype(np.int64)
    mentee_known = criterion.mentee_feature.answered.astype(np.int64)
    neutral = _neutral(criterion, offers, wants, int(mentor_known.sum() * mentee_known.sum()))
    if neutral and not (mentor_known.all() and mentee_known.all()):
        # neutral x (1 - both answered)
        offers = np.column_stack([offers, np.ones_like(mentor_known), mentor_known])
        wants = np.column_stack([wants, np.full_like(mentee_known, neutral), -neutral * mentee_known])
    return (offers, wants), neutral


def _neutral(criterion: Criterion, offers: Ints, wants: Ints, known_pairs: int) -> int:
    if criterion.missing is not None:
        return (criterion.full * criterion.missing + 50) // 100
    if criterion.comparator == Comparator.COVERS or not known_pairs:
        return 0
    total = int(offers.sum(axis=0) @ wants.sum(axis=0))
    return (2 * total + known_pairs) // (2 * known_pairs)
