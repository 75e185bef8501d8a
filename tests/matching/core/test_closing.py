from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching.core import Problem
from matching.core.closing import Raise, Weight
from matching.core.objective import Marks
from matching.core.picks import Picks, with_picks
from matching.core.points import Raised, Table
from matching.core.program import solve_program
from matching.core.share import Share
from matching.core.verify_program import check_program
from tests.matching.core.test_assignment import problems
from tests.matching.core.test_program import in_strict_order, options_of, programs
from tests.matching.core.test_repair import every_assignment


def group(mentors, mentees, within):
    return Raise(np.array(mentors, dtype=bool), np.array(mentees, dtype=bool), within)


def test_group_is_raised_at_a_price():
    problem, raised = Problem.from_scores([[40, 60], [100, 130]]), group([1, 0], [0, 0], 30)
    assert solve_program(problem).pairs.tolist() == [[0, 0], [1, 1]]
    found = solve_program(problem, raised=raised)
    assert found.pairs.tolist() == [[0, 1], [1, 0]]
    assert (found.proven, found.score, found.upper_bound) == (True, 160, 160)
    assert (found.closer.reached, found.closer.least, found.closer.price) == (True, True, 10)
    assert found.closer.mean == (40.0, 60.0)
    assert found.closer.others == (pytest.approx(100.0), pytest.approx(86.67, abs=0.01))
    # Half as many again for mentor 0, and a 64th more, is the least at which 60 + 100 are ahead of 40 + 130.
    assert found.closer.weight == Weight(64, 33)
    assert check_program(problem, found, raised=raised) == []


def test_group_that_is_near_enough_changes_nothing():
    found = solve_program(
        Problem.from_scores([[40, 60], [100, 130]]), raised=group([True, False], [False, False], 60)
    )
    assert (found.closer.reached, found.score, found.closer.price) == (True, 170, 0)
    assert found.closer.weight == Weight(1, 0)


def test_group_beyond_reach_comes_as_near_as_it_can():
    found = solve_program(
        Problem.from_scores([[1, 2], [90, 90]]), raised=group([True, False], [False, False], 0)
    )
    assert (found.closer.reached, found.pairs.tolist()) == (False, [[0, 1], [1, 0]])


def test_group_that_everybody_is_in_has_no_gap():
    found = solve_program(Problem.from_scores([[1, 2]]), raised=group([True], [True, True], 0))
    assert (found.closer.mean, found.closer.others) == ((2.0, 2.0), (2.0, 2.0))


def test_group_comes_after_picks_and_who_waited():
    problem, raised = Problem.from_scores([[40, 60], [100, 130]]), group([1, 0], [0, 0], 30)
    picked = solve_program(problem, raised=raised, picks=Picks(mentors={0: [0]}))
    assert picked.pairs.tolist() == [[0, 0], [1, 1]]
    assert (picked.closer.reached, picked.proven) == (False, True)
    problem = Problem.from_scores([[40], [100]])
    assert solve_program(problem, raised=group([1, 0], [0], 0)).pairs.tolist() == [[1, 0]]
    waited = solve_program(problem, raised=group([0, 1], [0], 0), priority=([0], []))
    assert waited.pairs.tolist() == [[0, 0]]


