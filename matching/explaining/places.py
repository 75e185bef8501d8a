"""The place of a partner in each one's own list, and the best others there, some hundred people at a time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.core import Problem
from matching.core.bars import Bar
from matching.core.points import Points, chunks
from matching.solving import Prepared

Ints = NDArray[np.int64]

NEXT_AT_MOST = 3
NOT_POSSIBLE = -1


@dataclass(frozen=True, eq=False)
class _Side:
    """The problem with the people whose lists are read in the rows. `pairs` (P, 2) person and partner."""

    points: Points
    bars: list[Bar]
    floor: int | None
    partners_with_seat: NDArray[np.bool_]
    pairs: Ints

    def places(self) -> tuple[Ints, Ints, Ints, Ints]:
        """By pair: rank and length of the person's list, and (P, NEXT_AT_MOST) the best others (-1 for
        none) and their ranks. Equals share a rank; of equals the first by id is next."""
        number = len(self.pairs)
        rank, length = np.zeros(number, dtype=np.int64), np.zeros(number, dtype=np.int64)
        others = np.full((number, NEXT_AT_MOST), -1, dtype=np.int64)
        ranks = np.zeros_like(others)
        people = np.unique(self.pairs[:, 0])
        order = np.argsort(self.pairs[:, 0], kind="stable")
        starts = np.searchsorted(self.pairs[order, 0], people)
        ends = np.append(starts[1:], number)
        for some in chunks(len(people), self.points.shape[1]):
            mine = order[starts[some[0]] : ends[some[-1]]]
            at = np.searchsorted(people[some], self.pairs[mine, 0])
            partner = self.pairs[mine, 1]
            points = self._possible(people[some], at, partner)
            length[mine] = (points != NOT_POSSIBLE).sum(axis=1)[at]
            own = points[at, partner]
            rank[mine] = 1 + (points[at] > own[:, None]).sum(axis=1)
            rest = points.copy()
            rest[at, partner] = NOT_POSSIBLE
            for turn in range(min(NEXT_AT_MOST, rest.shape[1])):
                best = rest.argmax(axis=1)
                value = rest[np.arange(len(rest)), best]
                above = 1 + (points > value[:, None]).sum(axis=1)
                others[mine, turn] = np.where(value == NOT_POSSIBLE, -1, best)[at]
                ranks[mine, turn] = above[at]
                rest[np.arange(len(rest)), best] = NOT_POSSIBLE
        return rank, length, others, ranks

    def _possible(self, people: Ints, at: Ints, partner: Ints) -> NDArray[Any]:
        """(people, partners) points, or NOT_POSSIBLE; the partner that one has is always possible."""
        points = self.points.block(people)
        made = points[at, partner]
        for bar in self.bars:
            points[bar.block(people)] = NOT_POSSIBLE
        if self.floor is not None:
            points[points < self.floor] = NOT_POSSIBLE
        points[:, ~self.partners_with_seat] = NOT_POSSIBLE
        points[at, partner] = made
        return points


def places(prepared: Prepared, problem: Problem, pairs: Ints) -> list[dict[str, Any]]:
    """By pair and role: `rank` of the partner, `of` how many, and `next`, the best others (participant id,
    score, rank). Lists go by points: who picked whom is a wish, and told apart."""
    inputs, points = prepared.inputs, problem.points
    mentors = _Side(points, problem.bars, problem.floor, problem.mentee_seats > 0, pairs)
    mentees = _Side(
        points.transposed(),
        [bar.transposed() for bar in problem.bars],
        problem.floor,
        problem.mentor_seats > 0,
        pairs[:, ::-1],
    )
    told: list[dict[str, Any]] = [{} for _pair in pairs]
    for role, side, ids in (("mentor", mentors, inputs.mentees.ids), ("mentee", mentees, inputs.mentors.ids)):
        rank, length, others, ranks = side.places()
        person = np.repeat(side.pairs[:, 0], NEXT_AT_MOST)
        known = np.maximum(others, 0).ravel()
        scores = prepared.sheet.percent(side.points.at(person, known)).reshape(others.shape)
        for index, one in enumerate(told):
            one[role] = {
                "rank": int(rank[index]),
                "of": int(length[index]),
                "next": [
                    {
                        "id": ids[other],
                        "score": round(float(scores[index, turn])),
                        "rank": int(ranks[index, turn]),
                    }
                    for turn, other in enumerate(others[index].tolist())
                    if other >= 0
                ],
            }
    return told
