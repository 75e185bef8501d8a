"""The same input gives the same pairs, whatever the order of rows, the size of blocks or the threads."""

import os
import subprocess
import sys

import numpy as np
import pytest

from matching.core import HardRules, Problem, solve
from matching.core.rules import listed_pairs, must_differ, must_match
from matching.core.verify import check

RUN = """
import hashlib
import numpy as np
from matching.core import Problem, solve

random = np.random.default_rng(8)
factors = random.integers(0, 50, (300, 40)), random.integers(0, 50, (300, 40))
for people, seats in ((300, 1), (100, 2)):
    problem = Problem.from_factors(
        *(side[:people] for side in factors),
        mentor_seats=np.full(people, seats),
        mentee_seats=np.full(people, seats),
    )
    solution = solve(problem, method="sparse")
    pairs = hashlib.sha256(solution.pairs.tobytes()).hexdigest()
    print(problem.fingerprint(), solution.proven_optimal, pairs)
"""


def test_solve_with_one_thread_or_two_gives_the_same_pairs():
    told = []
    for threads in ("1", "2"):
        environment = os.environ | {"OPENBLAS_NUM_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", RUN], capture_output=True, text=True, check=True, env=environment
        )
        told.append(done.stdout)
    assert told[0] == told[1]
    assert told[0].count(" True ") == 2


def many(rows, columns, seats):
    """200 x 225 people with ties, rules of every kind, raised points and seats, in this order."""
    random = np.random.default_rng(4)
    offers, wants = random.integers(0, 3, (200, 5)), random.integers(0, 3, (225, 5))
    codes = random.integers(-1, 30, 200), random.integers(-1, 30, 225)
    halves = random.integers(-1, 2, 200), random.integers(-1, 2, 225)
    never = random.random((200, 225)) < 0.02
    mentor_seats = random.integers(0, seats[0] + 1, 200)
    mentee_seats = random.integers(0, seats[1] + 1, 225)
    rules = HardRules(200, 225)
    rules.forbid("unit", must_differ(codes[0][rows], codes[1][columns]))
    rules.forbid("country", must_match(halves[0][rows], halves[1][columns]))
    rules.forbid("never", listed_pairs(np.argwhere(never[np.ix_(rows, columns)]), 200, 225))
    return Problem.from_factors(
        offers[rows],
        wants[columns],
        mentor_seats=mentor_seats[rows],
        mentee_seats=mentee_seats[columns],
        mentor_ids=1000 + rows,
        mentee_ids=5000 + columns,
        rules=rules,
        floor=2,
    )


@pytest.mark.parametrize("method", ["dense", "sparse"])
@pytest.mark.parametrize("seats", [(1, 1), (3, 1), (1, 2), (2, 3)])
def test_solve_with_rules_permuted_or_in_other_blocks_gives_the_same_pairs(seats, method, monkeypatch):
    random = np.random.default_rng(5)
    orders = [(np.arange(200), np.arange(225)), (random.permutation(200), random.permutation(225))]
    answers = []
    for cells, (rows, columns) in zip((1 << 22, 1000), orders, strict=True):
        monkeypatch.setattr("matching.core.points.BLOCK_CELLS", cells)
        problem = many(rows, columns, seats)
        solution = solve(problem, method=method)
        assert solution.proven_optimal
        assert check(problem, solution) == []
        named = [(problem.mentor_ids[i].item(), problem.mentee_ids[j].item()) for i, j in solution.pairs]
        answers.append((named, problem.fingerprint()))
    assert answers[0] == answers[1]


def test_problem_with_rules_from_factors_keeps_no_matrix():
    problem = many(np.arange(200), np.arange(225), (1, 1))
    solve(problem, method="sparse")
    assert problem.rules is not None
    assert problem.mask is None
    assert {"scores", "allowed"} & set(vars(problem)) == set()
    matrix = 200 * 225
    kept = [
        array.nbytes for bar in problem.bars for array in vars(bar).values() if isinstance(array, np.ndarray)
    ]
    assert sum(kept) < matrix


@pytest.mark.parametrize("order", ["same", "turned", "mixed"])
@pytest.mark.parametrize("shape", [(250, 250), (200, 260)])
def test_solve_sparse_where_some_are_better_with_everybody_needs_few_rounds(shape, order):
    """Points i x j: everybody's best partners are the same few, so candidates by points alone are useless."""
    columns = np.arange(1, shape[1] + 1)
    if order != "same":
        columns = columns[::-1] if order == "turned" else np.random.default_rng(1).permutation(columns)
    scores = np.arange(1, shape[0] + 1)[:, None] * columns
    rounds = []
    problem = Problem.from_scores(scores)
    solution = solve(problem, method="sparse", progress=lambda phase, share: rounds.append(phase))
    assert (solution.proven_optimal, solution.score) == (True, solve(problem, method="dense").score)
    assert rounds.count("assign") <= 20
