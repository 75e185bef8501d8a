"""A file as headings and rows, whatever its kind."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from sys import getsizeof

from mentoring.exchange.cells import cell_text
from mentoring.exchange.limits import Limits, Unreadable

HEADING_SEARCH = 20
Record = tuple[int, list[object]]
Records = Iterator[Record]


@dataclass
class Listing:
    """An opened file. `records()` may be walked several times and yields (line, cells)."""

    headers: list[str]
    header_line: int
    kind: str
    records: Callable[[], Records]
    limits: Limits
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, int, list[object]]]:
        """(line, how many cells too many, one value for each heading); empty rows are passed over."""
        width, limits = len(self.headers), self.limits
        most = min(limits.rows, limits.cells // max(width, 1))
        count = text_bytes = 0
        for line, cells in self.records():
            if line <= self.header_line or not any(
                cell not in ("", None) and cell_text(cell) for cell in cells
            ):
                continue
            count += 1
            if count > limits.rows:
                raise Unreadable("rows", rows=f"{limits.rows:,}")
            if count > most:
                raise Unreadable("cells", cells=f"{limits.cells:,}")
            surplus = _fit(cells, width)
            text_bytes += _size_of_texts(line, cells, limits)
            if text_bytes > limits.text_bytes:
                raise Unreadable("text_bytes")
            yield line, surplus, cells


def _fit(cells: list[object], width: int) -> int:
    """Make the row as wide as the headings; how many filled cells that cost."""
    surplus = sum(1 for cell in cells[width:] if cell not in ("", None))
    del cells[width:]
    cells += [""] * (width - len(cells))
    return surplus


def _size_of_texts(line: int, cells: list[object], limits: Limits) -> int:
    texts = [cell for cell in cells if isinstance(cell, str) and cell]
    lengths = list(map(len, texts))
    if lengths and max(lengths) > limits.cell_characters:
        raise Unreadable("cell_characters", line=line, limit=f"{limits.cell_characters:,}")
    if sum(lengths) > limits.row_characters:
        raise Unreadable("row_characters", line=line, limit=f"{limits.row_characters:,}")
    return sum(map(getsizeof, texts))


def find_headers(records: Iterable[Record], limits: Limits) -> tuple[int, list[str]]:
    """(line, headings, "" where a column has none). The first row with at least two cells is the heading row:
    reports put a title or two above it."""
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
        raise Unreadable("empty")
    wide = [entry for entry in seen if sum(map(bool, entry[1])) > 1]
    line, headers = wide[0] if wide else seen[0]
    check_headers(headers, line, limits)
    return line, told_apart(headers)


def check_headers(headers: list[str], line: int, limits: Limits) -> None:
    if len(headers) > limits.columns:
        raise Unreadable("columns", found=f"{len(headers):,}", limit=limits.columns)
    if max(map(len, headers)) > limits.heading_characters:
        raise Unreadable("heading_characters", line=line, limit=f"{limits.heading_characters:,}")
    if any("@" in text and "." in text.rpartition("@")[2] and " " not in text for text in headers):
        raise Unreadable("no_headings", line=line)


def told_apart(headers: list[str]) -> list[str]:
    """The same heading twice is two columns: "Name" and "Name (2)"."""
    taken = {text.casefold() for text in headers}
    seen: set[str] = set()
    apart = []
    for text in headers:
        name, number = text, 2
        while (text and name.casefold() in seen) or (name != text and name.casefold() in taken):
            name, number = f"{text} ({number})", number + 1
        seen.add(name.casefold())
        apart.append(name)
    return apart
