import numpy as np
import pytest
from hypothesis import given, settings

from matching.core import Problem, solve
from matching.core.replay import pack_proof, unpack_proof
from matching.core.verify import check
from tests.matching.core.test_assignment import problems


@settings(max_examples=80, deadline=None)
@given(problems(largest=5))
def test_unpack_proof_proves_the_stored_pairs_without_solving(options):
    problem = Problem.from_scores(**options)
    solution = solve(problem)
    found = unpack_proof(problem, solution.pairs, pack_proof(problem, solution))
    assert check(problem, found) == []
    assert (found.score, found.upper_bound, found.proven_optimal) == (
        solution.score,
        solution.upper_bound,
        True,
    )
    assert found.unmatched_mentors.tolist() == solution.unmatched_mentors.tolist()
    assert (found.duals.mentors == solution.duals.mentors).all()


def test_unpack_proof_fits_the_same_people_in_another_order():
    random = np.random.default_rng(1)
    scores, rows = random.integers(0, 99, (12, 15)), random.permutation(12)
    one = Problem.from_scores(scores)
    other = Problem.from_scores(scores[rows], mentor_ids=rows)
    solution = solve(one)
    pairs = np.column_stack([np.argsort(rows)[solution.pairs[:, 0]], solution.pairs[:, 1]])
    proof = pack_proof(one, solution)
    assert other.fingerprint() == one.fingerprint()
    assert check(other, unpack_proof(other, pairs, proof)) == []


def test_pack_proof_of_a_thousand_pairs_is_small():
    random = np.random.default_rng(2)
    problem = Problem.from_scores(random.integers(0, 9000, (1000, 1000)))
    assert len(pack_proof(problem, solve(problem))) < 12_000


def stored():
    problem = Problem.from_scores([[5, 4], [4, 1]])
    solution = solve(problem)
    return problem, solution.pairs, pack_proof(problem, solution)


def test_unpack_proof_of_other_points_proves_nothing():
    _problem, pairs, proof = stored()
    other = Problem.from_scores([[9, 4], [4, 1]])
    assert check(other, unpack_proof(other, pairs, proof))


def test_unpack_proof_of_pairs_that_are_not_the_best_proves_nothing():
    problem, _pairs, proof = stored()
    found = unpack_proof(problem, [[0, 0], [1, 1]], proof)
    assert check(problem, found) == ["score: says 8, the pairs have 6"]


@pytest.mark.parametrize("damage", [lambda proof: b"", lambda proof: proof[:-3], lambda proof: proof[:16]])
def test_unpack_proof_that_is_damaged_is_refused(damage):
    problem, pairs, proof = stored()
    with pytest.raises(ValueError, match=r"^proof: "):
        unpack_proof(problem, pairs, damage(proof))


def test_unpack_proof_of_other_people_is_refused():
    _problem, pairs, proof = stored()
    with pytest.raises(ValueError, match=r"proof: made for \[2, 2\] people, the problem has \[1, 2\]"):
        unpack_proof(Problem.from_scores([[1, 2]]), pairs, proof)
