"""What a run keeps beside its pairs so that it can be checked: the prices that prove it, what solved it."""

import io
import platform
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from matching.core import Duals, Problem, Solution
from matching.core.program import Program
from matching.core.verify import check

Ints = NDArray[np.int64]

SOLVED_BY = ("numpy", "scipy")


def versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in SOLVED_BY}}


def pack_proof(program: Program) -> bytes:
    """The prices by participant id (numpy's compressed .npz): with the input they bound every other pairing,
    see `matching.core.certificate.Duals`."""
    duals, problem = program.solution.duals, program.weighed
    packed = io.BytesIO()
    np.savez_compressed(
        packed,
        mentor_ids=problem.mentor_ids,
        mentee_ids=problem.mentee_ids,
        mentors=duals.mentors,
        mentees=duals.mentees,
        bonus_and_base=np.array([duals.bonus, duals.base]),
        bound=np.array([program.solution.upper_bound]),
    )
    return packed.getvalue()


def unpack_proof(packed: bytes, problem: Problem, pairs: Ints) -> Solution | None:
    """The answer that was kept, `pairs` with their prices, of the problem that was solved: the weighed one.
    None if the prices are of other people."""
    kept = np.load(io.BytesIO(packed))
    if not np.array_equal(kept["mentor_ids"], problem.mentor_ids):
        return None
    if not np.array_equal(kept["mentee_ids"], problem.mentee_ids):
        return None
    bonus, base = kept["bonus_and_base"].tolist()
    score, bound = problem.score_of(pairs), int(kept["bound"][0])
    return Solution(
        pairs=problem.sorted_pairs(pairs),
        score=score,
        upper_bound=bound,
        proven_optimal=bound == score,
        unmatched_mentors=_alone(pairs[:, 0], problem.mentor_seats),
        unmatched_mentees=_alone(pairs[:, 1], problem.mentee_seats),
        duals=Duals(bonus, base, kept["mentors"], kept["mentees"]),
        method="kept",
        seconds=0.0,
    )


def proves(packed: bytes, program: Program, pairs: Ints) -> bool:
    """Whether the prices that were kept show that none are better than these pairs, under the input of
    `program`."""
    answer = unpack_proof(packed, program.weighed, pairs)
    return answer is not None and answer.proven_optimal and not check(program.weighed, answer)


def _alone(paired: Ints, seats: Ints) -> Ints:
    return np.flatnonzero((np.bincount(paired, minlength=len(seats)) == 0) & (seats > 0))
