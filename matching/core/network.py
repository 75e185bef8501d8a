"""Candidate pairs as a network: its best assignment and the prices of that, neither as a matrix."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from matching.core.points import spans
from matching.core.transport import heaviest_pairs, most_of

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = -(1 << 60)


@dataclass(frozen=True, eq=False)
class Network:
    """Candidate pairs (E,) in order of row, then column, each given once; all `weights` are over 0.

    Everybody has at least one seat: `seats` of the rows and `column_seats`. Only if both sides have
    several is the assignment a linear program, see `transport`.
    """

    rows: Ints
    columns: Ints
    weights: Ints
    seats: Ints
    column_seats: Ints

    @property
    def width(self) -> int:
        return len(self.column_seats)

    @property
    def two_sided(self) -> bool:
        return bool((self.column_seats > 1).any())

    @property
    def first(self) -> Ints:
        """Where each row's pairs begin, and the end."""
        return np.searchsorted(self.rows, np.arange(len(self.seats) + 1))

    def heaviest(self, row_prices: Ints, column_prices: Ints) -> Ints:
        """Positions of the pairs of a heaviest assignment, in order.

        The prices (>= 0) only make it quick: near those of the answer, most pairs are found at once.
        """
        if self.two_sided:
            return heaviest_pairs(self.rows, self.columns, self.weights, self.seats, self.column_seats)
        first = self.first
        copies = np.minimum(self.seats, np.diff(first))
        at = np.repeat(np.arange(len(copies)), copies)
        number = np.diff(first)[at]
        edge = spans(first[at], number)
        if not len(edge):
            return edge
        copy = np.repeat(np.arange(len(at)), number)
        # In order of their prices, the solver hardly ever has two bid each other up by small steps.
        (left, by_row), (right, by_column) = _sorted(row_prices[at]), _sorted(column_prices)
        ends = left[copy], right[self.columns[edge]]
        chosen = _heaviest(*ends, self.weights[edge], row_prices[at][by_row], column_prices[by_column])
        return np.sort(edge[chosen])

    def potentials(self, used: Ints, by_columns: bool = False) -> tuple[Ints, Ints]:
        """(row prices, column prices) that prove the heaviest assignment `used` (positions) among the
        candidates: of all that do, those with the least column prices, or with the least row prices.

        With several seats on both sides, a used pair may be worth more than the prices."""
        rows, columns = self.rows, self.columns
        if not by_columns:
            of_row, of_column = _potentials(rows, columns, self.weights, used, self.seats, self.column_seats)
            if not self.two_sided:
                # Of a row's several pairs, all but the least may be worth more than its price: a seat pays.
                worth = self.weights[used] - of_row[rows[used]]
                of_column[columns[used]] = np.maximum(of_column[columns[used]], worth)
            return of_row, of_column
        order = np.lexsort((rows, columns))
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        turned = rows[order], self.weights[order]
        prices = _potentials(columns[order], *turned, place[used], self.column_seats, self.seats)
        return prices[1], prices[0]


def _potentials(
    near: Ints, far: Ints, weights: Ints, used: Ints, near_seats: Ints, far_seats: Ints
) -> tuple[Ints, Ints]:
    """(near prices, least far prices) by longest paths: Bellman-Ford by frontiers. Pairs sorted by near."""
    people = len(near_seats)
    first = np.searchsorted(near, np.arange(people + 1))
    unused = np.ones(len(near), dtype=bool)
    unused[used] = False
    held_near, held_far, held = near[used], far[used], weights[used]
    # `less` is minus the near price: who has a free seat costs nothing.
    less = np.where(np.bincount(held_near, minlength=people) < near_seats, 0, NEVER)
    np.maximum.at(less, held_near, -held)
    price = np.zeros(len(far_seats), dtype=np.int64)
    frontier = np.arange(people)
    for _round in range(people + len(price) + 1):
        if not len(frontier):
            break
        number = first[frontier + 1] - first[frontier]
        edge = spans(first[frontier], number)
        value = weights[edge] + np.repeat(less[frontier], number)
        raising = unused[edge] & (value > price[far[edge]])
        before = price.copy()
        np.maximum.at(price, far[edge[raising]], value[raising])
        touched = (price > before)[held_far]
        after = less.copy()
        np.maximum.at(after, held_near[touched], price[held_far[touched]] - held[touched])
        frontier = np.flatnonzero(after > less)
        less = after
    return np.maximum(0, -less), price


def _sorted(prices: Ints) -> tuple[Ints, Ints]:
    """(place of each in order of price, who is at each place); equals stay in order."""
    order = np.argsort(prices, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return place, order


def _heaviest(left: Ints, right: Ints, weights: Ints, left_prices: Ints, right_prices: Ints) -> Ints:
    """Positions of a heaviest assignment of single nodes.

    The solver wants everybody paired, only then may prices of both sides be part of the costs, and only
    with as many left as right is it quick. So each node gets a stand-in on the other side, to take when
    it stays alone, and the stand-ins of two who get paired are paired at no cost.
    """
    size, width = len(left_prices), len(right_prices)
    one_each = np.ones(size, dtype=np.int64), np.ones(width, dtype=np.int64)
    most = np.flatnonzero(most_of(left, right, *one_each))
    complete = len(most) == min(size, width)
    # Who takes whom when as many as possible are paired, each with the own stand-in where nobody is.
    mates = np.concatenate([width + np.arange(size), np.arange(width)])
    mates[left[most]], mates[size + right[most]] = right[most], width + left[most]
    left_prices = left_prices.copy()
    np.maximum.at(left_prices, left, weights - right_prices[right])
    # The solver takes a zero for no pair: hence one more everywhere.
    costs = [left_prices[left] + right_prices[right] - weights + 1]
    heads, tails = [left], [right]
    if not (complete and size == width):
        heads += [size + np.arange(width), size + right]
        tails += [np.arange(width), width + left]
        costs += [right_prices + 1, np.ones(len(left), dtype=np.int64)]
        if not (complete and size < width):
            heads.append(np.arange(size))
            tails.append(width + np.arange(size))
            costs.append(left_prices + 1)
        size, width = size + width, size + width
    arcs = np.concatenate(heads), np.concatenate(tails)
    graph = csr_array((np.concatenate(costs).astype(float), arcs), shape=(size, width))
    _put_first(graph, mates[:size])
    _all, partner = min_weight_full_bipartite_matching(graph)
    people = np.arange(len(left_prices))
    paired = people[partner[people] < len(right_prices)]
    order = np.lexsort((right, left))
    keys = left[order] * size + right[order]
    return order[np.searchsorted(keys, paired * size + partner[paired])]


def _put_first(graph: csr_array, partners: Ints) -> None:
    """Make the arc of each row to its partner the first one of the row, in place.

    The solver first looks for anybody to pair with everybody, and takes time exponential in how deep it
    has to look (scipy issue 26147). With a way to pair all that comes first, it need not look.
    """
    rows, width = np.arange(graph.shape[0]), graph.shape[1]
    keys = np.repeat(rows, np.diff(graph.indptr)) * width + graph.indices
    there, start = np.searchsorted(keys, rows * width + partners), graph.indptr[:-1]
    for part in (graph.indices, graph.data):
        part[there], part[start] = part[start].copy(), part[there].copy()
    graph.has_sorted_indices = False
