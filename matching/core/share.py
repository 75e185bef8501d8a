"""Share targets: at least so many of 100 pairs shall be of a kind, at the least price in points."""

import time
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from matching.core.assignment import Progress, Solution, solve
from matching.core.objective import Marks, Objective
from matching.core.problem import Problem, rank_of
from matching.core.swaps import mixed
from matching.core.tight import search

Ints = NDArray[np.int64]

SEARCH_SECONDS = 20.0
ROUNDS = 40
# However short the time, so that the answer is not far off.
ROUNDS_AT_LEAST = 4
BY_NUMBER = 6
NUDGES = 16
NUDGE_SEED = 1


@dataclass(frozen=True, eq=False)
class Share:
    """What is asked: at least `percent` (0-100) of the pairs made shall be marked."""

    marks: Marks
    percent: int

    def __post_init__(self) -> None:
        if isinstance(self.percent, bool) or not 0 <= self.percent <= 100:
            raise ValueError(f"share: {self.percent} is not between 0 and 100 percent")

    def target(self, pairs: int) -> int:
        """How many of so many pairs: the next whole number."""
        return -(-pairs * self.percent // 100)


@dataclass(frozen=True, eq=False)
class Shared:
    """`pairs` (P, 2) by id, of which `marked` are of the kind; `score` their points.

    `target` pairs were asked for, `possible` is the most that can be of the kind in as many pairs. If that
    is less than the target, it takes the target's place and `reached` is False. `upper_bound`: no pairing
    of as many pairs with the target has more points; `proven` if it equals the score. `price` is what the
    target costs: points of the best pairs without it minus `score`.

    `weighed` and `best` prove the bound `by_prices`: marked pairs have `extra` points more there. Where
    that is above `upper_bound`, a search of all pairings in between has shown the rest. `most` is the
    problem and solution that prove `possible`. `solution` are the pairs with the prices of `best`.
    """

    pairs: Ints
    score: int
    upper_bound: int
    proven: bool
    marked: int
    target: int
    possible: int
    reached: bool
    price: int
    extra: int
    by_prices: int
    weighed: Problem = field(repr=False)
    best: Solution = field(repr=False)
    most: tuple[Problem, Solution] = field(repr=False)

    @property
    def solution(self) -> Solution:
        return with_prices_of(self.best, self.weighed, self.pairs)


def solve_share(
    problem: Problem | Objective,
    share: Share,
    budget_seconds: float | None = None,
    progress: Progress | None = None,
) -> Shared:
    """The pairing with the most pairs that meets the share target and, of those, the most points.

    Marked pairs get the least extra points (a whole number) at which enough of them are made; the prices
    of that solution bound every pairing with the target. What is missing between the best pairing found
    and that bound is searched by `milp` among the few pairs that could still matter, until it is closed or
    the time is up (`budget_seconds`, default 20). `progress` as `solve`; ValueError for marks of another
    shape and where points would leave the exact range.
    """
    objective = problem if isinstance(problem, Objective) else Objective(problem)
    if share.marks.shape != objective.problem.shape:
        raise ValueError(f"share: made for {share.marks.shape}, scores have {objective.problem.shape}")
    ends = time.monotonic() + (SEARCH_SECONDS if budget_seconds is None else budget_seconds)
    return _Search(objective.masked(), share, ends, progress).run()


@dataclass(frozen=True, eq=False)
class _Point:
    """The best pairs when marked pairs have `extra` points more: `marked` of them, `score` without extra."""

    extra: int
    marked: int
    score: int
    weighed: Problem
    solution: Solution

    def bound(self, target: int) -> int:
        """No pairing with as many pairs and `target` marked ones has more points."""
        gap = self.solution.upper_bound - self.solution.score
        return self.score + gap + self.extra * (self.marked - target)


class _Search:
    def __init__(self, objective: Objective, share: Share, ends: float, progress: Progress | None) -> None:
        self.objective, self.marks, self.share, self.ends = objective, share.marks, share, ends
        self.progress, self.solved = progress, 0

    def run(self) -> Shared:
        plain = self._at(0)
        asked = self.share.target(len(plain.solution.pairs))
        top = self._most()
        target = min(asked, top.marked)
        if plain.marked >= target:
            return self._answer(plain, plain, top, asked, plain.solution.pairs, plain.bound(plain.marked))
        if target == top.marked and top.extra:
            return self._answer(plain, top, top, asked, top.solution.pairs, top.bound(target))
        under, over, tightest = self._bracket(plain, top, target)
        pairs = self._mixed(over.solution.pairs, under.solution.pairs, target)
        bound = tightest.bound(target)
        pairs = self._nudged(pairs, tightest, target)
        if bound > self._points(pairs):
            found, bound = search(
                tightest.weighed,
                tightest.solution,
                self.marks,
                tightest.extra,
                target,
                bound,
                (pairs, self._points(pairs)),
                self.ends - time.monotonic(),
                self._go_on,
            )
            pairs = self.objective.problem.sorted_pairs(found)
        return self._answer(plain, tightest, top, asked, pairs, bound)

    def _bracket(self, under: _Point, over: _Point, target: int) -> tuple[_Point, _Point, _Point]:
        """(too few marked, enough marked, the one with the least bound): where the two meet by points is the
        next extra to try, until nothing new is found there."""
        tightest, top_extra = under, over.extra
        for turn in range(ROUNDS):
            extra = (under.score - over.score) // (over.marked - under.marked)
            if extra in (under.extra, over.extra) or (turn >= ROUNDS_AT_LEAST and self._out_of_time()):
                break
            if turn < BY_NUMBER and under.extra > 0 and over.extra < top_extra:
                extra = self._by_number(under, over, target)
            point = self._at(extra)
            tightest = min((tightest, point), key=lambda one: one.bound(target))
            if point.marked >= target:
                over = point
            else:
                under = point
            if point.marked == target:
                break
        return under, over, tightest

    @staticmethod
    def _by_number(under: _Point, over: _Point, target: int) -> int:
        """As if marked pairs grew evenly with the extra: quicker than by points while far away."""
        apart = over.extra - under.extra
        near = under.extra + apart * (target - under.marked) // (over.marked - under.marked)
        return min(max(near, under.extra + 1), over.extra - 1)

    def _nudged(self, pairs: Ints, tightest: _Point, target: int) -> Ints:
        """Better pairs, by the chains of swaps towards solutions in which each mentor's extra is a little
        different: they trade marks for few points where the one extra for all could only give many."""
        problem = self.objective.problem
        rank = rank_of(problem.mentor_ids)
        random = np.random.default_rng(NUDGE_SEED)
        half = (time.monotonic() + self.ends) / 2
        for turn in range(NUDGES):
            gap = tightest.bound(target) - self._points(pairs)
            if not gap or time.monotonic() > half:
                break
            reach = max(1, gap >> (2 + turn % 3), tightest.extra >> 6)
            nudge = random.integers(-reach, reach + 1, len(rank))[rank]
            points = self.marks.add(problem.points, tightest.extra + nudge)
            raised = replace(self.objective, problem=replace(problem, points=points))
            other = self._solve(raised)
            pairs = self._mixed(pairs, other.pairs, target)
        return pairs

    def _mixed(self, start: Ints, goal: Ints, target: int) -> Ints:
        """The best pairs between `start` and `goal` that still have enough marked ones."""
        problem, levels = self.objective.problem, self.objective.levels

        def value(pairs: Ints) -> Ints:
            return problem.points.at(pairs[:, 0], pairs[:, 1])

        def same(pairs: Ints) -> Ints:
            none = np.zeros((len(pairs), 0), dtype=np.int64)
            return np.column_stack([none, *(level.at(pairs) for level in levels)])

        spare = int(self.marks.at(start).sum()) - target
        return problem.sorted_pairs(mixed(start, goal, value, self.marks.at, same, spare))

    def _solve(self, objective: Objective) -> Solution:
        """Progress only ever rises, however many solves there will be."""
        done, self.solved = 1 - 0.9**self.solved, self.solved + 1
        progress = self.progress
        if progress is None:
            return solve(objective.weighed)
        return solve(objective.weighed, progress=lambda _phase, _share: progress("share", done))

    def _go_on(self) -> None:
        if self.progress is not None:
            self.progress("share", 1 - 0.9**self.solved)

    def _out_of_time(self) -> bool:
        return time.monotonic() > self.ends

    def _at(self, extra: int) -> _Point:
        raised = self.objective.with_points(self.marks, extra) if extra else self.objective
        return self._point(raised, extra)

    def _most(self) -> _Point:
        """As many marked pairs as possible, and of those the most points where numbers allow for both."""
        levelled = self.objective.with_level(self.marks)
        if levelled.strict:
            return self._point(levelled, levelled.steps[-1])
        return self._point(levelled.without_points, 0)

    def _point(self, objective: Objective, extra: int) -> _Point:
        solution = self._solve(objective)
        marked = int(self.marks.at(solution.pairs).sum())
        return _Point(extra, marked, self._points(solution.pairs), objective.weighed, solution)

    def _points(self, pairs: Ints) -> int:
        return self.objective.problem.score_of(pairs)

    def _answer(
        self, plain: _Point, point: _Point, top: _Point, asked: int, pairs: Ints, bound: int
    ) -> Shared:
        score, marked = self._points(pairs), int(self.marks.at(pairs).sum())
        target = min(asked, top.marked)
        return Shared(
            pairs=pairs,
            score=score,
            upper_bound=bound,
            proven=bound == score,
            marked=marked,
            target=asked,
            possible=top.marked,
            reached=marked >= asked,
            price=plain.score - score,
            extra=point.extra,
            by_prices=point.bound(marked if point is plain else target),
            weighed=point.weighed,
            best=point.solution,
            most=(top.weighed, top.solution),
        )


def with_prices_of(best: Solution, weighed: Problem, pairs: Ints) -> Solution:
    """Other pairs of the same problem with the prices of the best ones: a valid bound, if not a tight one."""
    if pairs is best.pairs:
        return best
    score = weighed.score_of(pairs)
    bound = best.upper_bound + (len(best.pairs) - len(pairs)) * (best.duals.bonus - best.duals.base)
    alone = [
        [one for one in np.argsort(ids, kind="stable").tolist() if seats[one] > 0 and one not in paired]
        for ids, seats, paired in (
            (weighed.mentor_ids, weighed.mentor_seats, set(pairs[:, 0].tolist())),
            (weighed.mentee_ids, weighed.mentee_seats, set(pairs[:, 1].tolist())),
        )
    ]
    return replace(
        best,
        pairs=pairs,
        score=score,
        upper_bound=bound,
        proven_optimal=bound == score,
        unmatched_mentors=np.array(alone[0], dtype=np.int64),
        unmatched_mentees=np.array(alone[1], dtype=np.int64),
    )
