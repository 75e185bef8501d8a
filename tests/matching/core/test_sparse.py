import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.core import Problem, solve, sparse
from matching.core.points import Product, Raised, Table
from matching.core.verify import check
from tests.matching.core.test_assignment import brute_force, problems


@pytest.fixture(autouse=True)
def _few_candidates(monkeypatch):
    """Small problems would be all candidates: then nothing is ever found missing."""
    monkeypatch.setattr(sparse, "CANDIDATES", 2)
    monkeypatch.setattr(sparse, "ADDED", 1)
    monkeypatch.setattr(sparse, "FEW_CANDIDATES", 0)


def one_sided(options):
    if options["mentor_seats"].max() > 1 and options["mentee_seats"].max() > 1:
        options = options | {"mentee_seats": np.minimum(options["mentee_seats"], 1)}
        seen, locked = set(), []
        for i, j in options["locked"]:
            if j not in seen:
                locked.append((i, j))
            seen.add(j)
        options["locked"] = locked
    return options


@settings(max_examples=150, deadline=None)
@given(problems(largest=6).map(one_sided))
def test_solve_sparse_small_problem_equals_brute_force(options):
    problem = Problem.from_scores(**options)
    solution = solve(problem, method="sparse")
    assert (len(solution.pairs), solution.score) == brute_force(problem)
    assert solution.proven_optimal
    assert check(problem, solution) == []


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(1, 50),
    st.integers(1, 50),
    st.sampled_from([0.03, 0.2, 1.0]),
    st.sampled_from([(1, 1), (4, 1), (1, 3)]),
    st.sampled_from([3, 1000, 10**6]),
)
def test_solve_sparse_larger_problem_equals_dense(seed, mentors, mentees, density, seats, top):
    random = np.random.default_rng(seed)
    problem = Problem.from_scores(
        random.integers(-2, top, (mentors, mentees)),
        allowed=random.random((mentors, mentees)) < density,
        mentor_seats=random.integers(0, seats[0] + 1, mentors),
        mentee_seats=random.integers(0, seats[1] + 1, mentees),
        floor=int(random.choice([-5, 1])),
    )
    one, other = solve(problem, method="sparse"), solve(problem, method="dense")
    assert (len(one.pairs), one.score) == (len(other.pairs), other.score)
    assert one.proven_optimal
    assert check(problem, one) == []


@settings(max_examples=60, deadline=None)
@given(problems(largest=6).map(one_sided), st.randoms(use_true_random=False))
def test_solve_sparse_permuted_input_gives_the_same_pairs(options, random):
    problem = Problem.from_scores(**options)
    rows, columns = list(range(problem.shape[0])), list(range(problem.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    grid = np.ix_(rows, columns)
    other = Problem.from_scores(
        scores=options["scores"][grid],
        allowed=options["allowed"][grid],
        mentor_seats=options["mentor_seats"][rows],
        mentee_seats=options["mentee_seats"][columns],
        locked=[(rows.index(i), columns.index(j)) for i, j in options["locked"]],
        floor=options["floor"],
        mentor_ids=[options["mentor_ids"][i] for i in rows],
        mentee_ids=[options["mentee_ids"][j] for j in columns],
    )
    named = [
        [(p.mentor_ids[i].item(), p.mentee_ids[j].item()) for i, j in solve(p, method="sparse").pairs]
        for p in (problem, other)
    ]
    assert named[0] == named[1]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 40), st.booleans())
def test_solve_from_factors_equals_from_scores_and_never_writes_the_matrix(seed, mentors, mentees, large):
    random = np.random.default_rng(seed)
    factors = [random.integers(-9, 10**4 if large else 10, (people, 4)) for people in (mentors, mentees)]
    barred = np.column_stack([random.integers(0, mentors, 9), random.integers(0, mentees, 9)])
    allowed = np.ones((mentors, mentees), dtype=bool)
    allowed[barred[:, 0], barred[:, 1]] = False
    problem = Problem.from_factors(*factors, forbidden=barred)
    whole = Problem.from_scores(factors[0] @ factors[1].T, allowed)
    one, other = solve(problem, method="sparse"), solve(whole, method="dense")
    assert (len(one.pairs), one.score, one.proven_optimal) == (len(other.pairs), other.score, True)
    assert check(problem, one) == []
    assert problem.fingerprint() == whole.fingerprint()
    assert {"scores", "allowed"} & set(vars(problem)) == set()


@pytest.mark.parametrize("cells", [1, 70, 1 << 22])
def test_solve_sparse_with_any_size_of_blocks_gives_the_same_pairs(cells, monkeypatch):
    random = np.random.default_rng(3)
    factors = random.integers(0, 4, (80, 5)), random.integers(0, 4, (90, 5))
    expected = solve(Problem.from_factors(*factors), method="sparse").pairs.tolist()
    monkeypatch.setattr("matching.core.points.BLOCK_CELLS", cells)
    assert solve(Problem.from_factors(*factors), method="sparse").pairs.tolist() == expected


