from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.core import Problem, solve
from matching.core.objective import Marks
from matching.core.picks import Picks, with_picks
from matching.core.points import Table
from matching.core.program import Chosen, Waited, solve_program
from matching.core.share import Share
from matching.core.verify import check
from matching.core.verify_program import check_program
from tests.matching.core.test_assignment import problems
from tests.matching.core.test_picks import lists
from tests.matching.core.test_repair import every_assignment, ids_of


@st.composite
def programs(draw, largest=3):
    problem = Problem.from_scores(**draw(problems(largest=largest)))
    cells = [(i, j) for i in range(problem.shape[0]) for j in range(problem.shape[1])]
    before = draw(st.none() | st.lists(st.sampled_from(cells), unique=True, max_size=4))
    picks = None
    if draw(st.booleans()):
        mentors, mentors_refuse = draw(lists(*problem.shape))
        mentees, mentees_refuse = draw(lists(*problem.shape[::-1]))
        for i, j in problem.locked.tolist():
            mentors_refuse[i] = [one for one in mentors_refuse[i] if one != j]
            mentees_refuse[j] = [one for one in mentees_refuse[j] if one != i]
        picks = Picks(mentors, mentees, mentors_refuse, mentees_refuse)
    people = [draw(st.lists(st.integers(0, size - 1), unique=True, max_size=3)) for size in problem.shape]
    share = None
    if draw(st.booleans()):
        random = np.random.default_rng(draw(st.integers(0, 10**6)))
        marks = Marks.of_matrix(random.random(problem.shape) < 0.4)
        share = Share(marks, draw(st.sampled_from([30, 60, 90])))
    return (
        problem,
        {
            "share": share,
            "before": before,
            "price_per_move": draw(st.sampled_from([None, None, 2])),
            "best_worst": draw(st.booleans()),
            "picks": picks,
            "priority": (people[0], people[1]),
        },
    )


def options_of(problem, asked):
    before = asked["before"]
    return asked | {"before": None if before is None else ids_of(problem, before)}


def in_strict_order(problem, asked, floor):
    """The worth of a set of pairs, in the order in which it counts."""
    chosen = problem if asked["picks"] is None else with_picks(problem, asked["picks"])
    weighed = replace(problem, floor=floor)
    if asked["picks"] is not None:
        weighed = with_picks(weighed, asked["picks"])
    locked = set(map(tuple, chosen.locked.tolist()))
    top = max(int(problem.scores.max()), problem.floor or 0)
    levels = np.zeros(problem.shape, dtype=np.int64)
    if asked["picks"] is not None:
        flat = replace(problem, points=Table(levels), floor=None)
        levels = with_picks(flat, asked["picks"]).scores
    was, price = set(asked["before"] or ()), asked["price_per_move"]

    def worth(pairs):
        kept = len(pairs & was)
        worst = [
            top if chosen.scores[pair] != problem.scores[pair] else int(problem.scores[pair])
            for pair in pairs - locked
        ]
        placed = len({i for i, _j in pairs} & set(asked["priority"][0]))
        placed += len({j for _i, j in pairs} & set(asked["priority"][1]))
        points, wanted = weighed.score_of(sorted(pairs)), (0, 0)
        if asked["share"] is not None:
            share, made = asked["share"], np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
            marked = min(int(share.marks.at(made).sum()), share.target(len(pairs)))
            wanted = int(levels[tuple(made.T)].sum()), marked
            points = problem.score_of(made)
        return (
            len(pairs),
            kept if price is None else 0,
            min(worst, default=top) if asked["best_worst"] else 0,
            placed,
            *wanted,
            points + (price or 0) * kept,
        )

    return chosen, worth


@settings(max_examples=100, deadline=None)
@given(programs())
def test_solve_program_equals_brute_force(given_):
    problem, asked = given_
    found = solve_program(problem, **options_of(problem, asked))
    chosen, worth = in_strict_order(problem, asked, found.floor)
    made = set(map(tuple, found.pairs.tolist()))
    assert worth(made) == max(map(worth, every_assignment(chosen)))
    assert found.proven
    assert found.upper_bound == found.score == problem.score_of(found.pairs)
    assert check_program(problem, found, picks=asked["picks"], share=asked["share"]) == []
    was = set(asked["before"] or ())
    if found.kept is not None:
        assert {tuple(pair) for pair in found.kept.kept.tolist()} == made & was
        assert {tuple(pair) for pair in found.kept.added.tolist()} == made - was
        assert sorted(found.kept.moved + found.kept.impossible) == sorted(ids_of(problem, was - made))


