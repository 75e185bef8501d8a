"""A second opinion on a whole program: against the problem as it was given, apart from what solved it."""

from collections import Counter

import numpy as np

from matching.core.picks import Picks
from matching.core.points import chunks
from matching.core.problem import Problem
from matching.core.program import Program
from matching.core.share import Share, Shared
from matching.core.verify import check

Pair = tuple[int, int]


def check_program(
    problem: Problem, program: Program, *, picks: Picks | None = None, share: Share | None = None
) -> list[str]:
    """Everything wrong with the answer, in words; empty when it holds.

    Checked: seats, hard rules, refusals, the floor in force, locked pairs and the score against `problem`;
    that what was solved forbids nothing else; the prices that prove it; and the share with its bound.
    """
    made = {(int(i), int(j)) for i, j in program.pairs}
    refused, picked = _lists(picks or Picks())
    faults = _pairs(problem, program, made, refused, picked)
    if program.pairs.tolist() != program.solution.pairs.tolist():
        faults.append("pairs: not those of the solution")
    score = sum(int(problem.points.at(np.array([i]), np.array([j]))[0]) for i, j in made)
    if score != program.score:
        faults.append(f"score: says {program.score}, the pairs have {score}")
    if program.upper_bound is not None and program.upper_bound < program.score:
        faults.append(f"bound: {program.upper_bound} is under the score {program.score}")
    if program.proven and program.upper_bound != program.score:
        faults.append("bound: claims a proof and a gap")
    faults += _nothing_else_forbidden(problem, program, refused, picked)
    faults += [f"solved: {fault}" for fault in check(program.weighed, program.solution)]
    if program.shared is not None and share is not None:
        faults += check_share(program.shared, share)
    return faults


def check_share(shared: Shared, share: Share) -> list[str]:
    """Everything wrong with a share target's answer: counts, whether it is reached, the most possible and the
    bound, both from prices. What a search found below that bound is taken on its word."""
    faults = []
    marked = sum(int(share.marks.at(pair[None, :])[0]) for pair in shared.pairs)
    number = len(shared.pairs)
    target = (number * share.percent + 99) // 100
    if (marked, target) != (shared.marked, shared.target):
        faults.append(f"share: says {shared.marked} of {shared.target}, there are {marked} of {target}")
    if shared.reached != (marked >= target) or marked < min(target, shared.possible):
        faults.append(f"share: {marked} marked pairs do not reach {target}, {shared.possible} are possible")
    most_problem, most = shared.most
    most_marked = sum(int(share.marks.at(pair[None, :])[0]) for pair in most.pairs)
    if most_marked != shared.possible or len(most.pairs) != number:
        faults.append(f"share: {shared.possible} are called possible, {most_marked} are shown")
    faults += [f"most marked: {fault}" for fault in check(most_problem, most)]
    faults += [f"bound: {fault}" for fault in check(shared.weighed, shared.best)]
    if not shared.score <= shared.upper_bound <= shared.by_prices:
        faults.append(f"share: {shared.score}, {shared.upper_bound} and {shared.by_prices} are out of order")
    # The best pairs with extra points, less the extra of the marked pairs that had to be made at least.
    least = min(shared.target, shared.possible) if shared.extra else marked
    best = shared.best
    worth = shared.weighed.score_of(shared.pairs) - shared.score - shared.extra * marked
    bound = best.upper_bound - worth - shared.extra * least
    if bound != shared.by_prices:
        faults.append(f"share: the prices bound the score by {bound}, the answer says {shared.by_prices}")
    return faults


def _pairs(
    problem: Problem, program: Program, made: set[Pair], refused: set[Pair], picked: set[Pair]
) -> list[str]:
    faults = []
    locked = {(int(i), int(j)) for i, j in problem.locked}
    free_of_floor = locked | picked
    if len(made) != len(program.pairs):
        faults.append("pairs: the same two people are paired twice")
    for i, j in sorted(made):
        name = f"mentor {problem.mentor_ids[i]}, mentee {problem.mentee_ids[j]}"
        if not problem.allowed_rows(np.array([i]))[0, j]:
            faults.append(f"pairs: {name} is forbidden")
        elif (i, j) in refused:
            faults.append(f"pairs: {name} is refused")
        elif (i, j) not in free_of_floor and program.floor is not None:
            score = int(problem.points.at(np.array([i]), np.array([j]))[0])
            faults += [f"pairs: {name} is under the floor"] * (score < program.floor)
    if missing := locked - made:
        faults.append(f"pairs: the locked pair {min(missing)} is missing")
    for column, (side, seats) in enumerate(
        (("mentor", problem.mentor_seats), ("mentee", problem.mentee_seats))
    ):
        for person, taken in sorted(Counter(pair[column] for pair in made).items()):
            if taken > seats[person]:
                faults.append(f"seats: {side} at {person} has {taken} pairs and {seats[person]} seats")
    return faults


def _nothing_else_forbidden(
    problem: Problem, program: Program, refused: set[Pair], picked: set[Pair]
) -> list[str]:
    for rows in chunks(*problem.shape):
        should = problem.allowed_rows(rows)
        if program.floor is not None:
            should &= problem.points.whole(rows) >= program.floor
        listed = [(pair, True) for pair in picked - refused] + [(pair, False) for pair in refused]
        for (i, j), possible in listed:
            if rows[0] <= i <= rows[-1]:
                should[i - rows[0], j] = possible and problem.allowed_rows(np.array([i]))[0, j]
        # A locked pair stands under the floor: whether it is made has been looked at.
        for i, j in problem.locked:
            if rows[0] <= i <= rows[-1]:
                should[i - rows[0], j] = False
        missing = np.argwhere(should & ~program.weighed.eligible_rows(rows))
        if len(missing):
            i, j = rows[missing[0, 0]], missing[0, 1]
            return [f"solved: mentor {problem.mentor_ids[i]}, mentee {problem.mentee_ids[j]} was left out"]
    return []


def _lists(picks: Picks) -> tuple[set[Pair], set[Pair]]:
    """(refused, picked) pairs."""
    refused = {(i, j) for i, some in picks.mentors_refuse.items() for j in some}
    refused |= {(i, j) for j, some in picks.mentees_refuse.items() for i in some}
    picked = {(i, j) for i, some in picks.mentors.items() for j in some}
    picked |= {(i, j) for j, some in picks.mentees.items() for i in some}
    return refused, picked
