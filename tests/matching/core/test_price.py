import numpy as np
from hypothesis import given, settings

from matching.core import Problem, solve
from matching.core.price import _forcing, price_of_pair
from tests.matching.core.test_assignment import problems


@settings(max_examples=150, deadline=None)
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
