"""Why nobody was found for somebody: the cause, and the people and seats that prove it."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matching.core.assignment import Solution
from matching.core.problem import Problem
from matching.core.rules import HardRules

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Cause(StrEnum):
    """Why somebody with a seat has no pair."""

    NO_ALLOWED_PARTNER = "no_allowed_partner"
    UNDER_FLOOR = "under_floor"
    COMPETITION = "competition"


@dataclass(frozen=True)
class Unmatched:
    """One person without a pair. `side` "mentor" or "mentee", `index` the position there.

    `forbidden` rule -> number of partners it forbids to this person ("forbidden" for a mask without a
    rule, "no_seat" for partners without any seat); `allowed_partners` how many no rule forbids and who
    have a seat; `best_score` their best points, None without any. With cause competition: `partners`
    (indexes on the other side) have `partner_seats` seats beside locked pairs, all taken by `rivals`
    (indexes on this side, the person included), and no rival has another eligible partner to move to.
    """

    side: str
    index: int
    cause: Cause
    forbidden: dict[str, int]
    allowed_partners: int
    best_score: int | None
    rivals: tuple[int, ...] = ()
    partners: tuple[int, ...] = ()
    partner_seats: int = 0


def why_unmatched(problem: Problem, solution: Solution) -> list[Unmatched]:
    """Everybody with a seat and without a pair, mentors first, with the cause.

    Checked in order: no allowed partner with a seat; all of them under the floor; else competition, with
    the set that proves it (Hall).
    """
    rules = problem.rules
    made = np.zeros(problem.shape, dtype=bool)
    made[solution.pairs[:, 0], solution.pairs[:, 1]] = True
    locked = np.zeros(problem.shape, dtype=bool)
    locked[problem.locked[:, 0], problem.locked[:, 1]] = True
    eligible, movable = problem.eligible() & ~locked, made & ~locked
    mentors = _Side(
        name="mentor",
        scores=problem.scores,
        allowed=problem.allowed,
        eligible=eligible,
        made=movable,
        partner_seats=problem.mentee_seats,
        free_partner_seats=problem.mentee_seats - locked.sum(axis=0),
    )
    mentees = _Side(
        name="mentee",
        scores=problem.scores.T,
        allowed=problem.allowed.T,
        eligible=eligible.T,
        made=movable.T,
        partner_seats=problem.mentor_seats,
        free_partner_seats=problem.mentor_seats - locked.sum(axis=1),
    )
    found = []
    turned = rules.transposed() if rules is not None else None
    for person in solution.unmatched_mentors.tolist():
        found.append(mentors.explain(person, rules))
    for person in solution.unmatched_mentees.tolist():
        found.append(mentees.explain(person, turned))
    return found


@dataclass(frozen=True)
class _Side:
    """The problem as one side sees it: that side in the rows, locked pairs neither eligible nor made."""

    name: str
    scores: Ints
    allowed: Bools
    eligible: Bools
    made: Bools
    partner_seats: Ints
    free_partner_seats: Ints
    _sets: dict[bytes, tuple[Ints, Ints]] = field(default_factory=dict)

    def explain(self, person: int, rules: HardRules | None) -> Unmatched:
        forbidden = self._forbidden(person, rules)
        partners = self.allowed[person] & (self.partner_seats > 0)
        best = int(self.scores[person, partners].max()) if partners.any() else None
        told = (self.name, person)
        if best is None:
            return Unmatched(*told, Cause.NO_ALLOWED_PARTNER, forbidden, 0, None)
        number = int(partners.sum())
        if not (self.eligible[person] & partners).any():
            return Unmatched(*told, Cause.UNDER_FLOOR, forbidden, number, best)
        rivals, reached = self._rivals(person)
        return Unmatched(
            *told,
            Cause.COMPETITION,
            forbidden,
            number,
            best,
            rivals=tuple(rivals.tolist()),
            partners=tuple(reached.tolist()),
            partner_seats=int(self.free_partner_seats[reached].sum()),
        )

    def _forbidden(self, person: int, rules: HardRules | None) -> dict[str, int]:
        """`rules` with this side in the rows."""
        counts: Counter[str] = Counter()
        if rules is not None:
            counts.update(rules.counts_for_mentor(person))
            unnamed = int((~self.allowed[person] & rules.allowed_rows(np.array([person]))[0]).sum())
        else:
            unnamed = int((~self.allowed[person]).sum())
        if unnamed:
            counts["forbidden"] += unnamed
        without = int((self.partner_seats == 0).sum())
        if without:
            counts["no_seat"] += without
        return dict(counts)

    def _rivals(self, person: int) -> tuple[Ints, Ints]:
        """(rivals, partners): all that alternating steps (could have -> is held by) reach from the person."""
        row = self.eligible[person] & (self.partner_seats > 0)
        key = row.tobytes()
        if key not in self._sets:
            rivals = np.zeros(len(self.eligible), dtype=bool)
            partners, fresh = row.copy(), row
            unused = self.eligible & ~self.made
            while fresh.any():
                holders = self.made[:, fresh].any(axis=1) & ~rivals
                rivals |= holders
                reached = unused[holders].any(axis=0) & (self.partner_seats > 0)
                fresh = reached & ~partners
                partners |= fresh
            self._sets[key] = np.flatnonzero(rivals), np.flatnonzero(partners)
        rivals_found, partners_found = self._sets[key]
        return np.union1d(rivals_found, [person]).astype(np.int64), partners_found
