"""Everything a pairing can aim at beside points: share targets, who waited, kept pairs, groups of people.

A share target has two figures: how far from the best possible it is after two seconds at most, and how long
it takes until it is proven best, or given up after 20 seconds (the bound is known all the same).
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.harness import Row
from benchmarks.matching_core import SEED, invented
from matching.core import Problem, solve
from matching.core.fairness import raise_group
from matching.core.objective import Marks
from matching.core.picks import Picks
from matching.core.program import solve_program
from matching.core.scoring import ScoreSheet
from matching.core.share import Share, solve_share
from matching.core.verify_program import check_program, check_share

# The more is asked for of what is rare, the longer it takes; a fifth of all pairs is of the kind by itself.
TARGETS = (60, 80, 90)
QUICK, LONG = 2.0, 20.0


def run(size: int) -> list[Row]:
    """Each target with its own row; the answers are checked by other means."""
    random = np.random.default_rng(SEED)
    points = ScoreSheet(invented(size, size), size, size).points
    problem = Problem.from_scores(points, random.random((size, size)) > 0.1)
    kinds = [random.choice(6, size, p=[0.35, 0.25, 0.15, 0.1, 0.1, 0.05]) for _side in range(2)]
    marks = Marks.of_matrix(kinds[0][:, None] == kinds[1][None, :])
    rows, faults = [], 0
    for percent in TARGETS:
        share, name = Share(marks, percent), f"{percent} % of the pairs of a kind"
        quick = solve_share(problem, share, budget_seconds=QUICK)
        seconds, long = _timed(solve_share, problem, share, budget_seconds=LONG)
        gaps = [100 * (one.upper_bound - one.score) / one.score for one in (quick, long)]
        rows += [
            Row(f"{name}, after {QUICK:.0f} s: from the bound", round(gaps[0], 4), "%", at_most=0.05),
            Row(f"{name}: until {'proven' if long.proven else 'given up'}", round(seconds, 2), "s"),
            Row(f"{name}: from the bound then", round(gaps[1], 4), "%", at_most=0.05),
        ]
        faults += bool(check_share(quick, share)) + bool(check_share(long, share))
    everything, program_faults = _everything(problem, size)
    near = 0.01 * float(points.max())
    seconds, _closer = _timed(raise_group, problem, kinds[0] == 5, kinds[1] == 5, within=near)
    return [
        *rows,
        *everything,
        Row("a gap between groups closed", round(seconds, 2), "s"),
        Row("answers that do not hold", faults + program_faults, f"of {2 * len(TARGETS) + 1}", at_most=0),
    ]


def _everything(problem: Problem, size: int) -> tuple[list[Row], int]:
    """Picks, who waited, and nine pairs in ten that are to stay."""
    random = np.random.default_rng(SEED)

    def lists() -> dict[int, list[int]]:
        return {one: random.choice(size, 5, replace=False).tolist() for one in range(0, size, 2)}

    before = [(i, j) for i, j in solve(problem).pairs.tolist() if i % 10]
    picks, waited = Picks(lists(), lists()), (list(range(0, size, 20)), list(range(0, size, 15)))
    seconds, program = _timed(solve_program, problem, before=before, picks=picks, priority=waited)
    faults = check_program(problem, program, picks=picks)
    return [Row("picks, who waited and kept pairs at once", round(seconds, 2), "s")], bool(faults)


def _timed(work: Callable[..., Any], *given: Any, **named: Any) -> tuple[float, Any]:
    started = time.perf_counter()
    done = work(*given, **named)
    return time.perf_counter() - started, done
