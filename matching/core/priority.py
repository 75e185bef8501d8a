"""People who go first when seats are scarce, because they waited in an earlier cohort."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.core.assignment import Solution
from matching.core.objective import ByPerson, Objective
from matching.core.problem import Problem

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class First:
    """Who goes first, (mentors,) and (mentees,) bool; only people with a seat count."""

    mentors: Bools
    mentees: Bools

    @classmethod
    def of(cls, problem: Problem, mentors: Sequence[int], mentees: Sequence[int]) -> "First":
        """From positions. ValueError for somebody outside of the problem."""
        sides = []
        for name, people, seats in (
            ("mentors", mentors, problem.mentor_seats),
            ("mentees", mentees, problem.mentee_seats),
        ):
            chosen = np.zeros(len(seats), dtype=bool)
            if any(not 0 <= one < len(seats) for one in people):
                raise ValueError(f"priority: somebody is outside of {len(seats)} {name}")
            chosen[list(people)] = True
            sides.append(chosen & (seats > 0))
        return cls(*sides)

    def __len__(self) -> int:
        return int(self.mentors.sum() + self.mentees.sum())

    def placed(self, pairs: Ints) -> int:
        """How many of them have a pair among `pairs` (P, 2)."""
        sides = (self.mentors, pairs[:, 0]), (self.mentees, pairs[:, 1])
        return sum(int(first[np.unique(people)].sum()) for first, people in sides)


Answer = TypeVar("Answer")
Solve = Callable[[Objective], tuple[Answer, Solution]]


def solve_first(
    objective: Objective, first: First, solve: Solve[Answer], above: int = 0
) -> tuple[Objective, Answer, Solution, int]:
    """(objective, answer, solution, what may be missing): most pairs > the levels of `objective` > as many of
    `first` placed as possible > points; of the levels, the last ones that this is `above` come after it.
    `solve` gives an answer and a Solution with the prices that prove it. What may be missing is an upper
    bound in weighed points, 0 when proven.

    Only the first pair of somebody counts, which no points per pair can say. But each is in one of two
    cases: placed without help, then nothing need be added; or placed only with help, then one seat is
    enough, since what each further pair is worth never rises, and all points are on that seat. Prices
    tell when a second seat would be worth more than the help: then it was the first case.
    """
    problem = objective.problem
    seats = [problem.mentor_seats, problem.mentee_seats]
    taken = [np.bincount(problem.locked[:, side], minlength=len(seats[side])) for side in (0, 1)]
    waiting = [chosen & (taken[side] == 0) for side, chosen in enumerate((first.mentors, first.mentees))]
    helped = [waiting[side] & (seats[side] == 1) for side in (0, 1)]
    seen = set()
    while True:
        levelled = _with_help(objective, waiting, helped, above)
        answer, solution = solve(levelled)
        help_worth = levelled.steps[-1 - above]
        prices = solution.duals.mentors, solution.duals.mentees
        missing, after = 0, []
        for side in (0, 1):
            placed = np.bincount(solution.pairs[:, side], minlength=len(seats[side])) > 0
            several = waiting[side] & (seats[side] > 1)
            over = np.where(helped[side] & several, np.maximum(prices[side] - help_worth, 0), 0)
            alone = several & ~helped[side] & ~placed
            missing += int(((seats[side] - 1) * over).sum()) + help_worth * int(alone.sum())
            after.append((helped[side] | alone) & (over == 0))
        state = tuple(side.tobytes() for side in after)
        if missing == 0 or state in seen:
            return levelled, answer, solution, missing
        seen.add(state)
        helped = after


def _with_help(objective: Objective, waiting: list[Bools], helped: list[Bools], above: int) -> Objective:
    problem = objective.problem
    mentor_seats, mentee_seats = (
        np.where(waiting[side] & helped[side], np.minimum(seats, 1), seats)
        for side, seats in enumerate((problem.mentor_seats, problem.mentee_seats))
    )
    capped = replace(problem, mentor_seats=mentor_seats, mentee_seats=mentee_seats)
    level = ByPerson(helped[0].astype(np.int64), helped[1].astype(np.int64))
    return replace(objective, problem=capped).with_level(level, above)
