"""Prices that prove an assignment: potentials of the residual graph, found apart from the solver."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = -(1 << 60)


@dataclass(frozen=True, eq=False)
class Duals:
    """Prices that bound every assignment of what is not locked.

    A free eligible pair weighs `bonus + score - base`. `bonus` is more than all points together can
    differ, so a heavier assignment has more pairs, or as many and a better score. With prices
    `mentors` (m,) >= 0 and `mentees` (n,) >= 0, none weighs more than
    seats . mentors + seats . mentees + sum over free eligible pairs of max(0, weight - both prices).
    """

    bonus: int
    base: int
    mentors: Ints
    mentees: Ints


def weigh(scores: Ints, eligible: Bools, most_pairs: int) -> tuple[Ints, int, int]:
    """(weights, bonus, base): eligible pairs weigh at least bonus, all others 0."""
    if not eligible.any():
        return np.zeros(scores.shape, dtype=np.int64), 1, 0
    every = bool(eligible.all())
    points = scores if every else scores[eligible]
    base = int(points.min())
    bonus = most_pairs * (int(points.max()) - base) + 1
    weights = scores + (bonus - base)
    if not every:
        weights *= eligible
    return weights, bonus, base


def potentials(
    weights: Ints, eligible: Bools, used: Bools, mentor_free: Bools, rounds: int | None = None
) -> tuple[Ints, Ints]:
    """Prices (mentors, mentees) by longest paths (Bellman-Ford by frontiers) in the residual graph.

    If `used` is optimal they prove it; if not, or if `rounds` are too few (default: as many as there
    are people, which is enough), the prices still bound every assignment, only not tightly.
    """
    mentors, mentees = weights.shape
    gain = np.where(eligible & ~used, weights, NEVER)
    used_rows, used_columns = np.nonzero(used)
    used_weights = weights[used_rows, used_columns]
    # `less` is minus the mentor's price: a mentor with a free seat costs nothing.
    less = np.where(mentor_free, 0, NEVER)
    price = np.zeros(mentees, dtype=np.int64)
    np.maximum.at(less, used_rows, -used_weights)
    frontier = np.flatnonzero(less > NEVER)
    for _round in range(mentors + mentees + 1 if rounds is None else rounds):
        if not len(frontier):
            break
        raised = np.maximum(price, (gain[frontier] + less[frontier, None]).max(axis=0, initial=NEVER))
        moved = raised > price
        price = raised
        touched = moved[used_columns]
        after = less.copy()
        np.maximum.at(after, used_rows[touched], price[used_columns[touched]] - used_weights[touched])
        frontier = np.flatnonzero(after > less)
        less = after
    prices = np.where(less > NEVER, np.maximum(0, -less), 0)
    return prices, price


def bound(
    weights: Ints,
    eligible: Bools,
    mentor_seats: Ints,
    mentee_seats: Ints,
    mentor_prices: Ints,
    mentee_prices: Ints,
) -> int:
    """The most that any assignment can weigh at these prices (exact integers)."""
    over = weights - mentor_prices[:, None] - mentee_prices[None, :]
    extra = int(over[eligible & (over > 0)].sum())
    return int(mentor_seats @ mentor_prices) + int(mentee_seats @ mentee_prices) + extra
