import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from matching.core import Problem, solve
from matching.core.verify import check


@st.composite
def problems(draw, largest=4):
    mentors, mentees = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    cells = mentors * mentees
    top = draw(st.sampled_from([1, 5, 1000]))
    scores = np.array(draw(st.lists(st.integers(-5, top), min_size=cells, max_size=cells)))
    allowed = np.array(draw(st.lists(st.sampled_from([True, True, False]), min_size=cells, max_size=cells)))
    scores, allowed = scores.reshape(mentors, mentees), allowed.reshape(mentors, mentees)
    seats = st.integers(0, draw(st.sampled_from([1, 3])))
    mentor_seats = np.array(draw(st.lists(seats, min_size=mentors, max_size=mentors)))
    seats = st.integers(0, draw(st.sampled_from([1, 3])))
    mentee_seats = np.array(draw(st.lists(seats, min_size=mentees, max_size=mentees)))
    locked = []
    for i, j in draw(
        st.lists(st.tuples(st.integers(0, mentors - 1), st.integers(0, mentees - 1)), max_size=2)
    ):
        taken = [(a == i, b == j) for a, b in locked]
        fits = sum(t[0] for t in taken) < mentor_seats[i] and sum(t[1] for t in taken) < mentee_seats[j]
        if allowed[i, j] and fits and (i, j) not in locked:
            locked.append((i, j))
    floor = draw(st.sampled_from([None, None, 2]))
    return {
        "scores": scores,
        "allowed": allowed,
        "mentor_seats": mentor_seats,
        "mentee_seats": mentee_seats,
        "locked": locked,
        "floor": floor,
        "mentor_ids": draw(st.permutations(range(100, 100 + mentors))),
        "mentee_ids": draw(st.permutations(range(200, 200 + mentees))),
    }


def brute_force(problem: Problem) -> tuple[int, int]:
    """(most pairs, most points) by trying every set of partners for one mentor after the other."""
    eligible = problem.eligible()
    locked = {(int(i), int(j)) for i, j in problem.locked}
    states = {tuple(problem.mentee_seats.tolist()): (0, 0)}
    for i in range(problem.shape[0]):
        must = {j for j in range(problem.shape[1]) if (i, j) in locked}
        may = [j for j in range(problem.shape[1]) if eligible[i, j] and j not in must]
        after: dict[tuple[int, ...], tuple[int, int]] = {}
        for size in range(int(problem.mentor_seats[i]) - len(must) + 1):
            for more in itertools.combinations(may, size):
                chosen = must | set(more)
                points = sum(int(problem.scores[i, j]) for j in chosen)
                for room, (pairs, score) in states.items():
                    left = tuple(seats - (j in chosen) for j, seats in enumerate(room))
                    if min(left, default=0) >= 0:
                        value = (pairs + len(chosen), score + points)
                        after[left] = max(after.get(left, (-1, 0)), value)
        states = after
    return max(states.values())


@settings(max_examples=200, deadline=None)
@given(problems())
def test_solve_small_problem_equals_brute_force(options):
    problem = Problem.from_scores(**options)
    solution = solve(problem)
    assert (len(solution.pairs), solution.score) == brute_force(problem)
    assert solution.proven_optimal
    assert solution.upper_bound == solution.score
    assert check(problem, solution) == []


@settings(max_examples=40, deadline=None)
@given(problems(largest=7))
def test_solve_seven_by_seven_equals_brute_force(options):
    problem = Problem.from_scores(**options)
    most = brute_force(problem)
    for method in ("dense", "sparse"):
        solution = solve(problem, method=method)
        assert (len(solution.pairs), solution.score) == most
        assert check(problem, solution) == []


@settings(max_examples=80, deadline=None)
@given(problems(largest=6), st.randoms(use_true_random=False))
def test_solve_permuted_input_gives_the_same_pairs(options, random):
    problem = Problem.from_scores(**options)
    rows, columns = list(range(problem.shape[0])), list(range(problem.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    other = Problem.from_scores(
        scores=options["scores"][np.ix_(rows, columns)],
        allowed=options["allowed"][np.ix_(rows, columns)],
        mentor_seats=options["mentor_seats"][rows],
        mentee_seats=options["mentee_seats"][columns],
        locked=[(rows.index(i), columns.index(j)) for i, j in options["locked"]],
        floor=options["floor"],
        mentor_ids=[options["mentor_ids"][i] for i in rows],
        mentee_ids=[options["mentee_ids"][j] for j in columns],
    )
    one, two = solve(problem), solve(other)
    named = [
        [(p.mentor_ids[i].item(), p.mentee_ids[j].item()) for i, j in s.pairs]
        for p, s in ((problem, one), (other, two))
    ]
    assert named[0] == named[1]
    assert (
        problem.mentor_ids[one.unmatched_mentors].tolist() == other.mentor_ids[two.unmatched_mentors].tolist()
    )
    assert problem.fingerprint() == other.fingerprint()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 60), st.integers(5, 60), st.sampled_from([0.05, 0.3, 1.0]))
