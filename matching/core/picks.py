"""What people chose themselves: picks that outweigh every questionnaire, and a pairing that is stable."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.core.bars import Bar, Listed, joined
from matching.core.points import Points, Raised, chunks
from matching.core.problem import Problem, rank_of

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Lists = Mapping[int, Sequence[int]]
Turn = Iterator[tuple[int, int]]

# Somebody's list is sorted so far at first, and to its end only if all of these are gone.
SORTED_FIRST = 200
ANYBODY, NOBODY = -(1 << 62), 1 << 62


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
    """`problem` with refusals forbidden; `pairs` (W, 2) picked by one of the two and allowed, `by_mentor` and
    `by_mentee` the place of the one in the other's list from 1, 0 for none."""

    problem: Problem
    pairs: Ints
    by_mentor: Ints
    by_mentee: Ints

    @classmethod
    def of(cls, problem: Problem, picks: Picks) -> "_Wishes":
        shape = problem.shape
        mentors, no_mentor = _places("mentors", picks.mentors, picks.mentors_refuse, shape)
        mentees, no_mentee = _places("mentees", picks.mentees, picks.mentees_refuse, shape[::-1])
        refused = np.concatenate([no_mentor, no_mentee[:, ::-1]])
        problem = replace(problem, forbidden=np.concatenate([problem.forbidden, refused]))
        pairs = np.concatenate([mentors[:, :2], mentees[:, 1::-1]])
        pairs = np.unique(pairs[problem.allowed_at(pairs)], axis=0)
        keys = pairs[:, 0] * shape[1] + pairs[:, 1]
        places = []
        for picked, place in ((mentors[:, :2], mentors[:, 2]), (mentees[:, 1::-1], mentees[:, 2])):
            of_pair = np.zeros(len(pairs), dtype=np.int64)
            own = picked[:, 0] * shape[1] + picked[:, 1]
            at = np.searchsorted(keys, own)
            here = np.isin(own, keys)
            of_pair[at[here]] = place[here]
            places.append(of_pair)
        return cls(problem, pairs, *places)

    @property
    def longest(self) -> int:
        return int(max(self.by_mentor.max(initial=0), self.by_mentee.max(initial=0)))

    @property
    def step(self) -> int:
        """More than the points of any two pairs differ, and than anything is under the floor."""
        low, high = self.problem.points.limits
        return max(high, self.problem.floor if self.problem.floor is not None else low) - low + 1

    @property
    def weighed(self) -> Problem:
        """Picks as points: a pair picked by both gains more than one picked by one."""
        levels = self._levels(self.by_mentor) + self._levels(self.by_mentee)
        levels += np.where((self.by_mentor > 0) & (self.by_mentee > 0), self.longest, 0)
        return self._raised(levels)

    def of_each(self) -> tuple[Problem, Problem]:
        """The points as the mentors see them, only their own picks raised, and as the mentees do."""
        return self._raised(self._levels(self.by_mentor)), self._raised(self._levels(self.by_mentee))

    def _levels(self, places: Ints) -> Ints:
        return np.where(places > 0, self.longest + 1 - places, 0)

    def _raised(self, levels: Ints) -> Problem:
        points = Raised.of(self.problem.points, self.pairs[:, 0], self.pairs[:, 1], levels * self.step)
        return replace(self.problem, points=points)


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
    first = wishes.pairs[(wishes.by_mentor == 1) & (wishes.by_mentee == 1)]
    chosen = replace(wishes.weighed, locked=_with_first_choices(problem, first))
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
    if not wishes.problem.allowed_at(locked).all():
        raise ValueError("picks: somebody refuses a locked pair")
    lists = _Lists.of(wishes)
    mentor_seats = problem.mentor_seats - np.bincount(locked[:, 0], minlength=problem.shape[0])
    mentee_seats = problem.mentee_seats - np.bincount(locked[:, 1], minlength=problem.shape[1])
    held: list[dict[int, tuple[int, Turn]]] = [{} for _mentor in range(problem.shape[0])]
    for mentee, turn in lists.turns():
        _propose([(mentee, turn)] * int(min(mentee_seats[mentee], problem.shape[0])), held, mentor_seats)
    made = [(mentor, mentee) for mentor, mentees in enumerate(held) for mentee in mentees]
    found = np.array(made, dtype=np.int64).reshape(-1, 2)
    pairs = problem.sorted_pairs(np.concatenate([locked, found]))
    return Stable(pairs, blocking_pairs(problem, picks, pairs))


