from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.core import Problem, solve
from matching.core.price import _forcing, price_of_pair, prices_of
from tests.matching.core.test_assignment import problems


@settings(max_examples=80, deadline=None)
@given(problems(largest=5))
def test_price_of_every_pair_equals_solving_anew(options):
    problem = Problem.from_scores(**options)
    solution = solve(problem)
    made = {tuple(pair) for pair in solution.pairs.tolist()}
    for mentor in range(problem.shape[0]):
        for mentee in range(problem.shape[1]):
            price = price_of_pair(problem, solution, mentor, mentee)
            full = (problem.locked[:, 0] == mentor).sum() >= problem.mentor_seats[mentor]
            full |= (problem.locked[:, 1] == mentee).sum() >= problem.mentee_seats[mentee]
            if (mentor, mentee) in made:
                assert price is not None
                assert (price.pairs_lost, price.points_lost, price.moved) == (0, 0, 0)
            elif full:
                assert price is None
            else:
                forced = solve(_forcing(problem, mentor, mentee))
                assert price is not None
                assert len(price.pairs) == len(forced.pairs)
                assert (price.pairs_lost, price.points_lost) == (
                    len(solution.pairs) - len(forced.pairs),
                    solution.score - forced.score,
                )
                assert [mentor, mentee] in price.pairs.tolist()


def test_price_of_pair_tells_who_moves():
    problem = Problem.from_scores([[10, 8], [9, 2]])
    solution = solve(problem)
    assert solution.pairs.tolist() == [[0, 1], [1, 0]]
    price = price_of_pair(problem, solution, 0, 0)
    assert price is not None
    assert (price.pairs_lost, price.points_lost, price.moved) == (0, 5, 2)
    assert price.pairs.tolist() == [[0, 0], [1, 1]]


def test_price_of_forbidden_pair_can_cost_a_pair():
    problem = Problem.from_scores([[5, 7], [5, 7]], allowed=np.array([[True, False], [False, True]]))
    price = price_of_pair(problem, solve(problem), 0, 1)
    assert price is not None
    assert (price.pairs_lost, price.points_lost) == (1, 5)


@settings(max_examples=60, deadline=None)
@given(problems(largest=6), st.sampled_from([{"NEAREST": 1, "FARTHER": 2}, {"MOST_ARCS": 0}]))
def test_prices_of_many_pairs_equal_those_of_each_alone(options, limits):
    problem = Problem.from_scores(**options)
    solution = solve(problem)
    pairs = [(i, j) for i in range(problem.shape[0]) for j in range(problem.shape[1])]
    alone = [price_of_pair(problem, solution, *pair) for pair in pairs]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in limits.items():
            patch.setattr(f"matching.core.price.{name}", value)
        together = prices_of(problem, solution, pairs)
    told = [[one and (one.pairs_lost, one.points_lost) for one in some] for some in (alone, together)]
    assert told[0] == told[1]


def test_prices_of_larger_problems_equal_solving_anew():
    random = np.random.default_rng(6)
    factors = random.integers(0, 30, (70, 5)), random.integers(0, 30, (80, 5))
    problem = Problem.from_factors(*factors, mentor_seats=random.integers(1, 3, 70))
    solution = solve(problem, method="sparse")
    pairs = random.integers(0, 70, (12, 2))
    found = prices_of(problem, solution, pairs)
    anew = [solution.score - solve(_forcing(problem, *pair)).score for pair in pairs.tolist()]
    assert [one.points_lost for one in found if one is not None] == anew
    assert "scores" not in vars(problem)


def test_prices_of_an_unproven_solution_are_exact():
    random = np.random.default_rng(1)
    problem = Problem.from_scores(random.integers(0, 10**4, (60, 60)))
    best = solve(problem)
    hurried = replace(best, upper_bound=best.score + 1, proven_optimal=False)
    price = price_of_pair(problem, hurried, 3, 4)
    assert price is not None
    assert hurried.score - price.points_lost == solve(_forcing(problem, 3, 4)).score
