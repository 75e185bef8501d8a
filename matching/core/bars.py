"""What forbids pairs, answered for blocks of rows from compact data: nothing as large as the matrix is kept.

All kinds answer the same questions: `block` (rows, columns) True = forbidden, `at` for some pairs, `by_row`
how many each row has; `take` some rows and columns, `transposed`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.core.points import chunks, spans, within

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Listed:
    """Forbids listed pairs: `keys` are row x columns + column, in order, each once."""

    keys: Ints
    shape: tuple[int, int]

    @classmethod
    def of(cls, rows: ArrayLike, columns: ArrayLike, shape: tuple[int, int]) -> "Listed":
        keys = np.asarray(rows, dtype=np.int64) * shape[1] + np.asarray(columns, dtype=np.int64)
        return cls(np.unique(keys), shape)

    @property
    def pairs(self) -> Ints:
        """(F, 2) in order of row, then column."""
        return np.column_stack([self.keys // max(self.shape[1], 1), self.keys % max(self.shape[1], 1)])

    def among(self, rows: Ints) -> tuple[Ints, Ints]:
        """(places in `rows`, columns) of the listed pairs of these distinct rows."""
        width = self.shape[1]
        start, end = np.searchsorted(self.keys, rows * width), np.searchsorted(self.keys, (rows + 1) * width)
        at = spans(start, end - start)
        return np.repeat(np.arange(len(rows)), end - start), self.keys[at] % max(width, 1)

    def block(self, rows: Ints) -> Bools:
        block = np.zeros((len(rows), self.shape[1]), dtype=bool)
        block[self.among(rows)] = True
        return block

    def at(self, rows: Ints, columns: Ints) -> Bools:
        keys = rows * self.shape[1] + columns
        place = np.minimum(np.searchsorted(self.keys, keys), max(len(self.keys) - 1, 0))
        return self.keys[place] == keys if len(self.keys) else np.zeros(len(keys), dtype=bool)

    def by_row(self) -> Ints:
        return np.bincount(self.pairs[:, 0], minlength=self.shape[0])

    def take(self, rows: Ints, columns: Ints) -> "Listed":
        here = [np.full(people, -1) for people in self.shape]
        for place, some in zip(here, (rows, columns), strict=True):
            place[some] = np.arange(len(some))
        pairs = self.pairs
        left, right = here[0][pairs[:, 0]], here[1][pairs[:, 1]]
        both = (left >= 0) & (right >= 0)
        return Listed.of(left[both], right[both], (len(rows), len(columns)))

    def transposed(self) -> "Listed":
        pairs = self.pairs
        return Listed.of(pairs[:, 1], pairs[:, 0], self.shape[::-1])


@dataclass(frozen=True, eq=False)
class Codes:
    """Forbids equal codes, or (`equal` False) unequal ones. -1 is no answer and forbids nothing."""

    rows: Ints
    columns: Ints
    equal: bool

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.columns)

    def block(self, rows: Ints) -> Bools:
        return self._compare(self.rows[rows][:, None], self.columns[None, :])

    def at(self, rows: Ints, columns: Ints) -> Bools:
        return self._compare(self.rows[rows], self.columns[columns])

    def _compare(self, left: Ints, right: Ints) -> Bools:
        if self.equal:
            return (left == right) & (left >= 0)
        return (left != right) & (left >= 0) & (right >= 0)

    def by_row(self) -> Ints:
        known = self.columns[self.columns >= 0]
        most = int(max(self.rows.max(initial=0), known.max(initial=0)))
        same = np.bincount(known, minlength=most + 1)[self.rows]
        return np.where(self.rows < 0, 0, same if self.equal else len(known) - same)

    def take(self, rows: Ints, columns: Ints) -> "Codes":
        return Codes(self.rows[rows], self.columns[columns], self.equal)

    def transposed(self) -> "Codes":
        return Codes(self.columns, self.rows, self.equal)


@dataclass(frozen=True, eq=False)
class Mask:
    """Forbids where `values`, a matrix with a byte for every pair, is `where`; `rows` and `columns` are
    those of it that count, in this order."""

    values: Bools
    where: bool = True
    rows: Ints | None = None
    columns: Ints | None = None

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.rows, self.columns
        return (
            self.values.shape[0] if rows is None else len(rows),
            self.values.shape[1] if columns is None else len(columns),
        )

    def block(self, rows: Ints) -> Bools:
        part = self.values[rows if self.rows is None else self.rows[rows]]
        part = part if self.columns is None else part[:, self.columns]
        return part if self.where else ~part

    def at(self, rows: Ints, columns: Ints) -> Bools:
        rows = rows if self.rows is None else self.rows[rows]
        columns = columns if self.columns is None else self.columns[columns]
        return self.values[rows, columns] == self.where

    def by_row(self) -> Ints:
        return row_counts(self)

    def take(self, rows: Ints, columns: Ints) -> "Mask":
        """Only these, in this order."""
        sides = ((self.rows, rows), (self.columns, columns))
        taken = [
            within(known, some, people)
            for (known, some), people in zip(sides, self.values.shape, strict=True)
        ]
        return Mask(self.values, self.where, *taken)

    def transposed(self) -> "Mask":
        return Mask(self.values.T, self.where, self.columns, self.rows)


@dataclass(frozen=True, eq=False)
class AnyOf:
    """Forbids what any of its parts forbids; of one shape."""

    parts: tuple["Bar", ...]

    @property
    def shape(self) -> tuple[int, int]:
        return self.parts[0].shape

    def block(self, rows: Ints) -> Bools:
        block = self.parts[0].block(rows)
        for part in self.parts[1:]:
            block = block | part.block(rows)
        return block

    def at(self, rows: Ints, columns: Ints) -> Bools:
        return np.any([part.at(rows, columns) for part in self.parts], axis=0)

    def by_row(self) -> Ints:
        return row_counts(self)

    def take(self, rows: Ints, columns: Ints) -> "AnyOf":
        return AnyOf(tuple(part.take(rows, columns) for part in self.parts))

    def transposed(self) -> "AnyOf":
        return AnyOf(tuple(part.transposed() for part in self.parts))


@dataclass(frozen=True, eq=False)
class But:
    """Forbids what `bar` does, except for a few pairs that are `opened`."""

    bar: "Bar"
    opened: Listed

    @property
    def shape(self) -> tuple[int, int]:
        return self.bar.shape

    def block(self, rows: Ints) -> Bools:
        block = self.bar.block(rows).copy()
        block[self.opened.among(rows)] = False
        return block

    def at(self, rows: Ints, columns: Ints) -> Bools:
        return self.bar.at(rows, columns) & ~self.opened.at(rows, columns)

    def by_row(self) -> Ints:
        return row_counts(self)

    def take(self, rows: Ints, columns: Ints) -> "But":
        return But(self.bar.take(rows, columns), self.opened.take(rows, columns))

    def transposed(self) -> "But":
        return But(self.bar.transposed(), self.opened.transposed())


Bar = Listed | Codes | Mask | AnyOf | But


def opened(bar: Bar, pairs: Listed) -> Bar:
    """The same but for these pairs, which it does not forbid."""
    if isinstance(bar, Listed):
        return Listed(np.setdiff1d(bar.keys, pairs.keys), bar.shape)
    return But(bar, pairs)


def joined(bars: Sequence[Bar]) -> list[Bar]:
    """The same with all listed pairs in one."""
    flat = list(_parts(bars))
    listed = [one for one in flat if isinstance(one, Listed)]
    others: list[Bar] = [one for one in flat if not isinstance(one, Listed)]
    if listed:
        others.insert(0, Listed(np.unique(np.concatenate([one.keys for one in listed])), listed[0].shape))
    return others


def row_counts(bar: Bar) -> Ints:
    """How many each row has, counted by blocks."""
    counts = [bar.block(some).sum(axis=1) for some in chunks(*bar.shape)]
    return np.concatenate([np.zeros(0, dtype=np.int64), *counts])


def _parts(bars: Sequence[Bar]) -> Iterator[Bar]:
    for one in bars:
        yield from _parts(one.parts) if isinstance(one, AnyOf) else (one,)
