"""A whole program of pairs: everything that can be asked for, put together in one strict order."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.core.assignment import Progress, Solution, solve
from matching.core.fairness import best_worst_pair
from matching.core.objective import ByPair, Objective
from matching.core.picks import Picks, solve_stable, with_picks
from matching.core.points import Product, Raised, Table
from matching.core.price import Price, price_of_pair
from matching.core.priority import First, solve_first
from matching.core.problem import Problem
from matching.core.share import Share, Shared, solve_share, with_prices_of

Ints = NDArray[np.int64]
Named = tuple[Any, Any]
NOBODY: tuple[Sequence[int], Sequence[int]] = ((), ())


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
class Program:
    """The answer of `solve_program`. Indexes are positions in the problem.

    `pairs` (P, 2) by id, locked ones included, `score` their points in the problem (without those for
    picks and the like). `proven`: nothing is better in the strict order that was asked for;
    `upper_bound` - `score` is by how many points it could be at most (None for a stable pairing, which is
    not about points). `floor` is the lowest score in force, that of the best worst pair if asked.

    `weighed` and `solution` are for what needs prices: `verify.check(weighed, solution)` proves the answer
    and `price` tells what a pair costs. `solution.pairs` are `pairs`, `solution.unmatched_mentors` and
    `unmatched_mentees` those without one; its score is in weighed points, not the questionnaire's.

    `kept` is None without `before`; `mentors_chosen` and `mentees_chosen` without picks; `waited` without
    priority; `shared` without a share target. `blocking` (B, 2): of a stable pairing none, else None.
    """

    pairs: Ints
    score: int
    upper_bound: int | None
    proven: bool
    floor: int | None
    weighed: Problem
    solution: Solution
    kept: Kept | None
    mentors_chosen: Chosen | None
    mentees_chosen: Chosen | None
    waited: Waited | None
    shared: Shared | None
    blocking: Ints | None
    seconds: float

    def price(self, problem: Problem, mentor: int, mentee: int) -> Price | None:
        """What forcing this pair costs, everything that was asked for considered: see `price_of_pair`.
        `points_lost` are the questionnaire's."""
        found = price_of_pair(self.weighed, self.solution, mentor, mentee)
        if found is None:
            return None
        return replace(found, points_lost=self.score - problem.score_of(found.pairs))


def solve_program(
    problem: Problem,
    *,
    before: Iterable[Named] | None = None,
    price_per_move: int | None = None,
    best_worst: bool = False,
    picks: Picks | None = None,
    priority: tuple[Sequence[int], Sequence[int]] = NOBODY,
    share: Share | None = None,
    stable: bool = False,
    budget_seconds: float | None = None,
    progress: Progress | None = None,
) -> Program:
    """The best pairing in strict order: what rules, refusals, locked pairs and mutual first choices demand;
    the most pairs; the most pairs of `before` (mentor id, mentee id; unknown ids have left); the best worst
    pair if `best_worst`; the most people of `priority` (positions of mentors, of mentees) placed; the share
    target; points, in which a pick outweighs any questionnaire. With a share target, all picks together
    come before it.

    With `price_per_move` points, staying is worth that much and no more, instead of coming second. The
    floor, and the best worst pair, are about pairs that nobody picked and that are not locked. `stable`
    looks only at rules, floor, locked pairs and picks: of the rest nothing is done and nothing reported.
    `budget_seconds` and `progress(phase, share done)` as `solve`; what progress raises passes through. A
    share target is searched for 20 s if no budget is given. ValueError as the parts: a pair of `before`
    twice, a negative price, picks of somebody unknown, marks of another shape, points beyond exact range.
    """
    started = time.monotonic()
    asked = _Asked.of(problem, before, price_per_move, picks, priority)
    floored, chosen, stay = asked.restricted(best_worst and not stable)
    ends = None if budget_seconds is None else started + budget_seconds

    def left() -> float | None:
        return None if ends is None else max(0.0, ends - time.monotonic())

    def solved(objective: Objective) -> tuple[Shared | None, Solution]:
        if share is None or stable:
            return None, solve(objective.weighed, budget_seconds=left(), progress=progress)
        found = solve_share(objective, share, budget_seconds=left(), progress=progress)
        return found, found.solution

    shared, blocking, missing = None, None, 0
    if stable:
        objective = Objective(chosen)
        stood = solve_stable(floored, asked.picks or Picks())
        solution = with_prices_of(solved(objective)[1], objective.weighed, stood.pairs)
        blocking = stood.blocking
    else:
        objective = asked.objective(chosen, stay, price_per_move, share)
        if len(asked.first):
            objective, shared, solution, missing = solve_first(objective, asked.first, solved)
        else:
            shared, solution = solved(objective)
    score = problem.score_of(solution.pairs)
    gap = shared.upper_bound - shared.score if shared else solution.upper_bound - solution.score
    return Program(
        pairs=solution.pairs,
        score=score,
        upper_bound=None if stable else score + gap + missing,
        proven=not stable and gap + missing == 0 and _in_order(objective, solution.pairs, left()),
        floor=floored.floor,
        weighed=shared.weighed if shared else objective.weighed,
        solution=solution,
        kept=None if stay is None or stable else asked.kept(solution.pairs, stay),
        mentors_chosen=asked.chosen(solution.pairs, 0),
        mentees_chosen=asked.chosen(solution.pairs, 1),
        waited=None if stable or priority == NOBODY else asked.waited(solution.pairs),
        shared=shared,
        blocking=blocking,
        seconds=time.monotonic() - started,
    )


