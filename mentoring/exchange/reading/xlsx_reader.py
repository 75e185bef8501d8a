"""XLSX by python-calamine. It sees the measured parts only (`package`); what it passes over in silence,
formulas without a result and errors, is put back."""

from collections.abc import Iterable, Iterator

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from mentoring.exchange.cells import NO_RESULT, column_letter
from mentoring.exchange.limits import Limits, Unreadable
from mentoring.exchange.reading.lists import Listing, Records, find_headers
from mentoring.exchange.reading.package import Package, damage_refused, xml_parser

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
# calamine gives up on a workbook with any other, however rare.
KNOWN_ERRORS = frozenset(["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"])
Marks = Iterator[tuple[int, dict[int, str]]]


def open_xlsx(content: bytes, limits: Limits) -> Listing:
    package = Package(content, limits)
    archive, flags = package.only_the_sheet()
    marked = flags.formulas or flags.errors
    try:
        sheet = CalamineWorkbook.from_filelike(archive).get_sheet_by_index(0)
    except CalamineError:
        for _mark in marked_cells(package.sheet_chunks()):
            pass  # an error that calamine does not know is named, if that was it
        raise Unreadable("not_a_workbook") from None
    if sheet.end and (sheet.end[0] >= LAST_ROW or sheet.end[1] >= LAST_COLUMN):
        raise Unreadable("far_cells")

    def records() -> Records:
        return _merged(_rows(sheet), marked_cells(package.sheet_chunks()) if marked else iter(()))

    header_line, headers = find_headers(records(), limits)
    listing = Listing(headers, header_line, f"XLSX ({package.sheet.name})", records, limits)
    if package.sheet_count > 1:
        note = "first_sheet" if package.sheet == package.first else "opened_sheet"
        listing.notes.append((note, {"count": package.sheet_count, "name": package.sheet.name}))
    return listing


def _rows(sheet: CalamineSheet) -> Iterator[list[object]]:
    """From the first row and column on, whatever dimensions the sheet claims."""
    if sheet.start is None:
        return
    left, line, rows = sheet.start[1], 0, sheet.iter_rows()
    while True:
        line += 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except BaseException as error:  # as which Rust's panics come
            if not isinstance(error, OverflowError) and type(error).__name__ != "PanicException":
                raise
            raise Unreadable("impossible_date", line=line) from None
        yield [*[""] * left, *map(_without_nul, cells)]


def _without_nul(cell: object) -> object:
    """Excel escapes what XML cannot hold; no database stores NULs."""
    return cell.replace("\0", "") if isinstance(cell, str) and "\0" in cell else cell


def _merged(rows: Iterable[list[object]], marks: Marks) -> Records:
    """Rows with their marks, without the empty cells at their end."""
    mark = next(marks, None)
    line = 0
    for line, cells in enumerate(rows, start=1):
        if mark and mark[0] == line:
            _put(cells, mark[1])
            mark = next(marks, None)
        while cells and cells[-1] in ("", None):
            cells.pop()
        yield line, cells
    while mark:
        rest: list[object] = []
        _put(rest, mark[1])
        yield mark[0], rest
        mark = next(marks, None)


def _put(cells: list[object], texts: dict[int, str]) -> None:
    cells += [""] * (max(texts) + 1 - len(cells))
    for index, text in texts.items():
        cells[index] = text


def marked_cells(chunks: Iterable[bytes]) -> Marks:
    """(line, {column: text}) of each row with formulas whose result was never saved, or with errors."""
    marker = _Marker()
    with damage_refused():
        for chunk in chunks:
            marker.parser.Parse(chunk)
            yield from marker.taken()
        marker.parser.Parse(b"", True)
    marker.finish_row()
    yield from marker.taken()


class _Marker:
    """Follows rows and cells as calamine counts them: by their own references, else one after the other."""

    def __init__(self) -> None:
        self.parser = xml_parser()
        self.parser.StartElementHandler = self.start
        self.line, self.column, self.last_marked = 0, -1, 0
        self.kind, self.formula, self.texts = "", False, [""]
        self.row: dict[int, str] = {}
        self.done: list[tuple[int, dict[int, str]]] = []

    def taken(self) -> list[tuple[int, dict[int, str]]]:
        done, self.done = self.done, []
        return done

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local == "c":
            self.finish_cell()
            self.begin_cell(attributes)
        elif local == "f":
            self.formula = True
        elif local == "v" and (self.formula or self.kind == "e"):
            self.parser.CharacterDataHandler = self.texts.append
        elif local == "row":
            self.finish_row()
            self.line = int(attributes["r"]) if "r" in attributes else self.line + 1
            self.column = -1

    def begin_cell(self, attributes: dict[str, str]) -> None:
        self.kind, self.formula, self.texts = attributes.get("t", ""), False, []
        self.column += 1
        if reference := attributes.get("r"):
            letters = reference.rstrip("0123456789")
            self.column = column_index(letters)
            if int(reference[len(letters) :]) != self.line:
                raise Unreadable("not_a_workbook")

    def finish_cell(self) -> None:
        self.parser.CharacterDataHandler = None
        text = "".join(self.texts).strip()
        if self.kind == "e":
            if text not in KNOWN_ERRORS:
                cell = f"{column_letter(self.column)}{self.line}"
                raise Unreadable("spreadsheet_error", cell=cell, error=text[:40])
            self.row[self.column] = text
        elif self.formula and self.kind != "str" and not text:
            self.row[self.column] = NO_RESULT
        self.kind, self.formula, self.texts = "", False, []

    def finish_row(self) -> None:
        self.finish_cell()
        if not self.row:
            return
        if max(self.row) >= LAST_COLUMN or self.line > LAST_ROW:
            raise Unreadable("far_cells")
        if self.line <= self.last_marked:
            raise Unreadable("not_a_workbook")
        self.last_marked = self.line
        self.done.append((self.line, self.row))
        self.row = {}


def column_index(letters: str) -> int:
    index = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z" or index > LAST_COLUMN:
            raise Unreadable("not_a_workbook")
        index = index * 26 + ord(letter) - 64
    return index - 1
