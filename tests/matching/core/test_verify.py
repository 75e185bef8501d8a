from dataclasses import replace

import numpy as np
import pytest

from matching.core import Problem, solve
from matching.core.verify import check

PROBLEM = Problem.from_scores(
    [[9, 8, 1], [9, 2, 1], [1, 1, 1]],
    allowed=np.array([[True, True, True], [True, True, True], [True, True, False]]),
    locked=[(1, 0)],
    floor=1,
)
SOLUTION = solve(PROBLEM)


def test_check_right_answer_finds_nothing():
    assert SOLUTION.pairs.tolist() == [[0, 2], [1, 0], [2, 1]]
    assert check(PROBLEM, SOLUTION) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"pairs": np.array([[0, 3]])}, "pairs: an index is outside of the problem"),
        ({"pairs": np.array([0, 1])}, "pairs: not a list of mentor index and mentee index"),
        ({"pairs": np.array([[0, 1], [1, 0], [2, 2]])}, "pairs: mentor 2, mentee 2 is forbidden"),
        ({"pairs": np.array([[0, 2], [0, 2]])}, "pairs: the same two people are paired twice"),
        ({"pairs": np.array([[0, 2], [2, 1]])}, "pairs: the locked pair (1, 0) is missing"),
        ({"pairs": np.array([[0, 1], [1, 0], [2, 1]])}, "seats: mentee at 1 has 2 pairs and 1 seats"),
        ({"unmatched_mentors": np.array([0])}, "unmatched: the list of mentors does not fit the pairs"),
        ({"score": 99}, "score: says 99, the pairs have 11"),
        ({"upper_bound": 10}, "bound: 10 is under the score 11"),
        ({"proven_optimal": False}, "bound: proven_optimal contradicts the bound"),
        ({"upper_bound": 12}, "proof: the prices bound the score by 11, the answer says 12"),
        (
            {"duals": replace(SOLUTION.duals, mentors=SOLUTION.duals.mentors - 9999)},
            "proof: a price is negative",
        ),
        ({"duals": replace(SOLUTION.duals, bonus=1)}, "proof: one more pair would not outweigh all points"),
    ],
)
def test_check_wrong_answer_is_told(change, fault):
    assert fault in check(PROBLEM, replace(SOLUTION, **change))


def test_check_pair_under_the_floor_is_told():
    problem = replace(PROBLEM, floor=2)
    assert "pairs: mentor 0, mentee 2 is under the floor" in check(problem, SOLUTION)


def test_check_worse_answer_cannot_claim_proof():
    problem = Problem.from_scores([[9, 8], [9, 2]])
    good = solve(problem)
    claimed = replace(good, pairs=np.array([[0, 0], [1, 1]]), score=11, upper_bound=11)
    assert check(problem, claimed) == ["proof: the prices bound the score by 17, the answer says 11"]
