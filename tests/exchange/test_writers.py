import csv
import datetime as dt
import io

import openpyxl
import pytest

from mentoring.exchange.columns import Column
from mentoring.exchange.writers import export_rows, neutralized, write_csv, write_xlsx
from tests.exchange.files import table_of, values

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =1",
    "\n=1",
    "＝1+1",
    "＠SUM(A1)",
    '=HYPERLINK("http://x")',
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_neutralized_text_that_begins_like_a_formula(text: str):
    assert neutralized(text) == f"'{text}"


@pytest.mark.parametrize("value", [-3, 4.5, 0, "plain", "a=b", "", dt.date(2026, 1, 2)])
def test_neutralized_leaves_numbers_dates_and_words(value: object):
    assert neutralized(value) == value


def test_write_csv_round_trip():
    out = io.BytesIO()
    write_csv(out, ["ID", "Note"], [["E1", "=cmd()"], ["E2", 'say "hi",\nthen go'], ["E3", -3]])
    assert out.getvalue().startswith(b"\xef\xbb\xbfID,Note\r\n")
    assert values(table_of(out.getvalue())) == [
        ("E1", "'=cmd()"),
        ("E2", 'say "hi",\nthen go'),
        ("E3", "-3"),
    ]


def test_write_xlsx_round_trip():
    out = io.BytesIO()
    rows = [["E1", "=cmd()", 3, dt.date(2026, 1, 2)], ["E2", "a\x07b", -1.5, None]]
    write_xlsx(out, ["ID", "Note", "Number", "Date"], rows, title="Pairs: [May]")
    sheet = openpyxl.load_workbook(out).active
    assert sheet.title == "Pairs May"
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["ID", "Note", "Number", "Date"],
        ["E1", "'=cmd()", 3, dt.datetime(2026, 1, 2)],
        ["E2", "ab", -1.5, None],
    ]
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


def test_export_rows_use_the_columns():
    columns = [Column("real", "Real part"), Column("twice", "Twice", exporter=lambda number: number * 2)]
    headers, rows = export_rows(columns, [2, 3])
    assert (headers, list(rows)) == (["Real part", "Twice"], [[2, 4], [3, 6]])


def test_write_csv_quotes_what_a_reader_needs():
    out = io.BytesIO()
    write_csv(out, ["A"], [["x;y"], [None], [True]])
    assert list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig")))) == [
        ["A"],
        ["x;y"],
        [""],
        ["yes"],
    ]
