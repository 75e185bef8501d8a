"""Hard rules: pairs that must never be made, as masks over all pairs at once, counted per rule."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class HardRules:
    """Named masks of forbidden pairs, each (mentors, mentees) bool; a pair may be forbidden by several.

    `allowed` is what no rule forbids. Counts are per rule, so they may add up to more than the
    number of forbidden pairs.
    """

    def __init__(self, mentors: int, mentees: int) -> None:
        self.shape = (mentors, mentees)
        self.allowed: Bools = np.ones(self.shape, dtype=bool)
        self._masks: dict[str, Bools] = {}

    def forbid(self, rule: str, mask: ArrayLike) -> "HardRules":
        """Add what `rule` forbids (True = forbidden). The same rule given twice is joined."""
        forbidden = np.asarray(mask, dtype=bool)
        if forbidden.shape != self.shape:
            raise ValueError(f"{rule}: shape {forbidden.shape}, expected {self.shape}")
        earlier = self._masks.get(rule)
        self._masks[rule] = forbidden.copy() if earlier is None else earlier | forbidden
        self.allowed = self.allowed & ~forbidden
        return self

    @property
    def names(self) -> list[str]:
        return list(self._masks)

    def counts(self) -> dict[str, int]:
        """Rule -> number of pairs it forbids."""
        return {rule: int(mask.sum()) for rule, mask in self._masks.items()}

    def counts_for_mentor(self, mentor: int) -> dict[str, int]:
        """Rule -> number of mentees it forbids to this mentor; rules that forbid none are left out."""
        counts = {rule: int(mask[mentor].sum()) for rule, mask in self._masks.items()}
        return {rule: count for rule, count in counts.items() if count}

    def counts_for_mentee(self, mentee: int) -> dict[str, int]:
        """Rule -> number of mentors it forbids to this mentee; rules that forbid none are left out."""
        counts = {rule: int(mask[:, mentee].sum()) for rule, mask in self._masks.items()}
        return {rule: count for rule, count in counts.items() if count}

    def forbidden_only_by(self, rule: str) -> Bools:
        """(mentors, mentees) bool: what this rule forbids and no other does."""
        others = np.zeros(self.shape, dtype=bool)
        for name, mask in self._masks.items():
            if name != rule:
                others |= mask
        return self._masks[rule] & ~others

    def of_pair(self, mentor: int, mentee: int) -> list[str]:
        """The rules that forbid this pair."""
        return [rule for rule, mask in self._masks.items() if mask[mentor, mentee]]


def oneself(mentor_people: ArrayLike, mentee_people: ArrayLike) -> Bools:
    """Forbids meeting oneself: the same person id on both sides; (mentors,), (mentees,) of one type."""
    return np.asarray(mentor_people)[:, None] == np.asarray(mentee_people)[None, :]


def reporting_line(manager: ArrayLike, mentor_people: ArrayLike, mentee_people: ArrayLike) -> Bools:
    """Forbids a pair in which one is the other's manager at any depth, up or down.

    `manager` (people,) is the index of each person's manager, -1 for none; `mentor_people` (mentors,)
    and `mentee_people` (mentees,) are indexes into it, -1 for somebody who is not on the roster.
    A cycle of managers is walked once around: everybody in it is in line with everybody else in it.
    ValueError for an index outside of the roster.
    """
    managers = _indexes("manager", manager, len(np.asarray(manager)))
    mentors = _indexes("mentor_people", mentor_people, len(managers))
    mentees = _indexes("mentee_people", mentee_people, len(managers))
    upward = _is_above(managers, mentors, mentees)
    downward = _is_above(managers, mentees, mentors).T
    return upward | downward


def listed_people(
    exclusions: Iterable[tuple[Any, Any]], mentor_people: ArrayLike, mentee_people: ArrayLike
) -> Bools:
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
    mask = np.zeros((len(mentors), len(mentees)), dtype=bool)
    for one, other in exclusions:
        for left, right in ((one, other), (other, one)):
            if left in mentor_at and right in mentee_at:
                mask[np.ix_(mentor_at[left], mentee_at[right])] = True
    return mask


def listed_pairs(pairs: Iterable[tuple[int, int]] | ArrayLike, mentors: int, mentees: int) -> Bools:
    """Forbids the (mentor index, mentee index) pairs that somebody marked "never"."""
    index = np.asarray(pairs if isinstance(pairs, np.ndarray) else list(pairs)).reshape(-1, 2)  # type: ignore[arg-type]
    index = index.astype(np.int64)
    if len(index) and (index.min() < 0 or (index >= [mentors, mentees]).any()):
        raise ValueError(f"never: a pair is outside of {mentors} mentors and {mentees} mentees")
    mask = np.zeros((mentors, mentees), dtype=bool)
    mask[index[:, 0], index[:, 1]] = True
    return mask


def must_differ(mentor_codes: ArrayLike, mentee_codes: ArrayLike) -> Bools:
    """Forbids equal codes (int, -1 = no answer). A missing answer forbids nothing."""
    mentors, mentees = np.asarray(mentor_codes)[:, None], np.asarray(mentee_codes)[None, :]
    return (mentors == mentees) & (mentors >= 0)


def must_match(mentor_codes: ArrayLike, mentee_codes: ArrayLike) -> Bools:
    """Forbids unequal codes (int, -1 = no answer). A missing answer forbids nothing."""
    mentors, mentees = np.asarray(mentor_codes)[:, None], np.asarray(mentee_codes)[None, :]
    return (mentors != mentees) & (mentors >= 0) & (mentees >= 0)


def _is_above(manager: Ints, below: Ints, above: Ints) -> Bools:
    """(below, above) bool: the second is a manager, at any depth, of the first."""
    seat = _positions(above, len(manager))
    mask = np.zeros((len(below), len(above)), dtype=bool)
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
            return mask
        here = (seat[current] >= 0) & (current != start)
        mask[walkers[here], seat[current[here]]] = True
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