def test_a_price_of_moving_is_not_paid_with_the_worst_pair():
    problem = Problem.from_scores(
        scores=np.array([[0, -1]]), mentor_seats=np.array([1]), mentee_seats=np.array([1, 1])
    )
    before = ids_of(problem, [(0, 1)])
    found = solve_program(problem, before=before, price_per_move=2, best_worst=True)
    assert (found.pairs.tolist(), found.floor, found.proven) == ([[0, 0]], 0, True)
    found = solve_program(problem, before=before, best_worst=True)
    assert (found.pairs.tolist(), found.floor) == ([[0, 1]], -1)


@settings(max_examples=60, deadline=None)
@given(programs())
def test_solve_program_with_huge_points_is_proven_in_another_way(given_):
    """Steps that prove the order alone would leave the exact range."""
    small, asked = given_
    times = 5 * 10**12 // int(np.abs(small.scores).max() or 1)
    floor = None if small.floor is None else small.floor * times
    problem = replace(small, points=Table(small.scores * times), floor=floor)
    asked["picks"] = asked["share"] = None
    found = solve_program(problem, **options_of(problem, asked))
    chosen, worth = in_strict_order(problem, asked, found.floor)
    made = set(map(tuple, found.pairs.tolist()))
    assert worth(made) == max(map(worth, every_assignment(chosen)))
    assert found.proven
    assert check_program(problem, found) == []


def test_solve_program_without_options_is_the_plain_solution():
    random = np.random.default_rng(3)
    problem = Problem.from_scores(random.integers(0, 100, (20, 30)), random.random((20, 30)) < 0.8)
    found, plain = solve_program(problem), solve(problem)
    assert found.pairs.tolist() == plain.pairs.tolist()
    assert (found.score, found.proven, found.floor) == (plain.score, True, None)
    assert (found.kept, found.mentors_chosen, found.waited, found.blocking) == (None, None, None, None)


def test_solve_program_stable_has_no_blocking_pair_and_no_bound():
    problem = Problem.from_scores([[9, 8], [8, 1]])
    found = solve_program(problem, stable=True, priority=([0], []), before=[(0, 1)])
    assert found.pairs.tolist() == [[0, 0], [1, 1]]
    assert (found.score, found.upper_bound, found.proven) == (10, None, False)
    assert found.blocking is not None
    assert len(found.blocking) == 0
    assert (found.kept, found.waited) == (None, None)
    assert check(found.weighed, found.solution) == []


@settings(max_examples=60, deadline=None)
@given(programs(largest=4))
def test_solve_program_stable_answer_holds(given_):
    problem, asked = given_
    found = solve_program(problem, stable=True, picks=asked["picks"])
    assert check_program(problem, found, picks=asked["picks"]) == []


def test_solve_program_counts_picks_of_people_with_a_seat():
    problem = Problem.from_scores(np.zeros((3, 3), dtype=int), mentor_seats=[1, 1, 0])
    picks = Picks(mentors={0: [0, 1], 1: [0], 2: [2]}, mentees={0: [1], 1: [2], 2: []})
    found = solve_program(problem, picks=picks)
    assert found.pairs.tolist() == [[0, 1], [1, 0]]
    assert found.mentors_chosen == Chosen(picked=2, first=1, any=2)
    assert found.mentees_chosen == Chosen(picked=2, first=1, any=1)


def test_solve_program_who_waited_comes_first_however_few_points():
    problem = Problem.from_scores([[9, 1]])
    assert solve_program(problem).pairs.tolist() == [[0, 0]]
    found = solve_program(problem, priority=([], [1]))
    assert found.pairs.tolist() == [[0, 1]]
    assert found.waited == Waited(waited=1, placed=1)


def test_solve_program_who_waited_needs_only_one_of_several_seats():
    # Mentor 1 waited and has two seats: one mentee is enough, the other goes where the points are.
    problem = Problem.from_scores([[9, 9], [1, 2]], mentor_seats=[2, 2])
    assert solve_program(problem, priority=([1], [])).pairs.tolist() == [[0, 0], [1, 1]]


def test_solve_program_a_pair_more_outweighs_who_waited():
    problem = Problem.from_scores(
        np.ones((2, 3), dtype=int), allowed=[[True, True, True], [True, False, False]]
    )
    found = solve_program(problem, priority=([], [0, 1]), before=[(0, 0)])
    assert len(found.pairs) == 2


