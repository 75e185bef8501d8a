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
from matching.core.points import Floats, Points, chunks
from matching.core.problem import Problem

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Progress = Callable[[str, float], None]

CANDIDATES = 30
ADDED = 8
NOISE_SEED = 1
JITTER = 0.9


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
    view = _View.of(problem)
    if not view.shape[0] or not view.shape[1]:
        return _nothing(problem)
    network, low, high = _first_candidates(view)
    room = int(np.minimum(view.seats, view.shape[1]).sum())
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
            columns, rows, column_prices = _violated(
                view.transposed(), column_prices, row_prices, bonus - base
            )
        else:
            rows, columns, row_prices = _violated(view, row_prices, column_prices, bonus - base)
        gap = _bound(view, network, used, row_prices, column_prices) - int(network.weights[used].sum())
        before = before or max(gap, 1)
        report("assign", 0.1 + 0.7 * (1 - min(gap / before, 1)))
        if not len(rows) or out_of_time():
            break
        network = _with(network, rows, columns, view.points.at(rows, columns) - base + bonus)
    pairs = np.column_stack([view.rows[network.rows[used]], view.columns[network.columns[used]]])
    duals = view.duals(problem, bonus, base, row_prices, column_prices)
    return Found(pairs[:, ::-1] if view.swapped else pairs, duals, gap)


@dataclass(frozen=True, eq=False)
class _View:
    """The people with a seat left, in id order; the side that may have several seats is in the rows."""

    points: Points
    mask: Bools | None
    barred: Ints
    floor: int | None
    rows: Ints
    columns: Ints
    seats: Ints
    swapped: bool

    @classmethod
    def of(cls, problem: Problem) -> "_View":
        locked = problem.locked
        left = [
            seats - np.bincount(locked[:, side], minlength=len(seats))
            for side, seats in enumerate((problem.mentor_seats, problem.mentee_seats))
        ]
        ids = problem.mentor_ids, problem.mentee_ids
        orders = [np.argsort(of_side, kind="stable") for of_side in ids]
        people = [order[seats[order] > 0] for order, seats in zip(orders, left, strict=True)]
        several = [bool((seats > 1).any()) for seats in left]
        if all(several):
            raise ValueError("method: sparse needs single seats on one side, both have several")
        swapped = several[1] or (not several[0] and len(people[0]) > len(people[1]))
        barred = np.concatenate([problem.forbidden, locked])
        points, mask = problem.points, problem.mask
        if swapped:
            points, mask = points.transposed(), None if mask is None else mask.T
            barred, left, people = barred[:, ::-1], left[::-1], people[::-1]
        rows, columns = people
        places = [np.full(len(seats), -1) for seats in left]
        for place, persons in zip(places, people, strict=True):
            place[persons] = np.arange(len(persons))
        barred = np.column_stack([places[0][barred[:, 0]], places[1][barred[:, 1]]])
        barred = barred[(barred >= 0).all(axis=1)]
        barred = barred[np.argsort(barred[:, 0], kind="stable")]
        points = points.take(rows, columns)
        return cls(points, mask, barred, problem.floor, rows, columns, left[0][rows], swapped)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.columns)

    def transposed(self) -> "_View":
        """For looking from the other side only: seats are not kept."""
        order = np.argsort(self.barred[:, 1], kind="stable")
        return replace(
            self,
            points=self.points.transposed(),
            mask=None if self.mask is None else self.mask.T,
            barred=self.barred[order][:, ::-1],
            rows=self.columns,
            columns=self.rows,
        )

    def bar(self, part: Floats, rows: Ints, less: Ints | None = None) -> Floats:
        """Put minus infinity where no pair is possible into the points, minus `less`, of ascending `rows`."""
        if self.floor is not None:
            part[(part if less is None else part + less.astype(part.dtype)) < self.floor] = -np.inf
        if self.mask is not None:
            allowed = self.mask[self.rows[rows]]
            if allowed.shape[1] != len(self.columns) or (np.diff(self.columns) != 1).any():
                allowed = allowed[:, self.columns]
            part[~allowed] = -np.inf
        start, end = np.searchsorted(self.barred[:, 0], [rows[0], rows[-1] + 1])
        some = self.barred[start:end]
        at = np.searchsorted(rows, some[:, 0])
        here = rows[at] == some[:, 0]
        part[at[here], some[here, 1]] = -np.inf
        return part

    def duals(self, problem: Problem, bonus: int, base: int, row_prices: Ints, column_prices: Ints) -> Duals:
        mentors, mentees = (np.zeros(people, dtype=np.int64) for people in problem.shape)
        left, right = (mentees, mentors) if self.swapped else (mentors, mentees)
        left[self.rows], right[self.columns] = row_prices, column_prices
        return Duals(bonus, base, mentors, mentees)


