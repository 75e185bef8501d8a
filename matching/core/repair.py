"""After dropouts, late joiners or changed rules: the best pairing that moves as few people as possible."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.core.assignment import Progress, solve
from matching.core.bars import Listed
from matching.core.points import Raised
from matching.core.problem import Problem

Ints = NDArray[np.int64]
Named = tuple[Any, Any]


@dataclass(frozen=True, eq=False)
class Repair:
    """`pairs` (P, 2) all pairs afterwards by id, of which `kept` (K, 2) stood before and `added` (A, 2) are
    new. Of those before, by id: `moved` could have stayed, `impossible` could not (somebody left, a rule,
    the floor, no seat). `score` the points of `pairs`. `proven_optimal`: none makes more pairs, none of those
    moves fewer (or, at a price per moved pair, is worth more), and none of those has more points."""

    pairs: Ints
    kept: Ints
    added: Ints
    moved: list[Named]
    impossible: list[Named]
    score: int
    proven_optimal: bool


def repair(
    problem: Problem,
    before: Iterable[Named],
    *,
    price_per_move: int | None = None,
    budget_seconds: float | None = None,
    progress: Progress | None = None,
) -> Repair:
    """The pairing of `problem` nearest to the pairs `before` (mentor id, mentee id); unknown ids have left.

    In strict order: most pairs, most kept pairs, most points. With `price_per_move` points, a pair is
    moved whenever all pairs together gain more than that by it. ValueError for a negative price, for a
    pair given twice, and where points would leave the exact range (some 200,000 pairs of 9,000 points).
    """
    if price_per_move is not None and (isinstance(price_per_move, bool) or price_per_move < 0):
        raise ValueError(f"price_per_move: {price_per_move} is not a number of points from 0")
    named = list(before)
    if len(set(named)) != len(named):
        raise ValueError("before: a pair is given more than once")
    possible, impossible = _sorted_out(problem, named)
    weighed = _weighed(problem, possible, price_per_move)
    solution = solve(weighed, budget_seconds=budget_seconds, progress=progress)
    stood = {tuple(pair) for pair in possible.tolist()}
    stays = np.array([tuple(pair) in stood for pair in solution.pairs.tolist()], dtype=bool)
    kept = solution.pairs[stays]
    standing = {tuple(pair) for pair in kept.tolist()}
    gone = np.array([pair for pair in possible.tolist() if tuple(pair) not in standing], dtype=np.int64)
    return Repair(
        pairs=solution.pairs,
        kept=kept,
        added=solution.pairs[~stays],
        moved=[_names(problem, i, j) for i, j in problem.sorted_pairs(gone.reshape(-1, 2)).tolist()],
        impossible=impossible,
        score=problem.score_of(solution.pairs),
        proven_optimal=solution.proven_optimal,
    )


def _sorted_out(problem: Problem, named: list[Named]) -> tuple[Ints, list[Named]]:
    """(index pairs that can still be made, names of those that cannot)."""
    mentor_at = {identity: index for index, identity in enumerate(problem.mentor_ids.tolist())}
    mentee_at = {identity: index for index, identity in enumerate(problem.mentee_ids.tolist())}
    known = [pair for pair in named if pair[0] in mentor_at and pair[1] in mentee_at]
    pairs = np.array([(mentor_at[i], mentee_at[j]) for i, j in known], dtype=np.int64).reshape(-1, 2)
    locked = Listed.of(problem.locked[:, 0], problem.locked[:, 1], problem.shape)
    stays = problem.eligible_at(pairs) | locked.at(pairs[:, 0], pairs[:, 1])
    stays &= (problem.mentor_seats[pairs[:, 0]] > 0) & (problem.mentee_seats[pairs[:, 1]] > 0)
    staying = {pair for pair, stay in zip(known, stays.tolist(), strict=True) if stay}
    return pairs[stays], sorted(pair for pair in named if pair not in staying)


def _weighed(problem: Problem, stay: Ints, price: int | None) -> Problem:
    """The same problem with more points for staying: the price, or more than all points can differ.

    Only pairs at the floor stay, so that it forbids the same pairs as before."""
    if price is None:
        low, high = problem.points.limits
        mentors, mentees = problem.shape
        room = min(
            int(np.minimum(problem.mentor_seats, mentees).sum()),
            int(np.minimum(problem.mentee_seats, mentors).sum()),
        )
        price = room * (high - low) + 1
    extra = np.full(len(stay), price, dtype=np.int64)
    weighed = replace(problem, points=Raised.of(problem.points, stay[:, 0], stay[:, 1], extra))
    weighed.check_range()
    return weighed


def _names(problem: Problem, mentor: int, mentee: int) -> Named:
    return problem.mentor_ids[mentor].item(), problem.mentee_ids[mentee].item()
