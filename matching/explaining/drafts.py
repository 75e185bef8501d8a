"""The fields of what a run stores: its proposals, and who stays without a pair."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.core import Problem
from matching.core.explain import why_unmatched
from matching.core.program import Program
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
    rows = []
    floored = replace(problem, floor=program.floor)
    for one in why_unmatched(floored, program.solution):
        side = prepared.inputs.mentors if one.side == "mentor" else prepared.inputs.mentees
        best = None if one.best_score is None else round(float(prepared.sheet.percent(one.best_score)))
        rows.append(
            {
                "participant_id": side.ids[one.index],
                "cause": one.cause.value,
                "detail": {
                    "forbidden": one.forbidden,
                    "allowed": one.allowed_partners,
                    "best": best,
                    "partners": len(one.partners),
                    "partner_seats": one.partner_seats,
                    "rivals": len(one.rivals),
                },
            }
        )
    return rows
