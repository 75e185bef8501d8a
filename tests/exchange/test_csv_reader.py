import codecs
import os

import pytest

from mentoring.exchange.limits import Limits
from mentoring.exchange.refusals import Refused
from tests.exchange.files import table_of, values

ROWS = [("E1", "Zoë Åström", "Kraków; office"), ("E2", "Noor", "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_open_csv_in_unicode(encoding: str):
    text = 'ID,Name,Place\r\nE1,Zoë Åström,"Kraków; office"\r\nE2,Noor,\r\n'
    table = table_of(text.encode(encoding))
    assert table.headers == ["ID", "Name", "Place"]
    assert values(table) == ROWS


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_open_csv_in_western_code_page(encoding: str):
    table = table_of("ID;Name\nE1;Jörg Müller-Lüdenscheidt\nE2;François Crème\n".encode(encoding))
    assert values(table) == [("E1", "Jörg Müller-Lüdenscheidt"), ("E2", "François Crème")]
    assert table.kind == "CSV (Windows-1252, semicolon)"


def test_open_csv_when_the_first_odd_letter_comes_late():
    content = b"ID,Name\n" + b"E1,Noor\n" * 30_000 + b"E2,M\xfcller\n"
    assert values(table_of(content))[-1] == ("E2", "Müller")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_open_csv_with_each_separator(separator: str):
    lines = [["ID", "Name", "Title"], ["E1", "Osei, Amara", "Lead; Data"], ["E2", "Ruiz, Ana", "Analyst"]]
    text = "\n".join(separator.join(f'"{cell}"' for cell in line) for line in lines)
    assert values(table_of(text)) == [("E1", "Osei, Amara", "Lead; Data"), ("E2", "Ruiz, Ana", "Analyst")]


def test_open_csv_with_the_separator_named_by_excel():
    table = table_of("sep=;\nID;Name\nE1;Osei, Amara\n")
    assert (table.headers, values(table)) == (["ID", "Name"], [("E1", "Osei, Amara")])
    assert [row.line for row in table.rows()] == [2]


def test_rows_count_lines_as_a_spreadsheet_does():
    table = table_of('ID,Note\nE1,"two\nlines"\n\nE2,x\n')
    assert [(row.line, row.values) for row in table.rows()] == [(2, ("E1", "two\nlines")), (4, ("E2", "x"))]


def test_rows_with_nul_characters_lose_them():
    assert values(table_of(b"ID,Name\nE1,No\0or\n")) == [("E1", "Noor")]


def test_rows_that_are_short_or_long():
    rows = list(table_of("ID,Name\nE1\nE2,Noor,,\nE3,Ana,London,x\n").rows())
    assert [(row.values, row.surplus) for row in rows] == [
        (("E1", ""), 0),
        (("E2", "Noor"), 0),
        (("E3", "Ana"), 2),
    ]


def test_open_csv_with_a_title_above_the_headings():
    table = table_of("Workers of Northwind\n\nID,Name\nE1,Noor\n")
    assert (table.header_line, table.headers) == (3, ["ID", "Name"])
    assert [row.line for row in table.rows()] == [4]


def test_open_csv_names_a_heading_that_is_missing():
    assert table_of("ID,,Name\nE1,x,Noor\n").headers == ["ID", "Column B", "Name"]


def test_rows_can_be_walked_twice():
    table = table_of("ID,Name\nE1,Noor\n")
    assert values(table) == values(table)


REFUSED = {
    "empty": (b"", "The file is empty"),
    "only a mark": (codecs.BOM_UTF8, "The file is empty"),
    "only blanks": (b"\n\n , \n", "The file is empty"),
    "header only": (b"ID,Name\n", "no rows below"),
    "no headings": (b"E1,noor@example.com\nE2,ana@example.com\n", "Row 1 holds a person, not headings"),
    "too many columns": (
        b",".join(b"c%d" % i for i in range(10_000)) + b"\n1\n",
        "10,000 columns; up to 400",
    ),
    "open quote": (b'ID,Name\nE1,"Noor\n' + b"E2,x\n" * 10, "In row 2 a quotation mark"),
    "text after quote": (b'ID,Name\nE1,"Noor" x\n', "Row 2 cannot be read"),
    "binary": (bytes(range(256)) * 40, "binary data"),
    "old workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 100, r"old \.xls"),
    "pdf": (b"%PDF-1.7 x", "PDF"),
    "web page": (b"\xef\xbb\xbf<html><table></table></html>", "web page"),
    "json": (b'[{"id": 1}]', "JSON"),
    "wrong mark": (codecs.BOM_UTF8 + b"ID,Name\nE1,M\xfcller\n", "says it is UTF-8 but is not"),
    "one endless line": (b"x" * 5_000_000, "a line of several megabytes"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_open_csv_refuses(name: str):
    content, message = REFUSED[name]
    with pytest.raises(Refused, match=message):
        table_of(content)


def test_open_csv_refuses_random_bytes():
    with pytest.raises(Refused):
        table_of(os.urandom(200_000))


def test_rows_refuses_more_than_the_limit():
    table = table_of("ID,Name\n" + "E1,Noor\n" * 11, limits=Limits(rows=10))
    with pytest.raises(Refused, match="more than 10 rows"):
        list(table.rows())


def test_open_csv_whose_first_heading_is_pk():
    assert values(table_of("PK,Name\n1,Noor\n")) == [("1", "Noor")]


def test_rows_refuses_more_text_than_is_held_at_once():
    """A cell costs memory for itself, and letters beyond Latin cost up to four times as much."""
    few, wide = "E1,Noor\n" * 20, "E1," + "\U0001f600" * 1000
    for text in (few, wide):
        with pytest.raises(Refused, match="more text than can be worked on at once"):
            values(table_of("ID,Name\n" + text, limits=Limits(text_bytes=2000)))
    assert len(values(table_of("ID,Name\nE1," + "x" * 1500, limits=Limits(text_bytes=2000)))) == 1
