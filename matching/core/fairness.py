"""Nobody is much worse off than could be avoided: the worst pair, and groups of people."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from matching.core.assignment import Progress, Solution, solve
from matching.core.points import Table
from matching.core.problem import Problem
from matching.core.transport import most_pairs

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


# Of fewer people nothing is told that could be about one of them.
GROUP_AT_LEAST = 5
# Points of a group count up to this many 64ths more than those of others.
PARTS = 64
MOST_PARTS = 8 * PARTS


@dataclass(frozen=True)
class Group:
    """One group: `people` with a seat, `placed` those with a pair; `mean` and `low` (5th percentile) of their
    pairs' percent of a perfect pair, None where fewer than five are placed."""

    code: int
    people: int
    placed: int
    mean: float | None
    low: float | None


@dataclass(frozen=True)
class Groups:
    """Groups of five people and more by code, and how many people are in none of these."""

    groups: tuple[Group, ...]
    others: int


def group_report(
    problem: Problem,
    pairs: ArrayLike,
    mentor_codes: ArrayLike,
    mentee_codes: ArrayLike,
    max_points: int,
) -> Groups:
    """How the pairs (P, 2) treat groups of people: codes (int, -1 = in no group) of both sides, the same code
    for the same group. A person's pairs count once each, for both people in them.

    Groups under five people are only counted, all together. So that they cannot be worked out from the
    rest, the smallest other group goes with them where they are fewer than five together.
    """
    index = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    percents = problem.points.at(index[:, 0], index[:, 1]) * 100 / max(max_points, 1)
    sides = (
        (_codes(mentor_codes, problem.shape[0]), problem.mentor_seats, index[:, 0]),
        (_codes(mentee_codes, problem.shape[1]), problem.mentee_seats, index[:, 1]),
    )
    every = np.concatenate([codes[seats > 0] for codes, seats, _paired in sides])
    found, sizes = np.unique(every[every >= 0], return_counts=True)
    told = [
        (size, code)
        for code, size in zip(found.tolist(), sizes.tolist(), strict=True)
        if size >= GROUP_AT_LEAST
    ]
    told.sort(reverse=True)
    while told and 0 < len(every) - sum(size for size, _code in told) < GROUP_AT_LEAST:
        told.pop()
    groups = []
    for size, code in sorted(told, key=lambda one: one[1]):
        own = [(codes[paired] == code, paired) for codes, _seats, paired in sides]
        placed = sum(len(np.unique(paired[mine])) for mine, paired in own)
        theirs = np.concatenate([percents[mine] for mine, _paired in own])
        enough = placed >= GROUP_AT_LEAST
        groups.append(
            Group(
                code=code,
                people=size,
                placed=placed,
                mean=float(theirs.mean()) if enough else None,
                low=float(np.percentile(theirs, 5)) if enough else None,
            )
        )
    return Groups(tuple(groups), len(every) - sum(one.people for one in groups))


@dataclass(frozen=True, eq=False)
class Closer:
    """A pairing in which a group is better off. `pairs` (P, 2) by id, as many as before, with `score` points:
    `price` less than without. `mean` of the group's pairs and `others` of all other people's, in points,
    before -> after. `reached` says whether the group is near enough. `proven`: no pairing with as many
    pairs has more points and is as good for the group as a whole."""

    pairs: Ints
    score: int
    price: int
    mean: tuple[float, float]
    others: tuple[float, float]
    reached: bool
    proven: bool


def raise_group(
    problem: Problem,
    mentors: ArrayLike,
    mentees: ArrayLike,
    within: float,
    *,
    progress: Progress | None = None,
) -> Closer:
    """The pairing with the most pairs in which the mean points of the group `mentors` (m,) bool and `mentees`
    (n,) bool are not more than `within` points under those of all others, at the least weight that does it.

    The points of the group's pairs weigh more, in steps of a 64th up to nine times as much; the least weight
    is found by bisection, with some ten solves of the whole matrix. Where even the most is not enough, as
    near as that comes is the aim. ValueError for a group of another shape, and without
    anybody in it.
    """
    sides = np.asarray(mentors, dtype=bool), np.asarray(mentees, dtype=bool)
    if tuple(map(len, sides)) != problem.shape:
        raise ValueError(f"group: made for {tuple(map(len, sides))}, scores have {problem.shape}")
    if not any(side.any() for side in sides):
        raise ValueError("group: nobody is in it")
    tried: dict[int, Solution] = {}

    def gap(parts: int) -> float:
        if parts not in tried:
            tried[parts] = solve(_favouring(problem, sides, parts), progress=progress)
        mean, others = _means(problem, sides, tried[parts].pairs)
        return others - mean

    goal = max(within, gap(MOST_PARTS))
    low, high = 0, MOST_PARTS
    if gap(0) <= goal:
        high = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if gap(middle) <= goal else (middle, high)
    before, after = tried[0], tried[high]
    means = [_means(problem, sides, one.pairs) for one in (before, after)]
    score = problem.score_of(after.pairs)
    return Closer(
        pairs=after.pairs,
        score=score,
        price=problem.score_of(before.pairs) - score,
        mean=(means[0][0], means[1][0]),
        others=(means[0][1], means[1][1]),
        reached=gap(high) <= within,
        proven=after.proven_optimal,
    )


def _favouring(problem: Problem, sides: tuple[Bools, Bools], parts: int) -> Problem:
    """Points of a pair count 64 parts, and so many more for each of its people who is in the group."""
    lowest = int(problem.scores.min(initial=0))
    members = sides[0][:, None].astype(np.int64) + sides[1][None, :]
    mask = problem.eligible().copy()
    mask[tuple(problem.locked.T)] = True
    points = problem.scores * PARTS + (problem.scores - lowest) * members * parts
    favouring = replace(problem, points=Table(points), mask=mask, floor=None)
    favouring.check_range()
    return favouring


def _means(problem: Problem, sides: tuple[Bools, Bools], pairs: Ints) -> tuple[float, float]:
    """Mean points of the pairs of (the group, everybody else); where one has none, both are the same."""
    points = problem.points.at(pairs[:, 0], pairs[:, 1])
    members = sides[0][pairs[:, 0]].astype(np.int64) + sides[1][pairs[:, 1]]
    number, total = int(members.sum()), int((points * members).sum())
    others, rest = 2 * len(pairs) - number, int((points * (2 - members)).sum())
    if not number or not others:
        mean = total / number if number else rest / others if others else 0.0
        return mean, mean
    return total / number, rest / others


def _codes(codes: ArrayLike, people: int) -> Ints:
    array = np.asarray(codes)
    if array.shape != (people,) or (people and array.dtype.kind not in "iu"):
        raise ValueError(f"codes: must be a row of {people} whole numbers, -1 for no group")
    return array.astype(np.int64)


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
