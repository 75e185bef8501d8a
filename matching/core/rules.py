"""Hard rules: pairs that must never be made, answered by blocks of rows and counted per rule."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.core.bars import AnyOf, Bar, Codes, Listed, Mask, joined
from matching.core.points import spans

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class HardRules:
    """Named rules over (mentors, mentees); a pair may be forbidden by several.

    Counts are per rule, so they may add up to more than the number of forbidden pairs. Rules made by the
    functions of this module take little room; a mask takes a byte for every pair.
    """

    def __init__(self, mentors: int, mentees: int) -> None:
        self.shape = (mentors, mentees)
        self._bars: dict[str, Bar] = {}

    def forbid(self, rule: str, what: Bar | ArrayLike) -> "HardRules":
        """Add what `rule` forbids: one of this module's answers, or a mask (True = forbidden). The same
        rule given twice is joined."""
        bar = what if isinstance(what, Bar) else Mask(np.array(what, dtype=bool))
        if bar.shape != self.shape:
            raise ValueError(f"{rule}: shape {bar.shape}, expected {self.shape}")
        earlier = self._bars.get(rule)
        parts = [bar] if earlier is None else joined([earlier, bar])
        self._bars[rule] = parts[0] if len(parts) == 1 else AnyOf(tuple(parts))
        return self

    @property
    def names(self) -> list[str]:
        return list(self._bars)

    @property
    def bars(self) -> list[Bar]:
        """What forbids, without the names; listed pairs first and all in one."""
        return joined(list(self._bars.values()))

    @property
    def allowed(self) -> Bools:
        """(mentors, mentees) bool: what no rule forbids, written out anew each time."""
        return self.allowed_rows(np.arange(self.shape[0]))

    def allowed_rows(self, mentors: Ints) -> Bools:
        """(len(mentors), mentees) bool: what no rule forbids to these mentors."""
        allowed = np.ones((len(mentors), self.shape[1]), dtype=bool)
        for bar in self.bars:
            allowed &= ~bar.block(mentors)
        return allowed

    def transposed(self) -> "HardRules":
        """The same with the mentees in the rows."""
        turned = HardRules(*self.shape[::-1])
        turned._bars = {rule: bar.transposed() for rule, bar in self._bars.items()}
        return turned

    def counts(self) -> dict[str, int]:
        """Rule -> number of pairs it forbids."""
        return {rule: int(bar.by_row().sum()) for rule, bar in self._bars.items()}

    def counts_for_mentor(self, mentor: int) -> dict[str, int]:
        """Rule -> number of mentees it forbids to this mentor; rules that forbid none are left out."""
        row = np.array([mentor])
        counts = {rule: int(bar.block(row).sum()) for rule, bar in self._bars.items()}
        return {rule: count for rule, count in counts.items() if count}

    def forbidden_only_by(self, rule: str, mentors: Ints | None = None) -> Bools:
        """(mentors, mentees) bool: what this rule forbids and no other does; of some mentors or all."""
        rows = np.arange(self.shape[0]) if mentors is None else mentors
        only = self._bars[rule].block(rows).copy()
        for name, bar in self._bars.items():
            if name != rule:
                only &= ~bar.block(rows)
        return only

    def forbidden_only_to_mentee(self, rule: str, mentee: int) -> Bools:
        """(mentors,) bool: whom this rule forbids to this mentee and no other rule does."""
        mentors = np.arange(self.shape[0])
        column = np.full(len(mentors), mentee)
        others = [bar.at(mentors, column) for name, bar in self._bars.items() if name != rule]
        only = self._bars[rule].at(mentors, column)
        for other in others:
            only = only & ~other
        return only

    def of_pair(self, mentor: int, mentee: int) -> list[str]:
        """The rules that forbid this pair."""
        one, other = np.array([mentor]), np.array([mentee])
        return [rule for rule, bar in self._bars.items() if bar.at(one, other)[0]]


def oneself(mentor_people: ArrayLike, mentee_people: ArrayLike) -> Listed:
    """Forbids meeting oneself: the same person id on both sides; (mentors,), (mentees,) of one type."""
    mentors, mentees = np.asarray(mentor_people), np.asarray(mentee_people)
    order = np.argsort(mentees, kind="stable")
    starts = np.searchsorted(mentees[order], mentors, "left")
    number = np.searchsorted(mentees[order], mentors, "right") - starts
    rows = np.repeat(np.arange(len(mentors)), number)
    return Listed.of(rows, order[spans(starts, number)], (len(mentors), len(mentees)))


def reporting_line(manager: ArrayLike, mentor_people: ArrayLike, mentee_people: ArrayLike) -> Listed:
    """Forbids a pair in which one is the other's manager at any depth, up or down.

    `manager` (people,) is the index of each person's manager, -1 for none; `mentor_people` (mentors,)
    and `mentee_people` (mentees,) are indexes into it, -1 for somebody who is not on the roster.
    A cycle of managers is walked once around: everybody in it is in line with everybody else in it.
    ValueError for an index outside of the roster.
    """
    managers = _indexes("manager", manager, len(np.asarray(manager)))
    mentors = _indexes("mentor_people", mentor_people, len(managers))
    mentees = _indexes("mentee_people", mentee_people, len(managers))
    below, above = _is_above(managers, mentors, mentees)
    under, over = _is_above(managers, mentees, mentors)
    shape = (len(mentors), len(mentees))
    return Listed.of(np.concatenate([below, over]), np.concatenate([above, under]), shape)


def listed_people(
    exclusions: Iterable[tuple[Any, Any]], mentor_people: ArrayLike, mentee_people: ArrayLike
) -> Listed:
    """Forbids each pair of person ids in `exclusions`, whichever of the two is the mentor.

    Ids that are on neither side are ignored: an exclusion list outlives a cohort.
    """
    mentors, mentees = np.asarray(mentor_people), np.asarray(mentee_people)
    mentor_at: dict[Any, list[int]] = {}
    mentee_at: dict[Any, list[int]] = {}
    for position, person in enumerate(mentors.tolist()):
        mentor_at.setdefault(person, []).append(position)
    for position, person in enumerate(mentees.tolist()):
        mentee_at.setdefault(person, []).append(position)
    pairs = [
        (row, column)
        for one, other in exclusions
        for left, right in ((one, other), (other, one))
        for row in mentor_at.get(left, ())
        for column in mentee_at.get(right, ())
    ]
    return listed_pairs(pairs, len(mentors), len(mentees))


def listed_pairs(pairs: Iterable[tuple[int, int]] | ArrayLike, mentors: int, mentees: int) -> Listed:
    """Forbids the (mentor index, mentee index) pairs that somebody marked "never"."""
    index = np.asarray(pairs if isinstance(pairs, np.ndarray) else list(pairs)).reshape(-1, 2)  # type: ignore[arg-type]
    index = index.astype(np.int64)
    if len(index) and (index.min() < 0 or (index >= [mentors, mentees]).any()):
        raise ValueError(f"never: a pair is outside of {mentors} mentors and {mentees} mentees")
    return Listed.of(index[:, 0], index[:, 1], (mentors, mentees))


def must_differ(mentor_codes: ArrayLike, mentee_codes: ArrayLike) -> Codes:
    """Forbids equal codes (int, -1 = no answer). A missing answer forbids nothing."""
    mentors, mentees = _codes(mentor_codes, mentee_codes)
    return Codes(mentors, mentees, equal=True)


def must_match(mentor_codes: ArrayLike, mentee_codes: ArrayLike) -> Codes:
    """Forbids unequal codes (int, -1 = no answer). A missing answer forbids nothing."""
    mentors, mentees = _codes(mentor_codes, mentee_codes)
    return Codes(mentors, mentees, equal=False)


def _codes(*sides: ArrayLike) -> tuple[Ints, ...]:
    """Both sides' codes from 0 up without gaps; anything below 0 is no answer, -1."""
    arrays = [np.asarray(side) for side in sides]
    if any(array.ndim != 1 or (array.size and array.dtype.kind not in "iu") for array in arrays):
        raise ValueError("codes: must be one row of whole numbers, -1 for no answer")
    known = [np.maximum(array.astype(np.int64), -1) for array in arrays]
    values = np.unique(np.concatenate([[-1], *known]))
    return tuple(np.searchsorted(values, array) - 1 for array in known)


