"""From what was loaded to what is stored: the bridge to `matching.core`. No queries here.

Only the code that works a run off imports this module, because of numpy and scipy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from matching.core import HardRules, Problem
from matching.core.bars import Bar, opened
from matching.core.features import Categories, ChoiceSets, Feature, Numbers, Zones
from matching.core.rules import (
    listed_pairs,
    listed_people,
    must_differ,
    must_match,
    oneself,
    reporting_line,
)
from matching.core.scoring import Criterion, ScoreSheet
from matching.enums import Comparator, Rule
from matching.queries.inputs import CriterionInput, Inputs, SideInput
from matching.rules import FORBIDDEN_WORDS, Source
from mentoring.rules import NotAllowed

Ints = NDArray[np.int64]

LISTS = (Comparator.COVERS, Comparator.OVERLAP, Comparator.RETURNS)
# With more people on the smaller side, the points of all pairs are never written out.
FACTORS_FROM = 2500


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
    one: CriterionInput, inputs: Inputs, choices: dict[str, list[tuple[str, str]]]
) -> tuple[Feature, Feature]:
    sides = ((inputs.mentors, one.mentor_source), (inputs.mentees, one.mentee_source))
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
    return _categories(one, inputs)


def _categories(one: CriterionInput, inputs: Inputs) -> tuple[Categories, Categories]:
    sides = ((inputs.mentors, one.mentor_source), (inputs.mentees, one.mentee_source))
    texts = [_texts(side, source) for side, source in sides]
    known = sorted({text for row in texts for text in row if text})
    return Categories.from_values(texts[0], known), Categories.from_values(texts[1], known)


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
    """Hard rules, seats, the floor and rulings; NotAllowed names a kept pair that cannot be kept."""
    inputs = prepared.inputs
    mentors, mentees = inputs.mentors, inputs.mentees
    rules = hard_rules(inputs)
    options: dict[str, Any] = {
        "mentor_seats": np.array(mentors.seats, dtype=np.int64),
        "mentee_seats": np.array(mentees.seats, dtype=np.int64),
        "locked": _locked(inputs, rules),
        "mentor_ids": np.array(mentors.ids, dtype=np.int64),
        "mentee_ids": np.array(mentees.ids, dtype=np.int64),
        "floor": floor_points(prepared),
        "rules": rules,
    }
    if min(prepared.sheet.shape) >= FACTORS_FROM:
        return Problem.from_factors(*prepared.sheet.factors, **options)
    return Problem.from_scores(prepared.sheet.points, **options)


def floor_points(prepared: Prepared) -> int | None:
    """The lowest points that are shown as the lowest score asked for, which is a rounded one."""
    percent = prepared.inputs.options.get("floor")
    return None if not percent else ceil((percent - 0.5) * prepared.sheet.max_points / 100)


def hard_rules(inputs: Inputs) -> HardRules:
    """Everything that forbids, by name. A kept pair that overrides a rule is no case of that rule."""
    mentors, mentees = inputs.mentors, inputs.mentees
    shape = len(mentors.ids), len(mentees.ids)
    found: dict[str, Bar] = {Rule.SAME_PERSON.value: oneself(mentors.people, mentees.people)}
    if Rule.REPORTING_LINE in inputs.rules:
        found[Rule.REPORTING_LINE.value] = _reporting_line(inputs)
    if Rule.EXCLUSION in inputs.rules:
        found[Rule.EXCLUSION.value] = listed_people(inputs.excluded, mentors.people, mentees.people)
    for one in inputs.musts:
        forbid = must_differ if one.comparator == Comparator.MUST_DIFFER else must_match
        found[f"must:{one.key}"] = forbid(*(side.codes for side in _categories(one, inputs)))
    found["never"] = listed_pairs(_positions(inputs, inputs.never), *shape)
    found["paired_before"] = listed_pairs(_positions(inputs, inputs.paired), *shape)
    found["refused"] = listed_pairs(_positions(inputs, inputs.refused), *shape)
    rules = HardRules(*shape)
    for name, bar in found.items():
        ruled = [pair for pair, broken in inputs.overrides.items() if name in broken]
        excepted = listed_pairs(_positions(inputs, ruled), *shape)
        rules.forbid(name, opened(bar, excepted) if len(excepted.keys) else bar)
    return rules


def _reporting_line(inputs: Inputs) -> Bar:
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


def can_be_kept(inputs: Inputs) -> list[tuple[int, int]]:
    """Kept pairs that a run can still make: not made already, and nobody has said "not for me" since. Of
    that the champion learns no more than that one is left out: who it was stays with that person."""
    out = {*inputs.paired, *inputs.refused}
    considered = {*inputs.mentors.ids, *inputs.mentees.ids}
    return [pair for pair in inputs.keep if pair not in out and considered.issuperset(pair)]


def _locked(inputs: Inputs, rules: HardRules) -> list[tuple[int, int]]:
    locked = _positions(inputs, can_be_kept(inputs))
    labels = {f"must:{one.key}": one.label for one in inputs.musts}
    used: dict[tuple[str, int], int] = {}
    for row, column in locked:
        names = {"mentor": inputs.mentors.names[row], "mentee": inputs.mentees.names[column]}
        broken = rules.of_pair(row, column)
        if broken:
            raise NotAllowed(
                _("You keep %(mentor)s with %(mentee)s, but a rule forbids it: %(rule)s. Undo one of both.")
                % {**names, "rule": labels.get(broken[0]) or FORBIDDEN_WORDS[broken[0]]}
            )
        for side, name, index in ((inputs.mentors, "mentor", row), (inputs.mentees, "mentee", column)):
            used[name, index] = used.get((name, index), 0) + 1
            if used[name, index] > side.seats[index]:
                raise NotAllowed(
                    _("%(name)s is kept with more partners than there are seats for. Undo one of them.")
                    % {"name": names[name]}
                )
    return locked
