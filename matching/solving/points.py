"""Answers and roster attributes as points of all pairs. No queries here, and no scipy: pages use it, too."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.core.features import Categories, ChoiceSets, Feature, Numbers, Zones
from matching.core.scoring import Criterion, ScoreSheet
from matching.enums import Comparator
from matching.queries.inputs import Inputs, SideInput
from matching.rules import Source
from matching.run_settings import CriterionSetting

LISTS = (Comparator.COVERS, Comparator.OVERLAP, Comparator.RETURNS)


@dataclass(frozen=True)
class Prepared:
    """Everybody's points, and by criterion the choices behind its columns: (position of the question in
    the source, choice key). `scales`: by criterion, how far apart its numbers are over the whole cohort."""

    inputs: Inputs
    sheet: ScoreSheet
    choices: dict[str, list[tuple[str, str]]]
    scales: dict[str, float]


def score(inputs: Inputs, scales: Mapping[str, float] | None = None) -> Prepared:
    """The points of all pairs. `scales` are the whole cohort's, where `inputs` hold only a few people."""
    choices: dict[str, list[tuple[str, str]]] = {}
    spread: dict[str, float] = {}
    criteria = []
    for one in inputs.criteria:
        mentor, mentee = _features(one, inputs, choices)
        if isinstance(mentor, Numbers) and isinstance(mentee, Numbers):
            spread[one.key] = (scales or {}).get(one.key) or _spread(mentor, mentee)
        scale = spread.get(one.key)
        criteria.append(Criterion(one.key, one.comparator, one.weight, mentor, mentee, scale=scale))
    sheet = ScoreSheet(criteria, len(inputs.mentors.ids), len(inputs.mentees.ids))
    return Prepared(inputs, sheet, choices, spread)


def _features(
    one: CriterionSetting, inputs: Inputs, choices: dict[str, list[tuple[str, str]]]
) -> tuple[Feature, Feature]:
    sides = tuple(zip((inputs.mentors, inputs.mentees), one.sources, strict=True))
    if one.comparator in LISTS:
        left, right = (_chosen(side, source) for side, source in sides)
        known = sorted({choice for row in (*left, *right) for choice in row})
        choices[one.key] = known
        return ChoiceSets.from_lists(left, known), ChoiceSets.from_lists(right, known)
    if one.comparator in (Comparator.CLOSE, Comparator.SKILL_GAP):
        mentor, mentee = (Numbers.of(_numbers(side, source)) for side, source in sides)
        return mentor, mentee
    if one.comparator == Comparator.HOURS:
        zones = [[str(value or "") for value in side.values[source.keys[0]]] for side, source in sides]
        return Zones.of(zones[0], inputs.on), Zones.of(zones[1], inputs.on)
    return categories(one, inputs)


def categories(one: CriterionSetting, inputs: Inputs) -> tuple[Categories, Categories]:
    """One value a person on both sides, by the same codes."""
    return categories_of(inputs, *one.sources)


def categories_of(inputs: Inputs, mentor: Source, mentee: Source) -> tuple[Categories, Categories]:
    sides = ((inputs.mentors, mentor), (inputs.mentees, mentee))
    values = [texts(side, source) for side, source in sides]
    known = sorted({text for row in values for text in row if text})
    return Categories.from_values(values[0], known), Categories.from_values(values[1], known)


def _spread(mentor: Numbers, mentee: Numbers) -> float:
    together = np.concatenate([mentor.values, mentee.values])
    known = together[~np.isnan(together)]
    return max(float(np.ptp(known)), 1.0) if len(known) else 1.0


def _chosen(side: SideInput, source: Source) -> list[list[tuple[str, str]]]:
    """Choices as (position of the question in the source, choice key): mirrored questions whose keys
    differ on the two sides are still compared one by one."""
    if not source.is_question:
        return [[("0", str(value))] if value else [] for value in side.values[source.keys[0]]]
    rows: list[list[tuple[str, str]]] = [[] for _participant in side.ids]
    for position, key in enumerate(source.keys):
        answers = side.features.choices.get(key, {})
        for row, participant in zip(rows, side.ids, strict=True):
            row.extend((str(position), choice) for choice in answers.get(participant, ()))
    return rows


def texts(side: SideInput, source: Source) -> list[str]:
    """One comparable text a person: a choice's key, several joined, or a roster attribute in lower case."""
    if source.is_question:
        return ["+".join(choice for _key, choice in row) for row in _chosen(side, source)]
    return [str(value or "").strip().casefold() for value in side.values[source.keys[0]]]


def _numbers(side: SideInput, source: Source) -> list[float]:
    if source.is_question:
        answers = side.features.numbers.get(source.keys[0], {})
        return [answers.get(participant, float("nan")) for participant in side.ids]
    return [_number(value) for value in side.values[source.keys[0]]]


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return float("nan")
    return number if np.isfinite(number) else float("nan")