def test_solve_larger_problem_with_seats_on_both_sides_is_proven(seed, mentors, mentees, density):
    random = np.random.default_rng(seed)
    problem = Problem.from_scores(
        random.integers(0, 50, (mentors, mentees)),
        allowed=random.random((mentors, mentees)) < density,
        mentor_seats=random.integers(0, 4, mentors),
        mentee_seats=random.integers(0, 4, mentees),
    )
    solution = solve(problem)
    assert solution.proven_optimal
    assert check(problem, solution) == []


@pytest.mark.parametrize(("mentor_seats", "mentee_seats"), [(1, 1), (3, 1), (1, 2), (2, 2)])
def test_solve_many_ties_permuted_gives_the_same_pairs(mentor_seats, mentee_seats):
    random = np.random.default_rng(5)
    scores, allowed = random.integers(0, 3, (60, 90)), random.random((60, 90)) < 0.4
    mentors, mentees = random.permutation(60), random.permutation(90)
    answers = []
    for rows, columns in ((np.arange(60), np.arange(90)), (mentors, mentees)):
        problem = Problem.from_scores(
            scores[np.ix_(rows, columns)],
            allowed[np.ix_(rows, columns)],
            mentor_seats=np.full(60, mentor_seats),
            mentee_seats=np.full(90, mentee_seats),
            mentor_ids=rows,
            mentee_ids=columns,
        )
        solution = solve(problem)
        assert solution.proven_optimal
        answers.append([(rows[i], columns[j]) for i, j in solution.pairs])
    assert answers[0] == answers[1]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.02, 0.05, 0.2]))
def test_solve_sparse_permissions_makes_the_most_pairs_possible(seed, density):
    random = np.random.default_rng(seed)
    allowed = random.random((40, 60)) < density
    solution = solve(Problem.from_scores(random.integers(-100, 100, (40, 60)), allowed))
    most = int((maximum_bipartite_matching(csr_array(allowed.astype(int))) >= 0).sum())
    assert len(solution.pairs) == most
    assert allowed[solution.pairs[:, 0], solution.pairs[:, 1]].all()


def test_solve_prefers_one_more_pair_to_any_points():
    solution = solve(Problem.from_scores([[1000, 1], [1, 0]], allowed=[[True, True], [True, False]]))
    assert solution.pairs.tolist() == [[0, 1], [1, 0]]


def test_solve_everything_forbidden_returns_no_pairs():
    solution = solve(Problem.from_scores([[9, 9], [9, 9]], allowed=np.zeros((2, 2), dtype=bool)))
    assert solution.pairs.shape == (0, 2)
    assert solution.unmatched_mentors.tolist() == [0, 1]
    assert solution.proven_optimal


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_solve_with_nobody_on_a_side(shape):
    solution = solve(Problem.from_scores(np.zeros(shape, dtype=int)))
    assert (len(solution.pairs), solution.score, solution.proven_optimal) == (0, 0, True)
    assert len(solution.unmatched_mentees) == shape[1]


def test_solve_seats_on_both_sides_never_pairs_the_same_two_twice():
    solution = solve(Problem.from_scores([[100, 1], [1, 1]], mentor_seats=[2, 2], mentee_seats=[2, 2]))
    assert solution.pairs.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert solution.score == 103


def test_solve_locked_pair_stands_under_the_floor():
    solution = solve(Problem.from_scores([[1, 9], [9, 1]], locked=[(0, 0)], floor=5))
    assert solution.pairs.tolist() == [[0, 0]]
    assert solution.unmatched_mentees.tolist() == [1]


def test_solve_progress_that_raises_cancels():
    class Cancelled(Exception):
        pass

    def cancel(phase, share):
        raise Cancelled

    with pytest.raises(Cancelled):
        solve(Problem.from_scores([[1]]), progress=cancel)


def test_solve_reports_phases_in_order():
    told = []
    solve(Problem.from_scores([[1]]), progress=lambda phase, share: told.append((phase, share)))
    assert told == [("prepare", 0.0), ("assign", 0.1), ("prove", 0.8), ("done", 1.0)]


def test_solve_unknown_method_is_refused():
    with pytest.raises(ValueError, match="method: 'magic' is not one of auto, dense, sparse"):
        solve(Problem.from_scores([[1]]), method="magic")


def test_solve_out_of_time_returns_most_pairs_with_a_valid_bound():
    random = np.random.default_rng(1)
    scores = random.integers(0, 10**4, (40, 120)) + np.arange(120)[None, :] * 200
    seats = {"mentor_seats": np.full(40, 2), "mentee_seats": np.full(120, 2)}
    problem = Problem.from_scores(scores, **seats)
    hurried, best = solve(problem, budget_seconds=0), solve(problem)
    assert len(hurried.pairs) == len(best.pairs) == 80
    assert hurried.score <= best.score <= hurried.upper_bound
    assert check(problem, hurried) == []


def test_sparse_is_not_lost_looking_for_a_way_to_pair_all():
    """scipy's solver takes time exponential in how deep it must look before it weighs (its issue 26147)."""
    random = np.random.default_rng(1)
    scores = np.outer(random.permutation(400) + 1, random.permutation(400) + 1)
    assert solve(Problem.from_scores(scores), method="sparse").proven_optimal
