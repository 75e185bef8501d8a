"""Closing a gap between groups: the pairs of one group count more, by the least weight that is enough."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.core.assignment import Solution
from matching.core.points import Points, Product, Raised, Table
from matching.core.problem import Problem

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Points of a group count up to this many 64ths more than those of others.
PARTS = 64
# Mostly little is enough, so the search looks there first.
REACHES = (8, PARTS, 8 * PARTS)
# No run takes more solves: without any weight, these three, nine steps of bisection, the best one again.
SOLVES = 14


@dataclass(frozen=True, eq=False)
class Raise:
    """What is asked: the mean points of the pairs of a group, `mentors` (m,) bool and `mentees` (n,) bool,
    shall not be more than `within` points under those of all others."""

    mentors: Bools
    mentees: Bools
    within: int

    def __post_init__(self) -> None:
        if isinstance(self.within, bool) or int(self.within) != self.within or self.within < 0:
            raise ValueError(f"group: {self.within} is not a number of points from 0")
        if any(np.asarray(side).dtype != np.bool_ for side in (self.mentors, self.mentees)):
            raise ValueError("group: must be true or false for every mentor and mentee")
        if not self.mentors.any() and not self.mentees.any():
            raise ValueError("group: nobody is in it")

    def check_shape(self, shape: tuple[int, int]) -> None:
        """ValueError for a group that was made for other people."""
        made_for = len(self.mentors), len(self.mentees)
        if made_for != shape:
            raise ValueError(f"group: made for {made_for}, scores have {shape}")

    def means(self, problem: Problem, pairs: Ints) -> tuple[Fraction, Fraction]:
        """Mean points of the pairs of (the group, everybody else); a pair counts for each of its people.
        Where one of the two has no pair, both are the same."""
        points = problem.points.at(pairs[:, 0], pairs[:, 1])
        members = self.mentors[pairs[:, 0]].astype(np.int64) + self.mentees[pairs[:, 1]]
        number, total = int(members.sum()), int((points * members).sum())
        others, rest = 2 * len(pairs) - number, int((points * (2 - members)).sum())
        if not number or not others:
            mean = Fraction(total + rest, max(number + others, 1))
            return mean, mean
        return Fraction(total, number), Fraction(rest, others)

    def gap(self, problem: Problem, pairs: Ints) -> Fraction:
        """By how many points the group's mean is under that of the others."""
        mean, others = self.means(problem, pairs)
        return others - mean


@dataclass(frozen=True)
class Weight:
    """Points of a pair count `once`, and `more` for each of its people who is in the group: a number of
    64ths in the smallest whole numbers. Counted from 0, or from the lowest points if some are under 0."""

    once: int
    more: int

    @classmethod
    def of(cls, parts: int) -> "Weight":
        shared = math.gcd(PARTS, parts)
        return cls(PARTS // shared, parts // shared)

    def put_on(self, points: Points, group: Raise) -> Points:
        """The points of all pairs, weighed."""
        if not self.more:
            return points
        mentors, mentees = group.mentors * self.more, group.mentees * self.more
        return self._weighed(points, mentors, mentees, min(points.limits[0], 0))

    def _weighed(self, points: Points, mentors: Ints, mentees: Ints, lowest: int) -> Points:
        if isinstance(points, Raised):
            base = self._weighed(points.plain, mentors, mentees, lowest)
            times = self.once + mentors[points.rows] + mentees[points.columns]
            return Raised.of(base, points.rows, points.columns, points.extra * times)
        if isinstance(points, Table):
            members = mentors[:, None] + mentees[None, :]
            whole = points.whole(np.arange(len(mentors)))
            return Table(whole * (self.once + members) - lowest * members)
        left, right = [points.left * (self.once + mentors)[:, None]], [points.right]
        if mentees.any():
            left.append(points.left)
            right.append(points.right * mentees[:, None])
        if lowest:
            left += [-lowest * mentors[:, None], np.full((len(mentors), 1), -lowest)]
            right += [np.ones((len(mentees), 1), dtype=np.int64), mentees[:, None]]
        return Product(np.concatenate(left, axis=1), np.concatenate(right, axis=1))


@dataclass(frozen=True, eq=False)
class Closer:
    """How near a group came. `mean` of the group's pairs and `others` of all other people's, in points,
    without the weight -> with it; `reached`: the group is near enough. `price` is what it costs: points of
    the best pairs without the weight less those with it.

    `least`: the search for the least weight came to its end, the time was enough. `without` is the problem
    and the solution that prove the best pairs without the weight.
    """

    weight: Weight
    mean: tuple[float, float]
    others: tuple[float, float]
    reached: bool
    price: int
    least: bool
    without: tuple[Problem, Solution] = field(repr=False)


class Ordered(Protocol):
    """An answer at some weight: the problem as it was weighed, and its best pairs."""

    @property
    def weighed(self) -> Problem: ...

    @property
    def solution(self) -> Solution: ...


Answer = TypeVar("Answer", bound=Ordered)


def close_gap(
    problem: Problem, group: Raise, solve_at: Callable[[Weight], Answer], out_of_time: Callable[[], bool]
) -> tuple[Closer, Answer]:
    """The answer of `solve_at` at the least weight that brings the group near enough, by bisection: five to
    twelve solves. Where even the most is not enough, as near as that comes is the aim. Out of time, the
    least weight found so far."""
    gaps: dict[int, Fraction] = {}
    answers: dict[int, Answer] = {}

    def gap(parts: int) -> Fraction:
        if parts not in gaps:
            answers[parts] = solve_at(Weight.of(parts))
            gaps[parts] = group.gap(problem, answers[parts].solution.pairs)
        return gaps[parts]

    def forget_all_but(parts: int) -> None:
        """Weighed points of thousands of people are large."""
        for other in set(answers) - {0, parts}:
            del answers[other]

    goal = Fraction(group.within)
    for reach in (0, *REACHES):
        if gap(reach) <= goal:
            break
        forget_all_but(reach)
    goal = max(goal, gaps[reach])
    high = next(parts for parts in gaps if gaps[parts] <= goal)
    low = max((parts for parts in gaps if parts < high), default=0)
    while high - low > 1 and not out_of_time():
        middle = (low + high) // 2
        low, high = (low, middle) if gap(middle) <= goal else (middle, high)
        forget_all_but(high)
    before = answers[0]
    after = answers[high] if high in answers else solve_at(Weight.of(high))
    means = [group.means(problem, one.solution.pairs) for one in (before, after)]
    closer = Closer(
        weight=Weight.of(high),
        mean=(float(means[0][0]), float(means[1][0])),
        others=(float(means[0][1]), float(means[1][1])),
        reached=means[1][1] - means[1][0] <= group.within,
        price=problem.score_of(before.solution.pairs) - problem.score_of(after.solution.pairs),
        least=high - low <= 1,
        without=(before.weighed, before.solution),
    )
    return closer, after
