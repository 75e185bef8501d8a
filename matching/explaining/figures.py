"""What the champion sees of a run as a whole, each figure with its base."""

from typing import Any

import numpy as np

from matching.core import Problem, Solution
from matching.core.quality import measure
from matching.explaining.entries import learn
from matching.solving import Prepared, can_be_kept

BINS = 10


def figures(prepared: Prepared, problem: Problem, solution: Solution) -> dict[str, Any]:
    """The figures of the answer as JSON."""
    pairs, inputs = solution.pairs, prepared.inputs
    quality = measure(problem, pairs, prepared.sheet.max_points)
    percents = prepared.sheet.percent(problem.points.at(pairs[:, 0], pairs[:, 1]))
    bins = np.bincount(np.minimum(percents // BINS, BINS - 1).astype(int), minlength=BINS)[:BINS]
    learning = learn(prepared, pairs)
    left_out = set(inputs.keep) - set(inputs.paired) - set(can_be_kept(inputs))
    return {
        "pairs": len(pairs),
        "mentors": {
            "placed": quality.mentors_matched,
            "of": quality.mentors,
            "seats": sum(inputs.mentors.seats),
        },
        "mentees": {
            "placed": quality.mentees_matched,
            "of": quality.mentees,
            "seats": sum(inputs.mentees.seats),
        },
        "alone": len(solution.unmatched_mentors) + len(solution.unmatched_mentees),
        "mean": round(quality.mean_percent, 1),
        "lowest": round(quality.lowest_percent),
        "bins": bins.tolist(),
        "learn": {
            "nothing": int(learning.nothing.sum()),
            "named": int((learning.nothing & learning.named).sum()),
            "silent": int((learning.nothing & ~learning.named).sum()),
        }
        if learning
        else None,
        "forbidden": {rule: count for rule, count in problem.rules.counts().items() if count}
        if problem.rules
        else {},
        "possible": problem.shape[0] * problem.shape[1],
        "kept": len(problem.locked),
        "kept_gone": len(left_out),
        "better_together": quality.blocking_pairs,
        "proven": solution.proven_optimal,
        "seconds": round(solution.seconds, 2),
    }
