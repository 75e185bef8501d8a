import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.core import Problem, solve
from matching.core.repair import repair
from tests.matching.core.test_assignment import problems


def every_assignment(problem):
    """All sets of pairs that hold: locked pairs in, nobody over their seats, rules and floor kept."""
    locked = {tuple(pair) for pair in problem.locked.tolist()}
    free = [pair for pair in map(tuple, np.argwhere(problem.eligible()).tolist()) if pair not in locked]
    rows = [[pair for pair in free if pair[0] == i] for i in range(problem.shape[0])]
    choices = []
    for i, row in enumerate(rows):
        seats = int(problem.mentor_seats[i]) - sum(a == i for a, _b in locked)
        choices.append([c for size in range(seats + 1) for c in itertools.combinations(row, size)])
    for chosen in itertools.product(*choices):
        pairs = locked | set(itertools.chain.from_iterable(chosen))
        used = np.bincount([j for _i, j in pairs], minlength=problem.shape[1])
        if (used <= problem.mentee_seats).all():
            yield pairs


def ids_of(problem, pairs):
    return [(int(problem.mentor_ids[i]), int(problem.mentee_ids[j])) for i, j in pairs]


@st.composite
def repairs(draw):
    problem = Problem.from_scores(**draw(problems(largest=3)))
    cells = list(itertools.product(range(problem.shape[0]), range(problem.shape[1])))
    before = draw(st.lists(st.sampled_from(cells), unique=True, max_size=5))
    return problem, before, draw(st.sampled_from([None, 0, 1, 4]))


@settings(max_examples=100, deadline=None)
@given(repairs())
def test_repair_equals_brute_force(options):
    problem, before, price = options
    was = set(before)

    def worth(pairs):
        kept, score = len(pairs & was), problem.score_of(sorted(pairs))
        return (len(pairs), kept, score) if price is None else (len(pairs), score + price * kept)

    found = repair(problem, ids_of(problem, before), price_per_move=price)
    after = {tuple(pair) for pair in found.pairs.tolist()}
    assert worth(after) == max(map(worth, every_assignment(problem)))
    assert found.proven_optimal
    assert found.score == problem.score_of(found.pairs)
    assert {tuple(pair) for pair in found.kept.tolist()} == after & was
    assert {tuple(pair) for pair in found.added.tolist()} == after - was
    assert sorted(found.moved + found.impossible) == sorted(ids_of(problem, was - after))


def test_repair_after_a_dropout_moves_nobody_else():
    random = np.random.default_rng(4)
    scores = random.integers(0, 1000, (40, 50))
    before = solve(Problem.from_scores(scores))
    named = [(int(i), int(j)) for i, j in before.pairs]
    left = [mentor for mentor in range(40) if mentor != 7]
    found = repair(Problem.from_scores(scores[left], mentor_ids=left), named)
    assert (len(found.pairs), len(found.kept), found.moved) == (39, 39, [])
    assert found.impossible == [pair for pair in named if pair[0] == 7]


def test_repair_moves_a_pair_only_for_more_points_than_its_price():
    problem = Problem.from_scores([[5, 9], [9, 5]])
    before = [(0, 0), (1, 1)]
    assert repair(problem, before).moved == []
    assert repair(problem, before, price_per_move=4).moved == []
    assert repair(problem, before, price_per_move=3).moved == before


def test_repair_one_more_pair_outweighs_a_kept_one():
    problem = Problem.from_scores([[5, 5], [5, 5]], allowed=np.array([[True, True], [True, False]]))
    found = repair(problem, [(0, 0)])
    assert found.pairs.tolist() == [[0, 1], [1, 0]]
    assert found.moved == [(0, 0)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"before": [(0, 0), (0, 0)]}, "before: a pair is given more than once"),
        ({"before": [], "price_per_move": -1}, "price_per_move: -1 is not a number of points from 0"),
        ({"before": [(0, 0)], "price_per_move": 2**52}, "leaves the exact range"),
    ],
)
def test_repair_names_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        repair(Problem.from_scores([[1]]), **options)
