import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.core import Problem, solve
from matching.core.picks import Picks, blocking_pairs, solve_stable, with_picks
from matching.core.verify import check
from tests.matching.core.test_assignment import problems


@st.composite
def lists(draw, people, partners):
    """(picks, refusals) of one side: somebody is in at most one of both."""
    picks, refused = {}, {}
    for person in range(people):
        order = draw(st.permutations(range(partners)))
        end = draw(st.integers(0, min(3, partners)))
        picks[person], refused[person] = order[:end], order[end : end + draw(st.sampled_from([0, 0, 1]))]
    return picks, refused


@st.composite
def picked(draw):
    problem = Problem.from_scores(**draw(problems(largest=5)))
    mentors, mentors_refuse = draw(lists(*problem.shape))
    mentees, mentees_refuse = draw(lists(*problem.shape[::-1]))
    for i, j in problem.locked.tolist():
        mentors_refuse[i] = [one for one in mentors_refuse[i] if one != j]
        mentees_refuse[j] = [one for one in mentees_refuse[j] if one != i]
    return problem, Picks(mentors, mentees, mentors_refuse, mentees_refuse)


def possible(problem, picks, i, j):
    if not problem.allowed[i, j] or j in picks.mentors_refuse[i] or i in picks.mentees_refuse[j]:
        return False
    wanted = j in picks.mentors[i] or i in picks.mentees[j]
    return wanted or problem.floor is None or problem.scores[i, j] >= problem.floor


def prefers(own_picks, points, ids, one, other):
    def place(partner):
        turn = own_picks.index(partner) if partner in own_picks else len(own_picks)
        return turn, -points[partner], ids[partner]

    return place(one) < place(other)


def blocks(problem, picks, pairs):
    """All blocking pairs by the definition, one by one. Refused picks count for nobody."""
    locked, made = (set(map(tuple, some.tolist())) for some in (problem.locked, pairs))
    found = []
    for i in range(problem.shape[0]):
        for j in range(problem.shape[1]):
            if (i, j) in made or not possible(problem, picks, i, j):
                continue
            wanted_i = [x for x in picks.mentors[i] if i not in picks.mentees_refuse[x]]
            wanted_j = [x for x in picks.mentees[j] if j not in picks.mentors_refuse[x]]
            has_i, has_j = [y for x, y in made if x == i], [x for x, y in made if y == j]
            glad_i = len(has_i) < problem.mentor_seats[i] or any(
                (i, y) not in locked and prefers(wanted_i, problem.scores[i], problem.mentee_ids, j, y)
                for y in has_i
            )
            glad_j = len(has_j) < problem.mentee_seats[j] or any(
                (x, j) not in locked and prefers(wanted_j, problem.scores[:, j], problem.mentor_ids, i, x)
                for x in has_j
            )
            if glad_i and glad_j:
                found.append([i, j])
    return found


@settings(max_examples=120, deadline=None)
@given(picked())
def test_solve_stable_has_no_blocking_pair(options):
    problem, picks = options
    stable = solve_stable(problem, picks)
    locked = set(map(tuple, problem.locked.tolist()))
    made = list(map(tuple, stable.pairs.tolist()))
    assert blocks(problem, picks, stable.pairs) == []
    assert len(stable.blocking) == 0
    assert locked <= set(made)
    assert len(set(made)) == len(made)
    assert all(possible(problem, picks, i, j) for i, j in set(made) - locked)
    assert (np.bincount([i for i, _j in made], minlength=problem.shape[0]) <= problem.mentor_seats).all()
    assert (np.bincount([j for _i, j in made], minlength=problem.shape[1]) <= problem.mentee_seats).all()


@settings(max_examples=80, deadline=None)
@given(picked())
def test_solve_with_picks_keeps_refusals_and_mutual_first_choices(options):
    problem, picks = options
    chosen = with_picks(problem, picks)
    solution = solve(chosen)
    locked = set(map(tuple, problem.locked.tolist()))
    made = set(map(tuple, solution.pairs.tolist()))
    assert check(chosen, solution) == []
    assert all(possible(problem, picks, i, j) for i, j in made - locked)
    for i in range(problem.shape[0]):
        for j in range(problem.shape[1]):
            mutual = picks.mentors[i][:1] == [j] and picks.mentees[j][:1] == [i]
            free_i = sum(a == i for a, _b in locked) < problem.mentor_seats[i]
            free_j = sum(b == j for _a, b in locked) < problem.mentee_seats[j]
            if mutual and free_i and free_j and possible(problem, picks, i, j):
                assert (i, j) in made
    assert blocking_pairs(problem, picks, solution.pairs).tolist() == blocks(problem, picks, solution.pairs)