def test_solve_program_price_of_a_pair_is_in_points_of_the_questionnaire():
    problem = Problem.from_scores([[9, 4], [4, 3]])
    found = solve_program(problem, picks=Picks(mentees={0: [1]}))
    assert found.pairs.tolist() == [[0, 1], [1, 0]]
    price = found.price(problem, 0, 0)
    assert price is not None
    assert (price.pairs_lost, price.points_lost, price.moved) == (0, -4, 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"before": [(0, 0), (0, 0)]}, "before: a pair is given more than once"),
        ({"before": [(0, 0)], "price_per_move": -1}, "price_per_move: -1 is not a number of points from 0"),
        ({"priority": ([1], [])}, "priority: somebody is outside of 1 mentors"),
        ({"priority": ([], [-1])}, "priority: somebody is outside of 1 mentees"),
        ({"picks": Picks(mentors={0: [4]})}, "picks: mentors at 0: somebody is outside of the problem"),
    ],
)
def test_solve_program_names_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        solve_program(Problem.from_scores([[1]]), **options)


@settings(max_examples=80, deadline=None)
@given(programs(largest=4), st.randoms(use_true_random=False))
def test_solve_program_permuted_input_gives_the_same_pairs(given_, random):
    problem, asked = given_
    rows, columns = list(range(problem.shape[0])), list(range(problem.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    row_at, column_at = {one: at for at, one in enumerate(rows)}, {one: at for at, one in enumerate(columns)}
    other = Problem.from_scores(
        problem.scores[np.ix_(rows, columns)],
        problem.allowed[np.ix_(rows, columns)],
        mentor_seats=problem.mentor_seats[rows],
        mentee_seats=problem.mentee_seats[columns],
        locked=[(row_at[i], column_at[j]) for i, j in problem.locked.tolist()],
        floor=problem.floor,
        mentor_ids=problem.mentor_ids[rows],
        mentee_ids=problem.mentee_ids[columns],
    )
    options = options_of(problem, asked)
    turned = dict(options)
    if asked["picks"] is not None:
        turned["picks"] = Picks(
            *(
                {own[person]: [far[one] for one in partners] for person, partners in side.items()}
                for side, own, far in (
                    (asked["picks"].mentors, row_at, column_at),
                    (asked["picks"].mentees, column_at, row_at),
                    (asked["picks"].mentors_refuse, row_at, column_at),
                    (asked["picks"].mentees_refuse, column_at, row_at),
                )
            )
        )
    turned["priority"] = (
        [row_at[i] for i in asked["priority"][0]],
        [column_at[j] for j in asked["priority"][1]],
    )
    if asked["share"] is not None:
        marked = asked["share"].marks.matrix[np.ix_(rows, columns)]
        turned["share"] = Share(Marks.of_matrix(marked), asked["share"].percent)
    one, two = solve_program(problem, **options), solve_program(other, **turned)
    assert ids_of(problem, one.pairs.tolist()) == ids_of(other, two.pairs.tolist())


PICKS = Picks(mentees={0: [1]}, mentors_refuse={1: [1]})
PROBLEM = Problem.from_scores(
    [[9, 4, 1], [4, 3, 6], [2, 2, 2]], allowed=np.array([[True] * 3] * 2 + [[True, True, False]]), floor=2
)
PROGRAM = solve_program(PROBLEM, picks=PICKS)


def test_check_program_right_answer_finds_nothing():
    assert PROGRAM.pairs.tolist() == [[0, 0], [1, 2], [2, 1]]
    assert check_program(PROBLEM, PROGRAM, picks=PICKS) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"pairs": np.array([[2, 2]])}, "pairs: mentor 2, mentee 2 is forbidden"),
        ({"pairs": np.array([[1, 1]])}, "pairs: mentor 1, mentee 1 is refused"),
        ({"pairs": np.array([[0, 2]])}, "pairs: mentor 0, mentee 2 is under the floor"),
        ({"pairs": np.array([[0, 0], [0, 1]])}, "seats: mentor at 0 has 2 pairs and 1 seats"),
        ({"pairs": np.array([[0, 0], [0, 0]])}, "pairs: the same two people are paired twice"),
        ({"pairs": np.array([[0, 0]])}, "pairs: not those of the solution"),
        ({"score": 99}, "score: says 99, the pairs have 17"),
        ({"upper_bound": 1}, "bound: 1 is under the score 17"),
        ({"upper_bound": 18}, "bound: claims a proof and a gap"),
        (
            {"weighed": replace(PROGRAM.weighed, forbidden=np.array([[1, 1], [0, 1]]))},
            "solved: mentor 0, mentee 1 was left out",
        ),
        ({"solution": replace(PROGRAM.solution, score=1)}, "solved: bound: "),
    ],
)
def test_check_program_wrong_answer_is_told(change, fault):
    faults = check_program(PROBLEM, replace(PROGRAM, **change), picks=PICKS)
    assert any(one.startswith(fault) for one in faults), faults


def test_check_program_missing_locked_pair_is_told():
    faults = check_program(replace(PROBLEM, locked=np.array([[1, 0]])), PROGRAM, picks=PICKS)
    assert "pairs: the locked pair (1, 0) is missing" in faults
