import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.core import HardRules
from matching.core.rules import (
    listed_pairs,
    listed_people,
    must_differ,
    must_match,
    oneself,
    reporting_line,
)


def written(bar):
    """As a matrix; all the ways to ask must agree."""
    rows, columns = bar.shape
    block = bar.block(np.arange(rows))
    left, right = np.divmod(np.arange(rows * columns), max(columns, 1))
    assert (bar.at(left, right).reshape(block.shape) == block).all()
    assert (bar.transposed().block(np.arange(columns)) == block.T).all()
    assert (bar.by_row() == block.sum(axis=1)).all()
    some = np.arange(rows)[::-2], np.arange(columns)[::-1]
    assert (bar.take(*some).block(np.arange(len(some[0]))) == block[np.ix_(*some)]).all()
    return block.tolist()


def managers_above(manager: list[int], person: int) -> set[int]:
    above: set[int] = set()
    while (person := manager[person]) >= 0 and person not in above:
        above.add(person)
    return above


@given(st.integers(1, 12).flatmap(lambda n: st.lists(st.integers(-1, n - 1), min_size=n, max_size=n)))
def test_reporting_line_any_roster_equals_walking_up(manager):
    people = np.arange(len(manager))
    expected = [
        [a != b and (b in managers_above(manager, a) or a in managers_above(manager, b)) for b in people]
        for a in people
    ]
    assert written(reporting_line(manager, people, people)) == expected


def test_reporting_line_deep_and_not_on_the_roster():
    manager = [-1, 0, 1, 2]
    assert written(reporting_line(manager, [3, -1], [0, 1, -1])) == [[True, True, False], [False] * 3]


def test_reporting_line_long_cycle_ends():
    size = 5000
    manager = (np.arange(size) + 1) % size
    assert written(reporting_line(manager, [0], [size // 2])) == [[True]]


def test_reporting_line_without_roster():
    assert written(reporting_line([], [-1], [-1, -1])) == [[False, False]]


def test_reporting_line_unknown_index_is_refused():
    with pytest.raises(ValueError, match="mentor_people: an index is outside of 1 people"):
        reporting_line([-1], [1], [0])


def test_reporting_line_person_twice_on_a_side_is_refused():
    with pytest.raises(ValueError, match="more than once on one side"):
        reporting_line([-1], [0], [0, 0])


def test_oneself_forbids_the_same_person():
    assert written(oneself([7, 8], [8, 9])) == [[False, False], [True, False]]


def test_listed_people_forbids_both_ways_and_ignores_strangers():
    mask = listed_people([("b", "x"), ("y", "a"), ("a", "nobody")], ["a", "b"], ["x", "y"])
    assert written(mask) == [[False, True], [True, False]]


def test_listed_pairs_forbids_them():
    assert written(listed_pairs([(0, 1)], 1, 2)) == [[False, True]]
    assert written(listed_pairs([], 1, 2)) == [[False, False]]


def test_listed_pairs_outside_is_refused():
    with pytest.raises(ValueError, match="never: a pair is outside"):
        listed_pairs([(1, 0)], 1, 2)


def test_must_differ_and_must_match_ignore_missing_answers():
    assert written(must_differ([0, 1, -1], [0, -1])) == [[True, False], [False, False], [False, False]]
    assert written(must_match([0, 1, -1], [0, -1])) == [[False, False], [True, False], [False, False]]


def test_hard_rules_count_per_rule():
    rules = HardRules(2, 2).forbid("line", [[True, True], [False, False]])
    rules.forbid("oneself", [[True, False], [False, False]]).forbid("line", [[False, False], [False, True]])
    assert rules.allowed.tolist() == [[False, False], [True, False]]
    assert rules.counts() == {"line": 3, "oneself": 1}
    assert rules.counts_for_mentor(0) == {"line": 2, "oneself": 1}
    assert rules.transposed().counts_for_mentor(1) == {"line": 2}
    assert rules.of_pair(0, 0) == ["line", "oneself"]
    assert rules.names == ["line", "oneself"]


def test_hard_rules_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"line: shape \(1, 1\), expected \(2, 2\)"):
        HardRules(2, 2).forbid("line", [[True]])
