"""A second opinion: checks an answer from the problem alone, sharing no code with the solver."""

import numpy as np

from matching.core.assignment import Solution
from matching.core.points import Product, Raised
from matching.core.problem import Problem

ROWS_AT_ONCE = 256


def check(problem: Problem, solution: Solution) -> list[str]:
    """Everything wrong with the answer, in words; empty when it holds.

    Checked: indexes, no pair twice, seats, hard rules, floor, locked pairs, the score, who is
    unmatched, and, by exact integers, that the prices in `solution.duals` give the claimed bound.
    """
    pairs = np.asarray(solution.pairs)
    mentors, mentees = problem.shape
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        return ["pairs: not a list of mentor index and mentee index"]
    if len(pairs) and (pairs.min() < 0 or pairs[:, 0].max() >= mentors or pairs[:, 1].max() >= mentees):
        return ["pairs: an index is outside of the problem"]
    return _feasibility(problem, solution) + _figures(problem, solution) + _proof(problem, solution)


def _feasibility(problem: Problem, solution: Solution) -> list[str]:
    faults = []
    made = [(int(i), int(j)) for i, j in solution.pairs]
    locked = {(int(i), int(j)) for i, j in problem.locked}
    if len(set(made)) != len(made):
        faults.append("pairs: the same two people are paired twice")
    points = _points(problem, made)
    for (i, j), score in zip(made, points, strict=True):
        if not _allowed(problem, i, j):
            faults.append(
                f"pairs: mentor {problem.mentor_ids[i]}, mentee {problem.mentee_ids[j]} is forbidden"
            )
        elif problem.floor is not None and score < problem.floor and (i, j) not in locked:
            faults.append(
                f"pairs: mentor {problem.mentor_ids[i]}, mentee {problem.mentee_ids[j]} is under the floor"
            )
    for missing in locked - set(made):
        faults.append(f"pairs: the locked pair {missing} is missing")
    for side, column, seats in (("mentor", 0, problem.mentor_seats), ("mentee", 1, problem.mentee_seats)):
        taken = np.zeros(len(seats), dtype=np.int64)
        for pair in made:
            taken[pair[column]] += 1
        for person in np.flatnonzero(taken > seats):
            faults.append(f"seats: {side} at {person} has {taken[person]} pairs and {seats[person]} seats")
        alone = {int(p) for p in np.flatnonzero((taken == 0) & (seats > 0))}
        told = solution.unmatched_mentors if side == "mentor" else solution.unmatched_mentees
        if {int(p) for p in told} != alone:
            faults.append(f"unmatched: the list of {side}s does not fit the pairs")
    return faults


def _figures(problem: Problem, solution: Solution) -> list[str]:
    faults = []
    score = sum(_points(problem, [(int(i), int(j)) for i, j in solution.pairs]))
    if score != solution.score:
        faults.append(f"score: says {solution.score}, the pairs have {score}")
    if solution.upper_bound < solution.score:
        faults.append(f"bound: {solution.upper_bound} is under the score {solution.score}")
    if solution.proven_optimal != (solution.upper_bound == solution.score):
        faults.append("bound: proven_optimal contradicts the bound")
    return faults


def _proof(problem: Problem, solution: Solution) -> list[str]:
    duals, locked = solution.duals, problem.locked
    if (duals.mentors < 0).any() or (duals.mentees < 0).any():
        return ["proof: a price is negative"]
    mentor_seats = problem.mentor_seats - np.bincount(locked[:, 0], minlength=problem.shape[0])
    mentee_seats = problem.mentee_seats - np.bincount(locked[:, 1], minlength=problem.shape[1])
    limit = int(mentor_seats @ duals.mentors) + int(mentee_seats @ duals.mentees)
    mentor_partners, mentee_partners = np.zeros_like(mentor_seats), np.zeros_like(mentee_seats)
    lows, highs = [], []
    for start in range(0, problem.shape[0], ROWS_AT_ONCE):
        rows = np.arange(start, min(start + ROWS_AT_ONCE, problem.shape[0]))
        scores = problem.points.whole(rows)
        free = problem.allowed_rows(rows)
        if problem.floor is not None:
            free &= scores >= problem.floor
        for i, j in locked[(locked[:, 0] >= start) & (locked[:, 0] <= rows[-1])]:
            free[i - start, j] = False
        free[mentor_seats[rows] == 0] = False
        free[:, mentee_seats == 0] = False
        mentor_partners[rows] = free.sum(axis=1)
        mentee_partners += free.sum(axis=0)
        if free.any():
            lows.append(int(scores[free].min()))
            highs.append(int(scores[free].max()))
        scores += duals.bonus - duals.base - duals.mentors[rows, None]
        scores -= duals.mentees
        limit += int(scores[free & (scores > 0)].sum())
    most = int(
        min(np.minimum(mentor_seats, mentor_partners).sum(), np.minimum(mentee_seats, mentee_partners).sum())
    )
    if lows and (duals.base > min(lows) or duals.bonus <= most * (max(highs) - duals.base)):
        return ["proof: one more pair would not outweigh all points"]
    locked_score = sum(_points(problem, [(int(i), int(j)) for i, j in locked]))
    made = len(solution.pairs) - len(locked)
    proven = limit - made * (duals.bonus - duals.base) + locked_score
    if proven != solution.upper_bound:
        return [f"proof: the prices bound the score by {proven}, the answer says {solution.upper_bound}"]
    return []


def _allowed(problem: Problem, i: int, j: int) -> bool:
    if problem.rules is not None and problem.rules.of_pair(i, j):
        return False
    if problem.mask is not None and not problem.mask[i, j]:
        return False
    return not (problem.forbidden == (i, j)).all(axis=1).any()


def _points(problem: Problem, pairs: list[tuple[int, int]]) -> list[int]:
    """Each pair's points, from its own row: for factors, a product in whole numbers."""
    points, extra = problem.points, {}
    if isinstance(points, Raised):
        raised = zip(points.rows.tolist(), points.columns.tolist(), points.extra.tolist(), strict=True)
        extra = {(i, j): more for i, j, more in raised}
        points = points.plain
    if isinstance(points, Product):
        return [int(points.left[i] @ points.right[j]) + extra.get((i, j), 0) for i, j in pairs]
    return [int(points.values[i, j]) + extra.get((i, j), 0) for i, j in pairs]
