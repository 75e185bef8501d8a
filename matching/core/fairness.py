"""How well groups of people fare, without telling of fewer than five."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.core.problem import Problem

Ints = NDArray[np.int64]

# Of fewer people nothing is told that could be about one of them.
GROUP_AT_LEAST = 5


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


def _codes(codes: ArrayLike, people: int) -> Ints:
    array = np.asarray(codes)
    if array.shape != (people,) or (people and array.dtype.kind not in "iu"):
        raise ValueError(f"codes: must be a row of {people} whole numbers, -1 for no group")
    return array.astype(np.int64)
