"""What it costs the program to force one pair: the shortest way to make room for it, exactly."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from matching.core.assignment import Solution, solve
from matching.core.bars import Listed
from matching.core.points import chunks
from matching.core.problem import Problem

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Ways are looked for among so many unused pairs of each person first; all pairs if that is not enough.
NEAREST = 16
FARTHER = 3
MOST_ARCS = 6_000_000


@dataclass(frozen=True, eq=False)
class Price:
    """Forcing the pair gives the best program that contains it: `pairs` (P, 2), `pairs_lost` fewer
    pairs (first in the objective) and `points_lost` fewer points than now (may be negative if pairs
    are lost or a rule is overridden); `moved` is the number of present pairs that are not in it."""

    pairs_lost: int
    points_lost: int
    moved: int
    pairs: Ints


def price_of_pair(problem: Problem, solution: Solution, mentor: int, mentee: int) -> Price | None:
    """The exact price of forcing this pair, which may be forbidden or under the floor; None if a
    locked pair or having no seats leaves no seat for it. `solution` must be that of `problem`.
    """
    return prices_of(problem, solution, [(mentor, mentee)])[0]


def prices_of(
    problem: Problem, solution: Solution, pairs: Iterable[tuple[int, int]] | ArrayLike
) -> list[Price | None]:
    """The price of each of `pairs`, forced alone, as `price_of_pair`: many at once take little longer
    than one.

    Shortest paths in the residual graph along the solution's prices; an unproven solution has no such
    prices, and so for each pair all is solved anew.
    """
    index = np.asarray(pairs if isinstance(pairs, np.ndarray) else list(pairs), dtype=np.int64)  # type: ignore[arg-type]
    index = index.reshape(-1, 2)
    locked = problem.locked
    made = set(map(tuple, solution.pairs.tolist()))
    full = [
        np.bincount(locked[:, side], minlength=len(seats)) >= seats
        for side, seats in enumerate((problem.mentor_seats, problem.mentee_seats))
    ]
    found: dict[tuple[int, int], Price | None] = {}
    wanted = []
    asked = [(int(mentor), int(mentee)) for mentor, mentee in index]
    for mentor, mentee in dict.fromkeys(asked):
        if (mentor, mentee) in made:
            found[mentor, mentee] = Price(0, 0, 0, solution.pairs)
        elif full[0][mentor] or full[1][mentee]:
            found[mentor, mentee] = None
        else:
            wanted.append((mentor, mentee))
    ways = _Residual(problem, solution).ways(wanted) if solution.proven_optimal and wanted else {}
    for mentor, mentee in wanted:
        if (mentor, mentee) in ways:
            dropped, added = ways[mentor, mentee]
            kept = [pair for pair in map(tuple, solution.pairs.tolist()) if pair not in dropped]
            after = problem.sorted_pairs(np.array(kept + sorted(added), dtype=np.int64).reshape(-1, 2))
        else:
            after = solve(_forcing(problem, mentor, mentee)).pairs
        staying = set(map(tuple, after.tolist()))
        found[mentor, mentee] = Price(
            pairs_lost=len(solution.pairs) - len(after),
            points_lost=solution.score - problem.score_of(after),
            moved=len(made - staying),
            pairs=after,
        )
    return [found[pair] for pair in asked]


def _forcing(problem: Problem, mentor: int, mentee: int) -> Problem:
    """A locked pair stands, whatever forbids it."""
    return replace(problem, locked=np.vstack([problem.locked, [[mentor, mentee]]]))


Way = tuple[set[tuple[int, int]], set[tuple[int, int]]]


class _Residual:
    """The residual graph: mentors, then mentees, then one hub for seats that get used or freed.

    At a mentee somebody must go or a free seat be used; at a mentor a seat is open. All lengths along
    the prices are >= 0, so a way shorter than the nearest pair that is left out is the shortest.
    """

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem, self.duals = problem, solution.duals
        self.mentors, self.mentees = problem.shape
        self.hub = self.mentors + self.mentees
        pairs, locked = solution.pairs, problem.locked
        barred = Listed.of(locked[:, 0], locked[:, 1], problem.shape)
        self.made = Listed.of(pairs[:, 0], pairs[:, 1], problem.shape)
        self.used = pairs[~barred.at(pairs[:, 0], pairs[:, 1])]
        taken = [np.bincount(pairs[:, side], minlength=people) for side, people in enumerate(problem.shape)]
        fixed = [np.bincount(locked[:, side], minlength=people) for side, people in enumerate(problem.shape)]
        self.mentor_open = problem.mentor_seats > fixed[0]
        self.mentee_open = problem.mentee_seats > fixed[1]
        self.mentor_free = np.flatnonzero(taken[0] < problem.mentor_seats)
        self.mentee_free = np.flatnonzero(taken[1] < problem.mentee_seats)

    def ways(self, forced: list[tuple[int, int]]) -> dict[tuple[int, int], Way]:
        """(dropped, added) pairs of the best program with each forced pair, itself among the added; without
        those that would take too many arcs to find."""
        ways: dict[tuple[int, int], Way] = {}
        waiting, reach = forced, self._near()
        while waiting:
            arcs = self._arcs(reach)
            if arcs is None:
                break
            graph, complete = self._graph(*arcs), reach >= self._farthest
            starts = sorted({mentee for _mentor, mentee in waiting})
            place = {mentee: row for row, mentee in enumerate(starts)}
            limit = np.inf if complete else float(reach)
            distance, before = dijkstra(
                graph,
                indices=np.array(starts) + self.mentors,
                return_predecessors=True,
                limit=limit,
            )
            for mentor, mentee in waiting:
                if np.isfinite(distance[place[mentee], mentor]):
                    ways[mentor, mentee] = self._way(before[place[mentee]], mentor, mentee)
            waiting = [pair for pair in waiting if pair not in ways]
            if complete and waiting:
                raise RuntimeError("no way to make room for the pair")
            reach = min(reach * FARTHER, self._farthest)
        return ways

    @property
    def _farthest(self) -> int:
        """No pair is farther from being used."""
        low, _high = self.problem.points.limits
        duals = self.duals
        most = int(duals.mentors.max(initial=0) + duals.mentees.max(initial=0))
        return most + duals.base - duals.bonus - low + 1

    def _slack(self, mentors: Ints) -> Ints:
        """(len(mentors), mentees) how far each pair is from being used."""
        duals = self.duals
        slack = duals.mentors[mentors, None] + duals.mentees[None, :] - self.problem.points.whole(mentors)
        return slack + (duals.base - duals.bonus)

    def _possible(self, mentors: Ints) -> Bools:
        possible = self.problem.eligible_rows(mentors) & self.mentor_open[mentors, None] & self.mentee_open
        possible[self.made.among(mentors)] = False
        return possible

    def _near(self) -> int:
        """So far that most people have some pairs nearer."""
        some = np.flatnonzero(self.mentor_open)
        some = some[:: max(len(some) // 64, 1)]
        slack = np.where(self._possible(some), self._slack(some), self._farthest)
        if slack.shape[1] <= NEAREST:
            return self._farthest
        near = np.partition(slack, NEAREST, axis=1)[:, NEAREST]
        return max(int(np.median(near)), 1)

    def _arcs(self, reach: int) -> tuple[Ints, Ints, Ints] | None:
        """(mentors, mentees, lengths) of the unused pairs that are not farther; None for too many."""
        duals, found, number = self.duals, [np.zeros((0, 2), dtype=np.int64)], 0
        # The bonus is in the prices of one side or of the other: without it, short floats will do.
        shift = max(int(np.median(duals.mentees)), 0) if len(duals.mentees) else 0
        least = duals.mentors + (shift + duals.base - duals.bonus - reach)
        for some in chunks(self.mentors, self.mentees):
            block = self.problem.points.block(some, duals.mentees - shift)
            left, right = np.nonzero(block >= least[some][:, None].astype(np.float64))
            found.append(np.column_stack([some[left], right]))
            number += len(left)
            if number > MOST_ARCS:
                return None
        pairs = np.concatenate(found)
        pairs = pairs[self.mentor_open[pairs[:, 0]] & self.mentee_open[pairs[:, 1]]]
        pairs = pairs[~self.made.at(pairs[:, 0], pairs[:, 1])]
        pairs = pairs[self.problem.eligible_at(pairs)]
        points = self.problem.points.at(pairs[:, 0], pairs[:, 1]) + (duals.bonus - duals.base)
        return pairs[:, 0], pairs[:, 1], duals.mentors[pairs[:, 0]] + duals.mentees[pairs[:, 1]] - points

    def _graph(self, mentors: Ints, mentees: Ints, lengths: Ints) -> csr_array:
        duals, used = self.duals, self.used
        points = self.problem.points.at(used[:, 0], used[:, 1])
        worth = points + (duals.bonus - duals.base) - duals.mentors[used[:, 0]] - duals.mentees[used[:, 1]]
        held = np.unique(used[:, 1])
        everybody = np.arange(self.mentors)
        parts = [
            (mentors, self.mentors + mentees, lengths),
            (self.mentors + used[:, 1], used[:, 0], worth),
            (everybody, np.full(self.mentors, self.hub), duals.mentors),
            (self.mentors + self.mentee_free, np.full(len(self.mentee_free), self.hub), None),
            (np.full(len(self.mentor_free), self.hub), self.mentor_free, None),
            (np.full(len(held), self.hub), self.mentors + held, duals.mentees[held]),
        ]
        tails = np.concatenate([tail for tail, _head, _length in parts])
        heads = np.concatenate([head for _tail, head, _length in parts])
        values = [
            np.zeros(len(tail)) if length is None else length.astype(float) for tail, _head, length in parts
        ]
        size = self.hub + 1
        return csr_array((np.concatenate(values), (tails, heads)), shape=(size, size))

    def _way(self, before: NDArray[np.int32], mentor: int, mentee: int) -> Way:
        dropped: set[tuple[int, int]] = set()
        added = {(mentor, mentee)}
        node = mentor
        while node != self.mentors + mentee:
            origin = int(before[node])
            if node < self.mentors <= origin < self.hub:
                dropped.add((node, origin - self.mentors))
            elif origin < self.mentors <= node < self.hub:
                added.add((origin, node - self.mentors))
            node = origin
        return dropped, added
