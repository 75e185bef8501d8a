from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.core import Problem, solve
from matching.core.points import Raised
from matching.core.worst import best_worst_pair
from tests.matching.core.test_assignment import problems
from tests.matching.core.test_repair import every_assignment


@settings(max_examples=80, deadline=None)
@given(problems(largest=3))
def test_best_worst_pair_equals_brute_force(options):
    problem = Problem.from_scores(**options)
    locked = {tuple(pair) for pair in problem.locked.tolist()}

    def worth(pairs):
        free = [int(problem.scores[pair]) for pair in pairs - locked]
        return len(pairs), min(free, default=0), problem.score_of(sorted(pairs))

    found = solve(best_worst_pair(problem))
    assert worth({tuple(pair) for pair in found.pairs.tolist()}) == max(map(worth, every_assignment(problem)))
    assert found.proven_optimal


def test_best_worst_pair_gives_up_points_for_the_worst_off():
    problem = Problem.from_scores([[9, 4], [5, 1]])
    assert solve(problem).pairs.tolist() == [[0, 0], [1, 1]]
    assert solve(best_worst_pair(problem)).pairs.tolist() == [[0, 1], [1, 0]]


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


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(20, 60),
    st.integers(20, 60),
    st.sampled_from([0.05, 0.3, 1.0]),
    st.sampled_from([1, 3]),
)
def test_best_worst_pair_of_more_people_is_the_highest_floor_with_as_many_pairs(
    seed, mentors, mentees, density, seats
):
    random = np.random.default_rng(seed)
    factors = [random.integers(-3, 6, (people, 4)) for people in (mentors, mentees)]
    problem = Problem.from_factors(
        *factors,
        allowed=random.random((mentors, mentees)) < density,
        mentor_seats=random.integers(0, seats + 1, mentors),
        mentee_seats=random.integers(0, seats + 1, mentees),
        floor=random.choice([None, -5]),
    )
    if random.random() < 0.5:
        pairs = np.argwhere(random.random(problem.shape) < 0.02)
        raised = Raised.of(problem.points, pairs[:, 0], pairs[:, 1], random.integers(0, 100, len(pairs)))
        problem = replace(problem, points=raised)
    most = len(solve(problem).pairs)
    found = best_worst_pair(problem)
    if not most:
        assert found is problem
        return
    assert found.floor in problem.scores[problem.eligible()]
    assert len(solve(found).pairs) == most
    assert len(solve(replace(problem, floor=found.floor + 1)).pairs) < most


def test_best_worst_pair_tells_how_far_it_is_and_can_be_ended():
    random = np.random.default_rng(1)
    problem = Problem.from_scores(random.integers(0, 1000, (60, 60)))
    told = []
    best_worst_pair(problem, progress=lambda phase, share: told.append((phase, share)))
    assert {phase for phase, _share in told} == {"worst"}
    assert [share for _phase, share in told] == sorted(share for _phase, share in told)

    def cancelled(phase, share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        best_worst_pair(problem, progress=cancelled)


def test_best_worst_pair_is_not_lost_in_a_chain_of_ties():
    """What scipy has for most pairs takes time exponential in the depth of these (scipy issue 26147)."""
    people = np.arange(1, 1501)
    assert best_worst_pair(Problem.from_scores(np.outer(people, people))).floor == 1500
