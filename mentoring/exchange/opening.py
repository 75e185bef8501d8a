"""`open_table`: any CSV or XLSX file as headings and rows, or a `Refused` that says what to do."""

from typing import BinaryIO

from django.utils.translation import gettext as _

from mentoring.exchange.csv_reader import open_csv
from mentoring.exchange.refusals import Limits, Refused, too_large_message
from mentoring.exchange.tables import Table
from mentoring.exchange.xlsx_reader import open_xlsx


def open_table(file: BinaryIO, *, limits: Limits | None = None) -> Table:
    """Tell the kind of file by its content, never by its name, and find its heading row."""
    limits = limits or Limits()
    size = file.seek(0, 2)
    file.seek(0)
    if size > limits.file_bytes:
        raise Refused(too_large_message(size, limits))
    if size == 0:
        raise Refused(_("The file is empty. Export it again and check that it holds rows."))
    start = file.read(4096)
    file.seek(0)
    refuse_known_formats(start)
    table = open_xlsx(file, limits) if start.startswith(b"PK") else open_csv(file, limits)
    if next(table.rows(), None) is None:
        raise Refused(_("The file has headings but no rows below them. Export it again with its rows."))
    return table


def refuse_known_formats(start: bytes) -> None:
    """Formats that people do send: each has its own way out."""
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(
            _(
                "This is an old .xls workbook or one with a password. "
                "Open it in Excel, remove the password and save it as .xlsx or CSV."
            )
        )
    if start.startswith(b"%PDF"):
        raise Refused(_("This is a PDF. Export the list as CSV or XLSX."))
    head = start.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml")):
        raise Refused(
            _("This is a web page or XML, whatever its name says. Open it in Excel and save it as .xlsx.")
        )
    if head.startswith((b"{", b"[{")):
        raise Refused(_("This is JSON. Export the list as CSV or XLSX."))
