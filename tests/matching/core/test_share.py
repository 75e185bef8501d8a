import itertools
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.core import Problem
from matching.core.objective import Marks
from matching.core.points import Product, Table
from matching.core.share import Share, solve_share
from matching.core.tight import beside
from matching.core.verify_program import check_share
from tests.matching.core.test_assignment import problems


def brute_force(problem, marked):
    """{marked pairs: most points} over all assignments with the most pairs."""
    eligible = problem.eligible()
    locked = {(int(i), int(j)) for i, j in problem.locked}
    states = {tuple(problem.mentee_seats.tolist()): {(0, 0): 0}}
    for i in range(problem.shape[0]):
        must = {j for j in range(problem.shape[1]) if (i, j) in locked}
        may = [j for j in range(problem.shape[1]) if eligible[i, j] and j not in must]
        after = {}
        for size in range(int(problem.mentor_seats[i]) - len(must) + 1):
            for more in itertools.combinations(may, size):
                chosen = must | set(more)
                points = sum(int(problem.scores[i, j]) for j in chosen)
                number = sum(bool(marked[i, j]) for j in chosen)
                for room, found in states.items():
                    left = tuple(seats - (j in chosen) for j, seats in enumerate(room))
                    if min(left) < 0:
                        continue
                    best = after.setdefault(left, {})
                    for (pairs, marks), score in found.items():
                        key = (pairs + len(chosen), marks + number)
                        best[key] = max(best.get(key, -(10**9)), score + points)
        states = after
    most = max(pairs for found in states.values() for pairs, _marks in found)
    best = {}
    for found in states.values():
        for (pairs, marks), score in found.items():
            if pairs == most:
                best[marks] = max(best.get(marks, -(10**9)), score)
    return most, best


@st.composite
def shares(draw, largest):
    problem = Problem.from_scores(**draw(problems(largest=largest)))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    if draw(st.booleans()):
        marks = Marks.of_matrix(random.random(problem.shape) < draw(st.sampled_from([0.2, 0.5])))
    else:
        marks = Marks.that_differ(*(random.integers(-1, 3, people) for people in problem.shape))
    return problem, Share(marks, draw(st.sampled_from([0, 25, 50, 60, 80, 90, 100])))


def agrees(problem, share):
    found = solve_share(problem, share)
    most, best = brute_force(problem, share.marks.rows(np.arange(problem.shape[0])))
    target = -(-most * share.percent // 100)
    possible = max(best)
    wanted = max(score for marks, score in best.items() if marks >= min(target, possible))
    assert (len(found.pairs), found.score, found.possible, found.target) == (most, wanted, possible, target)
    assert (found.proven, found.upper_bound) == (True, wanted)
    assert found.reached == (possible >= target)
    assert found.price == max(best.values()) - wanted
    assert check_share(found, share) == []


@settings(max_examples=200, deadline=None)
@given(shares(largest=4))
def test_solve_share_equals_brute_force(given_):
    agrees(*given_)


@settings(max_examples=60, deadline=None)
@given(shares(largest=6))
def test_solve_share_six_by_six_equals_brute_force(given_):
    agrees(*given_)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([30, 60, 90]))
def test_solve_share_seven_by_seven_equals_brute_force(seed, percent):
    random = np.random.default_rng(seed)
    problem = Problem.from_scores(random.integers(0, 10, (7, 7)), random.random((7, 7)) < 0.8)
    agrees(problem, Share(Marks.of_matrix(random.random((7, 7)) < 0.3), percent))


def test_solve_share_that_holds_anyway_costs_nothing():
    problem = Problem.from_scores([[5, 1], [1, 5]])
    found = solve_share(problem, Share(Marks.of_matrix(np.eye(2, dtype=bool)), 80))
    assert (found.marked, found.reached, found.price, found.extra) == (2, True, 0, 0)


def test_solve_share_beyond_reach_makes_the_most_marked_pairs_and_says_so():
    problem = Problem.from_scores([[5, 1, 2], [1, 5, 2], [1, 2, 5]])
    marked = np.zeros((3, 3), dtype=bool)
    marked[0, 1] = True
    found = solve_share(problem, Share(Marks.of_matrix(marked), 50))
    assert found.pairs.tolist() == [[0, 1], [1, 0], [2, 2]]
    assert (found.marked, found.target, found.possible, found.reached) == (1, 2, 1, False)
    assert (found.score, found.price, found.proven) == (7, 8, True)


def test_solve_share_never_gives_up_a_pair():
    problem = Problem.from_scores([[5, 5], [5, 0]], allowed=np.array([[True, True], [True, False]]))
    found = solve_share(problem, Share(Marks.of_matrix(np.eye(2, dtype=bool)), 100))
    assert found.pairs.tolist() == [[0, 1], [1, 0]]
    assert (found.possible, found.reached) == (0, False)


