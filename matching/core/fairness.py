"""The worst pair first: nobody gets a pair that is much worse than what could be avoided."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from matching.core.problem import Problem
from matching.core.transport import most_pairs

Bools = NDArray[np.bool_]


def best_worst_pair(problem: Problem) -> Problem:
    """The problem with the highest floor at which as many pairs can be made as without it.

    Solving that gives, in strict order: most pairs, the best worst pair, most points. Locked pairs stand
    whatever their points. A problem in which no free pair can be made comes back as it is. Bisection over
    the different points: some 15 maximum matchings, each on the whole matrix.
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

    def pairs_from(level: int) -> int:
        return _most_pairs(free & (problem.scores >= level), mentor_seats, mentee_seats)

    most = pairs_from(levels[0])
    low, high = 0, len(levels)
    while high - low > 1:
        middle = (low + high) // 2
        if pairs_from(levels[middle]) == most:
            low = middle
        else:
            high = middle
    return replace(problem, floor=int(levels[low]))


def _most_pairs(eligible: Bools, mentor_seats: NDArray[np.int64], mentee_seats: NDArray[np.int64]) -> int:
    room = [np.minimum(mentor_seats, eligible.sum(axis=1)), np.minimum(mentee_seats, eligible.sum(axis=0))]
    if max(room[0].max(initial=0), room[1].max(initial=0)) > 1:
        return int(most_pairs(eligible, *room).sum())
    return int((maximum_bipartite_matching(csr_array(eligible), perm_type="column") >= 0).sum())
