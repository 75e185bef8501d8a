"""A problem as the solver of large ones sees it: those with a seat left, in id order, priced by blocks."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.core.bars import Bar, Listed, joined
from matching.core.certificate import Duals
from matching.core.points import Floats, Product, Raised, Table, chunks, plain
from matching.core.problem import Problem

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NOISE_SEED = 1
JITTER = 0.9


@dataclass(frozen=True, eq=False)
class View:
    """People with a seat left in id order; locked pairs are barred.

    Of `points` the blocks show only what is `plain`: the `raised` pairs (rows, columns, extra) are few, so
    whoever solves takes all of them as candidates. `swapped`: the mentees are in the rows.
    """

    plain: Table | Product
    raised: tuple[Ints, Ints, Ints]
    bars: list[Bar]
    floor: int | None
    rows: Ints
    columns: Ints
    row_seats: Ints
    column_seats: Ints
    swapped: bool

    @classmethod
    def of(cls, problem: Problem) -> "View":
        """The side that may have several seats is in the rows; if both have, or none, the smaller."""
        locked = problem.locked
        left = [
            seats - np.bincount(locked[:, side], minlength=len(seats))
            for side, seats in enumerate((problem.mentor_seats, problem.mentee_seats))
        ]
        ids = problem.mentor_ids, problem.mentee_ids
        orders = [np.argsort(of_side, kind="stable") for of_side in ids]
        people = [order[seats[order] > 0] for order, seats in zip(orders, left, strict=True)]
        several = [bool((seats > 1).any()) for seats in left]
        swapped = several[1] if several[0] != several[1] else len(people[0]) > len(people[1])
        points = problem.points
        bars = joined([*problem.bars, Listed.of(locked[:, 0], locked[:, 1], problem.shape)])
        if swapped:
            points, bars = points.transposed(), [bar.transposed() for bar in bars]
            left, people = left[::-1], people[::-1]
        rows, columns = people
        taken = points.take(rows, columns)
        none = np.zeros(0, dtype=np.int64)
        raised: tuple[Ints, Ints, Ints] = (none, none, none)
        if isinstance(taken, Raised):
            raised = taken.rows, taken.columns, taken.extra
        return cls(
            plain=plain(taken),
            raised=raised,
            bars=[bar.take(rows, columns) for bar in bars],
            floor=problem.floor,
            rows=rows,
            columns=columns,
            row_seats=left[0][rows],
            column_seats=left[1][columns],
            swapped=swapped,
        )

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.columns)

    def transposed(self) -> "View":
        return replace(
            self,
            plain=self.plain.transposed(),
            raised=(self.raised[1], self.raised[0], self.raised[2]),
            bars=[bar.transposed() for bar in self.bars],
            rows=self.columns,
            columns=self.rows,
            row_seats=self.column_seats,
            column_seats=self.row_seats,
            swapped=not self.swapped,
        )

    def take(self, rows: Ints, columns: Ints) -> "View":
        """Only these rows and columns, in order."""
        raised = Raised.of(self.plain, *self.raised).take(rows, columns)
        return replace(
            self,
            plain=self.plain.take(rows, columns),
            raised=(raised.rows, raised.columns, raised.extra),
            bars=[bar.take(rows, columns) for bar in self.bars],
            rows=self.rows[rows],
            columns=self.columns[columns],
            row_seats=self.row_seats[rows],
            column_seats=self.column_seats[columns],
        )

    def points_at(self, rows: Ints, columns: Ints) -> Ints:
        """Points of the pairs (rows[k], columns[k]), the raised ones raised."""
        points = self.plain.at(rows, columns)
        if len(self.raised[0]):
            points = Raised.of(self.plain, *self.raised).at(rows, columns)
        return points

    def raised_pairs(self) -> tuple[Ints, Ints]:
        """(rows, columns) of the raised pairs that are possible."""
        rows, columns, _extra = self.raised
        possible = np.ones(len(rows), dtype=bool)
        for bar in self.bars:
            possible &= ~bar.at(rows, columns)
        if self.floor is not None:
            possible &= self.points_at(rows, columns) >= self.floor
        return rows[possible], columns[possible]

    def bar(self, part: Floats, rows: Ints, less: Ints | None = None, but: Listed | None = None) -> Floats:
        """Put minus infinity where no pair is possible, and for pairs of `but`, into the plain points, minus
        `less`, of `rows`."""
        if self.floor is not None:
            part[(part if less is None else part + less.astype(part.dtype)) < self.floor] = -np.inf
        for bar in self.bars if but is None else [*self.bars, but]:
            if isinstance(bar, Listed):
                part[bar.among(rows)] = -np.inf
            else:
                part[bar.block(rows)] = -np.inf
        return part

    def duals(self, problem: Problem, bonus: int, base: int, row_prices: Ints, column_prices: Ints) -> Duals:
        mentors, mentees = (np.zeros(people, dtype=np.int64) for people in problem.shape)
        left, right = (mentees, mentors) if self.swapped else (mentors, mentees)
        left[self.rows], right[self.columns] = row_prices, column_prices
        return Duals(bonus, base, mentors, mentees)

    def pairs(self, rows: Ints, columns: Ints) -> Ints:
        """(P, 2) mentors and mentees of the problem."""
        pairs = np.column_stack([self.rows[rows], self.columns[columns]])
        return pairs[:, ::-1] if self.swapped else pairs


def best_of_each(view: View, rows: Ints, count: int, less: Ints) -> tuple[Ints, Ints, Ints, int, int]:
    """(rows, columns) of the `count` plain pairs of each of `rows` with the most points minus `less` of the
    columns; that most of each row (of who has no pair: the least of all); points that no pair is below or
    above."""
    found, most = [np.zeros((0, 2), dtype=np.int64)], np.zeros(len(rows))
    low, high = 0, 0
    for some in chunks(len(rows), view.shape[1]):
        block = view.plain.block(rows[some], less)
        low, high = min(low, int(block.min())), max(high, int(block.max()))
        view.bar(block, rows[some], less)
        most[some] = block.max(axis=1)
        if count:
            found.append(_top(block, rows[some], count, np.full(len(some), -np.inf)))
    pairs = np.concatenate(found)
    bounds = low + min(int(less.min(initial=0)), 0), high + max(int(less.max(initial=0)), 0)
    some = np.isfinite(most)
    most[~some] = most[some].min() if some.any() else 0
    return pairs[:, 0], pairs[:, 1], most.astype(np.int64), *bounds


def violated(
    view: View,
    row_prices: Ints,
    column_prices: Ints,
    offset: int,
    count: int,
    but: Listed | None = None,
    out_of_time: Callable[[], bool] = lambda: False,
    high: int = 0,
) -> tuple[Ints, Ints, Ints]:
    """(rows, columns) of pairs, other than `but`, worth more than the prices of their people, the worst
    `count` of each row, and row prices at which there are none. A pair is worth its points and `offset`.

    Out of time, rows that have not been looked at get a price for points as `high` as any.
    """
    # Prices carry the bonus on one side or the other: keep the columns' small, for short floats.
    shift = offset if len(column_prices) and column_prices.min() > offset // 2 else 0
    found = [np.zeros((0, 2), dtype=np.int64)]
    after = row_prices.copy()
    less = column_prices - shift
    for some in chunks(*view.shape):
        if out_of_time():
            rest = slice(some[0], None)
            after[rest] = np.maximum(after[rest], high + offset - int(column_prices.min(initial=0)))
            break
        block = view.plain.block(some, less)
        limit = (row_prices[some] - offset + shift).astype(np.float64)
        bad = np.flatnonzero(block.max(axis=1) > limit)
        if not len(bad):
            continue
        block = view.bar(block[bad], some[bad], less, but)
        some, limit = some[bad], limit[bad]
        best = block.max(axis=1).astype(np.float64)
        bad = np.flatnonzero(best > limit)
        if len(bad):
            after[some[bad]] = best[bad].astype(np.int64) + offset - shift
            found.append(_top(block[bad], some[bad], count, limit[bad]))
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
