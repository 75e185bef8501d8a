"""Why somebody has no pair, worked out by blocks of people: as `matching.core.explain` names the causes.

Whoever lost in a competition is part of a set of rivals: everybody whom alternating steps (could have, is
held by) reach from the person. None of them has an eligible partner outside of the set's partners.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.core import HardRules, Problem
from matching.core.bars import Bar, Listed
from matching.core.points import Points, chunks
from matching.core.program import Program
from matching.enums import Cause

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Beyond so many separate sets, each person's is found on its own.
SETS_AT_MOST = 40


@dataclass(frozen=True)
class Alone:
    """One person without a pair: position, cause, and figures. `forbidden`: rule -> partners it forbids;
    `allowed`: partners whom no rule forbids; `best`: the most points with one of them."""

    index: int
    cause: Cause
    forbidden: dict[str, int]
    allowed: int
    best: int | None
    rivals: int = 0
    partners: int = 0
    partner_seats: int = 0


def who_is_alone(problem: Problem, program: Program) -> tuple[list[Alone], list[Alone]]:
    """Mentors and mentees with a seat and without a pair, in the order of the answer."""
    mentors, mentees = _Side.of(problem, program, 0), _Side.of(problem, program, 1)
    solution = program.solution
    return list(mentors.explain(solution.unmatched_mentors)), list(
        mentees.explain(solution.unmatched_mentees)
    )


@dataclass(frozen=True, eq=False)
class _Side:
    """The problem with this side in the rows. `bars` forbid by a rule, `closed` by whatever the run knows
    (rules, floor); `held` (H, 2) are pairs that could move, `fixed` all pairs that no step may use."""

    points: Points
    rules: HardRules
    bars: list[Bar]
    closed: list[Bar]
    floor: int | None
    weighed: Points
    with_seat: Bools
    free_seats: Ints
    held: Ints
    fixed: Listed
    sets: "list[_Set]" = field(default_factory=list)

    @cached_property
    def taken(self) -> Ints:
        """Seats of each partner that pairs which could move take."""
        return np.bincount(self.held[:, 1], minlength=len(self.free_seats))

    @classmethod
    def of(cls, problem: Problem, program: Program, side: int) -> "_Side":
        weighed, pairs, locked = program.weighed, program.pairs, program.weighed.locked
        keys = Listed.of(locked[:, 0], locked[:, 1], problem.shape)
        held = pairs[~keys.at(pairs[:, 0], pairs[:, 1])]
        fixed = Listed.of(pairs[:, 0], pairs[:, 1], problem.shape)
        seats = problem.mentor_seats if side else problem.mentee_seats
        points, rules, raised = problem.points, problem.rules or HardRules(*problem.shape), weighed.points
        bars, closed = problem.bars, weighed.bars
        if side:
            points, raised = points.transposed(), raised.transposed()
            rules, fixed = rules.transposed(), fixed.transposed()
            bars, closed = [one.transposed() for one in bars], [one.transposed() for one in closed]
            held = held[:, ::-1]
        return cls(
            points=points,
            rules=rules,
            bars=bars,
            closed=closed,
            floor=weighed.floor,
            weighed=raised,
            with_seat=seats > 0,
            free_seats=seats - np.bincount(locked[:, 1 - side], minlength=len(seats)),
            held=held,
            fixed=fixed,
        )

    def explain(self, people: Ints) -> Iterator[Alone]:
        for some in chunks(len(people), self.points.shape[1]):
            yield from self._explain(people[some])

    def _explain(self, people: Ints) -> Iterator[Alone]:
        allowed = np.broadcast_to(self.with_seat, (len(people), len(self.with_seat))).copy()
        for bar in self.bars:
            allowed &= ~bar.block(people)
        best = np.where(allowed, self.points.whole(people), -1).max(axis=1, initial=-1)
        eligible = self._eligible(people)
        number = allowed.sum(axis=1)
        for place, person in enumerate(people.tolist()):
            told = Alone(
                index=person,
                cause=Cause.NO_ALLOWED_PARTNER,
                forbidden=self.rules.counts_for_mentor(person),
                allowed=int(number[place]),
                best=int(best[place]) if number[place] else None,
            )
            if told.best is not None and not eligible[place].any():
                told = replace(told, cause=Cause.UNDER_FLOOR)
            elif told.best is not None:
                told = self._competing(told, eligible[place])
            yield told

    def _competing(self, told: Alone, row: Bools) -> Alone:
        reached = self._reached(row)
        if (self.free_seats[reached] > self.taken[reached]).any():
            # Not the most pairs: in a stable pairing nobody leaves somebody better to make room.
            return replace(told, cause=Cause.COMPETITION)
        rivals = np.unique(self.held[reached[self.held[:, 1]], 0])
        return replace(
            told,
            cause=Cause.COMPETITION,
            rivals=len(rivals) + 1,
            partners=int(reached.sum()),
            partner_seats=int(self.free_seats[reached].sum()),
        )

    def _eligible(self, people: Ints) -> Bools:
        """(people, partners): whom they could have beside those they have."""
        eligible = np.broadcast_to(self.with_seat, (len(people), len(self.with_seat))).copy()
        for bar in self.closed:
            eligible &= ~bar.block(people)
        if self.floor is not None:
            eligible &= self.weighed.whole(people) >= self.floor
        eligible[self.fixed.among(people)] = False
        return eligible

    def _reached(self, row: Bools) -> Bools:
        """Every partner that alternating steps reach from the partners in `row`."""
        reached = np.zeros_like(row)
        while True:
            left = row & ~reached
            if not left.any():
                return reached
            known = next((one for one in self.sets if (one.tight & left).any()), None)
            if known is None and len(self.sets) >= SETS_AT_MOST:
                return self._closure(left) | reached
            if known is None:
                known = self._set_of(int(np.flatnonzero(left)[0]))
            reached |= known.reached

    def _set_of(self, partner: int) -> "_Set":
        start = np.zeros(len(self.with_seat), dtype=bool)
        start[partner] = True
        reached = self._closure(start)
        found = _Set(reached, self._back(start, reached))
        self.sets.append(found)
        return found

    def _closure(self, start: Bools) -> Bools:
        reached, fresh = start.copy(), start
        while fresh.any():
            holders = np.unique(self.held[fresh[self.held[:, 1]], 0])
            after = reached.copy()
            for some in chunks(len(holders), len(start)):
                after |= self._eligible(holders[some]).any(axis=0)
                if after.all():
                    break
            fresh = after & ~reached
            reached = after
        return reached

    def _back(self, start: Bools, among: Bools) -> Bools:
        """Those of `among` from which `start` is reached."""
        found = start.copy()
        held = self.held[among[self.held[:, 1]]]
        while True:
            open_pairs = held[~found[held[:, 1]]]
            holders = np.unique(open_pairs[:, 0])
            steps = np.zeros(self.points.shape[0], dtype=bool)
            for some in chunks(len(holders), len(start)):
                steps[holders[some]] = (self._eligible(holders[some]) & found).any(axis=1)
            fresh = open_pairs[steps[open_pairs[:, 0]], 1]
            if not len(fresh):
                return found
            found[fresh] = True


@dataclass(frozen=True, eq=False)
class _Set:
    """`reached` from any partner of `tight`: those from which each is reached by every other."""

    reached: Bools
    tight: Bools


def detail(one: Alone, percent: Any) -> dict[str, Any]:
    """As `Unmatched.detail` keeps it; `percent` turns points into 0-100."""
    return {
        "forbidden": one.forbidden,
        "allowed": one.allowed,
        "best": None if one.best is None else round(float(percent(one.best))),
        "partners": one.partners,
        "partner_seats": one.partner_seats,
        "rivals": one.rivals,
    }