@st.composite
def raises(draw, shape):
    members = [draw(st.lists(st.booleans(), min_size=size, max_size=size)) for size in shape]
    assume(any(map(any, members)))
    return group(*members, draw(st.sampled_from([0, 1, 50])))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_solve_program_that_raises_a_group_equals_brute_force(data):
    problem, asked = data.draw(programs())
    raised, asked["share"] = data.draw(raises(problem.shape)), None
    found = solve_program(problem, raised=raised, **options_of(problem, asked))
    closer = found.closer
    chosen, worth_of = in_strict_order(problem, asked, found.floor)
    lowest = min(0, int(problem.scores.min()))
    members = raised.mentors[:, None].astype(int) + raised.mentees[None, :]
    was = set(asked["before"] or ())
    levels = np.zeros(problem.shape, dtype=np.int64)
    if asked["picks"] is not None:
        flat = replace(problem, points=Table(levels), floor=None)
        levels = with_picks(flat, asked["picks"]).scores

    def worth(pairs, weight):
        points = sum(
            int(problem.scores[one]) * weight.once
            + (int(problem.scores[one]) - lowest) * int(members[one]) * weight.more
            for one in pairs
        )
        points += (asked["price_per_move"] or 0) * weight.once * len(pairs & was)
        return (*worth_of(pairs)[:4], sum(int(levels[one]) for one in pairs), points)

    made = set(map(tuple, found.pairs.tolist()))
    every = list(every_assignment(chosen))
    assert worth(made, closer.weight) == max(worth(pairs, closer.weight) for pairs in every)
    assert found.proven
    assert found.upper_bound == found.score == problem.score_of(found.pairs)
    before = set(map(tuple, closer.without[1].pairs.tolist()))
    assert worth(before, Weight(1, 0)) == max(worth(pairs, Weight(1, 0)) for pairs in every)
    assert closer.price == problem.score_of(sorted(before)) - found.score
    gaps = [raised.gap(problem, one.pairs) for one in (closer.without[1], found.solution)]
    assert closer.reached == (gaps[1] <= raised.within)
    assert gaps[1] <= max(raised.within, gaps[0])
    assert check_program(problem, found, picks=asked["picks"], raised=raised) == []
    if len(found.pairs) and not asked["priority"][0] and not asked["priority"][1]:
        price = found.price(problem, *map(int, found.pairs[0]))
        assert (price.pairs_lost, price.points_lost, price.moved) == (0, 0, 0)


@settings(max_examples=60, deadline=None)
@given(problems(largest=3), st.integers(1, 63))
def test_group_is_raised_for_no_pair_and_no_point_in_vain(options, bits):
    problem = Problem.from_scores(**options)
    every = np.array([bool(bits >> at & 1) for at in range(6)])
    sides = every[: problem.shape[0]], every[3 : 3 + problem.shape[1]]
    assume(sides[0].any() or sides[1].any())
    found = solve_program(problem, raised=group(*sides, 0))
    lowest = min(0, int(problem.scores.min()))

    def theirs(pairs):
        return sum(
            (int(problem.scores[i, j]) - lowest) * (int(sides[0][i]) + int(sides[1][j])) for i, j in pairs
        )

    made = {tuple(pair) for pair in found.pairs.tolist()}
    best = [pairs for pairs in every_assignment(problem) if len(pairs) == len(made)]
    assert made in best
    # Nothing is better for the group as a whole and for everybody together.
    assert not any(
        problem.score_of(sorted(pairs)) > found.score and theirs(pairs) >= theirs(made) for pairs in best
    )


def test_weight_on_factors_is_the_same_as_on_a_table():
    random = np.random.default_rng(7)
    problem = Problem.from_factors(random.integers(-3, 5, (6, 4)), random.integers(-3, 5, (5, 4)))
    pairs = np.array([[0, 1], [3, 2]])
    for members in ([1, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]), ([0, 1, 0, 0, 1], [0, 0, 0, 0, 0]):
        raised = group([1, 0, 1, 0, 0, 0], members[0][:5], 0)
        for points in (problem.points, Raised.of(problem.points, pairs[:, 0], pairs[:, 1], np.array([3, 4]))):
            every = np.arange(6)
            one, two = (Weight(64, 33).put_on(made, raised) for made in (points, Table(points.whole(every))))
            assert one.whole(every).tolist() == two.whole(every).tolist()


def test_group_in_a_problem_of_factors_is_proven_by_candidates():
    random = np.random.default_rng(3)
    factors = random.integers(0, 9, (80, 5)), random.integers(0, 9, (90, 5))
    raised = group([1] * 12 + [0] * 68, [0] * 90, 1)
    factors[0][:12] //= 2
    for given_ in (Problem.from_factors(*factors, floor=20), Problem.from_scores(factors[0] @ factors[1].T)):
        found = solve_program(given_, raised=raised)
        assert (found.proven, found.closer.weight.more > 0) == (True, True)
        assert found.closer.mean[1] > found.closer.mean[0]
        assert check_program(given_, found, raised=raised) == []


