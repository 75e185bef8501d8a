"""A whole program of pairs: everything that can be asked for, put together in one strict order."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.core.asked import Asked, Chosen, Kept, Waited
from matching.core.assignment import Progress, Solution, solve
from matching.core.closing import SOLVES, Closer, Raise, Weight, close_gap
from matching.core.objective import ByPair, Objective
from matching.core.picks import Picks, solve_stable
from matching.core.price import Price, price_of_pair
from matching.core.priority import solve_first
from matching.core.problem import Problem
from matching.core.share import Share, Shared, solve_share, with_prices_of

Ints = NDArray[np.int64]
Named = tuple[Any, Any]
NOBODY: tuple[Sequence[int], Sequence[int]] = ((), ())


@dataclass(frozen=True, eq=False)
class Program:
    """The answer of `solve_program`. Indexes are positions in the problem.

    `pairs` (P, 2) by id, locked ones included, `score` their points in the problem (without those for
    picks and the like). `proven`: nothing is better in the strict order that was asked for;
    `upper_bound` - `score` is by how many points it could be at most (None for a stable pairing, which is
    not about points). Where a group was raised, both are about points as they were weighed, at the least
    weight. `floor` is the lowest score in force, that of the best worst pair if asked.

    `weighed` and `solution` are for what needs prices: `verify.check(weighed, solution)` proves the answer
    and `price` tells what a pair costs. `solution.pairs` are `pairs`, `solution.unmatched_mentors` and
    `unmatched_mentees` those without one; its score is in weighed points, not the questionnaire's.

    `kept` is None without `before`; `mentors_chosen` and `mentees_chosen` without picks; `waited` without
    priority; `shared` without a share target; `closer` without a group to raise. `blocking` (B, 2): of a
    stable pairing none, else None.
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
    closer: Closer | None
    blocking: Ints | None
    seconds: float

    def price(self, problem: Problem, mentor: int, mentee: int) -> Price | None:
        """What forcing this pair costs, everything that was asked for considered: see `price_of_pair`.
        `points_lost` are the questionnaire's."""
        found = price_of_pair(self.weighed, self.solution, mentor, mentee)
        if found is None:
            return None
        return replace(found, points_lost=self.score - problem.score_of(found.pairs))


@dataclass(frozen=True, eq=False)
class _Answer:
    """The best pairs of `objective`, which may be better by `missing` weighed points beside the gap."""

    objective: Objective
    shared: Shared | None
    solution: Solution
    missing: int

    @property
    def weighed(self) -> Problem:
        return self.shared.weighed if self.shared else self.objective.weighed

    @property
    def gap(self) -> int:
        best = self.shared or self.solution
        return best.upper_bound - best.score + self.missing


