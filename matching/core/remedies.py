"""What would place somebody who found nobody: the smallest changes, each found by solving anew."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matching.core.assignment import Solution
from matching.core.explain import Cause, why_unmatched
from matching.core.problem import Problem
from matching.core.repair import repair

Ints = NDArray[np.int64]


class Kind(StrEnum):
    """What is changed: one rule dropped for this person alone, the floor for this person alone, or one
    more seat for one partner."""

    RULE = "rule"
    FLOOR = "floor"
    SEAT = "seat"


@dataclass(frozen=True, eq=False)
class Remedy:
    """One change that places the person. `rule` for kind rule; `partner` who gets the extra seat, for
    kind seat. Afterwards `pairs` (P, 2) are one more than now, `moved` of the present ones are not in
    them, all have `points_gained` more points than now, and the person meets `meets`."""

    kind: Kind
    rule: str | None
    partner: int | None
    meets: int
    moved: int
    points_gained: int
    pairs: Ints


def remedies(
    problem: Problem,
    solution: Solution,
    *,
    mentor: int | None = None,
    mentee: int | None = None,
    seats_tried: int = 3,
) -> list[Remedy]:
    """Every single change that places this person and takes nobody's place on the same side, smallest
    first: fewest present pairs moved, then most points. Give one of `mentor` and `mentee`, who has no
    pair; else ValueError.

    Tried are each of the problem's rules, the floor, and one more seat for the `seats_tried` partners in
    reach (by chains of swaps) who have a seat and the most points with this person. A pair that `allowed`
    forbids beside a rule counts as forbidden by the rule. Solves once for each change.
    """
    if (mentor is None) == (mentee is None):
        raise ValueError("remedies: give either a mentor or a mentee")
    side, person = (0, mentor) if mentor is not None else (1, mentee)
    assert person is not None
    alone = solution.unmatched_mentees if side else solution.unmatched_mentors
    if person not in alone:
        raise ValueError(f"remedies: {'mentee' if side else 'mentor'} at {person} has a pair or no seat")
    found = []
    for kind, rule, partner, changed in _changes(problem, solution, side, person, seats_tried):
        remedy = _try(changed, problem, solution, side, person, (kind, rule, partner))
        if remedy:
            found.append(remedy)
    return sorted(found, key=lambda one: (one.moved, -one.points_gained))


def _changes(
    problem: Problem, solution: Solution, side: int, person: int, seats_tried: int
) -> list[tuple[Kind, str | None, int | None, Problem]]:
    line = (slice(None), person) if side else (person, slice(None))
    changes: list[tuple[Kind, str | None, int | None, Problem]] = []
    listed = np.zeros(problem.shape[1 - side], dtype=bool)
    listed[problem.forbidden[problem.forbidden[:, side] == person, 1 - side]] = True
    if problem.mask is not None:
        listed |= ~problem.mask[line]

    def only_by(rule: str) -> NDArray[np.bool_]:
        assert problem.rules is not None
        if side:
            return problem.rules.forbidden_only_to_mentee(rule, person)
        return problem.rules.forbidden_only_by(rule, np.array([person]))[0]

    for rule in problem.rules.names if problem.rules is not None else []:
        opened = only_by(rule) & ~listed
        if opened.any():
            mask = problem.allowed.copy()
            mask[line] |= opened
            changes.append((Kind.RULE, rule, None, _with_mask(problem, mask)))
    if problem.floor is not None:
        mask = problem.eligible().copy()
        mask[tuple(problem.locked.T)] = True
        mask[line] = problem.allowed[line]
        changes.append((Kind.FLOOR, None, None, replace(_with_mask(problem, mask), floor=None)))
    name = "mentee" if side else "mentor"
    cause = next(one for one in why_unmatched(problem, solution) if (one.side, one.index) == (name, person))
    if cause.cause == Cause.COMPETITION:
        points = problem.scores[line]
        nearest = sorted(cause.partners, key=lambda one: (-points[one], one))
        for partner in nearest[:seats_tried]:
            seats = (problem.mentor_seats if side else problem.mentee_seats).copy()
            seats[partner] += 1
            changed = replace(problem, mentor_seats=seats) if side else replace(problem, mentee_seats=seats)
            changes.append((Kind.SEAT, None, partner, changed))
    return changes


def _try(
    changed: Problem,
    problem: Problem,
    solution: Solution,
    side: int,
    person: int,
    what: tuple[Kind, str | None, int | None],
) -> Remedy | None:
    """The remedy, if the change allows one more pair: everybody else on this side has the seats that are
    taken, so that the pair can only be this person's."""
    taken = np.bincount(solution.pairs[:, side], minlength=problem.shape[side])
    taken[person] = 1
    changed = replace(changed, mentee_seats=taken) if side else replace(changed, mentor_seats=taken)
    mentors, mentees = problem.mentor_ids.tolist(), problem.mentee_ids.tolist()
    after = repair(changed, [(mentors[i], mentees[j]) for i, j in solution.pairs.tolist()])
    met = after.pairs[after.pairs[:, side] == person, 1 - side]
    if len(after.pairs) <= len(solution.pairs) or not len(met):
        return None
    return Remedy(
        *what,
        meets=int(met[0]),
        moved=len(after.moved),
        points_gained=after.score - solution.score,
        pairs=after.pairs,
    )


def _with_mask(problem: Problem, mask: NDArray[np.bool_]) -> Problem:
    return replace(problem, mask=mask, forbidden=problem.forbidden[:0], rules=None)
