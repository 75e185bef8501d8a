import numpy as np
from hypothesis import given, settings

from matching.core import HardRules, Problem, solve
from matching.core.explain import Cause, why_unmatched
from tests.matching.core.test_assignment import problems


def test_why_unmatched_no_allowed_partner_counts_per_rule():
    rules = HardRules(2, 3).forbid("line", [[False] * 3, [True, True, False]])
    rules.forbid("exclusion", [[False] * 3, [False, True, False]])
    allowed = np.array([[True] * 3, [True] * 3])
    problem = Problem.from_scores(np.ones((2, 3), int), allowed, rules=rules, mentee_seats=[1, 1, 0])
    (found,) = [one for one in why_unmatched(problem, solve(problem)) if one.side == "mentor"]
    assert (found.index, found.cause) == (1, Cause.NO_ALLOWED_PARTNER)
    assert found.forbidden == {"line": 2, "exclusion": 1, "no_seat": 1}
    assert (found.allowed_partners, found.best_score) == (0, None)


def test_why_unmatched_forbidden_without_a_rule_is_counted_too():
    problem = Problem.from_scores([[1, 1]], allowed=[[True, False]])
    (found,) = why_unmatched(problem, solve(problem))
    assert (found.side, found.index, found.cause, found.forbidden) == (
        "mentee",
        1,
        Cause.NO_ALLOWED_PARTNER,
        {"forbidden": 1},
    )


def test_why_unmatched_under_the_floor_tells_the_best_score():
    problem = Problem.from_scores([[9, 3], [2, 4]], floor=5)
    found = {one.side: one for one in why_unmatched(problem, solve(problem))}
    assert found["mentor"].cause == found["mentee"].cause == Cause.UNDER_FLOOR
    assert (found["mentor"].best_score, found["mentor"].allowed_partners) == (4, 2)


def test_why_unmatched_competition_names_the_set_and_its_seats():
    # Mentors 0, 1, 2 can only have mentees 0 and 1; mentor 3 has mentee 2 to himself.
    allowed = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=bool)
    problem = Problem.from_scores(np.ones((4, 3), int), allowed)
    (found,) = why_unmatched(problem, solve(problem))
    assert found.cause == Cause.COMPETITION
    assert (found.rivals, found.partners, found.partner_seats) == ((0, 1, 2), (0, 1), 2)


@settings(max_examples=100, deadline=None)
@given(problems(largest=5))
def test_why_unmatched_any_problem_proves_the_cause(options):
    problem = Problem.from_scores(**options)
    solution = solve(problem)
    taken = [np.bincount(solution.pairs[:, side], minlength=problem.shape[side]) for side in (0, 1)]
    locked = {tuple(pair) for pair in problem.locked.tolist()}
    made = {tuple(pair) for pair in solution.pairs.tolist()} - locked
    found = why_unmatched(problem, solution)
    assert [one.index for one in found if one.side == "mentor"] == solution.unmatched_mentors.tolist()
    assert [one.index for one in found if one.side == "mentee"] == solution.unmatched_mentees.tolist()
    for one in found:
        if one.cause != Cause.COMPETITION:
            assert (one.rivals, one.partners) == ((), ())
            continue
        other = 1 if one.side == "mentor" else 0
        seats = problem.mentee_seats if other else problem.mentor_seats
        assert one.index in one.rivals
        for partner in one.partners:
            assert taken[other][partner] == seats[partner]
            holders = {pair[1 - other] for pair in made if pair[other] == partner}
            assert holders <= set(one.rivals)
        for rival in one.rivals:
            for partner in range(problem.shape[other]):
                pair = (rival, partner) if other else (partner, rival)
                if problem.eligible()[pair] and seats[partner] and pair not in made and pair not in locked:
                    assert partner in one.partners
