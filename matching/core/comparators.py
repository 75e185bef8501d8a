"""One comparator each: points for all pairs as a product of two whole-number matrices.

Every function takes the two sides' features and the full points of the criterion, and returns
(offers, wants): offers @ wants.T are the points of pairs in which both answered, 0 for all others.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matching.core.features import Categories, ChoiceSets, Feature, Numbers

Ints = NDArray[np.int64]
Factors = tuple[Ints, Ints]

EXACT_LEVELS = 256
LEVELS_PER_SCALE = 100


class Comparator(StrEnum):
    COVERS = "covers"
    OVERLAP = "overlap"
    SAME = "same"
    DIFFERENT = "different"
    CLOSE = "close"


def covers(mentor: ChoiceSets, mentee: ChoiceSets, full: int, scale: float | None) -> Factors:
    """The share of what the mentee wants that the mentor offers. All of it is exactly `full` points."""
    _same_choices(mentor, mentee)
    return mentor.chosen.astype(np.int64), _split(mentee, full)


def overlap(mentor: ChoiceSets, mentee: ChoiceSets, full: int, scale: float | None) -> Factors:
    """Half for the share of the mentee's choices that the mentor has, half the other way around."""
    _same_choices(mentor, mentee)
    offers = np.concatenate([mentor.chosen, _split(mentor, full - full // 2)], axis=1)
    wants = np.concatenate([_split(mentee, full // 2), mentee.chosen], axis=1)
    return offers.astype(np.int64), wants.astype(np.int64)


def same(mentor: Categories, mentee: Categories, full: int, scale: float | None) -> Factors:
    """`full` for the same choice, 0 for another."""
    codes = np.intersect1d(mentor.codes[mentor.answered], mentee.codes[mentee.answered])
    return _one_hot(mentor.codes, codes), _one_hot(mentee.codes, codes) * full


def different(mentor: Categories, mentee: Categories, full: int, scale: float | None) -> Factors:
    """`full` for different choices, 0 for the same."""
    offers, wants = same(mentor, mentee, full, scale)
    return (
        np.column_stack([mentor.answered.astype(np.int64), offers]),
        np.column_stack([mentee.answered.astype(np.int64) * full, -wants]),
    )


def close(mentor: Numbers, mentee: Numbers, full: int, scale: float | None) -> Factors:
    """`full` for equal numbers, falling evenly to 0 at a distance of `scale` and beyond.

    Where the mentors gave more than 256 different numbers, theirs are rounded to a hundredth of the scale.
    """
    if scale is None or not scale > 0:
        raise ValueError("close: needs a scale over 0, the distance that gives no points")
    values = mentor.values.copy()
    levels = np.unique(values[mentor.answered])
    if len(levels) > EXACT_LEVELS:
        step = scale / LEVELS_PER_SCALE
        values = np.rint(values / step) * step
        levels = np.unique(values[mentor.answered])
    offers = (values[:, None] == levels[None, :]).astype(np.int64)
    distance = np.abs(mentee.values[:, None] - levels[None, :])
    share = np.where(np.isnan(distance), 0.0, np.maximum(0.0, 1.0 - distance / scale))
    return offers, np.rint(share * full).astype(np.int64)


COMPARE: dict[Comparator, tuple[type[Feature], Callable[..., Factors]]] = {
    Comparator.COVERS: (ChoiceSets, covers),
    Comparator.OVERLAP: (ChoiceSets, overlap),
    Comparator.SAME: (Categories, same),
    Comparator.DIFFERENT: (Categories, different),
    Comparator.CLOSE: (Numbers, close),
}


def _split(sets: ChoiceSets, full: int) -> Ints:
    """`full` dealt out over each person's choices in whole points that sum to it exactly."""
    chosen = sets.chosen.astype(np.int64)
    number = np.maximum(chosen.sum(axis=1, keepdims=True), 1)
    turn = np.cumsum(chosen, axis=1)
    return chosen * (full // number + (turn <= full % number))


def _one_hot(codes: Ints, among: Ints) -> Ints:
    return (codes[:, None] == among[None, :]).astype(np.int64)


def _same_choices(mentor: ChoiceSets, mentee: ChoiceSets) -> None:
    if mentor.chosen.shape[1] != mentee.chosen.shape[1]:
        raise ValueError(
            f"mentors have {mentor.chosen.shape[1]} choices, mentees {mentee.chosen.shape[1]}: "
            "both sides need the same list"
        )
