"""Large problems: candidate pairs, solved exactly; prices find what is missing in the whole matrix.

The matrix itself is only ever computed block by block. When no pair of it is worth more than the prices
of its two people, those prices prove the assignment of the candidates for all pairs.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.core.certificate import Duals
from matching.core.network import Network
from matching.core.problem import Problem
from matching.core.view import View, best_of_each, violated

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Progress = Callable[[str, float], None]

CANDIDATES = 30
ADDED = 8


@dataclass(frozen=True, eq=False)
class Found:
    """`pairs` (P, 2) without the locked ones, in no order; by how much they could be better at most."""

    pairs: Ints
    duals: Duals
    gap: int


def solve_sparse(problem: Problem, out_of_time: Callable[[], bool], report: Progress) -> Found:
    """The most pairs and, among those, the most points, with prices that prove it for all pairs.

    For single seats on at least one side, else ValueError. Out of time, the candidates' best so far
    comes back with a bound. Memory: the factors or the table, and some blocks of 16 MB.
    """
    view = View.of(problem)
    if not view.shape[0] or not view.shape[1]:
        return _nothing(problem)
    if (view.column_seats > 1).any():
        raise ValueError("method: sparse needs single seats on one side, both have several")
    network, low, high = _first_candidates(view)
    room = int(np.minimum(view.row_seats, view.shape[1]).sum())
    # Who is short gets the prices and their candidates: the others differ too little between partners.
    by_columns = room > view.shape[1]
    most = min(room, view.shape[1])
    bonus, base = most * (high - low) + 1, low
    network = replace(network, weights=network.weights - base + bonus)
    row_prices = np.zeros(view.shape[0], dtype=np.int64)
    column_prices = np.zeros(view.shape[1], dtype=np.int64)
    before = 0
    while True:
        used = network.heaviest(row_prices, column_prices)
        row_prices, column_prices = network.potentials(used, by_columns)
        if by_columns:
            columns, rows, column_prices = violated(
                view.transposed(), column_prices, row_prices, bonus - base, ADDED
            )
        else:
            rows, columns, row_prices = violated(view, row_prices, column_prices, bonus - base, ADDED)
        gap = _bound(view, network, used, row_prices, column_prices) - int(network.weights[used].sum())
        before = before or max(gap, 1)
        report("assign", 0.1 + 0.7 * (1 - min(gap / before, 1)))
        if not len(rows) or out_of_time():
            break
        network = _with(network, rows, columns, view.points_at(rows, columns) - base + bonus)
    duals = view.duals(problem, bonus, base, row_prices, column_prices)
    return Found(view.pairs(network.rows[used], network.columns[used]), duals, gap)


def _nothing(problem: Problem) -> Found:
    none = (np.zeros(people, dtype=np.int64) for people in problem.shape)
    low, high = problem.points.limits
    bonus = min(problem.shape) * (high - low) + 1
    return Found(np.zeros((0, 2), dtype=np.int64), Duals(bonus, low, *none), 0)


def _first_candidates(view: View) -> tuple[Network, int, int]:
    """(network whose weights are points, lowest and highest points of all pairs)."""
    rows, columns, low, high = best_of_each(view, np.arange(view.shape[0]), CANDIDATES)
    few = np.flatnonzero(np.bincount(columns, minlength=view.shape[1]) < CANDIDATES)
    count = CANDIDATES + int(min(view.row_seats.max(), CANDIDATES))
    more_columns, more_rows, _low, _high = best_of_each(view.transposed(), few, count)
    raised_rows, raised_columns = view.raised_pairs()
    none = np.zeros(0, dtype=np.int64)
    empty = Network(none, none, none, view.row_seats, view.shape[1])
    rows = np.concatenate([rows, more_rows, raised_rows])
    columns = np.concatenate([columns, more_columns, raised_columns])
    network = _with(empty, rows, columns, view.points_at(rows, columns))
    return network, low, max(high, int(network.weights.max(initial=low)))


def _with(network: Network, rows: Ints, columns: Ints, weights: Ints) -> Network:
    """The network and more pairs, in its order, each once."""
    keys = np.concatenate([network.rows, rows]) * network.width + np.concatenate([network.columns, columns])
    keys, first = np.unique(keys, return_index=True)
    return replace(
        network,
        rows=keys // network.width,
        columns=keys % network.width,
        weights=np.concatenate([network.weights, weights])[first],
    )


def _bound(view: View, network: Network, used: Ints, row_prices: Ints, column_prices: Ints) -> int:
    """The most that any assignment weighs, once no unused pair is worth more than its prices."""
    over = network.weights[used] - row_prices[network.rows[used]] - column_prices[network.columns[used]]
    return int(view.row_seats @ row_prices) + int(column_prices.sum()) + int(over[over > 0].sum())
