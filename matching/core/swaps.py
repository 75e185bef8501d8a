"""Two pairings differ by separate chains of swaps; any of these may be made without the others."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]
Numbers = Callable[[Ints], Ints]


def mixed(start: Ints, goal: Ints, value: Numbers, marks: Numbers, same: Numbers, spare: int) -> Ints:
    """The pairs `start` (P, 2) with those chains towards `goal` that together gain the most `value` and
    lose at most `spare` `marks`. The number of pairs and the sums of `same` (P, k) stay as they are. Both
    in order of id: that decides between equals."""
    first, second = set(map(tuple, start.tolist())), set(map(tuple, goal.tolist()))
    gone = [pair for pair in map(tuple, start.tolist()) if pair not in second]
    new = [pair for pair in map(tuple, goal.tolist()) if pair not in first]
    edges = np.array(gone + new, dtype=np.int64).reshape(-1, 2)
    sign = np.array([-1] * len(gone) + [1] * len(new), dtype=np.int64)
    if not len(edges):
        return start
    number, chain = _chains(edges, sign)

    def change(each: Ints) -> Ints:
        total = np.zeros(number, dtype=np.int64)
        np.add.at(total, chain, sign * each)
        return total

    ones, kinds = np.ones(len(edges), dtype=np.int64), same(edges)
    neutral = change(ones) == 0
    for column in range(kinds.shape[1]):
        neutral &= change(kinds[:, column]) == 0
    gains, losses = change(value(edges)), -change(marks(edges))
    taken = _knapsack(gains, losses, np.flatnonzero(neutral), spare)
    used = np.isin(chain, taken)
    dropped = {tuple(pair) for pair in edges[used & (sign < 0)].tolist()}
    kept = [pair for pair in map(tuple, start.tolist()) if pair not in dropped]
    return np.array(kept + edges[used & (sign > 0)].tolist(), dtype=np.int64).reshape(-1, 2)


def _chains(edges: Ints, sign: Ints) -> tuple[int, Ints]:
    """(number, chain of each edge): at every person each pair that goes makes room for one that comes."""
    links: list[tuple[int, int]] = []
    for side in (0, 1):
        going: dict[int, list[int]] = {}
        for edge in np.flatnonzero(sign < 0).tolist():
            going.setdefault(int(edges[edge, side]), []).append(edge)
        for edge in np.flatnonzero(sign > 0).tolist():
            room = going.get(int(edges[edge, side]))
            if room:
                links.append((room.pop(), edge))
    index = np.array(links, dtype=np.int64).reshape(-1, 2)
    graph = csr_array((np.ones(len(index)), (index[:, 0], index[:, 1])), shape=(len(edges), len(edges)))
    number, chain = connected_components(graph, directed=False)
    return int(number), chain.astype(np.int64)


def _knapsack(gains: Ints, losses: Ints, among: Ints, spare: int) -> Ints:
    """Which of `among` gain the most and lose at most `spare` together; losses may be negative."""
    # Who brings room is in at first, and may be left out again for what that gains.
    brings = {one for one in among.tolist() if losses[one] < 0}
    room = spare - int(losses[list(brings)].sum())
    rest = [(one, abs(int(losses[one])), int(-gains[one] if one in brings else gains[one])) for one in among]
    rest = [(one, loss, gain) for one, loss, gain in rest if gain > 0 and loss <= room]
    best = np.zeros(room + 1, dtype=np.int64)
    chosen = np.zeros((len(rest), room + 1), dtype=bool)
    for turn, (_one, loss, gain) in enumerate(rest):
        with_it = np.full(room + 1, -1, dtype=np.int64)
        with_it[loss:] = best[: room + 1 - loss] + gain
        chosen[turn] = with_it > best
        best = np.maximum(best, with_it)
    taken, left = set(brings), room
    for turn in range(len(rest) - 1, -1, -1):
        if chosen[turn, left]:
            taken ^= {int(rest[turn][0])}
            left -= rest[turn][1]
    return np.array(sorted(taken), dtype=np.int64)
