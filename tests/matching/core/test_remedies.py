from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.core import HardRules, Problem, solve
from matching.core.remedies import Kind, remedies
from tests.matching.core.test_assignment import brute_force, problems


@st.composite
def with_rules(draw):
    options = draw(problems(largest=4))
    shape = options["scores"].shape
    rules = HardRules(*shape)
    for rule in ("line", "never"):
        cells = st.lists(st.sampled_from([False, False, True]), min_size=shape[0] * shape[1])
        mask = np.resize(np.array(draw(cells)), shape)
        for i, j in options["locked"]:
            mask[i, j] = False
        rules.forbid(rule, mask)
    return Problem.from_scores(**(options | {"allowed": None}), rules=rules)


def places(problem, side, person, pairs, kind, rule, partner):
    """Whether this change alone allows one more pair, by brute force; the others' pairs on the person's
    side are as many as they are."""
    line = (slice(None), person) if side else (person, slice(None))
    names = ("mentor_seats", "mentee_seats")
    own = np.bincount(pairs[:, side], minlength=problem.shape[side])
    own[person] = 1
    changed = replace(problem, **{names[side]: own})
    if kind == Kind.SEAT:
        seats = getattr(problem, names[1 - side]).copy()
        seats[partner] += 1
        return brute_force(replace(changed, **{names[1 - side]: seats}))[0] > len(pairs)
    mask = problem.eligible().copy()
    if kind == Kind.RULE:
        mask[line] |= problem.rules.forbidden_only_by(rule)[line]
        if problem.floor is not None:
            mask[line] &= problem.scores[line] >= problem.floor
    else:
        mask[line] = problem.allowed[line]
    return brute_force(replace(changed, mask=mask, floor=None, rules=None))[0] > len(pairs)


@settings(max_examples=80, deadline=None)
@given(with_rules())
def test_remedies_are_all_the_single_changes_that_place_somebody(problem):
    solution = solve(problem)
    for side, alone in enumerate((solution.unmatched_mentors, solution.unmatched_mentees)):
        for person in alone.tolist():
            told = {("mentee" if side else "mentor"): person}
            found = remedies(problem, solution, **told, seats_tried=9)
            assert [one.moved for one in found] == sorted(one.moved for one in found)
            changes = [(Kind.RULE, rule, None) for rule in problem.rules.names]
            changes += [(Kind.FLOOR, None, None)] if problem.floor is not None else []
            seats = problem.mentor_seats if side else problem.mentee_seats
            changes += [(Kind.SEAT, None, partner) for partner in np.flatnonzero(seats).tolist()]
            expected = {one for one in changes if places(problem, side, person, solution.pairs, *one)}
            assert {(one.kind, one.rule, one.partner) for one in found} == expected
            for one in found:
                pair = [one.meets, person] if side else [person, one.meets]
                assert pair in one.pairs.tolist()
                assert len(one.pairs) == len(solution.pairs) + 1


def test_remedies_smallest_first_with_figures():
    rules = HardRules(2, 3).forbid("line", np.array([[False, False, True], [False, False, False]]))
    problem = Problem.from_scores([[5, 4, 9], [4, 5, 1]], rules=rules)
    solution = solve(problem)
    assert solution.unmatched_mentees.tolist() == [2]
    found = remedies(problem, solution, mentee=2)
    assert [(one.kind, one.partner, one.meets, one.moved, one.points_gained) for one in found] == [
        (Kind.SEAT, 1, 1, 0, 1),
        (Kind.SEAT, 0, 1, 1, 0),
    ]


@pytest.mark.parametrize(
    ("person", "message"),
    [
        ({}, "remedies: give either a mentor or a mentee"),
        ({"mentor": 0}, "remedies: mentor at 0 has a pair or no seat"),
    ],
)
def test_remedies_for_nobody_or_somebody_with_a_pair_is_refused(person, message):
    problem = Problem.from_scores([[1]])
    with pytest.raises(ValueError, match=message):
        remedies(problem, solve(problem), **person)
