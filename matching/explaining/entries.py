"""Why a pair has its points, as plain JSON: one entry a criterion. Needs numpy only: pages use it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.core.hours import hours_in_common
from matching.enums import Comparator
from matching.queries.inputs import Inputs, SideInput
from matching.rules import OPEN_ATTRIBUTES, Source
from matching.run_settings import CriterionSetting
from matching.solving import LISTS, Prepared

Ints = NDArray[np.int64]
Entry = dict[str, Any]

SHARED_AT_MOST = 40


def contributions(prepared: Prepared, pairs: Ints) -> list[list[Entry]]:
    """For each pair, one entry a criterion; they sum to the pair's points. Criteria that read a sensitive
    answer, or a roster attribute beyond the open ones, are one entry without words. What has no points
    comes last: picks, and the rules that keeping this pair overrides."""
    found = prepared.sheet.contributions(pairs)
    inputs = prepared.inputs
    texts = {one.key: _words(prepared, one, pairs) for one in inputs.criteria}
    private = [confidential(one, inputs) for one in inputs.criteria]
    beside = _Beside(inputs)
    rows = []
    for index, (mentor, mentee) in enumerate(pairs.tolist()):
        row: list[Entry] = []
        hidden, hidden_full = {"weight": 0, "points": 0}, 0
        for column, one in enumerate(inputs.criteria):
            points, full = int(found.points[index, column]), prepared.sheet.criteria[column].full
            if private[column]:
                hidden["weight"] += one.weight
                hidden["points"] += points
                hidden_full += full
                continue
            row.append(
                {
                    "key": one.key,
                    "label": one.label,
                    "comparator": one.comparator,
                    "weight": one.weight,
                    "points": points,
                    "percent": round(float(found.percent[index, column])),
                    "state": _state(
                        bool(found.mentor_answered[index, column]), bool(found.mentee_answered[index, column])
                    ),
                    **texts[one.key](index),
                }
            )
        if hidden_full:
            percent = round(100 * hidden["points"] / hidden_full)
            row.append({"key": "confidential", "label": "", "state": "private", **hidden, "percent": percent})
        rows.append(row + beside.of(inputs.mentors.ids[mentor], inputs.mentees.ids[mentee]))
    return rows


class _Beside:
    """What is told of a pair beside its points."""

    def __init__(self, inputs: Inputs) -> None:
        self.ranks = {
            (chooser, partner): rank
            for chooser, partners in inputs.picks.items()
            for rank, partner in enumerate(partners, start=1)
        }
        self.overrides = inputs.overrides

    def of(self, mentor: int, mentee: int) -> list[Entry]:
        row: list[Entry] = []
        ranks = {"mentor": self.ranks.get((mentor, mentee)), "mentee": self.ranks.get((mentee, mentor))}
        if any(ranks.values()):
            row.append({"key": "picks", "state": "picks", **ranks})
        if rules := self.overrides.get((mentor, mentee)):
            row.append({"key": "override", "state": "override", "rules": rules})
        return row


def _state(mentor: bool, mentee: bool) -> str:
    """Who answered: the points of a pair in which somebody did not are the average, so nobody gains."""
    if mentor and mentee:
        return "answered"
    if mentor or mentee:
        return "mentee_silent" if mentor else "mentor_silent"
    return "both_silent"


def confidential(one: CriterionSetting, inputs: Inputs) -> bool:
    def of(source: Source) -> bool:
        if source.is_question:
            return any(key in inputs.sensitive for key in source.keys)
        return source.keys[0] not in OPEN_ATTRIBUTES

    return any(of(source) for source in one.sources)


def _words(prepared: Prepared, one: CriterionSetting, pairs: Ints) -> Callable[[int], Entry]:
    """What can be named of each pair: `shared` and `wanted` labels, or both sides' values, and of time
    zones the working `hours` in common."""
    inputs = prepared.inputs
    if one.comparator in LISTS:
        labels = [_choice_label(one, inputs, choice) for choice in prepared.choices[one.key]]
        shared = prepared.sheet.shared_choices(one.key, pairs)
        criterion: Any = prepared.sheet.criterion(one.key)
        wanting = (
            criterion.mentor_feature.chosen[pairs[:, 0]]
            if one.comparator == Comparator.RETURNS
            else criterion.mentee_feature.chosen[pairs[:, 1]]
        )
        wanted = wanting.sum(axis=1)
        return lambda index: {
            "shared": [labels[choice] for choice in shared[index]][:SHARED_AT_MOST],
            "wanted": int(wanted[index]),
        }
    own, source = one.sources
    mentor, mentee = _values(inputs.mentors, own, inputs), _values(inputs.mentees, source, inputs)
    subject = _subject(source, inputs)

    def values(index: int) -> Entry:
        left, right = mentor[pairs[index, 0]], mentee[pairs[index, 1]]
        told = {
            "subject": subject,
            "attribute": "" if source.is_question else source.keys[0],
            "mentor_value": left,
            "mentee_value": right,
        }
        if one.comparator == Comparator.HOURS:
            told["hours"] = hours_in_common(left, right, inputs.on)
        return told

    return values


def _choice_label(one: CriterionSetting, inputs: Inputs, choice: tuple[str, str]) -> str:
    position, key = choice
    for source in reversed(one.sources):
        if source.is_question and int(position) < len(source.keys):
            label = inputs.labels.get((source.keys[int(position)], key))
            if label:
                return label
    return key


def _subject(source: Source, inputs: Inputs) -> str:
    return inputs.questions.get(source.keys[0], source.keys[0]) if source.is_question else ""


def _values(side: SideInput, source: Source, inputs: Inputs) -> list[str]:
    """Each one's answer as text, "" for none."""
    if not source.is_question:
        return [str(value) if value not in (None, "") else "" for value in side.values[source.keys[0]]]
    key = source.keys[0]
    numbers, choices = side.features.numbers.get(key, {}), side.features.choices.get(key, {})
    return [
        f"{numbers[pk]:g}"
        if pk in numbers
        else ", ".join(inputs.labels.get((key, choice), choice) for choice in choices.get(pk, ()))
        for pk in side.ids
    ]


@dataclass(frozen=True)
class Learning:
    """By pair: whether there is nothing to learn, and whether the mentee had named something."""

    nothing: NDArray[np.bool_]
    named: NDArray[np.bool_]


def learn(prepared: Prepared, pairs: Ints) -> Learning | None:
    """Over all `covers` criteria together; None where the cohort has none."""
    shared = np.zeros(len(pairs), dtype=bool)
    named = np.zeros(len(pairs), dtype=bool)
    criteria: list[Any] = [one for one in prepared.sheet.criteria if one.comparator == Comparator.COVERS]
    for one in criteria:
        named |= one.mentee_feature.answered[pairs[:, 1]]
        both = one.mentor_feature.chosen[pairs[:, 0]] & one.mentee_feature.chosen[pairs[:, 1]]
        shared |= both.any(axis=1)
    return Learning(~shared, named) if criteria else None
