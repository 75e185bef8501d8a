"""How good a pairing is: figures with their base, none of them a proof that people will get on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.core.comparators import Comparator
from matching.core.problem import Problem
from matching.core.scoring import ScoreSheet

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class NothingToLearn:
    """Pairs in which the mentor can show nothing that the mentee wants, out of all `pairs`.

    `nothing_in_common`: the mentee named something and the mentor offers none of it (or named nothing);
    `mentee_named_nothing`: the mentee did not say what to learn. The two never overlap and make `total`.
    """

    pairs: int
    nothing_in_common: int
    mentee_named_nothing: int

    @property
    def total(self) -> int:
        return self.nothing_in_common + self.mentee_named_nothing

    @property
    def share(self) -> float:
        """0-1, over all pairs; 0 when there are none."""
        return self.total / self.pairs if self.pairs else 0.0


@dataclass(frozen=True)
class Quality:
    """`percents` are 0-100 of a perfect pair; 0 without pairs. People count if they have a seat."""

    pairs: int
    mentors: int
    mentors_matched: int
    mentees: int
    mentees_matched: int
    mean_percent: float
    lowest_percent: float
    fifth_percentile: float
    blocking_pairs: int


def nothing_to_learn(sheet: ScoreSheet, key: str, pairs: ArrayLike) -> NothingToLearn:
    """Counts over `pairs` (P, 2) for the criterion `key`, which must be one of `covers`."""
    criterion = sheet.criterion(key)
    if criterion.comparator != Comparator.COVERS:
        raise ValueError(f"{key}: is {criterion.comparator}, only covers tells what can be learned")
    index = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    named = criterion.mentee_feature.answered[index[:, 1]]
    shared = np.array([len(choices) for choices in sheet.shared_choices(key, index)], dtype=np.int64)
    return NothingToLearn(
        pairs=len(index),
        nothing_in_common=int((named & (shared == 0)).sum()),
        mentee_named_nothing=int((~named).sum()),
    )


def measure(problem: Problem, pairs: ArrayLike, max_points: int) -> Quality:
    """The figures of a pairing (P, 2), whoever made it; `max_points` is a perfect pair's score."""
    index = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    percents = problem.scores[index[:, 0], index[:, 1]] * 100 / max(max_points, 1)
    return Quality(
        pairs=len(index),
        mentors=int((problem.mentor_seats > 0).sum()),
        mentors_matched=len(np.unique(index[:, 0])),
        mentees=int((problem.mentee_seats > 0).sum()),
        mentees_matched=len(np.unique(index[:, 1])),
        mean_percent=float(percents.mean()) if len(index) else 0.0,
        lowest_percent=float(percents.min()) if len(index) else 0.0,
        fifth_percentile=float(np.percentile(percents, 5)) if len(index) else 0.0,
        blocking_pairs=len(blocking_pairs(problem, index)),
    )


def blocking_pairs(problem: Problem, pairs: ArrayLike) -> Ints:
    """(B, 2) eligible pairs not made in which both would score higher together than in a pair they
    have, or have a free seat; nobody leaves a locked pair. The best total may leave some: that is its
    price, so it is told."""
    index = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    made = np.zeros(problem.shape, dtype=bool)
    made[index[:, 0], index[:, 1]] = True
    movable = made.copy()
    movable[problem.locked[:, 0], problem.locked[:, 1]] = False
    worst = np.where(movable, problem.scores, np.iinfo(np.int64).max)
    low = np.iinfo(np.int64).min
    mentor_worst = worst.min(axis=1, initial=np.iinfo(np.int64).max)
    mentee_worst = worst.min(axis=0, initial=np.iinfo(np.int64).max)
    mentor_worst[made.sum(axis=1) < problem.mentor_seats] = low
    mentee_worst[made.sum(axis=0) < problem.mentee_seats] = low
    wish = (problem.scores > mentor_worst[:, None]) & (problem.scores > mentee_worst[None, :])
    return np.argwhere(wish & problem.eligible() & ~made).astype(np.int64)
