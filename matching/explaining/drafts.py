"""The fields of what a run stores: its proposals, and who stays without a pair."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.core import Problem
from matching.core.program import Program
from matching.explaining.causes import detail, who_is_alone
from matching.explaining.entries import contributions, learn
from matching.explaining.places import places
from matching.solving import Prepared

Ints = NDArray[np.int64]


def proposals(prepared: Prepared, problem: Problem, program: Program) -> list[dict[str, Any]]:
    """The fields of each `Proposal`, in the order of the answer's pairs."""
    inputs, pairs = prepared.inputs, program.pairs
    points = problem.points.at(pairs[:, 0], pairs[:, 1])
    percent = np.rint(prepared.sheet.percent(points)).astype(int)
    kept = {(int(row), int(column)) for row, column in problem.locked}
    reasons = contributions(prepared, pairs)
    lists = places(prepared, problem, pairs)
    learning = learn(prepared, pairs)
    return [
        {
            "mentor_id": inputs.mentors.ids[row],
            "mentee_id": inputs.mentees.ids[column],
            "points": int(points[index]),
            "score": int(percent[index]),
            "kept": (row, column) in kept,
            "nothing_to_learn": bool(learning.nothing[index]) if learning else False,
            "contributions": reasons[index],
            "ranks": lists[index],
        }
        for index, (row, column) in enumerate(pairs.tolist())
    ]


def unmatched(prepared: Prepared, problem: Problem, program: Program) -> list[dict[str, Any]]:
    """The fields of each `Unmatched`: the cause with its figures."""
    sides = (prepared.inputs.mentors, prepared.inputs.mentees)
    return [
        {
            "participant_id": side.ids[one.index],
            "cause": one.cause.value,
            "detail": detail(one, prepared.sheet.percent),
        }
        for side, alone in zip(sides, who_is_alone(problem, program), strict=True)
        for one in alone
    ]
