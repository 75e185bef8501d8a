from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of up to `size`, read as they are asked for: bulk work holds one of them at a time."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