def test_marks_of_unknown_codes_never_count():
    marks = Marks.that_differ([0, 1, -1], [0, -1])
    assert marks.rows(np.arange(3)).tolist() == [[False, False], [True, False], [False, False]]
    assert marks.at(np.array([[1, 0], [2, 0], [0, 1]])).tolist() == [1, 0, 0]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_marks_by_codes_in_factors_are_those_of_the_matrix(seed):
    random = np.random.default_rng(seed)
    codes = [random.integers(-1, 4, people) for people in (7, 9)]
    marks = Marks.that_differ(*codes)
    offers, wants = random.integers(0, 5, (7, 3)), random.integers(0, 5, (9, 3))
    every = np.arange(7)
    expected = offers @ wants.T + 17 * marks.rows(every)
    assert marks.add(Product(offers, wants), 17).whole(every).tolist() == expected.tolist()
    assert marks.add(Table(offers @ wants.T), 17).whole(every).tolist() == expected.tolist()


def invented(people, seed=2):
    """Scores and regions, in which most pairs with many points are of the same region."""
    random = np.random.default_rng(seed)
    regions = random.integers(0, 4, people), random.integers(0, 4, people)
    scores = random.integers(0, 5000, (people, people)) + 3000 * (regions[0][:, None] == regions[1])
    return scores, regions


def test_solve_share_of_factors_is_the_same_as_of_the_table():
    scores, regions = invented(60)
    share = Share(Marks.that_differ(*regions), 70)
    problem = Problem.from_scores(scores)
    factors = Problem.from_factors(np.eye(60, dtype=np.int64), scores.T)
    one, two = solve_share(problem, share), solve_share(factors, share)
    assert one.proven
    assert (one.score, one.marked) == (two.score, two.marked)
    assert check_share(two, share) == []


@pytest.mark.parametrize("percent", [50, 73, 91, 100])
def test_solve_share_permuted_input_gives_the_same_pairs(percent):
    scores, regions = invented(60)
    random = np.random.default_rng(7)
    rows, columns = random.permutation(60), random.permutation(60)
    answers = []
    for left, right in ((np.arange(60), np.arange(60)), (rows, columns)):
        problem = Problem.from_scores(scores[np.ix_(left, right)], mentor_ids=left, mentee_ids=right)
        share = Share(Marks.that_differ(regions[0][left], regions[1][right]), percent)
        found = solve_share(problem, share)
        assert check_share(found, share) == []
        answers.append([(int(left[i]), int(right[j])) for i, j in found.pairs])
    assert answers[0] == answers[1]


def test_solve_share_out_of_time_meets_the_target_within_its_bound():
    scores, regions = invented(80)
    problem, share = Problem.from_scores(scores), Share(Marks.that_differ(*regions), 85)
    hurried, best = solve_share(problem, share, budget_seconds=0), solve_share(problem, share)
    assert hurried.reached
    assert hurried.score <= best.score <= hurried.upper_bound
    assert check_share(hurried, share) == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Share(Marks.of_matrix([[True]]), 101), "share: 101 is not between 0 and 100 percent"),
        (lambda: Marks.of_matrix([[1]]), "marked: must be true or false"),
        (lambda: Marks.that_differ([0.5], [1]), "codes: must be one row of whole numbers"),
        (
            lambda: solve_share(Problem.from_scores([[1, 2]]), Share(Marks.of_matrix([[True]]), 50)),
            r"share: made for \(1, 1\), scores have \(1, 2\)",
        ),
    ],
)
def test_share_names_what_is_wrong(make, message):
    with pytest.raises(ValueError, match=message):
        make()


SHARE = Share(Marks.that_differ(*invented(20)[1]), 80)
SHARED = solve_share(Problem.from_scores(invented(20)[0]), SHARE)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"marked": 3}, "share: says 3 of 16"),
        ({"reached": False}, "marked pairs do not reach"),
        ({"possible": 19}, "share: 19 are called possible, 20 are shown"),
        ({"upper_bound": 1}, "are out of order"),
        ({"by_prices": SHARED.by_prices + 1}, "share: the prices bound the score by"),
        ({"best": replace(SHARED.best, score=1)}, "bound: score: says 1, the pairs have"),
        ({"most": (SHARED.most[0], SHARED.best)}, "are called possible"),
    ],
)
def test_check_share_tells_a_wrong_answer(change, fault):
    assert any(fault in one for one in check_share(replace(SHARED, **change), SHARE))


def test_beside_asks_while_it_works_and_gives_what_comes_of_it():
    asked = threading.Event()
    assert beside(lambda: asked.wait(60), asked.set, pause=0.01) is True


def test_beside_raises_what_the_work_raises():
    with pytest.raises(ZeroDivisionError):
        beside(lambda: 1 // 0, lambda: None)


def test_beside_does_not_wait_for_work_that_is_not_to_go_on():
    released = threading.Event()

    def cancelled():
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        beside(lambda: released.wait(60), cancelled, pause=0.01)
    assert time.monotonic() - started < 30
    released.set()
