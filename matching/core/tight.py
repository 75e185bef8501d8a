"""What prices cannot decide: a search among the few pairs that could still matter."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from matching.core.assignment import Solution
from matching.core.objective import Marks
from matching.core.points import chunks
from matching.core.problem import Problem, rank_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PAIRS_AT_MOST = 400_000
TOLERANCE = 1e-5
INFEASIBLE = 2
SLICE = 0.3
# Seconds after which a search asks whether it is to go on.
PAUSE = 0.25


@dataclass(frozen=True, eq=False)
class Candidates:
    """`pairs` (E, 2) that may be in a pairing that loses less than was asked: each costs `loss` (E,) if it is
    in, or minus that if it is not, where `loss` is negative; `must` (E,) says which have to be in."""

    pairs: Ints
    loss: Ints
    must: NDArray[np.bool_]

    @classmethod
    def of(cls, problem: Problem, solution: Solution, below: int) -> "Candidates":
        """By the prices of `solution`: everything that loses less than `below` points."""
        duals = solution.duals
        seats = _free_seats(problem)
        locked = set(map(tuple, problem.locked.tolist()))
        pairs, losses = [np.zeros((0, 2), dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for rows in chunks(*problem.shape):
            weights = problem.points.whole(rows) + (duals.bonus - duals.base)
            loss = duals.mentors[rows, None] + duals.mentees[None, :] - weights
            open_pairs = problem.eligible_rows(rows) & (loss < below)
            open_pairs &= (seats[0][rows] > 0)[:, None] & (seats[1] > 0)[None, :]
            at, columns = np.nonzero(open_pairs)
            pairs.append(np.column_stack([rows[at], columns]))
            losses.append(loss[at, columns])
        index, loss = np.concatenate(pairs), np.concatenate(losses)
        free = np.array([pair not in locked for pair in map(tuple, index.tolist())], dtype=bool)
        index, loss = index[free], loss[free]
        # In order of id, so that equals are decided in the same way whatever the order of the input.
        mentor_rank, mentee_rank = rank_of(problem.mentor_ids), rank_of(problem.mentee_ids)
        order = np.lexsort((mentee_rank[index[:, 1]], mentor_rank[index[:, 0]]))
        return cls(index[order], loss[order], -loss[order] >= below)


def search(
    problem: Problem,
    solution: Solution,
    marks: Marks,
    extra: int,
    target: int,
    bound: int,
    known: tuple[Ints, int],
    seconds: float,
    go_on: Callable[[], None] = lambda: None,
) -> tuple[Ints, int]:
    """(pairs, bound): the best pairing with `target` marked pairs, or that of `known` (pairs, points), and by
    how much any could be better. In `problem` marked pairs have `extra` points more; by the prices of
    `solution` none has more than `bound`. Every pair, empty seat and needless mark has a loss against that
    bound; only what loses less than the known pairing is looked at. `go_on` is called every now and then:
    what it raises ends the search.
    """
    pairs, score = known
    wanted = target - int(marks.at(problem.locked).sum())
    ends, least, share = time.monotonic() + seconds, 0, SLICE
    while score < bound - least and (left := ends - time.monotonic()) > 0:
        below = bound - score
        candidates = Candidates.of(problem, solution, below)
        if len(candidates.pairs) > PAIRS_AT_MOST:
            break
        model = _Model.of(problem, solution, candidates, marks, extra, wanted, below)
        chosen, proved = model.solve(left * share, go_on)
        least = max(least, min(proved, below))
        loss = below if chosen is None else model.loss_of(chosen)
        if loss < below:
            # With a better pairing known, much less is left to look at: that is worth a new start.
            pairs, score = np.concatenate([problem.locked, candidates.pairs[chosen]]), bound - loss
        else:
            share = 1.0
    return pairs, bound - least


@dataclass(frozen=True, eq=False)
class _Model:
    """Variables: candidate pairs, empty seats of people with a price, needless marks."""

    costs: Floats
    upper: Floats
    lower: Floats
    matrix: coo_array
    rows_low: Floats
    rows_high: Floats
    base: int
    candidates: Candidates
    marks: Ints
    extra: int
    wanted: int
    seats: tuple[Ints, Ints]
    prices: tuple[Ints, Ints]

    @classmethod
    def of(
        cls,
        problem: Problem,
        solution: Solution,
        candidates: Candidates,
        marks: Marks,
        extra: int,
        wanted: int,
        below: int,
    ) -> "_Model":
        seats = _free_seats(problem)
        prices = solution.duals.mentors, solution.duals.mentees
        pairs, number = candidates.pairs, len(candidates.pairs)
        marked = marks.at(pairs)
        people = problem.shape
        ranks = rank_of(problem.mentor_ids), people[0] + rank_of(problem.mentee_ids)
        rows = [ranks[0][pairs[:, 0]], ranks[1][pairs[:, 1]], np.full(int(marked.sum()), sum(people))]
        columns = [np.arange(number), np.arange(number), np.flatnonzero(marked)]
        values = [np.ones(number), np.ones(number), np.ones(int(marked.sum()))]
        by_rank = np.argsort(np.concatenate(ranks))
        every_seats, every_price = np.concatenate(seats)[by_rank], np.concatenate(prices)[by_rank]
        # An empty seat that loses too much has to be filled; one without a price may stay empty.
        empty = np.flatnonzero((every_price > 0) & (every_price < below) & (every_seats > 0))
        rows += [empty, np.array([sum(people)])]
        columns += [number + np.arange(len(empty)), np.array([number + len(empty)])]
        values += [np.ones(len(empty)), -np.ones(1)]
        needless = (below - 1) // extra if extra else len(pairs)
        negative = int(-candidates.loss[candidates.loss < 0].sum())
        size = number + len(empty) + 1
        return cls(
            costs=np.concatenate([candidates.loss, every_price[empty], [extra]]).astype(float),
            lower=np.concatenate([candidates.must, np.zeros(len(empty) + 1)]).astype(float),
            upper=np.concatenate([np.ones(number), every_seats[empty], [needless]]).astype(float),
            matrix=coo_array(
                (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
                shape=(sum(people) + 1, size),
            ),
            rows_low=np.append(np.where(every_price > 0, every_seats, 0), wanted).astype(float),
            rows_high=np.append(every_seats, wanted).astype(float),
            base=negative,
            candidates=candidates,
            marks=marked,
            extra=extra,
            wanted=wanted,
            seats=seats,
            prices=prices,
        )

    def solve(self, seconds: float, go_on: Callable[[], None]) -> tuple[NDArray[np.bool_] | None, int]:
        """(the best candidates found, if any; no pairing among them loses less than this)."""

        def work() -> Any:
            return milp(
                self.costs,
                integrality=np.ones(len(self.costs)),
                bounds=Bounds(self.lower, self.upper),
                constraints=LinearConstraint(self.matrix.tocsr(), self.rows_low, self.rows_high),
                options={"time_limit": seconds, "mip_rel_gap": 0.0},
            )

        result = beside(work, go_on)
        if result.status == INFEASIBLE:
            return None, 1 << 60
        chosen = None if result.x is None else result.x[: len(self.candidates.pairs)] > 0.5
        least = getattr(result, "mip_dual_bound", None)
        if least is None or not np.isfinite(least):
            return chosen, 0
        return chosen, max(0, int(np.ceil(least + self.base - TOLERANCE)))

    def loss_of(self, chosen: NDArray[np.bool_]) -> int:
        """The loss in whole numbers; beyond all measure where the search has rounded over a rule."""
        pairs, loss = self.candidates.pairs[chosen], self.candidates.loss
        total = int(loss[chosen].sum()) + self.base
        for side in (0, 1):
            left = self.seats[side] - np.bincount(pairs[:, side], minlength=len(self.seats[side]))
            if (left < 0).any():
                return 1 << 60
            total += int((left * self.prices[side]).sum())
        needless = int(self.marks[chosen].sum()) - self.wanted
        return 1 << 60 if needless < 0 else total + needless * self.extra


def beside(work: Callable[[], Any], go_on: Callable[[], None], pause: float = PAUSE) -> Any:
    """What `work` returns. `milp` cannot be interrupted, but lets other threads run: so it works in one of
    its own, while this one calls `go_on`. When that raises, nobody waits: the work ends by its time limit."""
    done: list[Any] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    while worker.is_alive():
        worker.join(pause)
        go_on()
    if failed:
        raise failed[0]
    return done[0]


def _free_seats(problem: Problem) -> tuple[Ints, Ints]:
    locked = problem.locked
    return (
        problem.mentor_seats - np.bincount(locked[:, 0], minlength=problem.shape[0]),
        problem.mentee_seats - np.bincount(locked[:, 1], minlength=problem.shape[1]),
    )
