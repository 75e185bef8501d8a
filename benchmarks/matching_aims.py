"""Everything a pairing can aim at beside points: shares, who waited, kept pairs, the worst pair, groups.

A share target has two figures: how far from the best possible it is after two seconds at most, and how long
it takes until it is proven best, or given up after 20 seconds (the bound is known all the same).
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.harness import ROOT, Row
from benchmarks.matching_core import SEED, invented
from matching.core import Problem, solve
from matching.core.closing import Raise
from matching.core.objective import Marks
from matching.core.picks import Picks
from matching.core.points import chunks
from matching.core.program import solve_program
from matching.core.scoring import ScoreSheet
from matching.core.share import Share, solve_share
from matching.core.verify_program import check_program, check_share
from matching.core.worst import best_worst_pair

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
    return [
        *rows,
        *everything,
        Row("answers that do not hold", faults + program_faults, f"of {2 * len(TARGETS) + 1}", at_most=0),
        *large_rows(size),
        *large_rows(10 * size),
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


def large(people: int) -> dict[str, Any]:
    """Seconds and memory, from factors: the best worst pair, and the mentors whose points are the fewest on
    average (one in twenty) brought to a hundredth of all points from the others."""
    sheet = ScoreSheet(invented(people, people), people, people)
    problem = Problem.from_factors(*sheet.factors)
    worst_seconds, floored = _timed(best_worst_pair, problem)
    averages = np.concatenate([problem.points.whole(rows).mean(axis=1) for rows in chunks(people, people)])
    members = np.zeros(people, dtype=bool)
    members[np.argsort(averages, kind="stable")[: max(people // 20, 1)]] = True
    group = Raise(members, np.zeros(people, dtype=bool), sheet.max_points // 100)
    group_seconds, program = _timed(solve_program, problem, raised=group)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # One solve that is proven to have no pair less, and one point higher that is.
    as_many = len(solve(floored).pairs) == len(program.pairs)
    higher = solve(replace(problem, floor=(floored.floor or 0) + 1))
    return {
        "worst_seconds": round(worst_seconds, 2),
        "group_seconds": round(group_seconds, 2),
        "megabytes": round(memory),
        "faults": int(not as_many or len(higher.pairs) >= len(program.pairs) or not higher.proven_optimal)
        + bool(check_program(problem, program, raised=group)),
    }


def large_rows(people: int) -> list[Row]:
    """`large` in a process of its own, because of the memory."""
    command = [sys.executable, "-m", "benchmarks.matching_aims", str(people)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found, name = json.loads(done.stdout), f"{people:,} x {people:,}"
    return [
        Row(f"{name}: the highest floor without a pair less", found["worst_seconds"], "s"),
        Row(f"{name}: a gap between groups closed", found["group_seconds"], "s"),
        Row(f"{name}: memory of both", found["megabytes"], "MB", at_most=700),
        Row(f"{name}: answers that do not hold", found["faults"], "of 2", at_most=0),
    ]


def _timed(work: Callable[..., Any], *given: Any, **named: Any) -> tuple[float, Any]:
    started = time.perf_counter()
    done = work(*given, **named)
    return time.perf_counter() - started, done


if __name__ == "__main__":
    print(json.dumps(large(int(sys.argv[1]))))
