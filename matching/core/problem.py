"""What is to be solved: who could meet whom, at how many points, within how many seats."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.core.bars import Bar, Listed, Mask, joined
from matching.core.points import EXACT_FLOAT, Points, Product, Raised, Table, chunks, plain
from matching.core.rules import HardRules

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NAMED_AT_MOST = 5
WHOLE_SUM = 1 << 62


def matrix_product(offers: Ints, wants: Ints) -> Ints:
    """offers @ wants.T as int64, exact: float32 under 2**24, float64 under 2**53, else ValueError."""
    product = Product(offers, wants)
    return product.whole(np.arange(len(offers)))


@dataclass(frozen=True, eq=False)
class Problem:
    """One matching problem; build it with `from_scores` or `from_factors`, which check everything.

    `points` of all pairs. A pair is allowed if it is so by `mask` (mentors, mentees) bool or None, by
    `rules`, and is not among `forbidden` (F, 2): read `allowed`, `allowed_rows` or `allowed_at`.
    `mentor_seats` / `mentee_seats` how many partners each takes, `locked` (L, 2) pairs that stand,
    `mentor_ids` / `mentee_ids` unique and sortable, `floor` the lowest score that may be paired.
    """

    points: Points
    mask: Bools | None
    forbidden: Ints
    mentor_seats: Ints
    mentee_seats: Ints
    locked: Ints
    mentor_ids: NDArray[Any]
    mentee_ids: NDArray[Any]
    floor: int | None = None
    rules: HardRules | None = field(default=None, repr=False)

    @classmethod
    def from_scores(
        cls,
        scores: ArrayLike,
        allowed: ArrayLike | None = None,
        mentor_seats: ArrayLike | None = None,
        mentee_seats: ArrayLike | None = None,
        locked: Iterable[tuple[int, int]] | ArrayLike = (),
        mentor_ids: Sequence[Any] | NDArray[Any] | None = None,
        mentee_ids: Sequence[Any] | NDArray[Any] | None = None,
        floor: int | None = None,
        rules: HardRules | None = None,
        forbidden: Iterable[tuple[int, int]] | ArrayLike = (),
    ) -> "Problem":
        """A problem from a (mentors, mentees) matrix of whole points (any sign).

        `allowed` False forbids a pair for good, and so does a place in `forbidden` (index pairs);
        `rules` forbids too and is kept to explain who is unmatched. Seats default to 1, ids to the
        position. A locked pair (mentor index, mentee index) must be allowed and have a seat, but stands
        even under `floor`.
        ValueError names the first wrong things: shapes, fractions, seats, ids, locked pairs, range.
        """
        return cls._checked(
            Table(_whole_points(scores)),
            allowed,
            mentor_seats,
            mentee_seats,
            locked,
            mentor_ids,
            mentee_ids,
            floor,
            rules,
            forbidden,
        )

    @classmethod
    def from_factors(cls, offers: ArrayLike, wants: ArrayLike, **options: Any) -> "Problem":
        """A problem whose scores are offers @ wants.T; they are never written out unless somebody reads
        `scores`, which the sparse method and `verify.check` do not.

        `offers` (mentors, k) and `wants` (mentees, k) are whole numbers; `options` as in `from_scores`.
        Forbid with `rules` and `forbidden`: `allowed` takes a byte for every pair.
        """
        left, right = _whole_points(offers, "offers"), _whole_points(wants, "wants")
        if left.shape[1] != right.shape[1]:
            raise ValueError(f"offers has {left.shape[1]} columns, wants has {right.shape[1]}")
        return cls._checked(Product(left, right), **options)

    @classmethod
    def _checked(
        cls,
        points: Points,
        allowed: ArrayLike | None = None,
        mentor_seats: ArrayLike | None = None,
        mentee_seats: ArrayLike | None = None,
        locked: Any = (),
        mentor_ids: Any = None,
        mentee_ids: Any = None,
        floor: int | None = None,
        rules: HardRules | None = None,
        forbidden: Any = (),
    ) -> "Problem":
        if rules is not None and rules.shape != points.shape:
            raise ValueError(f"rules: made for {rules.shape}, scores have shape {points.shape}")
        mentors, mentees = points.shape
        problem = cls(
            points=points,
            mask=_mask(allowed, points.shape),
            forbidden=_pairs("forbidden", forbidden, points.shape),
            mentor_seats=_seats("mentor_seats", mentor_seats, mentors),
            mentee_seats=_seats("mentee_seats", mentee_seats, mentees),
            locked=_pairs("locked", locked, points.shape),
            mentor_ids=_ids("mentor_ids", mentor_ids, mentors),
            mentee_ids=_ids("mentee_ids", mentee_ids, mentees),
            floor=_floor(floor),
            rules=rules,
        )
        problem.check_locked()
        problem.check_range()
        return problem

    @cached_property
    def scores(self) -> Ints:
        """(mentors, mentees) int64 points; of a problem from factors, written out when first read."""
        return self.points.whole(np.arange(self.shape[0]))

    @cached_property
    def allowed(self) -> Bools:
        """(mentors, mentees) bool after all hard rules."""
        return self.allowed_rows(np.arange(self.shape[0]))

    @cached_property
    def bars(self) -> list[Bar]:
        """Everything that forbids pairs, listed ones first and all in one."""
        bars: list[Bar] = [Listed.of(self.forbidden[:, 0], self.forbidden[:, 1], self.shape)]
        if self.mask is not None:
            bars.append(Mask(self.mask, where=False))
        return joined(bars + (self.rules.bars if self.rules is not None else []))

    def allowed_rows(self, mentors: Ints) -> Bools:
        """(len(mentors), mentees) bool: the rows of `allowed` of these mentors."""
        allowed = np.ones((len(mentors), self.shape[1]), dtype=bool)
        for bar in self.bars:
            allowed &= ~bar.block(mentors)
        return allowed

    def allowed_at(self, pairs: Ints) -> Bools:
        """(P,) bool: whether each of `pairs` (P, 2) is allowed."""
        allowed = np.ones(len(pairs), dtype=bool)
        for bar in self.bars:
            allowed &= ~bar.at(pairs[:, 0], pairs[:, 1])
        return allowed

    def eligible_rows(self, mentors: Ints) -> Bools:
        """(len(mentors), mentees) bool: the rows of `eligible` of these mentors."""
        allowed = self.allowed_rows(mentors)
        return allowed if self.floor is None else allowed & (self.points.whole(mentors) >= self.floor)

    def eligible_at(self, pairs: Ints) -> Bools:
        """(P,) bool: whether each of `pairs` (P, 2) is allowed and at or over the floor."""
        allowed = self.allowed_at(pairs)
        if self.floor is None:
            return allowed
        return allowed & (self.points.at(pairs[:, 0], pairs[:, 1]) >= self.floor)

    @property
    def shape(self) -> tuple[int, int]:
        return self.points.shape

    def eligible(self) -> Bools:
        """(mentors, mentees) bool: allowed and at or over the floor. Locked pairs need not be in it."""
        if self.floor is None:
            return self.allowed
        rows = [self.eligible_rows(some) for some in chunks(*self.shape)]
        return np.concatenate([np.zeros((0, self.shape[1]), dtype=bool), *rows])

    def score_of(self, pairs: ArrayLike) -> int:
        """Sum of the points of `pairs` (P, 2)."""
        index = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
        return int(self.points.at(index[:, 0], index[:, 1]).sum())

    def sorted_pairs(self, pairs: Ints) -> Ints:
        """`pairs` ordered by mentor id, then mentee id: the same whatever the order of the input."""
        mentor_rank, mentee_rank = rank_of(self.mentor_ids), rank_of(self.mentee_ids)
        order = np.lexsort((mentee_rank[pairs[:, 1]], mentor_rank[pairs[:, 0]]))
        return pairs[order]

    def fingerprint(self) -> str:
        """SHA-256 of the input in id order: equal for permuted input, different for any other change."""
        rows, columns = np.argsort(self.mentor_ids, kind="stable"), np.argsort(self.mentee_ids, kind="stable")
        digest = hashlib.sha256(repr(("upward-1", self.shape, self.floor)).encode())
        digest.update(repr((self.mentor_ids[rows].tolist(), self.mentee_ids[columns].tolist())).encode())
        for some in chunks(*self.shape):
            digest.update(np.ascontiguousarray(self.points.whole(rows[some])[:, columns], "<i8").tobytes())
        for some in chunks(*self.shape):
            digest.update(np.ascontiguousarray(self.allowed_rows(rows[some])[:, columns]).tobytes())
        for seats in (self.mentor_seats[rows], self.mentee_seats[columns]):
            digest.update(seats.astype("<i8").tobytes())
        locked = self.sorted_pairs(self.locked)
        named = [(self.mentor_ids[i].item(), self.mentee_ids[j].item()) for i, j in locked.tolist()]
        digest.update(repr(named).encode())
        return digest.hexdigest()

    def check_locked(self) -> None:
        """ValueError naming locked pairs that are forbidden, given twice, or more than there are seats."""
        locked = self.locked
        forbidden = locked[~self.allowed_at(locked)]
        if len(forbidden):
            raise ValueError(f"locked: forbidden by a rule: {self._named(forbidden)}")
        distinct, times = np.unique(locked, axis=0, return_counts=True)
        if (times > 1).any():
            raise ValueError(f"locked: given more than once: {self._named(distinct[times > 1])}")
        for side, seats, ids, column in (
            ("mentor", self.mentor_seats, self.mentor_ids, 0),
            ("mentee", self.mentee_seats, self.mentee_ids, 1),
        ):
            used = np.bincount(locked[:, column], minlength=len(seats))
            over = np.flatnonzero(used > seats)
            if len(over):
                said = ", ".join(
                    f"{side} {ids[i]} ({used[i]} pairs, {seats[i]} seats)" for i in over[:NAMED_AT_MOST]
                )
                raise ValueError(f"locked: over capacity: {said}")

    def check_range(self) -> None:
        """ValueError if the points are so large, for so many pairs, that the solver would have to round."""
        mentors, mentees = self.shape
        if not mentors or not mentees:
            return
        mentor_room = np.minimum(self.mentor_seats, mentees).sum()
        pairs = int(min(mentor_room, np.minimum(self.mentee_seats, mentors).sum()))

        def within(low: int, high: int) -> bool:
            # One more pair weighs more than all points together. A path of the solver never gains more
            # than a few such weights; sums over all pairs are in whole numbers.
            weight = (pairs + 2) * (high - low + 1) + max(abs(low), abs(high))
            return 16 * weight < EXACT_FLOAT and 8 * (pairs + 2) * weight < WHOLE_SUM

        points = plain(self.points)
        if isinstance(points, Product):
            raised = self.points.extra.max(initial=0) if isinstance(self.points, Raised) else 0
            if within(-points.reach, points.reach + int(raised)):
                return
        low, high = self.points.limits
        if not within(low, high):
            raise ValueError(
                f"scores: from {low} to {high} over {pairs} pairs leaves the exact range of 2**53"
            )

    def _named(self, pairs: Ints) -> str:
        named = [
            f"mentor {self.mentor_ids[i]} with mentee {self.mentee_ids[j]}" for i, j in pairs[:NAMED_AT_MOST]
        ]
        more = len(pairs) - len(named)
        return ", ".join(named) + (f" and {more} more" if more else "")


def rank_of(ids: NDArray[Any]) -> Ints:
    """Position of each id in sorted order."""
    rank = np.empty(len(ids), dtype=np.int64)
    rank[np.argsort(ids, kind="stable")] = np.arange(len(ids))
    return rank


def _whole_points(values: ArrayLike, name: str = "scores") -> Ints:
    array = np.asarray(values)
    if array.ndim != 2:
        raise ValueError(f"{name}: must have two dimensions, has {array.ndim}")
    if array.dtype.kind in "iub":
        if array.dtype == np.uint64 and array.size and array.max() >= EXACT_FLOAT:
            raise ValueError(f"{name}: a number is beyond the exact range of 2**53")
        array = array.astype(np.int64)
    elif array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise ValueError(f"{name}: contains numbers that are not finite")
        if (array != np.rint(array)).any():
            raise ValueError(f"{name}: must be whole points, contains fractions")
        if array.size and np.abs(array).max() >= EXACT_FLOAT:
            raise ValueError(f"{name}: a number is beyond the exact range of 2**53")
        array = array.astype(np.int64)
    else:
        raise ValueError(f"{name}: must be whole points, is {array.dtype}")
    if array.size and max(int(array.max()), -int(array.min())) >= EXACT_FLOAT:
        raise ValueError(f"{name}: a number is beyond the exact range of 2**53")
    return array


def _mask(allowed: ArrayLike | None, shape: tuple[int, ...]) -> Bools | None:
    if allowed is None:
        return None
    mask = np.asarray(allowed)
    if mask.dtype != np.bool_:
        raise ValueError(f"allowed: must be true or false, is {mask.dtype}")
    if mask.shape != shape:
        raise ValueError(f"allowed: shape {mask.shape}, scores have shape {shape}")
    return mask


def _seats(name: str, seats: ArrayLike | None, people: int) -> Ints:
    if seats is None:
        return np.ones(people, dtype=np.int64)
    array = np.asarray(seats)
    if array.shape != (people,):
        raise ValueError(f"{name}: shape {array.shape}, expected ({people},)")
    if array.size == 0:
        return np.zeros(0, dtype=np.int64)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name}: must be whole numbers, is {array.dtype}")
    negative = np.flatnonzero(array < 0)
    if len(negative):
        raise ValueError(f"{name}: negative at position {negative[:NAMED_AT_MOST].tolist()}")
    return np.minimum(array, 1 << 31).astype(np.int64)


def _pairs(name: str, pairs: Any, shape: tuple[int, ...]) -> Ints:
    array = np.asarray(pairs if isinstance(pairs, np.ndarray) else list(pairs))
    if array.size == 0:
        return np.zeros((0, 2), dtype=np.int64)
    if array.ndim != 2 or array.shape[1] != 2 or array.dtype.kind not in "iu":
        raise ValueError(f"{name}: must be pairs of mentor index and mentee index")
    array = array.astype(np.int64)
    outside = (array < 0) | (array >= np.array(shape))
    if outside.any():
        first = array[outside.any(axis=1)][:NAMED_AT_MOST].tolist()
        raise ValueError(f"{name}: {first} are outside of {shape[0]} mentors and {shape[1]} mentees")
    return array


def _ids(name: str, ids: Any, people: int) -> NDArray[Any]:
    if ids is None:
        return np.arange(people, dtype=np.int64)
    array = np.asarray(ids)
    if array.shape != (people,):
        raise ValueError(f"{name}: shape {array.shape}, expected ({people},)")
    if people and array.dtype.kind not in "iuUS":
        raise ValueError(f"{name}: must be all whole numbers or all text, is {array.dtype}")
    if isinstance(ids, list | tuple) and len({isinstance(value, str) for value in ids}) > 1:
        raise ValueError(f"{name}: must be all whole numbers or all text")
    distinct, times = np.unique(array, return_counts=True)
    if (times > 1).any():
        raise ValueError(f"{name}: given more than once: {distinct[times > 1][:NAMED_AT_MOST].tolist()}")
    return array


def _floor(floor: int | None) -> int | None:
    if floor is None:
        return None
    if isinstance(floor, bool) or int(floor) != floor:
        raise ValueError("floor: must be whole points")
    return int(floor)
