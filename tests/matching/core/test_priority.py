import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.core import Problem
from matching.core.objective import Marks
from matching.core.picks import Picks
from matching.core.priority import First
from matching.core.program import solve_program
from matching.core.share import Share
from matching.core.verify_program import check_program


def brute_force(problem, mentors, mentees):
    """(most pairs, most people of both lists placed, most points), one mentor after the other."""
    seats = problem.mentee_seats.tolist()
    states = {tuple(seats): (0, 0, 0)}
    allowed = problem.allowed
    for i in range(problem.shape[0]):
        may = np.flatnonzero(allowed[i]).tolist()
        after = {}
        for size in range(int(problem.mentor_seats[i]) + 1):
            for chosen in itertools.combinations(may, size):
                points = sum(int(problem.scores[i, j]) for j in chosen)
                for room, (pairs, placed, score) in states.items():
                    left = tuple(free - (j in chosen) for j, free in enumerate(room))
                    if min(left) >= 0:
                        value = (pairs + size, placed + (size > 0 and i in mentors), score + points)
                        after[left] = max(after.get(left, (-1, 0, 0)), value)
        states = after
    return max(
        (pairs, placed + sum(left[j] < seats[j] for j in mentees), score)
        for left, (pairs, placed, score) in states.items()
    )


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(2, 5),
    st.integers(2, 5),
    st.sampled_from([0.3, 0.6, 1.0]),
    st.sampled_from([(1, 3), (3, 1), (2, 2), (3, 3)]),
)
def test_who_waited_comes_first_as_by_brute_force(seed, mentors, mentees, density, seats):
    random = np.random.default_rng(seed)
    problem = Problem.from_scores(
        random.integers(0, 20, (mentors, mentees)),
        random.random((mentors, mentees)) < density,
        mentor_seats=random.integers(0, seats[0] + 1, mentors),
        mentee_seats=random.integers(0, seats[1] + 1, mentees),
    )
    first = [np.flatnonzero(random.random(people) < 0.6).tolist() for people in problem.shape]
    found = solve_program(problem, priority=(first[0], first[1]))
    assert found.waited is not None
    answer = (len(found.pairs), found.waited.placed, found.score)
    assert answer == brute_force(problem, set(first[0]), set(first[1]))
    assert found.proven
    assert check_program(problem, found) == []


def test_first_counts_only_people_with_a_seat():
    first = First.of(Problem.from_scores([[1], [1]], mentor_seats=[1, 0]), [0, 1], [0])
    assert len(first) == 2
    assert first.placed(np.array([[0, 0]])) == 2
    assert first.placed(np.zeros((0, 2), dtype=np.int64)) == 0


@pytest.mark.parametrize(("waited", "pairs"), [([0], [[0, 0], [0, 1]]), ([1], [[0, 0], [1, 1]])])
def test_who_has_a_locked_pair_needs_no_help(waited, pairs):
    problem = Problem.from_scores([[1, 5], [1, 1]], mentor_seats=[2, 1], locked=[(0, 0)])
    assert solve_program(problem, priority=(waited, [])).pairs.tolist() == pairs


@pytest.mark.parametrize("seats", [1, 2])
def test_scarce_seats_go_to_who_waited(seats):
    random = np.random.default_rng(1)
    problem = Problem.from_scores(random.integers(0, 100, (10, 40)), mentor_seats=np.full(10, seats))
    waited = list(range(5, 12))
    found = solve_program(problem, priority=([], waited))
    assert set(waited) <= set(found.pairs[:, 1].tolist())
    assert found.proven


def test_solve_program_who_waited_comes_before_picks_with_a_share_target():
    problem, marks = Problem.from_scores([[0, 0]]), Marks.of_matrix([[False, True]])
    asked = {"picks": Picks(mentors={0: [1]}), "priority": ([], [0])}
    for share in (None, Share(marks, 100)):
        assert solve_program(problem, share=share, **asked).pairs.tolist() == [[0, 0]]
