"""A second opinion on a whole program: against the problem as it was given, apart from what solved it."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from matching.core.closing import Closer, Raise, Weight
from matching.core.picks import Picks
from matching.core.points import chunks
from matching.core.problem import Problem
from matching.core.program import Program
from matching.core.share import Share, Shared
from matching.core.verify import check

Ints = NDArray[np.int64]
Pair = tuple[int, int]

NEARLY = 1e-9
NONE = 1 << 62


def check_program(
    problem: Problem,
    program: Program,
    *,
    picks: Picks | None = None,
    share: Share | None = None,
    raised: Raise | None = None,
) -> list[str]:
    """Everything wrong with the answer, in words; empty when it holds.

    Checked: seats, hard rules, refusals, the floor in force, locked pairs and the score against `problem`;
    that what was solved forbids nothing else; the prices that prove it; the share with its bound; and the
    group that was raised, with its weight.
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
    if program.closer is not None and raised is not None:
        faults += _closer(problem, program, program.closer, raised, picked)
    elif program.closer is not None or raised is not None:
        faults.append("group: raised without having been asked for, or the other way round")
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


def _closer(
    problem: Problem, program: Program, closer: Closer, raised: Raise, picked: set[Pair]
) -> list[str]:
    """Everything wrong with what is said about a group, and with the weight of its points. That no smaller
    weight is enough is taken on its word."""
    plain, without = closer.without
    faults = _means(problem, without.pairs, raised, (closer.mean[0], closer.others[0]))
    faults += _means(problem, program.pairs, raised, (closer.mean[1], closer.others[1]))
    if closer.reached != (closer.others[1] - closer.mean[1] <= raised.within + NEARLY):
        faults.append("group: whether it is near enough does not fit the means")
    price = sum(_points_of(problem, without.pairs)) - program.score
    if price != closer.price:
        faults.append(f"group: the price is {price}, the answer says {closer.price}")
    if len(without.pairs) != len(program.pairs):
        faults.append(f"group: {len(program.pairs)} pairs, without the weight {len(without.pairs)}")
    faults += [f"without the weight: {fault}" for fault in check(plain, without)]
    listed = set(picked)
    if program.kept:
        listed |= {(int(i), int(j)) for i, j in program.kept.kept}
        places = [{one: at for at, one in enumerate(ids)} for ids in (problem.mentor_ids, problem.mentee_ids)]
        listed |= {(places[0][i], places[1][j]) for i, j in program.kept.moved}
    but = np.array(sorted(listed), dtype=np.int64).reshape(-1, 2)
    for weighed, weight in ((plain, Weight(1, 0)), (program.weighed, closer.weight)):
        if not _is_weighed_by(problem, weighed, raised, weight, but):
            faults.append(f"group: points are not weighed by {weight.once} and {weight.more} more")
    return faults


def _means(problem: Problem, pairs: Ints, raised: Raise, told: tuple[float, float]) -> list[str]:
    """Means of the group and of all others; where one of the two has no pair, both are the same."""
    group, rest = _members(problem, pairs, raised)
    own, others = (sum(points) / len(points) if points else None for points in (group, rest))
    right = (own if own is not None else others or 0.0, others if others is not None else own or 0.0)
    if max(abs(one - other) for one, other in zip(right, told, strict=True)) <= NEARLY:
        return []
    return [f"group: says {told[0]} and {told[1]} for all others, the pairs have {right[0]} and {right[1]}"]


def _members(problem: Problem, pairs: Ints, raised: Raise) -> tuple[list[int], list[int]]:
    """Points of the pairs of (the group, all others), once for each of the two people."""
    group: list[int] = []
    rest: list[int] = []
    for (i, j), points in zip(pairs.tolist(), _points_of(problem, pairs), strict=True):
        (group if raised.mentors[i] else rest).append(points)
        (group if raised.mentees[j] else rest).append(points)
    return group, rest


def _is_weighed_by(problem: Problem, weighed: Problem, raised: Raise, weight: Weight, but: Ints) -> bool:
    """Whether all pairs of people with a seat, `but` those picked or of before, have the points they should
    have; or, with people who go first, more than any two pairs differ."""
    if not problem.shape[1]:
        return True
    lowest = min([0, *(int(problem.points.whole(rows).min()) for rows in chunks(*problem.shape))])
    lows, highs, least = [], [], []
    for rows in chunks(*problem.shape):
        points = problem.points.whole(rows)
        members = raised.mentors[rows].astype(np.int64)[:, None] + raised.mentees[None, :]
        should = points * weight.once + (points - lowest) * members * weight.more
        more = weighed.points.whole(rows) - should
        here = but[(but[:, 0] >= rows[0]) & (but[:, 0] <= rows[-1])]
        more[here[:, 0] - rows[0], here[:, 1]] = 0
        more *= (problem.mentor_seats[rows] > 0)[:, None] & (problem.mentee_seats > 0)
        lows.append(int(should.min()))
        highs.append(int(should.max()))
        least.append(int(more[more != 0].min(initial=NONE)))
    return min(least, default=NONE) > max(highs, default=0) - min(lows, default=0)


def _points_of(problem: Problem, pairs: Ints) -> list[int]:
    """One by one, apart from what solves."""
    return [int(problem.points.at(pair[:1], pair[1:])[0]) for pair in pairs]


def _lists(picks: Picks) -> tuple[set[Pair], set[Pair]]:
    """(refused, picked) pairs."""
    refused = {(i, j) for i, some in picks.mentors_refuse.items() for j in some}
    refused |= {(i, j) for j, some in picks.mentees_refuse.items() for i in some}
    picked = {(i, j) for i, some in picks.mentors.items() for j in some}
    picked |= {(i, j) for j, some in picks.mentees.items() for i in some}
    return refused, picked
