"""Rows to CSV and XLSX. What begins like a formula leaves as text: a spreadsheet must not run our users'
words."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from mentoring.exchange.columns import Column

# Excel takes the wide signs of East Asian keyboards for the same.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CELL_LIMIT = 32_767
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def neutralized(value: object) -> object:
    """Numbers stay numbers; text that a spreadsheet would run gets an apostrophe in front."""
    if value is None or isinstance(value, bool):
        return "" if value is None else (_("yes") if value else _("no"))
    if isinstance(value, int | float):
        return value
    if isinstance(value, dt.datetime):
        return (
            value.replace(tzinfo=None, microsecond=0)
            if value.tzinfo is None
            else value.isoformat(" ", "minutes")
        )
    if isinstance(value, dt.date | dt.time):
        return value
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def csv_lines(headers: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """CSV piece by piece, with the mark by which Excel knows UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"
    for row in chain([[str(header) for header in headers]], rows):
        writer.writerow([neutralized(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def write_csv(out: BinaryIO, headers: Sequence[object], rows: Iterable[Sequence[object]]) -> None:
    for text in csv_lines(headers, rows):
        out.write(text.encode())


def write_xlsx(
    out: BinaryIO, headers: Sequence[object], rows: Iterable[Sequence[object]], *, title: str = ""
) -> None:
    """One sheet with a bold, frozen heading row. Rows are written as they come; memory does not grow
    with them."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(_sheet_title(title))
    sheet.freeze_panes = "A2"
    heads = [_cell(sheet, str(header)) for header in headers]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for row in rows:
        sheet.append([_cell(sheet, cell) for cell in row])
    workbook.save(out)


def write_table(
    out: BinaryIO,
    headers: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    format: str,
    title: str = "",
) -> None:
    if format == "xlsx":
        write_xlsx(out, headers, rows, title=title)
    else:
        write_csv(out, headers, rows)


def export_rows(columns: Sequence[Column], items: Iterable[Any]) -> tuple[list[str], Iterator[list[object]]]:
    """Headings and rows of these columns, ready for a writer."""
    exporters: list[Callable[[Any], object]] = [column.export for column in columns]
    return [str(column.label) for column in columns], (
        [export(item) for export in exporters] for item in items
    )


def _cell(sheet: Any, value: object) -> Any:
    value = neutralized(value) if value is not None else None
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value)[:CELL_LIMIT])
    cell.data_type = "s"
    return cell


def _sheet_title(title: str) -> str:
    kept = "".join(c for c in title if c not in "[]:*?/\\").strip("' ")
    return kept[:31] or "Upward"
