"""What forbids pairs, and what must stand: seats, rules, rulings, the floor. No queries, and no scipy."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from matching.core import HardRules, Problem
from matching.core.bars import Bar, opened
from matching.core.rules import (
    listed_pairs,
    listed_people,
    must_differ,
    must_match,
    oneself,
    reporting_line,
)
from matching.enums import Comparator, Rule
from matching.queries.inputs import Inputs
from matching.rules import FORBIDDEN_WORDS
from matching.solving.points import Prepared, categories
from mentoring.rules import NotAllowed

# With more people on the smaller side, the points of all pairs are never written out.
FACTORS_FROM = 2500


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
    percent = prepared.inputs.options.floor
    return None if not percent else ceil((percent - 0.5) * prepared.sheet.max_points / 100)


def hard_rules(inputs: Inputs) -> HardRules:
    """Everything that forbids, by name. A kept pair that overrides a rule is no case of that rule."""
    mentors, mentees = inputs.mentors, inputs.mentees
    shape = len(mentors.ids), len(mentees.ids)
    found: dict[str, Bar] = {Rule.SAME_PERSON.value: oneself(mentors.people, mentees.people)}
    if Rule.REPORTING_LINE in inputs.rules:
        found[Rule.REPORTING_LINE.value] = _reporting_line(inputs)
    if Rule.EARLIER_PARTNER in inputs.rules:
        found[Rule.EARLIER_PARTNER.value] = listed_people(inputs.earlier, mentors.people, mentees.people)
    if Rule.EXCLUSION in inputs.rules:
        found[Rule.EXCLUSION.value] = listed_people(inputs.excluded, mentors.people, mentees.people)
    for one in inputs.musts:
        forbid = must_differ if one.comparator == Comparator.MUST_DIFFER else must_match
        found[f"must:{one.key}"] = forbid(*(side.codes for side in categories(one, inputs)))
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
