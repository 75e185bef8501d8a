"""From what was loaded to what is stored: the bridge to `matching.core`. No queries here.

Only the code that works a run off imports this module, because of numpy and scipy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from matching.core import HardRules, Problem
from matching.core.features import Categories, ChoiceSets, Feature, Numbers
from matching.core.rules import listed_people, oneself, reporting_line
from matching.core.scoring import Criterion, ScoreSheet
from matching.enums import Comparator, Rule
from matching.queries.inputs import CriterionInput, Inputs, SideInput
from matching.rules import FORBIDDEN_WORDS, Source
from mentoring.rules import NotAllowed

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Prepared:
    """Everybody's points, and by criterion the choices behind its columns: (position of the question in
    the source, choice key)."""

    inputs: Inputs
    sheet: ScoreSheet
    choices: dict[str, list[tuple[str, str]]]


def score(inputs: Inputs) -> Prepared:
    """The points of all pairs."""
    choices: dict[str, list[tuple[str, str]]] = {}
    criteria = []
    for one in inputs.criteria:
        mentor, mentee, scale = _features(one, inputs, choices)
        criteria.append(Criterion(one.key, one.comparator, one.weight, mentor, mentee, scale=scale))
    sheet = ScoreSheet(criteria, len(inputs.mentors.ids), len(inputs.mentees.ids))
    return Prepared(inputs, sheet, choices)


def _features(
    one: CriterionInput, inputs: Inputs, choices: dict[str, list[tuple[str, str]]]
) -> tuple[Feature, Feature, float | None]:
    sides = ((inputs.mentors, one.mentor_source), (inputs.mentees, one.mentee_source))
    if one.comparator in (Comparator.COVERS, Comparator.OVERLAP):
        left, right = (_chosen(side, source) for side, source in sides)
        known = sorted({choice for row in (*left, *right) for choice in row})
        choices[one.key] = known
        return ChoiceSets.from_lists(left, known), ChoiceSets.from_lists(right, known), None
    if one.comparator == Comparator.CLOSE:
        numbers = [Numbers.of(_numbers(side, source)) for side, source in sides]
        together = np.concatenate([numbers[0].values, numbers[1].values])
        spread = float(np.nanmax(together) - np.nanmin(together)) if (~np.isnan(together)).any() else 0.0
        return numbers[0], numbers[1], max(spread, 1.0)
    texts = [_texts(side, source) for side, source in sides]
    known_texts = sorted({text for row in texts for text in row if text})
    return (
        Categories.from_values(texts[0], known_texts),
        Categories.from_values(texts[1], known_texts),
        None,
    )


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


def _texts(side: SideInput, source: Source) -> list[str]:
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


def restrict(prepared: Prepared) -> Problem:
    """Hard rules, seats and rulings; NotAllowed names a kept pair that cannot be kept."""
    inputs = prepared.inputs
    mentors, mentees = inputs.mentors, inputs.mentees
    rules = HardRules(len(mentors.ids), len(mentees.ids))
    rules.forbid(Rule.SAME_PERSON.value, oneself(mentors.people, mentees.people))
    if Rule.REPORTING_LINE in inputs.rules:
        rules.forbid(Rule.REPORTING_LINE.value, _reporting_line(inputs))
    if Rule.EXCLUSION in inputs.rules:
        rules.forbid(Rule.EXCLUSION.value, listed_people(inputs.excluded, mentors.people, mentees.people))
    rules.forbid("never", _mask(inputs, inputs.never))
    rules.forbid("paired_before", _mask(inputs, inputs.paired))
    return Problem.from_scores(
        prepared.sheet.points,
        mentor_seats=np.array(mentors.seats, dtype=np.int64),
        mentee_seats=np.array(mentees.seats, dtype=np.int64),
        locked=_locked(inputs, rules),
        mentor_ids=np.array(mentors.ids, dtype=np.int64),
        mentee_ids=np.array(mentees.ids, dtype=np.int64),
        rules=rules,
    )


def _reporting_line(inputs: Inputs) -> NDArray[np.bool_]:
    people = list(inputs.managers)
    place = {person: index for index, person in enumerate(people)}
    managers = [place.get(manager, -1) if manager else -1 for manager in inputs.managers.values()]
    sides = ([place.get(person, -1) for person in side.people] for side in (inputs.mentors, inputs.mentees))
    left, right = (np.array(side, dtype=np.int64) for side in sides)
    return reporting_line(np.array(managers, dtype=np.int64), left, right)


def _positions(inputs: Inputs, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pairs of participants as positions; those in which somebody is not considered are left out."""
    mentor = {pk: index for index, pk in enumerate(inputs.mentors.ids)}
    mentee = {pk: index for index, pk in enumerate(inputs.mentees.ids)}
    return [(mentor[a], mentee[b]) for a, b in pairs if a in mentor and b in mentee]


def _mask(inputs: Inputs, pairs: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    mask = np.zeros((len(inputs.mentors.ids), len(inputs.mentees.ids)), dtype=bool)
    for row, column in _positions(inputs, pairs):
        mask[row, column] = True
    return mask


def _locked(inputs: Inputs, rules: HardRules) -> list[tuple[int, int]]:
    paired = set(inputs.paired)
    locked = _positions(inputs, [pair for pair in inputs.keep if pair not in paired])
    used: dict[tuple[str, int], int] = {}
    for row, column in locked:
        names = {"mentor": inputs.mentors.names[row], "mentee": inputs.mentees.names[column]}
        broken = rules.of_pair(row, column)
        if broken:
            raise NotAllowed(
                _("You keep %(mentor)s with %(mentee)s, but a rule forbids it: %(rule)s. Undo one of both.")
                % {**names, "rule": FORBIDDEN_WORDS[broken[0]]}
            )
        for side, name, index in ((inputs.mentors, "mentor", row), (inputs.mentees, "mentee", column)):
            used[name, index] = used.get((name, index), 0) + 1
            if used[name, index] > side.seats[index]:
                raise NotAllowed(
                    _("%(name)s is kept with more partners than there are seats for. Undo one of them.")
                    % {"name": names[name]}
                )
    return locked
