"""Why a file is not read. Every message says what is wrong and what to do about it."""

from collections.abc import Mapping

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentoring.exchange.limits import Limits

REASONS = {
    "empty": gettext_lazy("The file is empty. Export it again and check that it holds rows."),
    "no_rows": gettext_lazy("The file has headings but no rows below them. Export it again with its rows."),
    "no_headings": gettext_lazy(
        "Row %(line)s holds a person, not headings. Put a row with the names of the columns on top."
    ),
    "heading_characters": gettext_lazy(
        "Row %(line)s has a heading of more than %(limit)s characters. Put a row with the names of the "
        "columns on top."
    ),
    "columns": gettext_lazy(
        "The file has %(found)s columns; up to %(limit)s can be read. Leave out those that are not needed."
    ),
    "rows": gettext_lazy("The file has more than %(rows)s rows. Split it into several files."),
    "cells": gettext_lazy(
        "The file has more than %(cells)s cells. Leave out columns that are not needed, or split it into "
        "several files."
    ),
    "text_bytes": gettext_lazy(
        "The file holds more text than can be worked on at once. Leave out columns that are not needed, or "
        "split it into several files."
    ),
    "impossible_date": gettext_lazy(
        "Row %(line)s has a date or a time that no calendar has. Correct it and save the workbook again."
    ),
    "cell_characters": gettext_lazy(
        "Row %(line)s has a cell of more than %(limit)s characters. Shorten it, or leave the column out."
    ),
    "row_characters": gettext_lazy(
        "Row %(line)s holds more than %(limit)s characters. Shorten its texts, or leave their columns out."
    ),
    "old_workbook": gettext_lazy(
        "This is an old .xls workbook or one with a password. Open it in Excel, remove the password and save "
        "it as .xlsx or CSV."
    ),
    "pdf": gettext_lazy("This is a PDF. Export the list as CSV or XLSX."),
    "web_page": gettext_lazy(
        "This is a web page or XML, whatever its name says. Open it in Excel and save it as .xlsx."
    ),
    "json": gettext_lazy("This is JSON. Export the list as CSV or XLSX."),
    "binary": gettext_lazy("This is not a list: it holds binary data. Export the list as CSV or XLSX."),
    "encoding": gettext_lazy("The file says it is %(encoding)s but is not. Export it again as CSV in UTF-8."),
    "endless_line": gettext_lazy(
        "The file has a line of several megabytes: this is no list. Export it again as CSV."
    ),
    "open_quote": gettext_lazy(
        'In row %(line)s a quotation mark (") opens a cell and never closes. Correct that row, or export as '
        "XLSX."
    ),
    "text_after_quote": gettext_lazy(
        'Row %(line)s cannot be read: text follows a closing quotation mark ("). Correct that row, or export '
        "as XLSX."
    ),
    "not_a_workbook": gettext_lazy(
        "This is a ZIP archive or damaged, not an Excel workbook. Unpack it, or save the list as .xlsx again."
    ),
    "unpacks": gettext_lazy(
        "The workbook unpacks to far more than a list of people. Copy the list into a new workbook and save "
        "that."
    ),
    "no_sheet": gettext_lazy(
        "The workbook has no visible sheet with cells. Put the list on the first sheet."
    ),
    "far_cells": gettext_lazy(
        "The workbook has cells beyond the last row or column of a sheet. Copy the list into a new workbook "
        "and save that."
    ),
    "spreadsheet_error": gettext_lazy(
        "Cell %(cell)s is an error of the spreadsheet (%(error)s). Correct its formula and save the workbook "
        "again."
    ),
    "memory": gettext_lazy(
        "The file needs far more memory than a list of people, perhaps for a cell that stands a long way "
        "below or beside the list. Copy the list into a new workbook or save it as CSV, and upload that."
    ),
    "time": gettext_lazy(
        "The file takes far longer to read than a list of people. Copy the list into a new workbook or save "
        "it as CSV, and upload that."
    ),
    "stopped": gettext_lazy("Reading the file was interrupted. Upload it again."),
    "unclear": gettext_lazy(
        "The file cannot be read. Copy the list into a new workbook or save it as CSV, and upload that."
    ),
}
NOTES = {
    "first_sheet": gettext_lazy('The workbook has %(count)s sheets; the first, "%(name)s", is read.'),
    "opened_sheet": gettext_lazy(
        'The workbook has %(count)s sheets; "%(name)s", which was open when it was saved, is read.'
    ),
}


class Refused(Exception):
    """The whole file is refused; the message is for the person who chose it."""


class BadValue(ValueError):
    """One cell is refused; the message is the reason shown beside its line and column."""


def sentence(texts: Mapping[str, object], key: object, facts: object, *, otherwise: str) -> str:
    """The text with its facts. What the reading process says is no more to be trusted than the file."""
    try:
        return str(texts[key]) % {name: str(value)[:200] for name, value in facts.items()}  # type: ignore
    except (KeyError, TypeError, ValueError, AttributeError):
        return otherwise


def refusal(reason: object, facts: object) -> Refused:
    return Refused(sentence(REASONS, reason, facts, otherwise=str(REASONS["unclear"])))


def too_large_message(size: int, limits: Limits) -> str:
    return _(
        "The file is %(size)s; up to %(limit)s can be read. "
        "Leave out columns that are not needed, or split it into several files."
    ) % {"size": filesizeformat(size), "limit": filesizeformat(limits.file_bytes)}