def _in_order(objective: Objective, pairs: Ints, budget_seconds: float | None) -> bool:
    """Whether the levels reach the most they can, where their steps alone do not prove it."""
    if objective.strict:
        return True
    levels = objective.without_points
    best = solve(levels.weighed, budget_seconds=budget_seconds)
    return best.proven_optimal and levels.strict and objective.totals(pairs) == levels.totals(best.pairs)


@dataclass(frozen=True, eq=False)
class _Asked:
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
    ) -> "_Asked":
        if price_per_move is not None and (isinstance(price_per_move, bool) or price_per_move < 0):
            raise ValueError(f"price_per_move: {price_per_move} is not a number of points from 0")
        named = None if before is None else list(before)
        if named is not None and len(set(named)) != len(named):
            raise ValueError("before: a pair is given more than once")
        return cls(problem, named, picks, First.of(problem, *priority))

    def restricted(self, best_worst: bool) -> tuple[Problem, Problem, Ints | None]:
        """(the problem with the floor in force, the same with picks, pairs of `before` that can stay)."""
        floored = self.problem
        chosen = floored if self.picks is None else with_picks(floored, self.picks)
        stay = self._can_stay(chosen)
        if best_worst:
            floored = replace(floored, floor=self._best_floor(chosen, stay))
            chosen = floored if self.picks is None else with_picks(floored, self.picks)
            stay = self._can_stay(chosen)
        return floored, chosen, stay

    def objective(
        self, chosen: Problem, stay: Ints | None, price_per_move: int | None, share: Share | None
    ) -> Objective:
        """All levels but who goes first; a share target asks for picks to be one too."""
        levels: list[ByPair] = []
        if stay is not None and price_per_move is None:
            levels.append(ByPair.one_each(stay))
        objective = Objective(chosen, tuple(levels))
        if share is not None and self.picks is not None:
            objective = objective.masked()
            plain = replace(objective.problem, points=self.problem.points)
            objective = replace(objective, problem=plain).with_level(_levels_of(self.problem, self.picks))
        if stay is not None and price_per_move:
            objective = objective.with_points(ByPair.one_each(stay), price_per_move)
        return objective

    def _best_floor(self, chosen: Problem, stay: Ints | None) -> int | None:
        """Pairs that somebody picked count as if they had the most points of all, so never as the worst."""
        floor = self.problem.floor
        points = self.problem.scores
        top = max(int(points.max(initial=0)), floor or 0)
        plain = replace(chosen, points=Table(np.where(chosen.scores != points, top, points)), floor=floor)
        return best_worst_pair(plain, stay).floor

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
