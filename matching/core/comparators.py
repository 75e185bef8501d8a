"""One comparator each: points for all pairs as a product of two whole-number matrices.

Every function takes the two sides' features and the full points of the criterion, and returns
(offers, wants): offers @ wants.T are the points of pairs in which both answered, 0 for all others.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matching.core.features import Categories, ChoiceSets, Feature, Numbers, Zones
from matching.core.hours import WORKDAY_MINUTES, minutes_in_common

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Factors = tuple[Ints, Ints]

EXACT_LEVELS = 256
LEVELS_PER_SCALE = 100


class Comparator(StrEnum):
    COVERS = "covers"
    OVERLAP = "overlap"
    SAME = "same"
    DIFFERENT = "different"
    CLOSE = "close"
    RETURNS = "returns"
    SKILL_GAP = "skill_gap"
    HOURS = "hours"


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
    """`full` for equal numbers, falling evenly to 0 at a distance of `scale` and beyond."""
    reach = _scale("close", scale, "the distance that gives no points")

    def share(levels: Floats) -> Floats:
        return 1.0 - np.abs(mentee.values[:, None] - levels[None, :]) / reach

    return _by_levels(mentor, share, full, reach)


def returns(mentor: ChoiceSets, mentee: ChoiceSets, full: int, scale: float | None) -> Factors:
    """The share of what the mentor wants that the mentee offers: a pair in which both learn something.

    `covers` the other way around: mentors' choices are what they want, mentees' what they can show.
    """
    _same_choices(mentor, mentee)
    return _split(mentor, full), mentee.chosen.astype(np.int64)


def skill_gap(mentor: Numbers, mentee: Numbers, full: int, scale: float | None) -> Factors:
    """`full` where the mentor is ahead by `scale` or more, falling evenly to 0 where both are equal.

    The number is a skill, never seniority: in reverse mentoring the mentor is below in rank and has to be
    ahead in what is taught. Nobody loses points for being further ahead than `scale`, or further behind.
    """
    reach = _scale("skill_gap", scale, "the lead that gives all points")

    def share(levels: Floats) -> Floats:
        return np.minimum(1.0, (levels[None, :] - mentee.values[:, None]) / reach)

    return _by_levels(mentor, share, full, reach)


def hours(mentor: Zones, mentee: Zones, full: int, scale: float | None) -> Factors:
    """The share of a working day (9 to 17 o'clock local time) that both are at work."""
    zones = np.unique(mentor.minutes[mentor.answered])
    offers = _one_hot(mentor.minutes, zones) * mentor.answered[:, None]
    own, place = np.unique(mentee.minutes, return_inverse=True)
    table = [[minutes_in_common(zone, other) for zone in zones.tolist()] for other in own.tolist()]
    common = np.array(table, dtype=np.int64).reshape(len(own), len(zones))[place]
    # Rounded to the nearest point, halves up.
    points = (2 * full * common + WORKDAY_MINUTES) // (2 * WORKDAY_MINUTES)
    return offers, points * mentee.answered[:, None]


COMPARE: dict[Comparator, tuple[type[Feature], Callable[..., Factors]]] = {
    Comparator.COVERS: (ChoiceSets, covers),
    Comparator.OVERLAP: (ChoiceSets, overlap),
    Comparator.SAME: (Categories, same),
    Comparator.DIFFERENT: (Categories, different),
    Comparator.CLOSE: (Numbers, close),
    Comparator.RETURNS: (ChoiceSets, returns),
    Comparator.SKILL_GAP: (Numbers, skill_gap),
    Comparator.HOURS: (Zones, hours),
}


def _by_levels(mentor: Numbers, share_at: Callable[[Floats], Floats], full: int, scale: float) -> Factors:
    """`full` times a share of 0-1 between every mentee and each number that the mentors gave.

    Where these are more than 256 different numbers, they are rounded to a hundredth of the scale.
    """
    values = mentor.values.copy()
    levels = np.unique(values[mentor.answered])
    if len(levels) > EXACT_LEVELS:
        step = scale / LEVELS_PER_SCALE
        values = np.rint(values / step) * step
        levels = np.unique(values[mentor.answered])
    offers = (values[:, None] == levels[None, :]).astype(np.int64)
    share = share_at(levels)
    share = np.where(np.isnan(share), 0.0, np.maximum(0.0, share))
    return offers, np.rint(share * full).astype(np.int64)


def _scale(name: str, scale: float | None, meaning: str) -> float:
    if scale is None or not scale > 0:
        raise ValueError(f"{name}: needs a scale over 0, {meaning}")
    return scale


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
