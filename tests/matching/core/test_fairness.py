import numpy as np
import pytest

from matching.core import Problem
from matching.core.fairness import Group, group_report


def test_group_report_counts_people_of_both_sides_and_each_of_their_pairs():
    scores = np.full((6, 6), 500)
    scores[0] = 1000
    problem = Problem.from_scores(scores, mentor_seats=[2, 1, 1, 1, 1, 0])
    pairs = [[0, 0], [0, 1], [1, 2], [2, 3], [3, 4]]
    told = group_report(problem, pairs, [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1], max_points=1000)
    assert told.others == 0
    assert [(one.code, one.people, one.placed, one.mean) for one in told.groups] == [
        # The mentor without a seat is not counted; the first one has two pairs of 100 %.
        (0, 5, 4, None),
        (1, 6, 5, 70.0),
    ]
    assert told.groups[1].low == pytest.approx(50.0)


def test_group_report_does_not_tell_of_fewer_than_five_people():
    problem = Problem.from_scores(np.full((12, 12), 300))
    pairs = np.column_stack([np.arange(12), np.arange(12)])
    mentors = [0] * 6 + [1] * 4 + [-1] * 2
    told = group_report(problem, pairs, mentors, [-1] * 12, max_points=300)
    assert told.groups == (Group(code=0, people=6, placed=6, mean=100.0, low=100.0),)
    assert told.others == 18


def test_group_report_hides_a_small_group_that_could_be_worked_out_from_the_rest():
    problem = Problem.from_scores(np.full((9, 9), 300))
    pairs = np.column_stack([np.arange(9), np.arange(9)])
    # Two people of code 2 would be what is missing from the total: six others go with them.
    told = group_report(problem, pairs, [0] * 9, [1] * 6 + [2] * 2 + [0], max_points=300)
    assert [(one.code, one.people) for one in told.groups] == [(0, 10)]
    assert told.others == 8


def test_group_report_with_wrong_codes_is_refused():
    with pytest.raises(ValueError, match="codes: must be a row of 2 whole numbers"):
        group_report(Problem.from_scores([[1], [1]]), [], [0], [0], max_points=1)