def _is_above(manager: Ints, below: Ints, above: Ints) -> tuple[Ints, Ints]:
    """(places in `below`, places in `above`) of those of whom the second is a manager, at any depth."""
    seat = _positions(above, len(manager))
    found = [np.zeros((0, 2), dtype=np.int64)]
    walkers = np.flatnonzero(below >= 0)
    start = below[walkers]
    current, checkpoint = manager[start], start.copy()
    steps, power = 0, 1
    # Brent's cycle finding: back at the checkpoint, the whole cycle has been seen.
    while True:
        going = (current >= 0) & (current != checkpoint)
        walkers, start, current, checkpoint = (
            array[going] for array in (walkers, start, current, checkpoint)
        )
        if not len(walkers):
            pairs = np.concatenate(found)
            return pairs[:, 0], pairs[:, 1]
        here = (seat[current] >= 0) & (current != start)
        found.append(np.column_stack([walkers[here], seat[current[here]]]))
        steps += 1
        if steps == power:
            checkpoint, power, steps = current.copy(), power * 2, 0
        current = manager[current]


def _positions(people: Ints, roster: int) -> Ints:
    known = people[people >= 0]
    if len(np.unique(known)) != len(known):
        raise ValueError("a person is listed more than once on one side")
    position = np.full(roster, -1, dtype=np.int64)
    position[known] = np.flatnonzero(people >= 0)
    return position


def _indexes(name: str, values: ArrayLike, roster: int) -> Ints:
    array = np.asarray(values)
    if array.size == 0:
        return np.zeros(0, dtype=np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise ValueError(f"{name}: must be one row of whole numbers")
    if array.min() < -1 or array.max() >= roster:
        raise ValueError(f"{name}: an index is outside of {roster} people (-1 means none)")
    return array.astype(np.int64)
