"""How well groups of people fare, without telling of fewer than five."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.core.disclosure import GROUP_AT_LEAST, told_apart
from matching.core.problem import Problem

Ints = NDArray[np.int64]


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

    Groups that may not be told of (`core.disclosure`) are only counted, all together.
    """
    index = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    percents = problem.points.at(index[:, 0], index[:, 1]) * 100 / max(max_points, 1)
    sides = (
        (_codes(mentor_codes, problem.shape[0]), problem.mentor_seats, index[:, 0]),
        (_codes(mentee_codes, problem.shape[1]), problem.mentee_seats, index[:, 1]),
    )
    every = np.concatenate([codes[seats > 0] for codes, seats, _paired in sides])
    found, numbers = np.unique(every[every >= 0], return_counts=True)
    sizes = dict(zip(found.tolist(), numbers.tolist(), strict=True))
    groups = []
    for code in sorted(told_apart(sizes, len(every))):
        own = [(codes[paired] == code, paired) for codes, _seats, paired in sides]
        placed = sum(len(np.unique(paired[mine])) for mine, paired in own)
        theirs = np.concatenate([percents[mine] for mine, _paired in own])
        enough = placed >= GROUP_AT_LEAST
        groups.append(
            Group(
                code=code,
                people=sizes[code],
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
