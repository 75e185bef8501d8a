"""A file as headings and rows, whatever its kind, on this side of the door."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import ngettext


class Row(NamedTuple):
    """`line` is the row number a spreadsheet shows for it; `values` has one value for each heading."""

    line: int
    values: tuple[object, ...]
    surplus: int = 0

    @property
    def complaint(self) -> str:
        """What is wrong with the row as a whole; "" if it fits under the headings."""
        if not self.surplus:
            return ""
        return ngettext(
            "has %(count)d more cell than the heading row; is a separator inside a text?",
            "has %(count)d more cells than the heading row; is a separator inside a text?",
            self.surplus,
        ) % {"count": self.surplus}


@dataclass(frozen=True)
class Table:
    """`rows()` may be walked several times, never holds all rows in memory, and may raise `Refused`."""

    headers: list[str]
    header_line: int
    kind: str
    notes: list[str]
    rows: Callable[[], Iterator[Row]]
