import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.core import Problem, solve
from matching.core.fairness import Group, best_worst_pair, group_report, raise_group
from tests.matching.core.test_assignment import problems
from tests.matching.core.test_repair import every_assignment


def test_group_report_counts_people_of_both_sides_and_each_of_their_pairs():
    scores = np.full((6, 6), 500)
    scores[0] = 1000
    problem = Problem.from_scores(scores, mentor_seats=[2, 1, 1, 1, 1, 0])
    pairs = [[0, 0], [0, 1], [1, 2], [2, 3], [3, 4]]
    told = group_report(problem, pairs, [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1], max_points=1000)
    assert told.others == 0
    assert [(one.code, one.people, one.placed, one.mean) for one in told.groups] == [
        # The mentor without a seat is not counted; the first one has two pairs of 100 %.
        (0, 5, 4, None),
        (1, 6, 5, 70.0),
    ]
    assert told.groups[1].low == pytest.approx(50.0)


def test_group_report_does_not_tell_of_fewer_than_five_people():
    problem = Problem.from_scores(np.full((12, 12), 300))
    pairs = np.column_stack([np.arange(12), np.arange(12)])
    mentors = [0] * 6 + [1] * 4 + [-1] * 2
    told = group_report(problem, pairs, mentors, [-1] * 12, max_points=300)
    assert told.groups == (Group(code=0, people=6, placed=6, mean=100.0, low=100.0),)
    assert told.others == 18


def test_group_report_hides_a_small_group_that_could_be_worked_out_from_the_rest():
    problem = Problem.from_scores(np.full((9, 9), 300))
    pairs = np.column_stack([np.arange(9), np.arange(9)])
    # Two people of code 2 would be what is missing from the total: six others go with them.
    told = group_report(problem, pairs, [0] * 9, [1] * 6 + [2] * 2 + [0], max_points=300)
    assert [(one.code, one.people) for one in told.groups] == [(0, 10)]
    assert told.others == 8


def test_group_report_with_wrong_codes_is_refused():
    with pytest.raises(ValueError, match="codes: must be a row of 2 whole numbers"):
        group_report(Problem.from_scores([[1], [1]]), [], [0], [0], max_points=1)


def test_raise_group_closes_the_gap_at_a_price():
    problem, group = Problem.from_scores([[40, 60], [100, 130]]), ([True, False], [False, False])
    assert solve(problem).pairs.tolist() == [[0, 0], [1, 1]]
    found = raise_group(problem, *group, within=30)
    assert found.pairs.tolist() == [[0, 1], [1, 0]]
    assert (found.reached, found.score, found.price) == (True, 160, 10)
    assert found.mean == (40.0, 60.0)
    assert found.others == (100.0, pytest.approx(86.67, abs=0.01))


def test_raise_group_that_is_near_enough_changes_nothing():
    found = raise_group(Problem.from_scores([[40, 60], [100, 130]]), [True, False], [False, False], within=60)
    assert (found.reached, found.score, found.price) == (True, 170, 0)


def test_raise_group_beyond_reach_comes_as_near_as_it_can():
    found = raise_group(Problem.from_scores([[1, 2], [90, 90]]), [True, False], [False, False], within=0)
    assert (found.reached, found.pairs.tolist()) == (False, [[0, 1], [1, 0]])


@settings(max_examples=60, deadline=None)
@given(problems(largest=3), st.integers(0, 63))
def test_raise_group_gives_up_no_pair_and_no_point_in_vain(options, members):
    problem = Problem.from_scores(**options)
    every = np.array([bool(members >> at & 1) for at in range(6)])
    sides = every[: problem.shape[0]], every[3 : 3 + problem.shape[1]]
    if not any(side.any() for side in sides):
        return
    found, plain = raise_group(problem, *sides, within=0), solve(problem)

    def theirs(pairs):
        return sum(int(problem.scores[i, j]) * (int(sides[0][i]) + int(sides[1][j])) for i, j in pairs)

    made = {tuple(pair) for pair in found.pairs.tolist()}
    best = [pairs for pairs in every_assignment(problem) if len(pairs) == len(plain.pairs)]
    assert made in best
    assert found.price == plain.score - found.score >= 0
    assert found.others[1] - found.mean[1] <= max(0, found.others[0] - found.mean[0])
    lowest = int(problem.scores.min())
    # Nothing is better for the group as a whole and for everybody together.
    shift = {pairs_key(pairs): lowest * members_of(sides, pairs) for pairs in best}
    own = theirs(made) - shift[pairs_key(made)]
    assert not any(
        problem.score_of(sorted(pairs)) > found.score and theirs(pairs) - shift[pairs_key(pairs)] >= own
        for pairs in best
    )


def pairs_key(pairs):
    return tuple(sorted(pairs))


def members_of(sides, pairs):
    return sum(int(sides[0][i]) + int(sides[1][j]) for i, j in pairs)


@pytest.mark.parametrize(
    ("group", "message"),
    [
        (([True], [False]), r"group: made for \(1, 1\), scores have \(2, 1\)"),
        (([False, False], [False]), "group: nobody is in it"),
    ],
)
def test_raise_group_names_what_is_wrong(group, message):
    with pytest.raises(ValueError, match=message):
        raise_group(Problem.from_scores([[1], [1]]), *group, within=0)


@settings(max_examples=80, deadline=None)
@given(
    problems(largest=3), st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=4, unique=True)
)
def test_best_worst_pair_after_pairs_that_stay_equals_brute_force(options, before):
    problem = Problem.from_scores(**options)
    locked = {tuple(pair) for pair in problem.locked.tolist()}
    eligible = problem.eligible()
    stay = {
        (i, j)
        for i, j in before
        if i < problem.shape[0] and j < problem.shape[1] and (eligible[i, j] or (i, j) in locked)
    }

    def worth(pairs):
        return (
            len(pairs),
            len(pairs & stay),
            min((int(problem.scores[one]) for one in pairs - locked), default=0),
        )

    index = np.array(sorted(stay), dtype=np.int64).reshape(-1, 2)
    found = best_worst_pair(problem, index)
    most = max(map(worth, every_assignment(problem)))
    assert most == max(map(worth, every_assignment(found)))
