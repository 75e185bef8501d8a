"""Large problems: candidate pairs, solved exactly; prices find what is missing in the whole matrix.

The matrix itself is only ever computed block by block. When no pair of it is worth more than the prices
of its two people, those prices prove the assignment of the candidates for all pairs.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from matching.core.bars import Listed
from matching.core.certificate import Duals
from matching.core.network import Network
from matching.core.problem import Problem
from matching.core.view import View, best_of_each, violated

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Progress = Callable[[str, float], None]

CANDIDATES = 30
ADDED = 8
# One of so many people is in the sample, unless there are too few.
SAMPLE_STEP = 6
SAMPLED_FROM = 30
SAMPLE_ROUNDS = 20
# With several seats on both sides.
LAYERS = 3
ROUNDS_OF_A_LAYER = 3
FEW_CANDIDATES = 6


@dataclass(frozen=True, eq=False)
class Found:
    """`pairs` (P, 2) without the locked ones, in no order; by how much they could be better at most."""

    pairs: Ints
    duals: Duals
    gap: int


def solve_sparse(problem: Problem, out_of_time: Callable[[], bool], report: Progress) -> Found:
    """The most pairs and, among those, the most points, with prices that prove it for all pairs.

    Out of time, the candidates' best so far comes back with a bound. Memory: the factors or the table,
    and some blocks of 16 MB.
    """
    return _solve(problem, out_of_time, report, None)


def _solve(problem: Problem, out_of_time: Callable[[], bool], report: Progress, rounds: int | None) -> Found:
    """As `solve_sparse`, but after so many `rounds` it is enough."""
    view = View.of(problem)
    if not view.shape[0] or not view.shape[1]:
        return _nothing(problem)
    two_sided = bool((view.column_seats > 1).any())
    start = _layered(problem, view, out_of_time) if two_sided else _first_candidates(view)
    solved = _search(view, start, out_of_time, report, rounds)
    network, used = solved.network, solved.used
    duals = view.duals(problem, solved.bonus, solved.base, *solved.prices)
    return Found(view.pairs(network.rows[used], network.columns[used]), duals, solved.gap)


@dataclass(frozen=True, eq=False)
class _Start:
    """Candidates, their weights in points; the `low`est and `high`est points that any pair may have; prices
    in points of `rows` and `columns` that may be near those of the answer."""

    network: Network
    low: int
    high: int
    rows: Ints
    columns: Ints


@dataclass(frozen=True, eq=False)
class _Solved:
    network: Network
    used: Ints
    prices: tuple[Ints, Ints]
    bonus: int
    base: int
    gap: int
    by_columns: bool


def _search(
    view: View, start: _Start, out_of_time: Callable[[], bool], report: Progress, rounds: int | None
) -> _Solved:
    network, two_sided = start.network, start.network.two_sided
    rooms = np.minimum(view.row_seats, view.shape[1]), np.minimum(view.column_seats, view.shape[0])
    room = [int(side.sum()) for side in rooms]
    # Who is short gets the prices and their candidates: the others differ too little between partners.
    by_columns = room[0] > room[1]
    bonus, base = min(room) * (start.high - start.low) + 1, start.low
    worth = bonus - base
    network = replace(network, weights=network.weights + worth)
    least = int(start.rows.min())
    prices = (
        np.maximum(start.rows + (-least if by_columns else worth), 0),
        np.maximum(start.columns + (least + worth if by_columns else 0), 0),
    )
    first, best = 0, (1 << 62, prices)
    while True:
        used = network.heaviest(*prices)
        prices = network.potentials(used, by_columns)
        but = Listed.of(network.rows[used], network.columns[used], view.shape) if two_sided else None
        missing = partial(violated, offset=worth, count=ADDED, out_of_time=out_of_time, high=start.high)
        if by_columns:
            turned = None if but is None else but.transposed()
            columns, rows, after = missing(view.transposed(), prices[1], prices[0], but=turned)
            prices = prices[0], after
        else:
            rows, columns, after = missing(view, *prices, but=but)
            prices = after, prices[1]
        limit = _bound(view, network, used, *prices)
        best = min(best, (limit, prices), key=lambda one: one[0])
        gap = best[0] - int(network.weights[used].sum())
        first = first or max(gap, 1)
        report("assign", 0.1 + 0.7 * (1 - min(gap / first, 1)))
        rounds = None if rounds is None else rounds - 1
        if not gap or out_of_time() or rounds == 0:
            break
        known = len(network.rows)
        network = _with(network, rows, columns, view.points_at(rows, columns) + worth)
        if len(network.rows) == known:
            break
    return _Solved(network, used, best[1], bonus, base, gap, by_columns)


def _nothing(problem: Problem) -> Found:
    none = (np.zeros(people, dtype=np.int64) for people in problem.shape)
    low, high = problem.points.limits
    bonus = min(problem.shape) * (high - low) + 1
    return Found(np.zeros((0, 2), dtype=np.int64), Duals(bonus, low, *none), 0)


def _first_candidates(view: View) -> _Start:
    """The best of everybody, at prices estimated from a sample: by points alone, they would all be pairs
    with the same few people where some have more points with everybody."""
    less = _estimated(view)
    everybody = np.arange(view.shape[0])
    rows, columns, most, low, high = best_of_each(view, everybody, CANDIDATES, less)
    few = np.flatnonzero(np.bincount(columns, minlength=view.shape[1]) < CANDIDATES)
    count = CANDIDATES + int(min(view.row_seats.max(), CANDIDATES))
    more_columns, more_rows, _most, _low, _high = best_of_each(view.transposed(), few, count, most)
    rows, columns = np.concatenate([rows, more_rows]), np.concatenate([columns, more_columns])
    return _start(view, rows, columns, low, high, most, less)


def _estimated(view: View) -> Ints:
    """A price in points for each column: what it would take to keep all of a sample of the rows away, at
    the prices that these have in a problem of sampled rows and columns alone; zeros for few people."""
    rows, columns = np.arange(0, view.shape[0], SAMPLE_STEP), np.arange(0, view.shape[1], SAMPLE_STEP)
    none = np.zeros(view.shape[1], dtype=np.int64)
    if min(len(rows), len(columns)) < SAMPLED_FROM:
        return none
    sample = view.take(rows, columns)
    start = _first_candidates(sample)
    solved = _search(sample, start, lambda: False, lambda phase, share: None, SAMPLE_ROUNDS)
    bonus = solved.bonus - solved.base
    of_rows = solved.prices[0] - (0 if solved.by_columns else bonus)
    turned = view.take(rows, np.arange(view.shape[1])).transposed()
    less = best_of_each(turned, np.arange(view.shape[1]), 0, of_rows)[2]
    # Who is free, or has nobody, has a price that says nothing about others.
    spread, middle = start.high - start.low, int(np.median(less))
    less = np.clip(less, middle - spread, middle + spread)
    return less - less.min()


def _layered(problem: Problem, view: View, out_of_time: Callable[[], bool]) -> _Start:
    """The same for several seats on both sides: these are dealt out over some problems with single seats
    on one side, solved one after the other without the pairs already made. The mean of their prices is
    near the prices of the whole, so that few candidates are enough."""
    locked = problem.locked
    left = [
        seats - np.bincount(locked[:, side], minlength=len(seats))
        for side, seats in enumerate((problem.mentor_seats, problem.mentee_seats))
    ]
    single = int(left[1].max() <= left[0].max())
    layers = int(min(left[single].max(), LAYERS))
    share = [-(-seats // layers) for seats in left]
    made = locked
    totals = [np.zeros(len(seats)) for seats in left]
    times = [np.zeros(len(seats)) for seats in left]
    for _layer in range(layers):
        seats = [np.minimum(left[side], 1 if side == single else share[side]) for side in (0, 1)]
        layer = replace(
            problem,
            mentor_seats=seats[0],
            mentee_seats=seats[1],
            locked=locked[:0],
            forbidden=np.concatenate([problem.forbidden, made]),
        )
        found = _solve(layer, out_of_time, lambda phase, share: None, ROUNDS_OF_A_LAYER)
        made = np.concatenate([made, found.pairs])
        prices = found.duals.mentors, found.duals.mentees
        for side in (0, 1):
            here = seats[side] > 0
            bonus = found.duals.bonus if prices[side][here].min(initial=0) > found.duals.bonus // 2 else 0
            totals[side][here] += prices[side][here] - bonus
            times[side] += here
            left[side] = left[side] - np.bincount(found.pairs[:, side], minlength=len(left[side]))
    mean = [
        np.rint(total / np.maximum(time, 1)).astype(np.int64)
        for total, time in zip(totals, times, strict=True)
    ]
    return _priced(view, mean[::-1] if view.swapped else mean, made[len(locked) :])


def _priced(view: View, prices: list[Ints], made: Ints) -> _Start:
    """The best of everybody at these prices of the problem's people, and the pairs `made`."""
    rows, columns = np.arange(view.shape[0]), np.arange(view.shape[1])
    several = int(min(max(view.row_seats.max(), view.column_seats.max()), CANDIDATES))
    count = FEW_CANDIDATES + several
    turned = view.transposed()
    of_row = best_of_each(view, rows, count, prices[1][view.columns])
    of_column = best_of_each(turned, columns, count, prices[0][view.rows])
    place = [np.zeros(len(side), dtype=np.int64) for side in prices]
    place[0][view.rows], place[1][view.columns] = rows, columns
    made = made[:, ::-1] if view.swapped else made
    low, high = view.plain.limits
    return _start(
        view,
        np.concatenate([of_row[0], of_column[1], place[0][made[:, 0]]]),
        np.concatenate([of_row[1], of_column[0], place[1][made[:, 1]]]),
        low,
        high,
        np.zeros(len(rows), dtype=np.int64),
        np.zeros(len(columns), dtype=np.int64),
    )


def _start(
    view: View, rows: Ints, columns: Ints, low: int, high: int, row_prices: Ints, column_prices: Ints
) -> _Start:
    """With these pairs and the raised ones as candidates."""
    raised_rows, raised_columns = view.raised_pairs()
    none = np.zeros(0, dtype=np.int64)
    empty = Network(none, none, none, view.row_seats, view.column_seats)
    rows, columns = np.concatenate([rows, raised_rows]), np.concatenate([columns, raised_columns])
    network = _with(empty, rows, columns, view.points_at(rows, columns))
    return _Start(network, low, max(high, int(network.weights.max(initial=low))), row_prices, column_prices)


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
    seats = int(view.row_seats @ row_prices) + int(view.column_seats @ column_prices)
    return seats + int(over[over > 0].sum())