def _nothing(problem: Problem) -> Found:
    none = (np.zeros(people, dtype=np.int64) for people in problem.shape)
    low, high = problem.points.limits
    bonus = min(problem.shape) * (high - low) + 1
    return Found(np.zeros((0, 2), dtype=np.int64), Duals(bonus, low, *none), 0)


def _first_candidates(view: _View) -> tuple[Network, int, int]:
    """(network whose weights are points, lowest and highest points of all pairs)."""
    rows, columns, low, high = _best_of_each(view, np.arange(view.shape[0]), CANDIDATES)
    few = np.flatnonzero(np.bincount(columns, minlength=view.shape[1]) < CANDIDATES)
    count = CANDIDATES + int(min(view.seats.max(), CANDIDATES))
    more_columns, more_rows, _low, _high = _best_of_each(view.transposed(), few, count)
    none = np.zeros(0, dtype=np.int64)
    empty = Network(none, none, none, view.seats, view.shape[1])
    rows, columns = np.concatenate([rows, more_rows]), np.concatenate([columns, more_columns])
    return _with(empty, rows, columns, view.points.at(rows, columns)), low, high


def _best_of_each(view: _View, rows: Ints, count: int) -> tuple[Ints, Ints, int, int]:
    """(rows, columns) of the best `count` pairs of each of `rows`, and the limits of all points seen."""
    found, lows, highs = [np.zeros((0, 2), dtype=np.int64)], [0], [0]
    for some in chunks(len(rows), view.shape[1]):
        block = view.points.block(rows[some])
        lows.append(int(block.min()))
        highs.append(int(block.max()))
        view.bar(block, rows[some])
        found.append(_top(block, rows[some], count, np.full(len(some), -np.inf)))
    pairs = np.concatenate(found)
    return pairs[:, 0], pairs[:, 1], min(lows), max(highs)


def _violated(view: _View, row_prices: Ints, column_prices: Ints, offset: int) -> tuple[Ints, Ints, Ints]:
    """(rows, columns) of pairs worth more than the prices of their people, the worst few of each row, and
    row prices at which there are none. A pair is worth its points and `offset`."""
    # Prices carry the bonus on one side or the other: keep the columns' small, for short floats.
    shift = offset if len(column_prices) and column_prices.min() > offset // 2 else 0
    found = [np.zeros((0, 2), dtype=np.int64)]
    after = row_prices.copy()
    less = column_prices - shift
    for some in chunks(*view.shape):
        block = view.bar(view.points.block(some, less), some, less)
        limit = (row_prices[some] - offset + shift).astype(np.float64)
        best = block.max(axis=1).astype(np.float64)
        bad = np.flatnonzero(best > limit)
        if len(bad):
            after[some[bad]] = best[bad].astype(np.int64) + offset - shift
            found.append(_top(block[bad], some[bad], ADDED, limit[bad]))
    pairs = np.concatenate(found)
    return pairs[:, 0], pairs[:, 1], after


def _top(block: Floats, rows: Ints, count: int, limit: NDArray[np.float64]) -> Ints:
    """(pairs, 2) of the `count` highest cells of each row that are over its limit.

    Equals are told apart by noise: else everybody's candidates would be the same few people.
    """
    if block.shape[1] <= count:
        top = np.tile(np.arange(block.shape[1]), (len(block), 1))
    else:
        random = np.random.default_rng(NOISE_SEED)
        noise = random.random(block.shape[1], dtype=np.float32) * np.float32(JITTER)
        turned = np.concatenate([noise, noise])
        noisy = np.empty_like(block)
        for place, row in enumerate(rows.tolist()):
            start = row * 7919 % block.shape[1]
            np.add(block[place], turned[start : start + block.shape[1]], out=noisy[place])
        top = np.argpartition(noisy, -count, axis=1)[:, -count:]
    over = np.take_along_axis(block, top, axis=1) > limit[:, None]
    left = np.broadcast_to(rows[:, None], top.shape)[over]
    return np.column_stack([left, top[over]]).astype(np.int64)


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


def _bound(view: _View, network: Network, used: Ints, row_prices: Ints, column_prices: Ints) -> int:
    """The most that any assignment weighs, once no unused pair is worth more than its prices."""
    over = network.weights[used] - row_prices[network.rows[used]] - column_prices[network.columns[used]]
    return int(view.seats @ row_prices) + int(column_prices.sum()) + int(over[over > 0].sum())
