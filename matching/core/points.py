"""Points of all pairs, as a table or as a product of factors that is never written out: both by blocks.

Either may have more points for a few listed pairs: what people picked, or the pairs of a repair."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[Any]

EXACT_FLOAT = 1 << 53
EXACT_SINGLE = 1 << 24
BLOCK_CELLS = 1 << 22
PAIRS_AT_ONCE = 1 << 14


@dataclass(frozen=True, eq=False)
class Table:
    """Points (rows, columns) int64; `rows` and `columns` are those of `values` that count, in this order."""

    values: Ints
    rows: Ints | None = None
    columns: Ints | None = None

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.rows, self.columns
        return (
            self.values.shape[0] if rows is None else len(rows),
            self.values.shape[1] if columns is None else len(columns),
        )

    @cached_property
    def limits(self) -> tuple[int, int]:
        """(lowest, highest) over the whole table, so no pair that counts lies outside; zeros if empty."""
        return (int(self.values.min()), int(self.values.max())) if self.values.size else (0, 0)

    def take(self, rows: Ints, columns: Ints) -> "Table":
        """Only these rows and columns, in this order."""
        return Table(
            self.values,
            within(self.rows, rows, self.values.shape[0]),
            within(self.columns, columns, self.values.shape[1]),
        )

    def transposed(self) -> "Table":
        return Table(self.values.T, self.columns, self.rows)

    def whole(self, rows: Ints) -> Ints:
        """(len(rows), columns) int64 points."""
        part = self.values[rows if self.rows is None else self.rows[rows]]
        return part if self.columns is None else part[:, self.columns]

    def block(self, rows: Ints, less: Ints | None = None) -> Floats:
        """(len(rows), columns) points minus `less` of each column, as floats that are exact."""
        low, high = self.limits
        part = self.whole(rows).astype(_exact(max(abs(low), abs(high)), less))
        if less is not None:
            part -= less.astype(part.dtype)
        return part

    def at(self, rows: Ints, columns: Ints) -> Ints:
        """Points of the pairs (rows[k], columns[k])."""
        rows = rows if self.rows is None else self.rows[rows]
        columns = columns if self.columns is None else self.columns[columns]
        return np.asarray(self.values[rows, columns], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Product:
    """Points `left @ right.T` of whole numbers (rows, k) and (columns, k); exact up to 2**53.

    The reach is a bound on the sum of absolute terms, so no order of summation (threads, blocks) rounds.
    """

    left: Ints
    right: Ints

    def __post_init__(self) -> None:
        if self.reach >= EXACT_FLOAT:
            raise ValueError(
                f"factors: a score could reach {float(self.reach):.3g}, beyond the exact range of 2**53"
            )

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.left), len(self.right)

    @cached_property
    def reach(self) -> int:
        if not self.left.size or not self.right.size:
            return 0
        sides = [np.abs(side).max(axis=0).astype(float) for side in (self.left, self.right)]
        return int((sides[0] * sides[1]).sum())

    @cached_property
    def limits(self) -> tuple[int, int]:
        """(lowest, highest) that the product has."""
        if not self.shape[0] or not self.shape[1]:
            return 0, 0
        ends = [(part.min(), part.max()) for part in map(self.block, chunks(*self.shape))]
        return int(min(low for low, _high in ends)), int(max(high for _low, high in ends))

    def take(self, rows: Ints, columns: Ints) -> "Product":
        """Only these rows and columns, in this order."""
        return Product(self.left[rows], self.right[columns])

    def transposed(self) -> "Product":
        return Product(self.right, self.left)

    def whole(self, rows: Ints) -> Ints:
        """(len(rows), columns) int64 points."""
        return self.block(rows).astype(np.int64)

    def block(self, rows: Ints, less: Ints | None = None) -> Floats:
        """(len(rows), columns) points minus `less` of each column, as floats that are exact."""
        precision = _exact(self.reach, less)
        left, right = self._as(precision)
        part = left[rows] @ right.T
        if less is not None:
            part -= less.astype(precision)
        return part

    def at(self, rows: Ints, columns: Ints) -> Ints:
        """Points of the pairs (rows[k], columns[k])."""
        points = np.empty(len(rows), dtype=np.int64)
        left, right = self._as(_exact(self.reach, None))
        for start in range(0, len(rows), PAIRS_AT_ONCE):
            part = slice(start, start + PAIRS_AT_ONCE)
            points[part] = np.einsum("pk,pk->p", left[rows[part]], right[columns[part]])
        return points

    def _as(self, precision: Any) -> tuple[Floats, Floats]:
        return self._single if precision == np.float32 else self._double

    @cached_property
    def _single(self) -> tuple[Floats, Floats]:
        return self.left.astype(np.float32), self.right.astype(np.float32)

    @cached_property
    def _double(self) -> tuple[Floats, Floats]:
        return self.left.astype(np.float64), self.right.astype(np.float64)


@dataclass(frozen=True, eq=False)
class Raised:
    """Points `plain` and `extra` (E,) >= 0 more for the pairs (rows[e], columns[e]), in order of row, then
    column, each given once."""

    plain: Table | Product
    rows: Ints
    columns: Ints
    extra: Ints

    @classmethod
    def of(cls, points: "Points", rows: Ints, columns: Ints, extra: Ints) -> "Raised":
        """`points` raised, once more if they are raised already; a pair given twice gets both."""
        if isinstance(points, Raised):
            rows, columns = np.concatenate([points.rows, rows]), np.concatenate([points.columns, columns])
            extra, points = np.concatenate([points.extra, extra]), points.plain
        width = max(points.shape[1], 1)
        keys, place = np.unique(rows * width + columns, return_inverse=True)
        total = np.zeros(len(keys), dtype=np.int64)
        np.add.at(total, place, extra)
        return cls(points, keys // width, keys % width, total)

    @property
    def shape(self) -> tuple[int, int]:
        return self.plain.shape

    @cached_property
    def limits(self) -> tuple[int, int]:
        low, high = self.plain.limits
        return low, max(high, int(self.at(self.rows, self.columns).max(initial=low)))

    def take(self, rows: Ints, columns: Ints) -> "Raised":
        """Only these rows and columns, in this order."""
        here = [np.full(people, -1) for people in self.shape]
        for place, some in zip(here, (rows, columns), strict=True):
            place[some] = np.arange(len(some))
        left, right = here[0][self.rows], here[1][self.columns]
        both = (left >= 0) & (right >= 0)
        return Raised.of(self.plain.take(rows, columns), left[both], right[both], self.extra[both])

    def transposed(self) -> "Raised":
        return Raised.of(self.plain.transposed(), self.columns, self.rows, self.extra)

    def whole(self, rows: Ints) -> Ints:
        """(len(rows), columns) int64 points."""
        part = np.array(self.plain.whole(rows))
        place, edge = self._among(rows)
        part[place, self.columns[edge]] += self.extra[edge]
        return part

    def block(self, rows: Ints, less: Ints | None = None) -> Floats:
        """(len(rows), columns) points minus `less` of each column, as floats that are exact."""
        low, high = self.limits
        part = self.plain.block(rows, less)
        part = part.astype(_exact(max(abs(low), abs(high)), less), copy=False)
        place, edge = self._among(rows)
        part[place, self.columns[edge]] += self.extra[edge].astype(part.dtype)
        return part

    def at(self, rows: Ints, columns: Ints) -> Ints:
        """Points of the pairs (rows[k], columns[k])."""
        points = self.plain.at(rows, columns)
        if len(self.rows):
            own, keys = self.rows * self.shape[1] + self.columns, rows * self.shape[1] + columns
            place = np.minimum(np.searchsorted(own, keys), len(own) - 1)
            points += np.where(own[place] == keys, self.extra[place], 0)
        return points

    def _among(self, rows: Ints) -> tuple[Ints, Ints]:
        """(places in `rows`, raised pairs) of these rows."""
        start, end = np.searchsorted(self.rows, rows), np.searchsorted(self.rows, rows + 1)
        return np.repeat(np.arange(len(rows)), end - start), spans(start, end - start)


Points = Table | Product | Raised


def plain(points: Points) -> Table | Product:
    """The points that nothing was added to."""
    return points.plain if isinstance(points, Raised) else points


def chunks(rows: int, columns: int) -> Iterator[Ints]:
    """All row numbers, as many at a time as keep a block at some 4 million cells."""
    size = max(16, BLOCK_CELLS // max(columns, 1))
    for start in range(0, rows, size):
        yield np.arange(start, min(rows, start + size))


def spans(starts: Ints, lengths: Ints) -> Ints:
    """start, start + 1, ... for each start, one after the other."""
    total = int(lengths.sum())
    return np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(total)


def _exact(reach: int, less: Ints | None) -> Any:
    most = reach if less is None or not len(less) else reach + int(np.abs(less).max())
    return np.float32 if most < EXACT_SINGLE else np.float64


def within(index: Ints | None, some: Ints, number: int) -> Ints | None:
    """Those of `index` (None: all of `number`) at the places `some`; None if it is all, in order."""
    taken = some if index is None else index[some]
    return None if len(taken) == number and bool((taken == np.arange(number)).all()) else taken