def test_solve_sparse_out_of_time_has_a_valid_bound():
    random = np.random.default_rng(1)
    problem = Problem.from_scores(random.integers(0, 10**4, (60, 60)))
    hurried, best = solve(problem, method="sparse", budget_seconds=0), solve(problem)
    assert hurried.score <= best.score <= hurried.upper_bound
    assert not hurried.proven_optimal
    assert check(problem, hurried) == []


@pytest.mark.parametrize(("checks", "seats"), [(0, 1), (1, 1), (3, 1), (2, 2)])
def test_solve_sparse_out_of_time_between_blocks_has_a_valid_bound(checks, seats, monkeypatch):
    """Time is up in the middle of looking for missing pairs."""
    monkeypatch.setattr("matching.core.points.BLOCK_CELLS", 1)
    random = np.random.default_rng(1)
    scores = random.integers(0, 10**4, (90, 100))
    problem = Problem.from_scores(
        scores, mentor_seats=np.full(90, seats), mentee_seats=np.full(100, seats), locked=[(0, 0)]
    )
    turns = iter(range(checks))
    found = sparse.solve_sparse(problem, lambda: next(turns, None) is None, lambda phase, share: None)
    best = solve(problem, method="dense")
    pairs = np.concatenate([problem.locked, found.pairs])
    assert len(pairs) == len(best.pairs) == 90 * seats
    assert problem.score_of(pairs) <= best.score <= problem.score_of(pairs) + found.gap
    assert found.gap > 0


@settings(max_examples=150, deadline=None)
@given(problems(largest=5))
def test_solve_sparse_with_seats_on_both_sides_equals_brute_force(options):
    problem = Problem.from_scores(**options)
    solution = solve(problem, method="sparse")
    assert (len(solution.pairs), solution.score) == brute_force(problem)
    assert solution.proven_optimal
    assert check(problem, solution) == []


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(5, 60),
    st.integers(5, 60),
    st.sampled_from([0.05, 0.3, 1.0]),
    st.sampled_from([3, 1000, 10**6]),
)
def test_solve_sparse_larger_with_seats_on_both_sides_equals_dense(seed, mentors, mentees, density, top):
    random = np.random.default_rng(seed)
    problem = Problem.from_scores(
        random.integers(-2, top, (mentors, mentees)),
        allowed=random.random((mentors, mentees)) < density,
        mentor_seats=random.integers(0, 4, mentors),
        mentee_seats=random.integers(0, 6, mentees),
    )
    one, other = solve(problem, method="sparse"), solve(problem, method="dense")
    assert (len(one.pairs), one.score) == (len(other.pairs), other.score)
    assert one.proven_optimal
    assert check(problem, one) == []


@pytest.mark.parametrize(
    ("people", "seats", "method"), [(40, 1, "sparse"), (40, 2, "sparse"), (9, 1, "dense"), (9, 2, "dense")]
)
def test_solve_auto_is_sparse_for_many_people(people, seats, method, monkeypatch):
    monkeypatch.setattr("matching.core.assignment.SPARSE_FROM", 40)
    monkeypatch.setattr("matching.core.assignment.TWO_SIDED_FROM", 10)
    seats_of_all = {"mentor_seats": np.full(people, seats), "mentee_seats": np.full(people, seats)}
    problem = Problem.from_scores(np.ones((people, people), dtype=int), **seats_of_all)
    assert solve(problem).method == method


def test_product_pairs_and_blocks_are_exact_beyond_short_floats():
    random = np.random.default_rng(2)
    product = Product(random.integers(0, 2**20, (30, 3)), random.integers(0, 2**20, (20, 3)))
    whole = product.left @ product.right.T
    rows, columns = np.nonzero(np.ones(whole.shape, dtype=bool))
    assert (product.whole(np.arange(30)) == whole).all()
    assert (product.at(rows, columns) == whole.ravel()).all()
    assert product.limits == (whole.min(), whole.max())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_raised_points_are_the_same_however_they_are_read(seed, table):
    random = np.random.default_rng(seed)
    factors = random.integers(-5, 9, (7, 3)), random.integers(-5, 9, (11, 3))
    whole = factors[0] @ factors[1].T
    rows, columns, extra = random.integers(0, 7, 9), random.integers(0, 11, 9), random.integers(0, 2**30, 9)
    plain = Table(whole.copy()) if table else Product(*factors)
    once = Raised.of(plain, rows[:4], columns[:4], extra[:4])
    raised = Raised.of(once, rows[4:], columns[4:], extra[4:])
    np.add.at(whole, (rows, columns), extra)
    cells = np.nonzero(np.ones(whole.shape, dtype=bool))
    assert (raised.whole(np.arange(7)) == whole).all()
    assert (raised.at(*cells) == whole.ravel()).all()
    assert (raised.transposed().whole(np.arange(11)) == whole.T).all()
    some = random.permutation(7)[:4], random.permutation(11)[:5]
    assert (raised.take(*some).whole(np.arange(4)) == whole[np.ix_(*some)]).all()
    less = random.integers(0, 2**25, 11)
    assert (raised.block(np.arange(7), less) == whole - less).all()
    assert raised.limits[0] <= whole.min()
    assert raised.limits[1] == whole.max()
