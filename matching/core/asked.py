"""What is asked of a program beside the problem: put together as one objective, and told in the answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.core.assignment import Progress
from matching.core.objective import ByPair, Objective
from matching.core.picks import Picks, with_picks
from matching.core.points import Points, Product, Raised
from matching.core.priority import First
from matching.core.problem import Problem
from matching.core.worst import best_worst_pair

Ints = NDArray[np.int64]
Named = tuple[Any, Any]


@dataclass(frozen=True, eq=False)
class Kept:
    """What became of the pairs `before`: `kept` (K, 2) stand, `added` (A, 2) are new; by id, `moved` could
    have stayed, `impossible` could not (somebody left, a rule, a refusal, the floor, no seat)."""

    kept: Ints
    added: Ints
    moved: list[Named]
    impossible: list[Named]


@dataclass(frozen=True)
class Chosen:
    """One side's picks: `picked` people with a seat who picked somebody, of whom `first` got their first
    choice and `any` got one of theirs."""

    picked: int
    first: int
    any: int


@dataclass(frozen=True)
class Waited:
    """People who go first and have a seat, and how many of them have a pair."""

    waited: int
    placed: int


@dataclass(frozen=True, eq=False)
class Asked:
    problem: Problem
    before: list[Named] | None
    picks: Picks | None
    first: First

    @classmethod
    def of(
        cls,
        problem: Problem,
        before: Iterable[Named] | None,
        price_per_move: int | None,
        picks: Picks | None,
        priority: tuple[Sequence[int], Sequence[int]],
    ) -> "Asked":
        if price_per_move is not None and (isinstance(price_per_move, bool) or price_per_move < 0):
            raise ValueError(f"price_per_move: {price_per_move} is not a number of points from 0")
        named = None if before is None else list(before)
        if named is not None and len(set(named)) != len(named):
            raise ValueError("before: a pair is given more than once")
        return cls(problem, named, picks, First.of(problem, *priority))

    def restricted(
        self, best_worst: bool, price_per_move: int | None, progress: Progress | None
    ) -> tuple[Problem, Problem, Ints | None]:
        """(the problem with the floor in force, the same with picks, pairs of `before` that can stay). Where
        staying has a price it comes after the best worst pair, else before."""
        floored = self.problem
        chosen = floored if self.picks is None else with_picks(floored, self.picks)
        stay = self._can_stay(chosen)
        if best_worst:
            kept_first = stay if price_per_move is None else None
            floored = replace(floored, floor=self._best_floor(chosen, kept_first, progress))
            chosen = floored if self.picks is None else with_picks(floored, self.picks)
            stay = self._can_stay(chosen)
        return floored, chosen, stay

    def objective(
        self, chosen: Problem, stay: Ints | None, price_per_move: int | None, picks_first: bool
    ) -> Objective:
        """All levels but who goes first. Picks are points, or with `picks_first` a level after these."""
        kept_first = stay is not None and price_per_move is None
        objective = Objective(chosen, (ByPair.one_each(stay),) if stay is not None and kept_first else ())
        if picks_first:
            objective = objective.masked()
            plain = replace(objective.problem, points=self.problem.points)
            objective = replace(objective, problem=plain)
            if self.picks is not None:
                objective = objective.with_level(_levels_of(self.problem, self.picks))
        return objective

    def _best_floor(self, chosen: Problem, kept_first: Ints | None, progress: Progress | None) -> int | None:
        """Pairs that somebody picked count as if they had the most points of all, so never as the worst."""
        own, floor, picked = self.problem.points, self.problem.floor, chosen.points
        points: Points = own
        if self.picks is not None and isinstance(picked, Raised):
            now = own.at(picked.rows, picked.columns)
            more = picked.at(picked.rows, picked.columns) != now
            top = max(own.limits[1], floor or 0, 0)
            points = Raised.of(own, picked.rows[more], picked.columns[more], top - now[more])
        return best_worst_pair(replace(chosen, points=points, floor=floor), kept_first, progress).floor

    def _can_stay(self, chosen: Problem) -> Ints | None:
        if self.before is None:
            return None
        known = self._positions()
        index = np.array([known[pair] for pair in self.before if pair in known], dtype=np.int64).reshape(
            -1, 2
        )
        locked = set(map(tuple, chosen.locked.tolist()))
        stands = np.array([tuple(pair) in locked for pair in index.tolist()], dtype=bool)
        open_seats = (chosen.mentor_seats[index[:, 0]] > 0) & (chosen.mentee_seats[index[:, 1]] > 0)
        return index[stands | (chosen.eligible_at(index) & open_seats)]

    def _positions(self) -> dict[Named, tuple[int, int]]:
        mentor_at = {one: index for index, one in enumerate(self.problem.mentor_ids.tolist())}
        mentee_at = {one: index for index, one in enumerate(self.problem.mentee_ids.tolist())}
        return {
            (mentor, mentee): (mentor_at[mentor], mentee_at[mentee])
            for mentor, mentee in self.before or ()
            if mentor in mentor_at and mentee in mentee_at
        }

    def kept(self, pairs: Ints, stay: Ints) -> Kept:
        could, known = set(map(tuple, stay.tolist())), self._positions()
        stays = np.array([tuple(pair) in could for pair in pairs.tolist()], dtype=bool)
        made = set(map(tuple, pairs.tolist()))
        named = sorted(self.before or ())
        return Kept(
            kept=pairs[stays],
            added=pairs[~stays],
            moved=[pair for pair in named if known.get(pair) in could and known[pair] not in made],
            impossible=[pair for pair in named if known.get(pair) not in could],
        )

    def chosen(self, pairs: Ints, side: int) -> Chosen | None:
        if self.picks is None:
            return None
        lists = self.picks.mentees if side else self.picks.mentors
        seats = self.problem.mentee_seats if side else self.problem.mentor_seats
        asking = {person: list(partners) for person, partners in lists.items() if partners and seats[person]}
        got: dict[int, set[int]] = {}
        for pair in pairs.tolist():
            got.setdefault(pair[side], set()).add(pair[1 - side])
        return Chosen(
            picked=len(asking),
            first=sum(partners[0] in got.get(person, ()) for person, partners in asking.items()),
            any=sum(bool(got.get(person, set()) & set(partners)) for person, partners in asking.items()),
        )

    def waited(self, pairs: Ints) -> Waited:
        return Waited(len(self.first), self.first.placed(pairs))


def _levels_of(problem: Problem, picks: Picks) -> ByPair:
    """What picks are worth beside points of nothing: whole numbers by their place in both lists."""
    none = [np.zeros((people, 1), dtype=np.int64) for people in problem.shape]
    points = with_picks(replace(problem, points=Product(*none), floor=None), picks).points
    if not isinstance(points, Raised):
        return ByPair.one_each(np.zeros((0, 2), dtype=np.int64))
    return ByPair(np.column_stack([points.rows, points.columns]), points.extra)
