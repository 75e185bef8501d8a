"""Two people who are no pair and would both rather be: the price of what is best for all together."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.core import Problem
from matching.core.bars import Listed
from matching.core.picks import Picks
from matching.core.points import Points, Raised, chunks
from matching.core.program import Program

Ints = NDArray[np.int64]

NOBODY, ANYBODY = np.iinfo(np.int64).max, np.iinfo(np.int64).min


def better_together(problem: Problem, program: Program, picks: Picks) -> int:
    """How many possible pairs are not made in which each likes the other more than a partner they have,
    or has a free seat. People like their picks in order, then others by points; nobody leaves a pair that
    is kept. Counted by blocks."""
    locked, pairs = program.weighed.locked, program.pairs
    keys = Listed.of(locked[:, 0], locked[:, 1], problem.shape)
    movable = pairs[~keys.at(pairs[:, 0], pairs[:, 1])]
    made = Listed.of(pairs[:, 0], pairs[:, 1], problem.shape)
    seen = _as_seen(problem, program.floor, picks)
    least = []
    for side, (points, seats) in enumerate(
        zip(seen, (problem.mentor_seats, problem.mentee_seats), strict=True)
    ):
        worst = np.full(len(seats), NOBODY)
        np.minimum.at(worst, movable[:, side], points.at(movable[:, 0], movable[:, 1]))
        worst[np.bincount(pairs[:, side], minlength=len(seats)) < seats] = ANYBODY
        least.append(worst)
    count = 0
    for some in chunks(*problem.shape):
        mentors, mentees = (points.whole(some) for points in seen)
        wish = (mentors > least[0][some][:, None]) & (mentees > least[1][None, :])
        if program.floor is not None:
            wish &= (mentors >= program.floor) | (mentees >= program.floor)
        if wish.any():
            wish &= problem.allowed_rows(some)
            wish[made.among(some)] = False
            count += int(wish.sum())
    return count


def _as_seen(problem: Problem, floor: int | None, picks: Picks) -> tuple[Points, Points]:
    """The points as the mentors see them, their own picks above all others, and as the mentees do."""
    longest = max((len(one) for side in (picks.mentors, picks.mentees) for one in side.values()), default=0)
    if not longest:
        return problem.points, problem.points
    low, high = problem.points.limits
    step = max(high, floor or low) - low + 1
    seen: list[Any] = []
    for turned, lists in ((False, picks.mentors), (True, picks.mentees)):
        rows = [
            (person, partner, (longest - place) * step)
            for person, partners in lists.items()
            for place, partner in enumerate(partners)
        ]
        person, partner, more = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        left, right = (partner, person) if turned else (person, partner)
        seen.append(Raised.of(problem.points, left, right, more))
    return seen[0], seen[1]
