"""XLSX without trust: sizes are checked before openpyxl sees the file, and no formula is evaluated."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, BinaryIO

import openpyxl
from django.utils.translation import gettext as _

from mentoring.exchange.columns import NO_RESULT
from mentoring.exchange.refusals import Limits, Refused
from mentoring.exchange.tables import Records, Table, find_headers

CHUNK = 256 * 1024
MAXIMUM_PARTS = 2000
# openpyxl reads these for its own purposes; pictures and the like are never unpacked.
READ_PARTS = re.compile(r"^(\[Content_Types\]\.xml|_rels/.*|docProps/.*|xl/[^/]+\.xml|xl/(_rels|theme)/.*)$")
SHEET_PARTS = re.compile(r"^xl/worksheets/[^/]+\.xml$")
FORMULA_WITHOUT_RESULT = re.compile(rb"(</f>|<f\b[^>]*/>)\s*(<v\s*/>|<v>\s*</v>)?\s*</c>")


def open_xlsx(file: BinaryIO, limits: Limits) -> Table:
    unfinished = check_parts(file, limits)
    names = _sheet_names(file)

    def records() -> Records:
        return _records(file, unfinished, limits)

    header_line, headers = find_headers(records(), limits)
    table = Table(headers, header_line, f"XLSX ({names[0]})", records, limits)
    if len(names) > 1:
        table.notes.append(
            _('The workbook has %(count)d sheets; the first, "%(name)s", is read.')
            % {"count": len(names), "name": names[0]}
        )
    return table


def not_a_workbook() -> Refused:
    return Refused(
        _(
            "This is a ZIP archive or damaged, not an Excel workbook. Unpack it, or save the list "
            "as .xlsx again."
        )
    )


def check_parts(file: BinaryIO, limits: Limits) -> bool:
    """Refuse archives that unpack to more than a list can be, by what they declare *and* by unpacking them
    piecewise. Answers whether a sheet holds formulas whose result was never saved."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
                raise not_a_workbook()
            if len(parts) > MAXIMUM_PARTS:
                raise _bomb()
            read = [p for p in parts if READ_PARTS.match(p.filename) or SHEET_PARTS.match(p.filename)]
            if sum(part.file_size for part in read) > limits.sheet_bytes:
                raise _bomb()
            return sum(_check_part(archive, part, limits) for part in read) > 0
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        raise not_a_workbook() from None


def _bomb() -> Refused:
    return Refused(
        _(
            "The workbook unpacks to far more than a list of people. Copy the list into a new "
            "workbook and save that."
        )
    )


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits) -> bool:
    allowed = limits.sheet_bytes if SHEET_PARTS.match(part.filename) else limits.part_bytes
    size, tail, unfinished = 0, b"", False
    if part.file_size > allowed:
        raise _bomb()
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > allowed:
                raise _bomb()
            window = tail + chunk
            # Entities multiply in memory, and in UTF-16 they would not be seen: NUL stands in its markup.
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window or b"\0" in chunk:
                raise not_a_workbook()
            unfinished = unfinished or bool(FORMULA_WITHOUT_RESULT.search(window))
            tail = window[-200:]
    return unfinished and bool(SHEET_PARTS.match(part.filename))


def _load(file: BinaryIO, *, data_only: bool) -> Any:
    file.seek(0)
    try:
        return openpyxl.load_workbook(file, read_only=True, data_only=data_only, keep_links=False)
    except Exception:  # openpyxl raises whatever the damaged part leads to
        raise not_a_workbook() from None


def _first_sheet(workbook: Any) -> Any:
    sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    if not sheets:
        raise Refused(_("The workbook has no visible sheet with cells. Put the list on the first sheet."))
    return sheets[0]


def _sheet_names(file: BinaryIO) -> list[str]:
    workbook = _load(file, data_only=True)
    first = _first_sheet(workbook).title
    names = [first, *(sheet.title for sheet in workbook.worksheets if sheet.title != first)]
    workbook.close()
    return names


def _records(file: BinaryIO, unfinished: bool, limits: Limits) -> Records:
    values = _sheet_rows(file, limits, data_only=True)
    if not unfinished:
        yield from enumerate(values, start=1)
        return
    formulas = _sheet_rows(file, limits, data_only=False)
    nothing: list[object] = []
    for line, (cells, sources) in enumerate(zip_longest(values, formulas, fillvalue=nothing), start=1):
        yield line, [_finished(cell, source) for cell, source in zip_longest(cells, sources)]


def _finished(value: object, source: object) -> object:
    if value is None and isinstance(source, str) and source.startswith("="):
        return NO_RESULT
    return value


def _sheet_rows(file: BinaryIO, limits: Limits, *, data_only: bool) -> Iterator[list[object]]:
    """Rows without the empty cells at their end, whatever dimensions the sheet claims."""
    workbook = _load(file, data_only=data_only)
    try:
        sheet = _first_sheet(workbook)
        sheet.reset_dimensions()
        for cells in sheet.iter_rows(values_only=True):
            row = list(cells)
            while row and row[-1] in ("", None):
                row.pop()
            yield row
    except (Refused, GeneratorExit):
        raise
    except Exception:  # openpyxl raises whatever the damaged part leads to
        raise not_a_workbook() from None
    finally:
        workbook.close()
