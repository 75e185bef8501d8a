from benchmarks.quality import NothingToLearn, blocking_pairs, measure, nothing_to_learn
from matching.core import Problem, solve
from matching.core.features import ChoiceSets
from matching.core.scoring import Criterion, ScoreSheet


def test_nothing_to_learn_tells_apart_unnamed_and_unshown():
    mentors = ChoiceSets.of([[1, 0], [0, 1], [0, 0]])
    mentees = ChoiceSets.of([[1, 0], [0, 0], [1, 0]])
    sheet = ScoreSheet([Criterion("learn", "covers", 1, mentors, mentees)], 3, 3)
    assert nothing_to_learn(sheet, "learn", [(0, 0), (1, 1), (2, 2)]) == NothingToLearn(3, 1, 1)
    assert nothing_to_learn(sheet, "learn", [(0, 0), (1, 1), (2, 2)]).share == 2 / 3
    assert nothing_to_learn(sheet, "learn", []).share == 0.0


def test_solve_prefers_mentees_who_asked_for_something():
    mentors = ChoiceSets.of([[1, 0], [1, 1]])
    mentees = ChoiceSets.of([[0, 0], [1, 0], [0, 0], [0, 1]])
    sheet = ScoreSheet([Criterion("learn", "covers", 5, mentors, mentees)], 2, 4)
    solution = solve(Problem.from_scores(sheet.points))
    assert solution.pairs.tolist() == [[0, 1], [1, 3]]


def test_measure_counts_people_with_a_seat():
    problem = Problem.from_scores([[50, 100], [0, 0], [0, 0]], mentor_seats=[1, 1, 0])
    figures = measure(problem, [(0, 0)], 100)
    assert (figures.pairs, figures.mentors, figures.mentors_matched) == (1, 2, 1)
    assert (figures.mentees, figures.mentees_matched) == (2, 1)
    assert (figures.mean_percent, figures.lowest_percent, figures.fifth_percentile) == (50.0, 50.0, 50.0)
    assert figures.blocking_pairs == 2


def test_measure_no_pairs_is_zero():
    assert measure(Problem.from_scores([[1]]), [], 1).mean_percent == 0.0


def test_blocking_pairs_both_would_rather_have_each_other():
    problem = Problem.from_scores([[10, 8], [9, 2]])
    assert blocking_pairs(problem, [(0, 1), (1, 0)]).tolist() == [[0, 0]]
    assert blocking_pairs(problem, [(0, 0), (1, 1)]).tolist() == []


def test_blocking_pairs_nobody_leaves_a_locked_pair():
    problem = Problem.from_scores([[10, 8], [9, 2]], locked=[(0, 1)])
    assert blocking_pairs(problem, [(0, 1), (1, 0)]).tolist() == []
