import datetime as dt
import io
import zipfile

import pytest

from mentoring.exchange.columns import NO_RESULT
from mentoring.exchange.opening import open_table
from mentoring.exchange.refusals import Limits, Refused
from tests.exchange.files import repacked, values, xlsx_bytes, xlsx_table

ROWS = [
    ["ID", "Name", "Hired", "Level"],
    ["E1", "Zoë", dt.datetime(2020, 5, 1), 3],
    ["E2", "Noor", None, 2.0],
]


def test_open_xlsx_keeps_types():
    table = xlsx_table(ROWS)
    assert table.headers == ["ID", "Name", "Hired", "Level"]
    assert values(table) == [("E1", "Zoë", dt.datetime(2020, 5, 1), 3), ("E2", "Noor", None, 2)]
    assert table.kind == "XLSX (People)"


def test_open_xlsx_with_several_sheets_says_which_is_read():
    table = xlsx_table(ROWS, sheets=("Staff", "Notes"))
    assert table.notes == ['The workbook has 2 sheets; the first, "Staff", is read.']


def test_rows_count_lines_as_the_sheet_does():
    table = xlsx_table([["Report of May"], [], ["ID", "Name"], ["E1", "Noor"], [], ["E2", "Ana"]])
    assert (table.header_line, [row.line for row in table.rows()]) == (3, [4, 6])


def test_rows_never_evaluate_a_formula():
    table = xlsx_table([["ID", "Name"], ["E1", "=1+1"], ["E2", '=HYPERLINK("http://x")']])
    assert values(table) == [("E1", NO_RESULT), ("E2", NO_RESULT)]


def test_rows_read_a_formula_as_its_saved_result():
    content = xlsx_bytes([["ID", "Level"], ["E1", "=1+1"]])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    saved = (
        sheet.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>").replace(b"<v/>", b"<v>2</v>")
    )
    assert saved != sheet
    table = open_table(io.BytesIO(repacked(content, {"xl/worksheets/sheet1.xml": saved})))
    assert values(table) == [("E1", 2)]


def test_rows_ignore_what_the_sheet_says_about_its_size():
    content = xlsx_bytes(ROWS)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    claimed = sheet.replace(b'ref="A1:D3"', b'ref="A1:XFD1048576"')
    assert claimed != sheet
    table = open_table(io.BytesIO(repacked(content, {"xl/worksheets/sheet1.xml": claimed})))
    assert len(values(table)) == 2


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def refusal(content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Refused) as refused:
        open_table(io.BytesIO(content), limits=limits)
    return str(refused.value)


NO_WORKBOOK = "This is a ZIP archive or damaged, not an Excel workbook."
BOMB = "The workbook unpacks to far more than a list of people."


def test_open_xlsx_refuses_a_zip_of_something_else():
    assert refusal(zipped({"people.csv": b"ID,Name\nE1,Noor\n"})).startswith(NO_WORKBOOK)


def test_open_xlsx_refuses_a_zip_that_only_has_the_names():
    parts = {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"rubbish"}
    assert refusal(zipped(parts)).startswith(NO_WORKBOOK)


def test_open_xlsx_refuses_a_damaged_file():
    content = xlsx_bytes([["ID", "Name"], *([f"E{i}", "Noor"] for i in range(500))])
    assert refusal(content[: len(content) // 2]).startswith(NO_WORKBOOK)
    broken = bytearray(content)
    start = content.index(b"xl/worksheets/sheet1.xml") + 60
    broken[start : start + 200] = b"\xff" * 200
    assert refusal(bytes(broken)).startswith(NO_WORKBOOK)


def test_open_xlsx_refuses_a_zip_bomb_by_what_it_declares():
    bomb = repacked(xlsx_bytes(ROWS), {"xl/sharedStrings.xml": b"0" * 90_000_000})
    assert len(bomb) < 200_000
    assert refusal(bomb).startswith(BOMB)


def test_open_xlsx_refuses_a_zip_bomb_in_the_sheet():
    bomb = repacked(xlsx_bytes(ROWS), {"xl/worksheets/sheet1.xml": b"<x>" * 1_000_000})
    assert refusal(bomb, Limits(sheet_bytes=1_000_000)).startswith(BOMB)


def test_open_xlsx_refuses_a_part_that_lies_about_its_size():
    content = bytearray(repacked(xlsx_bytes(ROWS), {"xl/sharedStrings.xml": b"0" * 1_000_000}))
    true, lie = (1_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert true in content
    assert refusal(bytes(content.replace(true, lie))).startswith(NO_WORKBOOK)


def test_open_xlsx_refuses_entities():
    laughs = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><sst>&lol;</sst>'
    in_disguise = laughs.decode().replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16")
    for part in (laughs, in_disguise):
        assert refusal(repacked(xlsx_bytes(ROWS), {"xl/sharedStrings.xml": part})).startswith(NO_WORKBOOK)


def test_open_xlsx_refuses_too_many_columns():
    assert "10,000 columns" in refusal(xlsx_bytes([[f"c{i}" for i in range(10_000)], ["x"]]))


def test_open_xlsx_refuses_an_empty_sheet():
    assert refusal(xlsx_bytes([])).startswith("The file is empty")
    assert "no rows below" in refusal(xlsx_bytes([["ID", "Name"]]))
