import subprocess
import sys

import numpy as np
import pytest

from matching.core import HardRules, Problem


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scores": [1, 2]}, "scores: must have two dimensions, has 1"),
        ({"scores": [[0.5]]}, "scores: must be whole points, contains fractions"),
        ({"scores": [[float("nan")]]}, "scores: contains numbers that are not finite"),
        ({"scores": [["a"]]}, "scores: must be whole points, is <U1"),
        ({"scores": [[2**53]]}, r"scores: a number is beyond the exact range of 2\*\*53"),
        (
            {"scores": [[0, 2**50]] * 2},
            r"scores: from 0 to \d+ over 2 pairs leaves the exact range of 2\*\*53",
        ),
        ({"scores": [[1, 2]], "allowed": [[True]]}, r"allowed: shape \(1, 1\), scores have shape \(1, 2\)"),
        ({"scores": [[1]], "allowed": [[1]]}, "allowed: must be true or false, is int64"),
        ({"scores": [[1]], "mentor_seats": [-1]}, r"mentor_seats: negative at position \[0\]"),
        ({"scores": [[1]], "mentor_seats": [1.0]}, "mentor_seats: must be whole numbers, is float64"),
        ({"scores": [[1]], "mentee_seats": [1, 1]}, r"mentee_seats: shape \(2,\), expected \(1,\)"),
        ({"scores": [[1, 2]], "mentee_ids": [7, 7]}, r"mentee_ids: given more than once: \[7\]"),
        ({"scores": [[1, 2]], "mentee_ids": [7, "a"]}, "mentee_ids: must be all whole numbers or all text"),
        ({"scores": [[1, 2]], "mentee_ids": [7]}, r"mentee_ids: shape \(1,\), expected \(2,\)"),
        (
            {"scores": [[1]], "locked": [(0, 1)]},
            r"locked: \[\[0, 1\]\] are outside of 1 mentors and 1 mentees",
        ),
        ({"scores": [[1]], "locked": [0]}, "locked: must be pairs of mentor index and mentee index"),
        ({"scores": [[1]], "floor": 0.5}, "floor: must be whole points"),
        (
            {"scores": [[1]], "allowed": [[False]], "locked": [(0, 0)], "mentor_ids": ["ann"]},
            "locked: forbidden by a rule: mentor ann with mentee 0",
        ),
        (
            {"scores": [[1]], "locked": [(0, 0), (0, 0)]},
            "locked: given more than once: mentor 0 with mentee 0",
        ),
        (
            {"scores": [[1, 1]], "locked": [(0, 0), (0, 1)]},
            r"locked: over capacity: mentor 0 \(2 pairs, 1 seats\)",
        ),
        (
            {"scores": [[1]], "rules": HardRules(2, 1)},
            r"rules: made for \(2, 1\), scores have shape \(1, 1\)",
        ),
    ],
)
def test_from_scores_names_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        Problem.from_scores(**options)


def test_from_factors_scores_are_the_product():
    problem = Problem.from_factors([[1, 2], [0, 3]], [[4, 5], [-6, 7], [0, 0]])
    assert problem.scores.tolist() == [[14, 8, 0], [15, 21, 0]]


def test_from_factors_beyond_float32_is_exact():
    offers, wants = np.array([[2**20 + 1, 1]]), np.array([[2**20 + 1, 1]])
    assert Problem.from_factors(offers, wants).scores[0, 0] == (2**20 + 1) ** 2 + 1


def test_from_factors_beyond_exact_range_is_refused():
    with pytest.raises(ValueError, match="beyond the exact range"):
        Problem.from_factors([[2**30]], [[2**30]])


def test_from_factors_with_different_columns_is_refused():
    with pytest.raises(ValueError, match="offers has 2 columns, wants has 1"):
        Problem.from_factors([[1, 2]], [[1]])


def test_from_scores_more_seats_than_partners_is_no_matter_of_range():
    problem = Problem.from_scores([[5, 5]], mentor_seats=[10**12], mentee_seats=[10**12] * 2)
    assert problem.mentor_seats.tolist() == [2**31]


def test_fingerprint_differs_when_anything_differs():
    base = {"scores": [[1, 2], [3, 4]]}
    changes = [
        {},
        {"scores": [[1, 2], [3, 5]]},
        {"allowed": np.array([[True, True], [True, False]])},
        {"mentor_seats": [1, 2]},
        {"mentee_seats": [2, 1]},
        {"locked": [(0, 1)]},
        {"mentor_ids": [3, 4]},
        {"floor": 1},
    ]
    prints = [Problem.from_scores(**(base | change)).fingerprint() for change in changes]
    assert len(set(prints)) == len(changes)


def test_import_matching_does_not_load_numpy():
    code = "import matching, sys; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_import_core_does_not_load_django():
    code = "import matching.core.program, matching.core.remedies, sys; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
