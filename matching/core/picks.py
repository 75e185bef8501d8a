"""What people chose themselves: picks that outweigh every questionnaire, and a pairing that is stable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from matching.core.points import Table
from matching.core.problem import Problem, rank_of

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Lists = Mapping[int, Sequence[int]]

NOBODY = -1


@dataclass(frozen=True)
class Picks:
    """Ranked picks and refusals of both sides, by position: `mentors` person -> mentees, first choice
    first; `mentors_refuse` person -> mentees who are "not for me"; the same for the mentees."""

    mentors: Lists = field(default_factory=dict)
    mentees: Lists = field(default_factory=dict)
    mentors_refuse: Lists = field(default_factory=dict)
    mentees_refuse: Lists = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Wishes:
    """`by_mentor` and `by_mentee` (mentors, mentees): place of the one in the other's list from 1, 0 for
    none; `possible` what no rule and nobody forbids, and what is at the floor or picked."""

    by_mentor: Ints
    by_mentee: Ints
    possible: Bools

    @classmethod
    def of(cls, problem: Problem, picks: Picks) -> "_Wishes":
        shape = problem.shape
        by_mentor, no_mentor = _places("mentors", picks.mentors, picks.mentors_refuse, shape)
        by_mentee, no_mentee = _places("mentees", picks.mentees, picks.mentees_refuse, shape[::-1])
        refused = no_mentor | no_mentee.T
        by_mentor, by_mentee = np.where(refused, 0, by_mentor), np.where(refused, 0, by_mentee.T)
        allowed = problem.allowed & ~refused
        possible = allowed & (problem.eligible() | (by_mentor > 0) | (by_mentee > 0))
        locked = tuple(problem.locked.T)
        possible[locked] = allowed[locked]
        return cls(by_mentor, by_mentee, possible)

    def preferences(self, problem: Problem) -> tuple[Ints, Ints]:
        """(mentors, mentees) places from 0 in each mentor's list of everybody, and in each mentee's."""
        of_mentor = _preferences(self.by_mentor, problem.scores, problem.mentee_ids)
        of_mentee = _preferences(self.by_mentee.T, problem.scores.T, problem.mentor_ids)
        return of_mentor, of_mentee.T


def with_picks(problem: Problem, picks: Picks) -> Problem:
    """The problem with refused pairs forbidden and picks as points that outweigh any questionnaire.

    A pair gains one step for each place that it stands above the end of either list, and one picked by
    both gains more than one picked by one; a step is more than the points of any two pairs differ. Two
    people who are each other's first choice are locked: only a rule, or locked pairs that have taken the
    seat, come before them. The floor is about the questionnaire: it forbids nobody whom one of the two
    picked. ValueError for people outside of the problem, picked twice, or picked and refused by the same
    person, for a locked pair that somebody refuses, and where points would leave the exact range.
    """
    wishes = _Wishes.of(problem, picks)
    levels = np.zeros(problem.shape, dtype=np.int64)
    longest = max(wishes.by_mentor.max(initial=0), wishes.by_mentee.max(initial=0))
    for places in (wishes.by_mentor, wishes.by_mentee):
        levels += np.where(places > 0, longest + 1 - places, 0)
    levels += np.where((wishes.by_mentor > 0) & (wishes.by_mentee > 0), longest, 0)
    points = problem.scores[wishes.possible]
    step = int(np.ptp(points)) + 1 if points.size else 1
    first = (wishes.by_mentor == 1) & (wishes.by_mentee == 1) & wishes.possible
    chosen = replace(
        problem,
        points=Table(problem.scores + levels * step),
        mask=wishes.possible,
        forbidden=problem.forbidden[:0],
        floor=None,
        locked=_with_first_choices(problem, first),
    )
    chosen.check_locked()
    chosen.check_range()
    return chosen


@dataclass(frozen=True, eq=False)
class Stable:
    """`pairs` (P, 2) by id, locked ones included; `blocking` (B, 2) those that could break it: none."""

    pairs: Ints
    blocking: Ints


def solve_stable(problem: Problem, picks: Picks) -> Stable:
    """A pairing that no two people would leave for each other (Gale-Shapley, the mentees propose).

    Everybody's list is their picks in order, then all others by points, equals by id; who is refused,
    forbidden, or under the floor and picked by neither is not in it. Nobody leaves a locked pair. It may
    have fewer pairs or points than the solver's. ValueError as `with_picks`.
    """
    wishes = _Wishes.of(problem, picks)
    locked = problem.locked
    if not wishes.possible[tuple(locked.T)].all():
        raise ValueError("picks: somebody refuses a locked pair")
    of_mentor, of_mentee = wishes.preferences(problem)
    possible = wishes.possible.copy()
    possible[tuple(locked.T)] = False
    mentor_seats = problem.mentor_seats - np.bincount(locked[:, 0], minlength=problem.shape[0])
    mentee_seats = problem.mentee_seats - np.bincount(locked[:, 1], minlength=problem.shape[1])
    held: list[dict[int, int]] = [{} for _mentor in range(problem.shape[0])]
    for mentee in range(problem.shape[1]):
        lists = np.flatnonzero(possible[:, mentee])
        turn = lists[np.argsort(of_mentee[lists, mentee])].tolist()
        waiting = [(mentee, iter(turn))] * int(min(mentee_seats[mentee], len(turn)))
        _propose(waiting, held, of_mentor, mentor_seats)
    made = [(mentor, mentee) for mentor, mentees in enumerate(held) for mentee in mentees]
    found = np.array(made, dtype=np.int64).reshape(-1, 2)
    pairs = problem.sorted_pairs(np.concatenate([locked, found]))
    return Stable(pairs, blocking_pairs(problem, picks, pairs))


def blocking_pairs(problem: Problem, picks: Picks, pairs: Ints) -> Ints:
    """(B, 2) possible pairs not made in which both would rather be: each has a free seat, or a pair that
    is not locked with somebody further down the own list (picks, then points, then ids)."""
    wishes = _Wishes.of(problem, picks)
    of_mentor, of_mentee = wishes.preferences(problem)
    made = np.zeros(problem.shape, dtype=bool)
    made[tuple(pairs.T)] = True
    movable = made.copy()
    movable[tuple(problem.locked.T)] = False
    last = np.where(movable, of_mentor, NOBODY).max(axis=1, initial=NOBODY)
    last[made.sum(axis=1) < problem.mentor_seats] = problem.shape[1]
    last_of_mentee = np.where(movable, of_mentee, NOBODY).max(axis=0, initial=NOBODY)
    last_of_mentee[made.sum(axis=0) < problem.mentee_seats] = problem.shape[0]
    wish = (of_mentor < last[:, None]) & (of_mentee < last_of_mentee[None, :])
    return np.argwhere(wish & wishes.possible & ~made).astype(np.int64)


def _propose(waiting: list, held: list[dict[int, int]], of_mentor: Ints, mentor_seats: Ints) -> None:
    """Everybody waiting asks the next mentor on their list (one list for all seats of a mentee); who is
    turned out waits again. `held`: for each mentor, mentee -> the list they go on with."""
    while waiting:
        mentee, rest = waiting.pop()
        mentor = next(rest, None)
        if mentor is None:
            continue
        held[mentor][mentee] = rest
        if len(held[mentor]) > mentor_seats[mentor]:
            last = max(held[mentor], key=lambda one: of_mentor[mentor, one])
            waiting.append((last, held[mentor].pop(last)))


def _places(name: str, lists: Lists, refused: Lists, shape: tuple[int, int]) -> tuple[Ints, Bools]:
    """(people, partners) place in each one's list from 1 or 0, and who is refused."""
    places, never = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
    for known in (lists, refused):
        for person, partners in known.items():
            if not 0 <= person < shape[0] or any(not 0 <= one < shape[1] for one in partners):
                raise ValueError(f"picks: {name} at {person}: somebody is outside of the problem")
    for person, partners in refused.items():
        never[person, list(partners)] = True
    for person, partners in lists.items():
        if len(set(partners)) != len(partners):
            raise ValueError(f"picks: {name} at {person}: somebody is picked twice")
        if never[person, list(partners)].any():
            raise ValueError(f"picks: {name} at {person}: somebody is picked and refused")
        places[person, list(partners)] = np.arange(1, len(partners) + 1)
    return places, never


def _preferences(places: Ints, scores: Ints, partner_ids: NDArray) -> Ints:
    """(people, partners) place from 0 of every partner: picks in order, then by points, equals by id."""
    end = np.where(places > 0, places, places.shape[1] + 1)
    by_id = np.broadcast_to(rank_of(partner_ids), places.shape)
    order = np.lexsort((by_id, -scores, end), axis=1)
    turn = np.empty_like(order)
    np.put_along_axis(turn, order, np.arange(places.shape[1])[None, :], axis=1)
    return turn


def _with_first_choices(problem: Problem, first: Bools) -> Ints:
    """The locked pairs and those of `first` for whom these leave a seat on both sides."""
    locked = problem.locked
    free = first.copy()
    free[tuple(locked.T)] = False
    free[np.bincount(locked[:, 0], minlength=problem.shape[0]) >= problem.mentor_seats] = False
    free[:, np.bincount(locked[:, 1], minlength=problem.shape[1]) >= problem.mentee_seats] = False
    return problem.sorted_pairs(np.concatenate([locked, np.argwhere(free)]).astype(np.int64))
