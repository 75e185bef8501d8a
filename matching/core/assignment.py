"""Solving: the most pairs first, among those the most points, and the proof of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from matching.core.certificate import Duals, bound, potentials, weigh
from matching.core.points import within
from matching.core.problem import Problem
from matching.core.sparse import Found, solve_sparse
from matching.core.transport import solve_transport

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Progress = Callable[[str, float], None]

METHODS = ("auto", "dense", "sparse")
# With fewer people on the smaller side, the whole matrix is quicker than candidates.
SPARSE_FROM = 2500
TWO_SIDED_FROM = 300
# Rounds that a proof usually takes; without an optimum, or when time is short, not to go on for long.
QUICK_ROUNDS = 100


@dataclass(frozen=True, eq=False)
class Solution:
    """The answer. Indexes are positions in the problem, whatever the ids.

    `pairs` (P, 2) int64 by mentor id, then mentee id, locked pairs included; `score` their points;
    `upper_bound` no assignment with as many pairs has more points, and if it equals `score` then also
    none has more pairs: `proven_optimal`. Unmatched are the people with a seat and no pair at all,
    in id order. `seconds` is wall clock.
    """

    pairs: Ints
    score: int
    upper_bound: int
    proven_optimal: bool
    unmatched_mentors: Ints
    unmatched_mentees: Ints
    duals: Duals
    method: str
    seconds: float


def solve(
    problem: Problem,
    method: str = "auto",
    budget_seconds: float | None = None,
    progress: Progress | None = None,
) -> Solution:
    """The assignment with the most pairs and, among those, the most points; forbidden pairs never.

    Ties are decided by id: the people are put in id order first, so permuted input gives the same
    pairs. `method` "dense" reads the whole matrix, "sparse" never holds it, "auto" takes sparse from 2,500
    people on the smaller side, with several seats on both sides from 300; both are exact, but may break
    ties differently. `budget_seconds` cuts short the rounds of sparse and those for seats on both sides:
    the bound then still holds, and there are as many pairs as the candidates allow. `progress(phase, share
    done 0-1)` is called between phases; what it raises passes through, which is how a run is cancelled.
    ValueError for an unknown method.
    """
    if method not in METHODS:
        raise ValueError(f"method: {method!r} is not one of {', '.join(METHODS)}")
    started = time.monotonic()
    report = progress or (lambda phase, share: None)
    report("prepare", 0.0)

    def out_of_time() -> bool:
        return budget_seconds is not None and time.monotonic() - started > budget_seconds

    if method == "auto":
        one_sided = (problem.mentor_seats <= 1).all() or (problem.mentee_seats <= 1).all()
        method = "sparse" if min(problem.shape) >= (SPARSE_FROM if one_sided else TWO_SIDED_FROM) else "dense"
    if method == "sparse":
        found = solve_sparse(problem, out_of_time, report)
    else:
        found = _solve_dense(problem, out_of_time, report)
    solution = _solution(problem, found, method, time.monotonic() - started)
    report("done", 1.0)
    return solution


def _solve_dense(problem: Problem, out_of_time: Callable[[], bool], report: Progress) -> Found:
    free = _Free.of(problem)
    report("assign", 0.1)
    used = free.assign(out_of_time, report)
    report("prove", 0.8)
    duals, gap, _proven = free.prove(used, QUICK_ROUNDS if out_of_time() else None)
    left, right = np.nonzero(used)
    return Found(np.column_stack([free.rows[left], free.columns[right]]), duals, gap)


@dataclass(frozen=True)
class _Free:
    """What is left to decide once locked pairs stand: in id order, only people who can get a pair.

    Seats are those left; room is the seats that there are partners for.
    """

    rows: Ints
    columns: Ints
    scores: Ints
    eligible: Bools
    mentor_seats: Ints
    mentee_seats: Ints
    mentor_room: Ints
    mentee_room: Ints
    weights: Ints
    bonus: int
    base: int
    shape: tuple[int, int]

    @classmethod
    def of(cls, problem: Problem) -> "_Free":
        mentor_seats, mentee_seats = problem.mentor_seats.copy(), problem.mentee_seats.copy()
        np.subtract.at(mentor_seats, problem.locked[:, 0], 1)
        np.subtract.at(mentee_seats, problem.locked[:, 1], 1)
        open_pairs = problem.eligible().copy()
        open_pairs[problem.locked[:, 0], problem.locked[:, 1]] = False
        open_pairs[mentor_seats <= 0, :] = False
        open_pairs[:, mentee_seats <= 0] = False
        by_mentor, by_mentee = open_pairs.sum(axis=1), open_pairs.sum(axis=0)
        rows = np.argsort(problem.mentor_ids, kind="stable")
        columns = np.argsort(problem.mentee_ids, kind="stable")
        rows, columns = rows[by_mentor[rows] > 0], columns[by_mentee[columns] > 0]
        scores, eligible = problem.scores, open_pairs
        taken = within(None, rows, problem.shape[0]), within(None, columns, problem.shape[1])
        if any(some is not None for some in taken):
            grid = np.ix_(rows, columns)
            scores, eligible = scores[grid], eligible[grid]
        mentor_room = np.minimum(mentor_seats, by_mentor)[rows]
        mentee_room = np.minimum(mentee_seats, by_mentee)[columns]
        most = int(min(mentor_room.sum(), mentee_room.sum()))
        weights, bonus, base = weigh(scores, eligible, most)
        return cls(
            rows=rows,
            columns=columns,
            scores=scores,
            eligible=eligible,
            mentor_seats=mentor_seats[rows],
            mentee_seats=mentee_seats[columns],
            mentor_room=mentor_room,
            mentee_room=mentee_room,
            weights=weights,
            bonus=bonus,
            base=base,
            shape=problem.shape,
        )

    def assign(self, out_of_time: Callable[[], bool], report: Progress) -> Bools:
        if not self.eligible.any():
            return np.zeros(self.eligible.shape, dtype=bool)
        if self.mentor_room.max() > 1 and self.mentee_room.max() > 1:

            def told(candidates: int, violated: int) -> None:
                report("assign", 0.1 + 0.7 * candidates / (candidates + violated))

            return solve_transport(
                self.scores,
                self.eligible,
                self.mentor_room,
                self.mentee_room,
                stop=lambda used: out_of_time() or self.prove(used, QUICK_ROUNDS)[2],
                progress=told,
            )
        # One side has single seats: repeating the other side's rows cannot repeat a pair.
        mentor_of = np.repeat(np.arange(len(self.rows)), self.mentor_room)
        mentee_of = np.repeat(np.arange(len(self.columns)), self.mentee_room)
        single = max(self.mentor_room.max(), self.mentee_room.max()) == 1
        repeated = (self.weights if single else self.weights[mentor_of][:, mentee_of]).astype(np.float64)
        if repeated.shape[0] == repeated.shape[1]:
            # Everybody gets a cell, if a forbidden one, so a column's level changes nothing but the time.
            repeated -= repeated.max(axis=0)
        left, right = linear_sum_assignment(repeated, maximize=True)
        used = np.zeros(self.eligible.shape, dtype=bool)
        used[mentor_of[left], mentee_of[right]] = True
        # A forbidden pair weighs 0: taking it out loses neither a pair nor a point.
        return used & self.eligible

    def prove(self, used: Bools, rounds: int | None = None) -> tuple[Duals, int, bool]:
        """(prices, by how much anything could be better at most, whether that proves `used`)."""
        mentors = np.zeros(self.shape[0], dtype=np.int64)
        mentees = np.zeros(self.shape[1], dtype=np.int64)
        mentor_free = used.sum(axis=1) < self.mentor_seats
        prices = potentials(self.weights, self.eligible, used, mentor_free, rounds)
        mentors[self.rows], mentees[self.columns] = prices
        most = bound(self.weights, self.eligible, self.mentor_seats, self.mentee_seats, *prices)
        over = most - int(self.weights[used].sum())
        return Duals(self.bonus, self.base, mentors, mentees), over, over == 0


def _solution(problem: Problem, found: Found, method: str, seconds: float) -> Solution:
    pairs = problem.sorted_pairs(np.concatenate([problem.locked, found.pairs]).astype(np.int64))
    score = problem.score_of(pairs)
    return Solution(
        pairs=pairs,
        score=score,
        upper_bound=score + found.gap,
        proven_optimal=found.gap == 0,
        unmatched_mentors=unmatched(pairs[:, 0], problem.mentor_seats, problem.mentor_ids),
        unmatched_mentees=unmatched(pairs[:, 1], problem.mentee_seats, problem.mentee_ids),
        duals=found.duals,
        method=method,
        seconds=seconds,
    )


def unmatched(paired: Ints, seats: Ints, ids: NDArray) -> Ints:
    """People with a seat who are not among the `paired`, in id order."""
    order = np.argsort(ids, kind="stable")
    alone = (np.bincount(paired, minlength=len(seats)) == 0) & (seats > 0)
    return order[alone[order]]
