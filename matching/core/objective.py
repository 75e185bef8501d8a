"""What comes before points, in strict order: kept pairs, people who go first, picks; all in one Problem.

Each level gives whole numbers to pairs. Its numbers weigh more than everything below can differ, over all
pairs together, so one solve decides all levels at once and one list of prices proves it. Thousands of
people and several levels would need numbers that floats cannot hold: then the steps are smaller, and what
the levels reach is compared with the most that they can reach, found without points.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.core.points import Points, Product, Raised, Table, chunks
from matching.core.problem import Problem

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ByPair:
    """`numbers` (E,) >= 0 for listed `pairs` (E, 2), each once; 0 for all others."""

    pairs: Ints
    numbers: Ints

    @classmethod
    def one_each(cls, pairs: Ints) -> "ByPair":
        return cls(pairs, np.ones(len(pairs), dtype=np.int64))

    @property
    def most(self) -> int:
        return int(self.numbers.max(initial=0))

    def add(self, points: Points, times: int) -> Points:
        return Raised.of(points, self.pairs[:, 0], self.pairs[:, 1], self.numbers * times)

    def at(self, pairs: Ints) -> Ints:
        """(P,) the numbers of `pairs` (P, 2)."""
        known = dict(zip(map(tuple, self.pairs.tolist()), self.numbers.tolist(), strict=True))
        return np.array([known.get(pair, 0) for pair in map(tuple, pairs.tolist())], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class ByPerson:
    """A pair has the number of its mentor and that of its mentee, both >= 0."""

    mentors: Ints
    mentees: Ints

    @property
    def most(self) -> int:
        return int(self.mentors.max(initial=0) + self.mentees.max(initial=0))

    def add(self, points: Points, times: int) -> Points:
        if isinstance(points, Raised):
            raised = self.add(points.plain, times)
            return Raised.of(raised, points.rows, points.columns, points.extra)
        mentors, mentees = self.mentors * times, self.mentees * times
        if isinstance(points, Table):
            return Table(points.whole(np.arange(len(mentors))) + mentors[:, None] + mentees[None, :])
        left = np.column_stack([points.left, mentors, np.ones_like(mentors)])
        right = np.column_stack([points.right, np.ones_like(mentees), mentees])
        return Product(left, right)

    def at(self, pairs: Ints) -> Ints:
        return self.mentors[pairs[:, 0]] + self.mentees[pairs[:, 1]]


@dataclass(frozen=True, eq=False)
class Marks:
    """Pairs of a kind: 1 for a marked pair, 0 for another. Made by `of_matrix` or `that_differ`."""

    matrix: Bools | None
    mentors: Ints
    mentees: Ints

    @classmethod
    def of_matrix(cls, marked: ArrayLike) -> "Marks":
        """(mentors, mentees) bool: True for the pairs that count."""
        matrix = np.asarray(marked)
        if matrix.ndim != 2 or matrix.dtype != np.bool_:
            raise ValueError("marked: must be true or false for every mentor and mentee")
        return cls(matrix, np.zeros(matrix.shape[0], np.int64), np.zeros(matrix.shape[1], np.int64))

    @classmethod
    def that_differ(cls, mentor_codes: ArrayLike, mentee_codes: ArrayLike) -> "Marks":
        """Pairs whose codes differ (int, -1 for unknown: never counts), the same codes on both sides."""
        codes = [np.asarray(side) for side in (mentor_codes, mentee_codes)]
        if any(side.ndim != 1 or (side.size and side.dtype.kind not in "iu") for side in codes):
            raise ValueError("codes: must be one row of whole numbers, -1 for unknown")
        return cls(None, *(side.astype(np.int64) for side in codes))

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.mentors), len(self.mentees)

    @property
    def most(self) -> int:
        return 1

    def rows(self, mentors: Ints) -> Bools:
        """(len(mentors), mentees) bool."""
        if self.matrix is not None:
            return self.matrix[mentors]
        own = self.mentors[mentors, None]
        return (own != self.mentees) & (own >= 0) & (self.mentees >= 0)

    def at(self, pairs: Ints) -> Ints:
        if self.matrix is not None:
            return self.matrix[pairs[:, 0], pairs[:, 1]].astype(np.int64)
        own, other = self.mentors[pairs[:, 0]], self.mentees[pairs[:, 1]]
        return ((own != other) & (own >= 0) & (other >= 0)).astype(np.int64)

    def add(self, points: Points, times: int | Ints) -> Points:
        """`times` as many points for each marked pair, or so many for those of each mentor (mentors,)."""
        if isinstance(points, Raised):
            raised = self.add(points.plain, times)
            return Raised.of(raised, points.rows, points.columns, points.extra)
        each = np.broadcast_to(np.asarray(times, dtype=np.int64), self.shape[:1])[:, None]
        if isinstance(points, Product) and self.matrix is None:
            left, right = self._factors
            return Product(
                np.column_stack([points.left, left * each]), np.column_stack([points.right, right])
            )
        every = np.arange(self.shape[0])
        return Table(points.whole(every) + self.rows(every) * each)

    @cached_property
    def _factors(self) -> tuple[Ints, Ints]:
        codes = np.intersect1d(self.mentors[self.mentors >= 0], self.mentees[self.mentees >= 0])
        left, right = (side[:, None] == codes[None, :] for side in (self.mentors, self.mentees))
        known = self.mentors >= 0, self.mentees >= 0
        return (
            np.column_stack([known[0], -left.astype(np.int64)]).astype(np.int64),
            np.column_stack([known[1], right]).astype(np.int64),
        )


Level = ByPair | ByPerson | Marks


@dataclass(frozen=True, eq=False)
class Objective:
    """`problem` with its points, and `levels` that come before these, the first one first."""

    problem: Problem
    levels: tuple[Level, ...] = ()

    def masked(self) -> "Objective":
        """A floor is about real points: it goes into the mask before anything is added to all of a person's
        pairs, or to pairs of a kind. (Pairs that are listed are at the floor, or locked.)"""
        problem = self.problem
        if problem.floor is None:
            return self
        mask = np.concatenate(
            [problem.eligible_rows(rows) for rows in chunks(*problem.shape)] or [problem.allowed]
        )
        mask[tuple(problem.locked.T)] = True
        return replace(self, problem=replace(problem, mask=mask, floor=None))

    @property
    def room(self) -> int:
        """No more pairs than this can be made."""
        mentors, mentees = self.problem.shape
        return int(
            min(
                np.minimum(self.problem.mentor_seats, mentees).sum(),
                np.minimum(self.problem.mentee_seats, mentors).sum(),
            )
        )

    def with_level(self, level: Level, above: int = 0) -> "Objective":
        """One more level, below the others, or above so many of them."""
        base = self if isinstance(level, ByPair) else self.masked()
        place = len(self.levels) - above
        return replace(base, levels=(*self.levels[:place], level, *self.levels[place:]))

    def with_points(self, level: Level, times: int) -> "Objective":
        """So many points more for each number of `level`."""
        base = self if isinstance(level, ByPair) else self.masked()
        return replace(base, problem=replace(base.problem, points=level.add(base.problem.points, times)))

    @cached_property
    def _weighed(self) -> tuple[Problem, tuple[int, ...], bool]:
        """(levels and points as one Problem, what one of each level is worth, whether that is strict)."""
        ratio = self.room
        while True:
            points, steps = self.problem.points, self._steps(ratio)
            for level, step in zip(self.levels, steps, strict=True):
                points = level.add(points, step)
            weighed = replace(self.problem, points=points)
            try:
                weighed.check_range()
            except ValueError:
                if ratio <= 1 or not self.levels:
                    raise
                ratio //= 2
            else:
                return weighed, steps, ratio == self.room

    def _steps(self, ratio: int) -> tuple[int, ...]:
        low, high = self.problem.points.limits
        span, steps = high - low, []
        for level in reversed(self.levels):
            steps.append(ratio * span + 1)
            span += steps[-1] * level.most
        return tuple(reversed(steps))

    @property
    def weighed(self) -> Problem:
        """Levels and points as one Problem. ValueError where even points alone leave the exact range."""
        return self._weighed[0]

    @property
    def steps(self) -> tuple[int, ...]:
        """What one of each level is worth in points: more than all below can differ over all pairs, or, where
        that would leave the exact range, as many times what it can differ in one pair as fit (`strict`)."""
        return self._weighed[1]

    @property
    def strict(self) -> bool:
        """Whether the steps prove the order. If not, an answer with `best_totals` is proven all the same."""
        return self._weighed[2]

    @property
    def without_points(self) -> "Objective":
        """The levels alone: their numbers are small."""
        base = self.masked()
        none = [np.zeros((people, 1), dtype=np.int64) for people in self.problem.shape]
        return replace(base, problem=replace(base.problem, points=Product(*none)))

    def totals(self, pairs: Ints) -> tuple[int, ...]:
        """The sum of each level over `pairs`."""
        return tuple(int(level.at(pairs).sum()) for level in self.levels)