def test_one_pick_outweighs_any_score():
    problem = Problem.from_scores([[1000, 0], [0, 0]])
    assert solve(problem).pairs.tolist() == [[0, 0], [1, 1]]
    assert solve(with_picks(problem, Picks(mentees={1: [0]}))).pairs.tolist() == [[0, 1], [1, 0]]


def test_picks_of_both_outweigh_the_first_choice_of_one():
    problem = Problem.from_scores(np.zeros((2, 1), dtype=int))
    picks = Picks(mentors={0: [0]}, mentees={0: [1, 0]})
    assert solve(with_picks(problem, picks)).pairs.tolist() == [[0, 0]]


def test_a_pick_stands_under_the_floor():
    problem = Problem.from_scores([[1]], floor=5)
    assert solve(with_picks(problem, Picks(mentors={0: [0]}))).pairs.tolist() == [[0, 0]]


def test_stable_pairs_may_differ_from_the_most_points():
    problem = Problem.from_scores([[9, 8], [8, 1]])
    assert solve(problem).score == 16
    stable = solve_stable(problem, Picks())
    assert stable.pairs.tolist() == [[0, 0], [1, 1]]
    assert blocking_pairs(problem, Picks(), solve(problem).pairs).tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("picks", "message"),
    [
        (Picks(mentors={0: [2]}), "picks: mentors at 0: somebody is outside of the problem"),
        (Picks(mentees={5: [0]}), "picks: mentees at 5: somebody is outside of the problem"),
        (Picks(mentors={0: [1, 1]}), "picks: mentors at 0: somebody is picked twice"),
        (
            Picks(mentees={0: [1]}, mentees_refuse={0: [1]}),
            "picks: mentees at 0: somebody is picked and refused",
        ),
        (Picks(mentors_refuse={1: [1]}), "locked: forbidden by a rule: mentor 1 with mentee 1"),
    ],
)
def test_with_picks_names_what_is_wrong(picks, message):
    problem = Problem.from_scores(np.ones((2, 2), dtype=int), locked=[(1, 1)])
    with pytest.raises(ValueError, match=message):
        with_picks(problem, picks)


def test_solve_stable_with_a_refused_locked_pair_is_refused():
    with pytest.raises(ValueError, match="somebody refuses a locked pair"):
        solve_stable(Problem.from_scores([[1]], locked=[(0, 0)]), Picks(mentors_refuse={0: [0]}))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([None, 30]))
def test_with_picks_of_a_problem_from_factors_never_writes_the_matrix(seed, floor):
    random = np.random.default_rng(seed)
    mentors, mentees = int(random.integers(3, 30)), int(random.integers(3, 30))
    offers, wants = random.integers(0, 6, (mentors, 4)), random.integers(0, 6, (mentees, 4))
    picks = Picks(
        {i: random.permutation(mentees)[:3].tolist() for i in range(0, mentors, 2)},
        {j: random.permutation(mentors)[:3].tolist() for j in range(0, mentees, 3)},
        mentors_refuse={1: [0]},
    )
    chosen = with_picks(Problem.from_factors(offers, wants, floor=floor), picks)
    whole = with_picks(Problem.from_scores(offers @ wants.T, floor=floor), picks)
    one, other = solve(chosen, method="sparse"), solve(whole, method="dense")
    assert (len(one.pairs), one.score, one.proven_optimal) == (len(other.pairs), other.score, True)
    assert check(chosen, one) == []
    assert {"scores", "allowed"} & set(vars(chosen)) == set()


@pytest.mark.parametrize("sorted_first", [1, 3])
def test_solve_stable_lists_are_read_to_their_end(sorted_first, monkeypatch):
    """Everybody likes the same people best, so that most lists are read far."""
    scores = np.arange(30)[:, None] * 100 + np.arange(30)[None, :]
    expected = solve_stable(Problem.from_scores(scores), Picks()).pairs
    monkeypatch.setattr("matching.core.picks.SORTED_FIRST", sorted_first)
    found = solve_stable(Problem.from_scores(scores), Picks())
    assert found.pairs.tolist() == expected.tolist() == [[i, i] for i in range(30)]
    assert len(found.blocking) == 0