def blocking_pairs(problem: Problem, picks: Picks, pairs: Ints) -> Ints:
    """(B, 2) possible pairs not made in which both would rather be: each has a free seat, or a pair that
    is not locked with somebody further down the own list (picks, then points, then ids)."""
    wishes = _Wishes.of(problem, picks)
    lists = _Lists.of(wishes)
    made = Listed.of(pairs[:, 0], pairs[:, 1], problem.shape)
    locked = Listed.of(problem.locked[:, 0], problem.locked[:, 1], problem.shape)
    movable = pairs[~locked.at(pairs[:, 0], pairs[:, 1])]
    sides = ((0, lists.of_mentor, problem.mentor_seats), (1, lists.of_mentee, problem.mentee_seats))
    least = []
    for side, keys, seats in sides:
        worst = np.full(problem.shape[side], NOBODY)
        np.minimum.at(worst, movable[:, side], keys.at(movable))
        worst[np.bincount(pairs[:, side], minlength=len(worst)) < seats] = ANYBODY
        least.append(worst)
    weighed = wishes.weighed
    found = [np.zeros((0, 2), dtype=np.int64)]
    for some in chunks(*problem.shape):
        wish = lists.of_mentor.rows(some) > least[0][some][:, None]
        wish &= lists.of_mentee.rows(some) > least[1][None, :]
        wish &= weighed.eligible_rows(some)
        wish[made.among(some)] = False
        cells = np.argwhere(wish)
        found.append(np.column_stack([some[cells[:, 0]], cells[:, 1]]))
    return np.concatenate(found).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Keys:
    """How much one side likes each pair: points as it sees them, then the partner's id; all different."""

    problem: Problem
    partner_rank: Ints
    side: int

    def at(self, pairs: Ints) -> Ints:
        points = self.problem.points.at(pairs[:, 0], pairs[:, 1])
        return self.of_points(points, self.partner_rank[pairs[:, 1 - self.side]])

    def rows(self, mentors: Ints) -> Ints:
        """(len(mentors), mentees)."""
        rank = self.partner_rank[mentors][:, None] if self.side else self.partner_rank[None, :]
        return self.of_points(self.problem.points.whole(mentors), rank)

    def of_points(self, points: Ints, rank: Ints) -> Ints:
        return (points + 1) * len(self.partner_rank) - 1 - rank


