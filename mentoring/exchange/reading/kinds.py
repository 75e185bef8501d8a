"""`open_list`: any CSV or XLSX file as headings and rows, or `Unreadable`."""

from mentoring.exchange.limits import Limits, Unreadable
from mentoring.exchange.reading.csv_reader import open_csv
from mentoring.exchange.reading.lists import Listing
from mentoring.exchange.reading.xlsx_reader import open_xlsx

ZIP_STARTS = (b"PK\3\4", b"PK\5\6", b"PK\7\7", b"PK\7\x08")  # "PK" alone may be a heading


def open_list(content: bytes, limits: Limits) -> Listing:
    """Tell the kind of file by its content, never by its name, and find its heading row."""
    if not content:
        raise Unreadable("empty")
    refuse_known_formats(content[:4096])
    listing = open_xlsx(content, limits) if content.startswith(ZIP_STARTS) else open_csv(content, limits)
    if next(listing.rows(), None) is None:
        raise Unreadable("no_rows")
    return listing


def refuse_known_formats(start: bytes) -> None:
    """Formats that people do send: each has its own way out."""
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("old_workbook")
    if start.startswith(b"%PDF"):
        raise Unreadable("pdf")
    head = start.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml")):
        raise Unreadable("web_page")
    if head.startswith((b"{", b"[{")):
        raise Unreadable("json")
