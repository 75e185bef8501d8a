"""The worst pair first: nobody gets a pair that is much worse than what could be avoided."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from matching.core.assignment import solve
from matching.core.points import Table
from matching.core.problem import Problem
from matching.core.transport import most_pairs

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def best_worst_pair(problem: Problem, stay: Ints | None = None) -> Problem:
    """The problem with the highest floor at which as many pairs can be made as without it.

    Solving that gives, in strict order: most pairs, the best worst pair, most points. With `stay` (S, 2)
    in between: as many of these pairs as without a floor. Locked pairs stand whatever their points. A
    problem in which no free pair can be made comes back as it is. Bisection over the different points:
    some 15 maximum matchings, each on the whole matrix.
    """
    mentor_seats, mentee_seats = problem.mentor_seats.copy(), problem.mentee_seats.copy()
    np.subtract.at(mentor_seats, problem.locked[:, 0], 1)
    np.subtract.at(mentee_seats, problem.locked[:, 1], 1)
    free = problem.eligible().copy()
    free[problem.locked[:, 0], problem.locked[:, 1]] = False
    free &= (mentor_seats > 0)[:, None] & (mentee_seats > 0)[None, :]
    levels = np.unique(problem.scores[free])
    if not len(levels):
        return problem

    def made_from(level: int) -> tuple[int, int]:
        eligible = free & (problem.scores >= level)
        if stay is None or not len(stay):
            return _most_pairs(eligible, mentor_seats, mentee_seats), 0
        return _most_that_stay(problem, eligible, stay)

    most = made_from(levels[0])
    low, high = 0, len(levels)
    while high - low > 1:
        middle = (low + high) // 2
        if made_from(levels[middle]) == most:
            low = middle
        else:
            high = middle
    return replace(problem, floor=int(levels[low]))


def _most_that_stay(problem: Problem, eligible: Bools, stay: Ints) -> tuple[int, int]:
    """(most pairs, most of `stay` among so many), locked ones included."""
    points = np.zeros(problem.shape, dtype=np.int64)
    points[tuple(stay.T)] = 1
    mask = eligible.copy()
    mask[tuple(problem.locked.T)] = True
    counting = replace(problem, points=Table(points), mask=mask, floor=None)
    solution = solve(counting)
    return len(solution.pairs), solution.score


def _most_pairs(eligible: Bools, mentor_seats: NDArray[np.int64], mentee_seats: NDArray[np.int64]) -> int:
    room = [np.minimum(mentor_seats, eligible.sum(axis=1)), np.minimum(mentee_seats, eligible.sum(axis=0))]
    if max(room[0].max(initial=0), room[1].max(initial=0)) > 1:
        return int(most_pairs(eligible, *room).sum())
    return int((maximum_bipartite_matching(csr_array(eligible), perm_type="column") >= 0).sum())
