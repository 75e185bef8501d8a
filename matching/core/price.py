"""What it costs the program to force one pair: the shortest way to make room for it, exactly."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.core.assignment import Solution, solve
from matching.core.problem import Problem

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FAR = 1 << 60


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

    A shortest path in the residual graph along the solution's prices (10 ms at 1,000 people); an
    unproven solution has no such prices and is solved anew.
    """
    locked = problem.locked
    pairs = solution.pairs
    if ((pairs[:, 0] == mentor) & (pairs[:, 1] == mentee)).any():
        return Price(0, 0, 0, pairs)
    if (locked[:, 0] == mentor).sum() >= problem.mentor_seats[mentor]:
        return None
    if (locked[:, 1] == mentee).sum() >= problem.mentee_seats[mentee]:
        return None
    if solution.proven_optimal:
        dropped, added = _Residual(problem, solution).way(mentor, mentee)
        kept = [pair for pair in map(tuple, pairs.tolist()) if pair not in dropped]
        after = problem.sorted_pairs(np.array(kept + sorted(added), dtype=np.int64).reshape(-1, 2))
    else:
        after = solve(_forcing(problem, mentor, mentee)).pairs
    staying = set(map(tuple, after.tolist()))
    return Price(
        pairs_lost=len(pairs) - len(after),
        points_lost=solution.score - problem.score_of(after),
        moved=sum(pair not in staying for pair in map(tuple, pairs.tolist())),
        pairs=after,
    )


def _forcing(problem: Problem, mentor: int, mentee: int) -> Problem:
    allowed = problem.allowed.copy()
    allowed[mentor, mentee] = True
    locked = np.vstack([problem.locked, [[mentor, mentee]]])
    return replace(problem, mask=allowed, forbidden=problem.forbidden[:0], locked=locked)


class _Residual:
    """The residual graph: mentors, then mentees, then one hub for seats that get used or freed.

    At a mentee somebody must go or a free seat be used; at a mentor a seat is open. All lengths along
    the prices are >= 0, so Dijkstra finds the shortest way from the forced mentee to the forced mentor.
    """

    def __init__(self, problem: Problem, solution: Solution) -> None:
        duals = solution.duals
        self.mentors, self.mentees = problem.shape
        self.hub = self.mentors + self.mentees
        made = np.zeros(problem.shape, dtype=bool)
        made[solution.pairs[:, 0], solution.pairs[:, 1]] = True
        locked = np.zeros(problem.shape, dtype=bool)
        locked[problem.locked[:, 0], problem.locked[:, 1]] = True
        weights = problem.scores - duals.base + duals.bonus
        self.slack = duals.mentors[:, None] + duals.mentees[None, :] - weights
        mentor_open = problem.mentor_seats > locked.sum(axis=1)
        mentee_open = problem.mentee_seats > locked.sum(axis=0)
        self.unused = problem.eligible() & ~made & mentor_open[:, None] & mentee_open[None, :]
        self.used = made & ~locked
        self.mentor_prices, self.mentee_prices = duals.mentors, duals.mentees
        self.mentor_free = made.sum(axis=1) < problem.mentor_seats
        self.mentee_free = made.sum(axis=0) < problem.mentee_seats

    def way(self, mentor: int, mentee: int) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
        """(dropped, added) pairs of the best program with the forced pair, itself among the added."""
        before = self._walk(self.mentors + mentee, mentor)
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

    def _walk(self, start: int, goal: int) -> Ints:
        distance = np.full(self.hub + 1, FAR, dtype=np.int64)
        waiting = distance.copy()
        before = np.full(self.hub + 1, -1, dtype=np.int64)
        distance[start] = waiting[start] = 0
        while True:
            node = int(waiting.argmin())
            if waiting[node] >= FAR:
                raise RuntimeError("no way to make room for the pair")
            if node == goal:
                return before
            waiting[node] = FAR
            heads, lengths = self._steps(node)
            reach = distance[node] + lengths
            nearer = reach < distance[heads]
            heads, reach = heads[nearer], reach[nearer]
            distance[heads] = waiting[heads] = reach
            before[heads] = node

    def _steps(self, node: int) -> tuple[Ints, Ints]:
        if node < self.mentors:
            columns = np.flatnonzero(self.unused[node])
            lengths = np.append(self.slack[node, columns], self.mentor_prices[node])
            return np.append(columns + self.mentors, self.hub), lengths
        if node < self.hub:
            column = node - self.mentors
            rows = np.flatnonzero(self.used[:, column])
            heads, lengths = rows, -self.slack[rows, column]
            if self.mentee_free[column]:
                heads, lengths = np.append(heads, self.hub), np.append(lengths, 0)
            return heads, lengths
        free = np.flatnonzero(self.mentor_free)
        held = np.flatnonzero(self.used.any(axis=0))
        heads = np.concatenate([free, held + self.mentors])
        return heads, np.concatenate([np.zeros(len(free), dtype=np.int64), self.mentee_prices[held]])