@dataclass(frozen=True, eq=False)
class _Lists:
    """Everybody's list of possible partners, sorted as far as it is read."""

    possible: Problem
    of_mentor: _Keys
    of_mentee: _Keys

    @classmethod
    def of(cls, wishes: _Wishes) -> "_Lists":
        mentors, mentees = wishes.of_each()
        return cls(
            wishes.weighed,
            _Keys(mentors, rank_of(wishes.problem.mentee_ids), 0),
            _Keys(mentees, rank_of(wishes.problem.mentor_ids), 1),
        )

    def turns(self) -> Iterator[tuple[int, Turn]]:
        """(mentee, iterator over (mentor, how much that mentor likes it)), for each mentee."""
        if not self.possible.shape[0]:
            return
        for some in chunks(*self.possible.shape[::-1]):
            for mentee, keys in zip(some.tolist(), self._keys(some), strict=True):
                yield mentee, self._turn(mentee, _highest(keys, SORTED_FIRST))

    def _turn(self, mentee: int, best: Ints) -> Turn:
        """All who are possible: `best` first, then twice as many of the rest, and so on."""
        yield from self._liked(mentee, best)
        size = SORTED_FIRST
        while len(best) == size:
            keys = self._keys(np.array([mentee]))[0]
            keys[keys >= keys[best[-1]]] = ANYBODY
            size *= 2
            best = _highest(keys, size)
            yield from self._liked(mentee, best)

    def _liked(self, mentee: int, mentors: Ints) -> Turn:
        pairs = np.column_stack([mentors, np.full(len(mentors), mentee)])
        return zip(mentors.tolist(), self.of_mentor.at(pairs).tolist(), strict=True)

    def _keys(self, mentees: Ints) -> Ints:
        """(len(mentees), mentors), `ANYBODY` for those who are not possible or locked."""
        keys = self.of_mentee.of_points(self.seen.whole(mentees), self.of_mentee.partner_rank[None, :])
        for bar in self.bars:
            keys[bar.block(mentees)] = ANYBODY
        if self.possible.floor is not None:
            keys[self.weighed.whole(mentees) < self.possible.floor] = ANYBODY
        return keys

    @cached_property
    def seen(self) -> Points:
        return self.of_mentee.problem.points.transposed()

    @cached_property
    def weighed(self) -> Points:
        return self.possible.points.transposed()

    @cached_property
    def bars(self) -> list[Bar]:
        locked = self.possible.locked
        bars = [*self.possible.bars, Listed.of(locked[:, 0], locked[:, 1], self.possible.shape)]
        return [bar.transposed() for bar in joined(bars)]


def _highest(keys: Ints, count: int) -> Ints:
    """Places of the `count` highest in order, without those who are nobody's."""
    places = np.argpartition(-keys, count)[:count] if len(keys) > count else np.arange(len(keys))
    places = places[np.argsort(-keys[places])]
    return places[keys[places] > ANYBODY]


def _propose(
    waiting: list[tuple[int, Turn]], held: list[dict[int, tuple[int, Turn]]], mentor_seats: Ints
) -> None:
    """Everybody waiting asks the next mentor on their list (one list for all seats of a mentee); who is
    turned out waits again. `held`: for each mentor, mentee -> how much they like it, the list they go on
    with."""
    while waiting:
        mentee, rest = waiting.pop()
        mentor, liked = next(rest, (-1, 0))
        if mentor < 0:
            continue
        held[mentor][mentee] = (liked, rest)
        if len(held[mentor]) > mentor_seats[mentor]:
            last = min(held[mentor], key=lambda one: held[mentor][one][0])
            waiting.append((last, held[mentor].pop(last)[1]))


def _places(name: str, lists: Lists, refused: Lists, shape: tuple[int, int]) -> tuple[Ints, Ints]:
    """(person, partner, place in the list from 1) of all picks, (person, partner) of all refusals."""
    for known in (lists, refused):
        for person, partners in known.items():
            if not 0 <= person < shape[0] or any(not 0 <= one < shape[1] for one in partners):
                raise ValueError(f"picks: {name} at {person}: somebody is outside of the problem")
    never = {(person, one) for person, partners in refused.items() for one in partners}
    places = []
    for person, partners in lists.items():
        if len(set(partners)) != len(partners):
            raise ValueError(f"picks: {name} at {person}: somebody is picked twice")
        if any((person, one) in never for one in partners):
            raise ValueError(f"picks: {name} at {person}: somebody is picked and refused")
        places += [(person, one, place) for place, one in enumerate(partners, start=1)]
    found = np.array(places, dtype=np.int64).reshape(-1, 3)
    return found, np.array(sorted(never), dtype=np.int64).reshape(-1, 2)


def _with_first_choices(problem: Problem, first: Ints) -> Ints:
    """The locked pairs and those of `first` for whom these leave a seat on both sides."""
    locked = problem.locked
    free = ~Listed.of(locked[:, 0], locked[:, 1], problem.shape).at(first[:, 0], first[:, 1])
    for side, seats in enumerate((problem.mentor_seats, problem.mentee_seats)):
        used = np.bincount(locked[:, side], minlength=problem.shape[side])
        free &= (used < seats)[first[:, side]]
    return problem.sorted_pairs(np.concatenate([locked, first[free]]).astype(np.int64))
