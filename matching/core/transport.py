"""Seats on both sides: a transportation problem in which every pair can be made once.

Repeating rows and columns would pair the same two people twice, so this is a linear program, solved
on candidate pairs; prices from its duals find the pairs that are missing until none can improve it.
The constraint matrix is a network's, so every corner of it is whole: no branching is needed.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import maximum_flow

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CANDIDATES = 8
ADDED_PER_ROW = 8
WHOLE = 1e-5


def most_pairs(eligible: Bools, mentor_seats: Ints, mentee_seats: Ints) -> Bools:
    """(mentors, mentees) bool: an assignment with as many pairs as possible (maximum flow)."""
    rows, columns = np.nonzero(eligible)
    chosen = most_of(rows, columns, mentor_seats, mentee_seats)
    made = np.zeros(eligible.shape, dtype=bool)
    made[rows[chosen], columns[chosen]] = True
    return made


def heaviest_pairs(rows: Ints, columns: Ints, points: Ints, row_seats: Ints, column_seats: Ints) -> Ints:
    """Positions, in order, of an assignment of these pairs: the most pairs, then the most points."""
    pairs = int(most_of(rows, columns, row_seats, column_seats).sum())
    if not pairs:
        return np.zeros(0, dtype=np.int64)
    # So many pairs it is in any case: smaller numbers are solved to the last point.
    chosen, _total, _prices = _best_of(rows, columns, points - points.min(), row_seats, column_seats, pairs)
    return np.flatnonzero(chosen)


def most_of(rows: Ints, columns: Ints, row_seats: Ints, column_seats: Ints) -> Bools:
    """(pairs,) bool: as many of these pairs as possible (maximum flow)."""
    left, right = len(row_seats), len(column_seats)
    source, sink = left + right, left + right + 1
    tails = np.concatenate([np.full(left, source), rows, left + np.arange(right)])
    heads = np.concatenate([np.arange(left), left + columns, np.full(right, sink)])
    room = np.concatenate([row_seats, np.ones(len(rows), dtype=np.int64), column_seats])
    size = left + right + 2
    graph = csr_array((np.minimum(room, size).astype(np.int32), (tails, heads)), shape=(size, size))
    flow = maximum_flow(graph, source, sink).flow.tocoo()
    made = (flow.row < left) & (flow.data > 0)
    keys = flow.row[made].astype(np.int64) * right + (flow.col[made] - left)
    return np.isin(rows * right + columns, keys)


def solve_transport(
    scores: Ints,
    eligible: Bools,
    mentor_seats: Ints,
    mentee_seats: Ints,
    stop: Callable[[Bools], bool],
    progress: Callable[[int, int], None],
) -> Bools:
    """(mentors, mentees) bool: most pairs, then most points, each pair once, nobody over their seats.

    `stop(assignment)` ends it early, out of time or because that is proven already (the duals often
    take some rounds more to show it): what comes back has the most pairs, and at least as many points
    as any assignment of the candidates. `progress(candidates, violated)` is called each round.
    """
    best = most_pairs(eligible, mentor_seats, mentee_seats)
    pairs = int(best.sum())
    if not pairs:
        return best
    candidates = best | _top_of_each(scores, eligible, CANDIDATES + int(max(mentor_seats.max(), 0)))
    candidates |= _top_of_each(scores.T, eligible.T, CANDIDATES + int(max(mentee_seats.max(), 0))).T
    while True:
        best, total, mentor_prices, mentee_prices = _restricted(
            scores, candidates, mentor_seats, mentee_seats, pairs
        )
        gain = scores - total - mentor_prices[:, None] - mentee_prices[None, :]
        violated = eligible & ~candidates & (gain > 0)
        progress(int(candidates.sum()), int(violated.sum()))
        if not violated.any() or stop(best):
            return best
        candidates = candidates | _top_of_each(gain, violated, ADDED_PER_ROW)
        candidates |= _top_of_each(gain.T, violated.T, ADDED_PER_ROW).T


def _restricted(
    scores: Ints, candidates: Bools, mentor_seats: Ints, mentee_seats: Ints, pairs: int
) -> tuple[Bools, int, Ints, Ints]:
    rows, columns = np.nonzero(candidates)
    chosen, total, prices = _best_of(rows, columns, scores[rows, columns], mentor_seats, mentee_seats, pairs)
    used = np.zeros(candidates.shape, dtype=bool)
    used[rows[chosen], columns[chosen]] = True
    return used, total, prices[: len(mentor_seats)], prices[len(mentor_seats) :]


def _best_of(
    rows: Ints, columns: Ints, points: Ints, row_seats: Ints, column_seats: Ints, pairs: int
) -> tuple[Bools, int, Ints]:
    """(which of these pairs, the price of a pair, prices of rows and then columns): so many pairs with the
    most points."""
    arcs = np.arange(len(rows))
    seats = coo_array(
        (
            np.ones(2 * len(rows)),
            (np.concatenate([rows, len(row_seats) + columns]), np.concatenate([arcs, arcs])),
        ),
        shape=(len(row_seats) + len(column_seats), len(rows)),
    ).tocsr()
    # Interior point with crossover ends in a corner as the simplex does, in half the time.
    for method in ("highs-ipm", "highs-ds"):
        answer = linprog(
            -points.astype(float),
            A_ub=seats,
            b_ub=np.concatenate([row_seats, column_seats]).astype(float),
            A_eq=csr_array(np.ones((1, len(rows)))),
            b_eq=[float(pairs)],
            bounds=(0, 1),
            method=method,
        )
        if answer.status == 0 and np.abs(answer.x - np.rint(answer.x)).max() < WHOLE:
            break
    else:
        raise RuntimeError(f"the linear program ended with: {answer.message}")
    prices = np.maximum(0, np.rint(-answer.ineqlin.marginals)).astype(np.int64)
    return answer.x > 0.5, int(np.rint(-answer.eqlin.marginals[0])), prices


def _top_of_each(values: Ints, where: Bools, count: int) -> Bools:
    """The `count` highest cells of each row among `where`."""
    if values.shape[1] <= count:
        return where.copy()
    masked = np.where(where, values, np.iinfo(np.int64).min)
    top = np.argpartition(masked, -count, axis=1)[:, -count:]
    chosen = np.zeros(where.shape, dtype=bool)
    np.put_along_axis(chosen, top, True, axis=1)
    return chosen & where