def solve_program(
    problem: Problem,
    *,
    before: Iterable[Named] | None = None,
    price_per_move: int | None = None,
    best_worst: bool = False,
    picks: Picks | None = None,
    priority: tuple[Sequence[int], Sequence[int]] = NOBODY,
    share: Share | None = None,
    raised: Raise | None = None,
    stable: bool = False,
    budget_seconds: float | None = None,
    progress: Progress | None = None,
) -> Program:
    """The best pairing in strict order: what rules, refusals, locked pairs and mutual first choices demand;
    the most pairs; the most pairs of `before` (mentor id, mentee id; unknown ids have left); the best worst
    pair if `best_worst`; the most people of `priority` (positions of mentors, of mentees) placed; the share
    target; points, in which a pick outweighs any questionnaire. With a share target, or a group that is
    `raised`, all picks together come before it.

    The points of the pairs of a group that is `raised` weigh more, by the least weight, up to nine times as
    much, that brings its mean near enough to that of all others, or as near as that can: five to twelve
    solves. Not with a share target, which would have to be searched anew for every weight.

    With `price_per_move` points, staying is worth that much and no more, instead of coming second. The
    floor, and the best worst pair, are about pairs that nobody picked and that are not locked. `stable`
    looks only at rules, floor, locked pairs and picks: of the rest nothing is done and nothing reported; a
    group cannot be raised then.
    `budget_seconds` and `progress(phase, share done)` as `solve`; what progress raises passes through. A
    share target is searched for 20 s if no budget is given. ValueError as the parts: a pair of `before`
    twice, a negative price, picks of somebody unknown, marks or a group of another shape, a group to raise
    together with a share target or `stable`, points beyond exact range (which weights multiply).
    """
    started = time.monotonic()
    if raised is not None:
        if share is not None or stable:
            raise ValueError("group: cannot be raised with a share target or in a stable pairing")
        raised.check_shape(problem.shape)
    asked = Asked.of(problem, before, price_per_move, picks, priority)
    floored, chosen, stay = asked.restricted(best_worst and not stable, price_per_move, progress)
    clock = _Clock(started, budget_seconds)
    closer, blocking = None, None
    if stable:
        stood = solve_stable(floored, asked.picks or Picks())
        best = solve(chosen, budget_seconds=clock.left(), progress=progress)
        answer = _Answer(Objective(chosen), None, with_prices_of(best, chosen, stood.pairs), 0)
        blocking = stood.blocking
    else:
        ordering = _Ordering(asked, chosen, stay, price_per_move, share, raised, clock, progress)
        if raised is None:
            answer = ordering.solve_at(Weight.of(0))
        else:
            closer, answer = close_gap(problem, raised, ordering.solve_at, clock.is_out)
    solution, score = answer.solution, problem.score_of(answer.solution.pairs)
    gap = -(-answer.gap // (closer.weight.once if closer else 1))
    ended = closer is None or closer.least
    return Program(
        pairs=solution.pairs,
        score=score,
        upper_bound=None if stable else score + gap,
        proven=not stable
        and gap == 0
        and ended
        and _in_order(answer.objective, solution.pairs, clock.left()),
        floor=floored.floor,
        weighed=answer.weighed,
        solution=solution,
        kept=None if stay is None or stable else asked.kept(solution.pairs, stay),
        mentors_chosen=asked.chosen(solution.pairs, 0),
        mentees_chosen=asked.chosen(solution.pairs, 1),
        waited=None if stable or priority == NOBODY else asked.waited(solution.pairs),
        shared=answer.shared,
        closer=closer,
        blocking=blocking,
        seconds=time.monotonic() - started,
    )


@dataclass(frozen=True)
class _Clock:
    started: float
    budget_seconds: float | None

    def left(self) -> float | None:
        if self.budget_seconds is None:
            return None
        return max(0.0, self.started + self.budget_seconds - time.monotonic())

    def is_out(self) -> bool:
        return self.left() == 0.0


@dataclass(frozen=True, eq=False)
class _Ordering:
    """Everything that was asked for, to be solved at one weight of the group or at several."""

    asked: Asked
    chosen: Problem
    stay: Ints | None
    price_per_move: int | None
    share: Share | None
    raised: Raise | None
    clock: _Clock
    progress: Progress | None
    turns: Iterator[int] = field(default_factory=count)

    @cached_property
    def objective(self) -> Objective:
        return self.asked.objective(self.chosen, self.stay, self.price_per_move, self.picks_first)

    @property
    def picks_first(self) -> bool:
        return self.share is not None or self.raised is not None

    def solve_at(self, weight: Weight) -> _Answer:
        objective, first = self.objective, self.asked.first
        if self.raised is not None:
            points = weight.put_on(objective.problem.points, self.raised)
            objective = replace(objective, problem=replace(objective.problem, points=points))
        if self.stay is not None and self.price_per_move:
            price = self.price_per_move * weight.once
            objective = objective.with_points(ByPair.one_each(self.stay), price)
        progress = self.progress if self.raised is None else self._so_far(next(self.turns) / SOLVES)

        def solved(one: Objective) -> tuple[Shared | None, Solution]:
            if self.share is None:
                return None, solve(one.weighed, budget_seconds=self.clock.left(), progress=progress)
            found = solve_share(one, self.share, budget_seconds=self.clock.left(), progress=progress)
            return found, found.solution

        if len(first):
            picks_after = int(self.picks_first and self.asked.picks is not None)
            return _Answer(*solve_first(objective, first, solved, above=picks_after))
        return _Answer(objective, *solved(objective), 0)

    def _so_far(self, done: float) -> Progress | None:
        """Of several solves, each tells only that it goes on."""
        progress = self.progress
        return None if progress is None else lambda _phase, _share: progress("raise", done)


def _in_order(objective: Objective, pairs: Ints, budget_seconds: float | None) -> bool:
    """Whether the levels reach the most they can, where their steps alone do not prove it."""
    if objective.strict:
        return True
    levels = objective.without_points
    best = solve(levels.weighed, budget_seconds=budget_seconds)
    return best.proven_optimal and levels.strict and objective.totals(pairs) == levels.totals(best.pairs)
