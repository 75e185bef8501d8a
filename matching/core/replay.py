"""Keeping what proves an answer in few bytes, and the versions it was made with."""

import json
import platform
import struct
import zlib
from importlib.metadata import version

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.core.assignment import Solution, unmatched
from matching.core.certificate import Duals
from matching.core.problem import Problem

Ints = NDArray[np.int64]

ENGINE = "3"
MAGIC = b"upward-proof-1"


def versions() -> dict[str, str]:
    """What an answer depends on beside the input: `engine` changes when the same input may give other pairs
    among equally good ones."""
    return {
        "engine": ENGINE,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "scipy": version("scipy"),
    }


def pack_proof(problem: Problem, solution: Solution) -> bytes:
    """Everything `unpack_proof` needs beside the problem and the pairs; some 5 bytes a person.

    In id order, so that it fits the same problem in any order of rows.
    """
    duals = solution.duals
    head = {
        "bonus": duals.bonus,
        "base": duals.base,
        "upper_bound": solution.upper_bound,
        "score": solution.score,
        "method": solution.method,
        "people": list(problem.shape),
    }
    told = json.dumps(head, separators=(",", ":")).encode()
    orders = np.argsort(problem.mentor_ids, kind="stable"), np.argsort(problem.mentee_ids, kind="stable")
    prices = np.concatenate([duals.mentors[orders[0]], duals.mentees[orders[1]]])
    # The bytes of one place after the other: the high ones are all alike.
    planes = np.ascontiguousarray(prices.astype("<i8")).view(np.uint8).reshape(-1, 8).T.tobytes()
    return MAGIC + struct.pack("<I", len(told)) + told + zlib.compress(planes, 9)


def unpack_proof(problem: Problem, pairs: ArrayLike, proof: bytes) -> Solution:
    """The solution with these stored pairs (P, 2) of positions, as it was proven; nothing is solved and
    nothing is checked: `verify.check` does that. ValueError for bytes that are no proof, or
    that of a problem with other people."""
    if not proof.startswith(MAGIC):
        raise ValueError("proof: not made by pack_proof")
    start = len(MAGIC) + 4
    try:
        (length,) = struct.unpack("<I", proof[len(MAGIC) : start])
        head = json.loads(proof[start : start + length])
        planes = np.frombuffer(zlib.decompress(proof[start + length :]), dtype=np.uint8)
        prices = np.ascontiguousarray(planes.reshape(8, -1).T).view("<i8").ravel().astype(np.int64)
    except (struct.error, ValueError, zlib.error) as error:
        raise ValueError(f"proof: damaged ({error})") from error
    if head["people"] != list(problem.shape) or len(prices) != sum(problem.shape):
        raise ValueError(f"proof: made for {head['people']} people, the problem has {list(problem.shape)}")
    mentors, mentees = (np.zeros(people, dtype=np.int64) for people in problem.shape)
    mentors[np.argsort(problem.mentor_ids, kind="stable")] = prices[: len(mentors)]
    mentees[np.argsort(problem.mentee_ids, kind="stable")] = prices[len(mentors) :]
    made = problem.sorted_pairs(np.asarray(pairs, dtype=np.int64).reshape(-1, 2))
    return Solution(
        pairs=made,
        score=head["score"],
        upper_bound=head["upper_bound"],
        proven_optimal=head["upper_bound"] == head["score"],
        unmatched_mentors=unmatched(made[:, 0], problem.mentor_seats, problem.mentor_ids),
        unmatched_mentees=unmatched(made[:, 1], problem.mentee_seats, problem.mentee_ids),
        duals=Duals(head["bonus"], head["base"], mentors, mentees),
        method=head["method"],
        seconds=0.0,
    )