def test_group_out_of_time_is_not_proven():
    scores = np.random.default_rng(3).integers(0, 99, (40, 40))
    scores[:9] //= 2
    problem, raised = Problem.from_scores(scores), group([1] * 9 + [0] * 31, [0] * 40, 0)
    whole = solve_program(problem, raised=raised)
    assert (whole.proven, whole.closer.weight.more > 0) == (True, True)
    found = solve_program(problem, raised=raised, budget_seconds=0)
    assert (found.closer.least, found.proven) == (False, False)
    assert check_program(problem, found, raised=raised) == []


def test_progress_rises_while_a_group_is_raised():
    told = []
    problem, raised = Problem.from_scores([[40, 60], [100, 130]]), group([1, 0], [0, 0], 30)
    solve_program(problem, raised=raised, progress=lambda phase, share: told.append((phase, share)))
    assert {phase for phase, _share in told} == {"raise"}
    shares = [share for _phase, share in told]
    assert shares == sorted(shares)
    assert shares[-1] < 1


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: group([0], [0], 0), "group: nobody is in it"),
        (lambda: group([1], [0], -1), "group: -1 is not a number of points from 0"),
        (lambda: Raise(np.array([1]), np.array([0]), 1), "group: must be true or false"),
    ],
)
def test_raise_names_what_is_wrong(made, message):
    with pytest.raises(ValueError, match=message):
        made()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"raised": group([1, 0], [0], 0)}, r"group: made for \(2, 1\), scores have \(1, 1\)"),
        (
            {"raised": group([1], [0], 0), "stable": True},
            "group: cannot be raised with a share",
        ),
        (
            {"raised": group([1], [0], 0), "share": Share(Marks.that_differ([0], [1]), 10)},
            "group: cannot be raised with a share",
        ),
    ],
)
def test_solve_program_names_what_is_wrong_with_a_group(options, message):
    with pytest.raises(ValueError, match=message):
        solve_program(Problem.from_scores([[1]]), **options)


def test_weights_beyond_exact_range_are_refused():
    problem = Problem.from_scores(np.array([[40, 60], [100, 130]]) * 10**12)
    assert solve_program(problem).proven
    with pytest.raises(ValueError, match="exact range"):
        solve_program(problem, raised=group([1, 0], [0, 0], 30))


PROBLEM, RAISED = Problem.from_scores([[40, 60], [100, 130]]), group([1, 0], [0, 0], 30)
PROGRAM = solve_program(PROBLEM, raised=RAISED)
PLAIN = solve_program(PROBLEM)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"mean": (41.0, 60.0)}, "group: says 41.0 and 100.0 for all others, the pairs have 40.0 and 100.0"),
        ({"others": (100.0, 70.0)}, "group: says 60.0 and 70.0 for all others"),
        ({"reached": False}, "group: whether it is near enough"),
        ({"price": 11}, "group: the price is 10, the answer says 11"),
        ({"weight": Weight(64, 34)}, "group: points are not weighed by 64 and 34 more"),
        ({"without": (PROGRAM.weighed, PLAIN.solution)}, "without the weight: score"),
        ({"without": (PLAIN.weighed, PROGRAM.solution)}, "without the weight: score"),
    ],
)
def test_check_program_wrong_group_is_told(change, fault):
    wrong = replace(PROGRAM, closer=replace(PROGRAM.closer, **change))
    faults = check_program(PROBLEM, wrong, raised=RAISED)
    assert any(one.startswith(fault) for one in faults), faults


def test_check_program_group_that_was_not_asked_for_is_told():
    fault = "group: raised without having been asked for, or the other way round"
    assert check_program(PROBLEM, PROGRAM) == [fault]
    assert check_program(PROBLEM, PLAIN, raised=RAISED) == [fault]


def test_means_are_compared_as_fractions():
    problem, raised = Problem.from_scores([[1, 0], [0, 3]]), group([1, 0], [0, 0], 0)
    pairs = np.array([[0, 0], [1, 1]])
    assert raised.means(problem, pairs) == (Fraction(1), Fraction(7, 3))
