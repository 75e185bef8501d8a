"""Which groups may be told of, so that nothing is told of few people, nor can be worked out of them."""

from collections.abc import Mapping
from typing import Any, TypeVar

# Of fewer people nothing is told that could be about one of them.
GROUP_AT_LEAST = 5

Group = TypeVar("Group", bound=Any)


def told_apart(sizes: Mapping[Group, int], everybody: int) -> set[Group]:
    """Groups of five people and more, by their sizes. So that the others cannot be worked out from the rest,
    the smallest of these goes with them where they are fewer than five together, and not nobody; of two of
    one size the first in order."""
    told = sorted((size, group) for group, size in sizes.items() if size >= GROUP_AT_LEAST)
    while told and 0 < everybody - sum(size for size, _group in told) < GROUP_AT_LEAST:
        told.pop(0)
    return {group for _size, group in told}
