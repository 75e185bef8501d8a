"""The best worst pair: the highest floor at which as many pairs can be made as without one."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from matching.core.assignment import Progress, Solution, solve
from matching.core.bars import Listed
from matching.core.points import Product, Raised, chunks
from matching.core.problem import Problem
from matching.core.transport import most_of
from matching.core.view import View

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Possible pairs that a row is given at a time.
ADDED = 8
ANY = -(1 << 62)
NOTHING = np.zeros(0, dtype=np.int64)


def best_worst_pair(problem: Problem, stay: Ints | None = None, progress: Progress | None = None) -> Problem:
    """The problem with the highest floor at which as many pairs can be made as without it.

    Solving that gives, in strict order: most pairs, the best worst pair, most points. With `stay` (S, 2)
    in between: as many of these pairs as without a floor. Locked pairs stand whatever their points. A
    problem in which no free pair can be made comes back as it is. Bisection over the points: some ten
    maximum matchings, on candidate pairs until the whole matrix, block by block, has none that helps.
    """
    view = View.of(problem)
    candidates = _Candidates(view)
    made = candidates.most_from(ANY) if all(view.shape) else NOTHING
    if not len(made):
        return problem
    lowest, highest = int(made.min()), _never_over(view, len(made))
    staying = _Staying.of(problem, stay) if stay is not None and len(stay) else None
    if staying is not None:
        lowest = int(staying.points_of(staying.best.pairs).min())
        limit = staying.never_over
        highest = highest if limit is None else min(highest, limit)
    report, wide, level = progress or (lambda phase, share: None), max(highest - lowest, 1), highest
    while lowest < highest:
        report("worst", 1 - (highest - lowest) / wide)
        found: Ints | None = candidates.most_from(level, enough=len(made))
        if found is not None and len(found) < len(made):
            found = None
        elif staying is not None:
            found = staying.points_from(level)
        if found is None:
            highest = level - 1
        else:
            lowest = int(found.min())
        level = (lowest + highest + 1) // 2
    return replace(problem, floor=lowest)


def _never_over(view: View, most: int) -> int:
    """No floor over this leaves so many pairs: the people whose best is over it have too few seats."""
    row_best = np.full(view.shape[0], -np.inf)
    column_best = np.full(view.shape[1], -np.inf)
    for some in chunks(*view.shape):
        block = view.bar(view.plain.block(some), some)
        row_best[some] = block.max(axis=1)
        np.maximum(column_best, block.max(axis=0), out=column_best)
    rows, columns = view.raised_pairs()
    points = view.points_at(rows, columns).astype(np.float64)
    np.maximum.at(row_best, rows, points)
    np.maximum.at(column_best, columns, points)
    limits = []
    for best, seats, width in (
        (row_best, view.row_seats, view.shape[1]),
        (column_best, view.column_seats, view.shape[0]),
    ):
        order = np.argsort(-best, kind="stable")
        room = np.cumsum(np.minimum(seats, width)[order])
        limits.append(best[order[np.searchsorted(room, most)]])
    return int(min(limits))


class _Candidates:
    """Some possible pairs (E,), each once, and more as they are needed; the raised ones from the start."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.rows, self.columns = view.raised_pairs()
        self.points = view.points_at(self.rows, self.columns)
        self.row_seats = np.minimum(view.row_seats, view.shape[1])
        self.column_seats = np.minimum(view.column_seats, view.shape[0])

    def most_from(self, level: int, enough: int | None = None) -> Ints:
        """Points of the pairs of an assignment that has as many as possible with `level` points or more; with
        `enough` of them, more are known to be impossible.

        From everybody with a seat left, alternating steps (could have -> is held by) reach some rows and
        columns. Once no possible pair leads from there to any other column, these columns' seats are what
        limits the rows (Hall), in the whole matrix.
        """
        while True:
            here = np.flatnonzero(self.points >= level)
            rows, columns = self.rows[here], self.columns[here]
            used = most_of(rows, columns, self.row_seats, self.column_seats)
            if int(used.sum()) == enough:
                break
            reached = self._reached(rows, columns, used)
            more = self._leading_on(level, *reached, Listed.of(rows[used], columns[used], self.view.shape))
            if not len(more):
                break
            self.rows = np.concatenate([self.rows, more[:, 0]])
            self.columns = np.concatenate([self.columns, more[:, 1]])
            points = self.view.points_at(more[:, 0], more[:, 1])
            self.points = np.concatenate([self.points, points])
        return self.points[here[used]]

    def _reached(self, rows: Ints, columns: Ints, used: Bools) -> tuple[Ints, Ints]:
        """(rows that are reached, columns that are not)."""
        size, width = self.view.shape
        source = size + width
        free = np.flatnonzero(np.bincount(rows[used], minlength=size) < self.row_seats)
        tails = np.concatenate([np.full(len(free), source), rows[~used], size + columns[used]])
        heads = np.concatenate([free, size + columns[~used], rows[used]])
        graph = csr_array(
            (np.ones(len(tails), dtype=np.int8), (tails, heads)), shape=(source + 1, source + 1)
        )
        reached = np.zeros(source + 1, dtype=bool)
        reached[breadth_first_order(graph, source, return_predecessors=False)] = True
        return np.flatnonzero(reached[:size]), np.flatnonzero(~reached[size:source])

    def _leading_on(self, level: int, rows: Ints, columns: Ints, used: Listed) -> Ints:
        """(pairs, 2) of some possible unused pairs of these rows and columns from the level up."""
        found = [np.zeros((0, 2), dtype=np.int64)]
        if not len(rows) or not len(columns):
            return found[0]
        part, used = self.view.take(rows, columns), used.take(rows, columns)
        for some in chunks(*part.shape):
            good = part.bar(part.plain.block(some), some, but=used) >= level
            for place in np.flatnonzero(good.any(axis=1)).tolist():
                possible = np.flatnonzero(good[place])
                few = min(len(possible), ADDED)
                # Spread over all of them, from another one for each row.
                start = int(rows[some[place]]) * 7919
                at = (start + np.arange(few) * len(possible) // few) % len(possible)
                found.append(np.column_stack([np.full(few, rows[some[place]]), columns[possible[at]]]))
        return np.concatenate(found)


@dataclass(frozen=True, eq=False)
class _Staying:
    """The most pairs and, of those, the most of `stay`: `best` without a floor, with one point for each."""

    problem: Problem
    stay: Ints
    best: Solution

    @classmethod
    def of(cls, problem: Problem, stay: Ints) -> "_Staying":
        return cls(problem, stay, solve(_counting(problem, stay)))

    def points_from(self, level: int) -> Ints | None:
        """Points of the free pairs of an answer that is as good as the best; None if there is none from
        this level up."""
        found = solve(_counting(replace(self.problem, floor=level), self.stay))
        as_good = (len(found.pairs), found.score) == (len(self.best.pairs), self.best.score)
        return self.points_of(found.pairs) if as_good else None

    def points_of(self, pairs: Ints) -> Ints:
        """Points of those that are not locked."""
        locked = Listed.of(self.problem.locked[:, 0], self.problem.locked[:, 1], self.problem.shape)
        free = pairs[~locked.at(pairs[:, 0], pairs[:, 1])]
        return self.problem.points.at(free[:, 0], free[:, 1])

    @property
    def never_over(self) -> int | None:
        """From a higher level up, too few of them could stay."""
        points = np.sort(self.points_of(self.stay))[::-1]
        wanted = self.best.score - (len(self.stay) - len(points))
        return int(points[wanted - 1]) if wanted > 0 else None


def _counting(problem: Problem, stay: Ints) -> Problem:
    """A point for each of `stay`, none for others; the floor, which is about real points, in the mask."""
    mask = problem.mask
    if problem.floor is not None:
        rows = [problem.eligible_rows(some) for some in chunks(*problem.shape)]
        mask = np.concatenate(rows)
        mask[tuple(problem.locked.T)] = True
    mentors, mentees = (np.zeros((people, 1), dtype=np.int64) for people in problem.shape)
    one_each = np.ones(len(stay), dtype=np.int64)
    points = Raised.of(Product(mentors, mentees), stay[:, 0], stay[:, 1], one_each)
    return replace(problem, points=points, mask=mask, floor=None)
