"""A file as headings and rows, whatever its kind."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mentoring.exchange.columns import cell_text, column_letter
from mentoring.exchange.refusals import Limits, Refused

HEADING_SEARCH = 20


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


Records = Iterator[tuple[int, list[object]]]


@dataclass
class Table:
    """An opened file. `rows()` may be walked several times and never holds the file's rows in memory."""

    headers: list[str]
    header_line: int
    kind: str
    records: Callable[[], Records]
    limits: Limits
    notes: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        width, count = len(self.headers), 0
        for line, cells in self.records():
            if line <= self.header_line or not any(cell not in ("", None) for cell in cells):
                continue
            count += 1
            if count > self.limits.rows:
                raise Refused(
                    _("The file has more than %(rows)s rows. Split it into several files.")
                    % {"rows": f"{self.limits.rows:,}"}
                )
            yield Row(line, *_fit(cells, width))


def _fit(cells: list[object], width: int) -> tuple[tuple[object, ...], int]:
    if len(cells) == width:
        return tuple(cells), 0
    if len(cells) < width:
        return (*cells, *[""] * (width - len(cells))), 0
    surplus = sum(1 for cell in cells[width:] if cell not in ("", None))
    return tuple(cells[:width]), surplus


def find_headers(records: Iterable[tuple[int, list[object]]], limits: Limits) -> tuple[int, list[str]]:
    """The first row with at least two cells is the heading row: reports put a title or two above it."""
    seen: list[tuple[int, list[str]]] = []
    for line, cells in records:
        texts = [cell_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            seen.append((line, texts))
        if len([text for text in texts if text]) > 1 or len(seen) >= HEADING_SEARCH:
            break
    if not seen:
        raise Refused(_("The file is empty. Export it again and check that it holds rows."))
    wide = [entry for entry in seen if sum(map(bool, entry[1])) > 1]
    line, headers = wide[0] if wide else seen[0]
    check_headers(headers, line, limits)
    return line, [
        text or _("Column %(letter)s") % {"letter": column_letter(i)} for i, text in enumerate(headers)
    ]


def check_headers(headers: list[str], line: int, limits: Limits) -> None:
    if len(headers) > limits.columns:
        raise Refused(
            _(
                "The file has %(found)s columns; up to %(limit)s can be read. Leave out those that "
                "are not needed."
            )
            % {"found": f"{len(headers):,}", "limit": limits.columns}
        )
    if any("@" in text and "." in text.rpartition("@")[2] and " " not in text for text in headers):
        raise Refused(
            _("Row %(line)d holds a person, not headings. Put a row with the names of the columns on top.")
            % {"line": line}
        )
    places: dict[str, list[int]] = {}
    for index, text in enumerate(headers):
        if text:
            places.setdefault(text.casefold(), []).append(index)
    for found in places.values():
        if len(found) > 1:
            letters = ", ".join(column_letter(index) for index in found)
            raise Refused(
                _(
                    'The heading "%(name)s" appears %(count)d times (columns %(letters)s). Rename '
                    "or remove all but one."
                )
                % {"name": headers[found[0]], "count": len(found), "letters": letters}
            )
