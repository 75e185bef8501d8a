import datetime as dt
import io
import zipfile

import pytest
from openpyxl import Workbook

from mentoring.exchange.cells import NO_RESULT
from mentoring.exchange.limits import Limits
from mentoring.exchange.refusals import Refused
from tests.exchange.files import repacked, table_of, values, xlsx_bytes, xlsx_table
from tests.exchange.workbooks import HEADINGS, MAIN, OFFICE, PERSON, relations, sheet_of, workbook

ROWS = [
    ["ID", "Name", "Hired", "Level"],
    ["E1", "Zoë", dt.datetime(2020, 5, 1), 3],
    ["E2", "Noor", None, 2.0],
]


def test_open_xlsx_keeps_types():
    table = xlsx_table(ROWS)
    assert table.headers == ["ID", "Name", "Hired", "Level"]
    assert values(table) == [("E1", "Zoë", dt.datetime(2020, 5, 1), 3), ("E2", "Noor", "", 2)]
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
    table = table_of(repacked(content, {"xl/worksheets/sheet1.xml": saved}))
    assert values(table) == [("E1", 2)]


def test_rows_ignore_what_the_sheet_says_about_its_size():
    content = xlsx_bytes(ROWS)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    claimed = sheet.replace(b'ref="A1:D3"', b'ref="A1:XFD1048576"')
    assert claimed != sheet
    table = table_of(repacked(content, {"xl/worksheets/sheet1.xml": claimed}))
    assert len(values(table)) == 2


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def refusal(content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Refused) as refused:
        table_of(content, limits=limits)
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
    bomb = workbook(sheet_of(HEADINGS + PERSON), strings=b"0" * 90_000_000)
    assert len(bomb) < 200_000
    assert refusal(bomb).startswith(BOMB)


def test_open_xlsx_refuses_a_zip_bomb_in_the_sheet():
    bomb = repacked(xlsx_bytes(ROWS), {"xl/worksheets/sheet1.xml": b"<x>" * 1_000_000})
    assert refusal(bomb, Limits(sheet_bytes=1_000_000)).startswith(BOMB)


def test_open_xlsx_refuses_a_part_that_lies_about_its_size():
    strings = b"<sst>" + b" " * 999_989 + b"</sst>"
    content = workbook(sheet_of(HEADINGS + PERSON), strings=strings)
    assert len(values(table_of(content))) == 1
    true, lie = (1_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert true in content
    assert refusal(content.replace(true, lie)).startswith(NO_WORKBOOK)


def test_open_xlsx_refuses_entities():
    laughs = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><sst>&lol;</sst>'
    in_disguise = laughs.decode().replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16")
    for part in (laughs, in_disguise):
        content = workbook(sheet_of(HEADINGS + PERSON), strings=part)
        assert refusal(content).startswith(NO_WORKBOOK)


def test_open_xlsx_refuses_too_many_columns():
    assert "10,000 columns" in refusal(xlsx_bytes([[f"c{i}" for i in range(10_000)], ["x"]]))


def test_open_xlsx_refuses_an_empty_sheet():
    assert refusal(xlsx_bytes([])).startswith("The file is empty")
    assert "no rows below" in refusal(xlsx_bytes([["ID", "Name"]]))


def test_a_part_that_nothing_leads_to_is_never_opened():
    content = repacked(xlsx_bytes(ROWS), {"xl/extra.xml": b"0" * 90_000_000})
    assert len(values(table_of(content))) == 2


def test_rows_name_the_errors_of_the_spreadsheet():
    row = '<row r="2"><c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B2" t="e"><v>#N/A</v></c></row>'
    assert values(table_of(workbook(sheet_of(HEADINGS + row)))) == [("#DIV/0!", "#N/A")]


def test_rows_with_an_error_that_no_reader_knows_name_its_cell():
    row = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><v>#SPILL!</v></c></row>'
    assert refusal(workbook(sheet_of(HEADINGS + row))).startswith("Cell B2 is an error of the spreadsheet")


def test_rows_with_a_formula_that_gives_no_text():
    row = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'
    assert values(table_of(workbook(sheet_of(HEADINGS + row)))) == [(1, "")]


def test_rows_of_formulas_below_all_others():
    rows = '<row r="4"><c r="B4"><f>1+1</f></c></row><row r="9"><c r="A9"><f>2</f><v/></c></row>'
    table = table_of(workbook(sheet_of(HEADINGS + rows)))
    assert [(row.line, row.values) for row in table.rows()] == [(4, ("", NO_RESULT)), (9, (NO_RESULT, ""))]


@pytest.mark.parametrize(
    ("inside", "day"), [("", (2020, 5, 1)), ('<workbookPr date1904="1"/>', (2024, 5, 2))]
)
def test_rows_with_dates_of_either_epoch(inside: str, day: tuple[int, int, int]):
    styles = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    row = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" s="1"><v>43952</v></c></row>'
    table = table_of(workbook(sheet_of(HEADINGS + row), styles=styles, inside=inside))
    assert values(table) == [(1, dt.datetime(*day))]


def test_open_xlsx_reads_the_sheet_that_was_open():
    book = Workbook()
    book.active.append(["Read", "me"])
    book.create_sheet("List").append(["ID", "Name"])
    book.worksheets[1].append(["E1", "Noor"])
    book.active = 1
    out = io.BytesIO()
    book.save(out)
    table = table_of(out.getvalue())
    assert (table.headers, values(table)) == (["ID", "Name"], [("E1", "Noor")])
    assert table.notes == ['The workbook has 2 sheets; "List", which was open when it was saved, is read.']


def test_open_xlsx_with_namesakes_is_refused():
    content = workbook(sheet_of(HEADINGS + PERSON), more={"XL/worksheets/SHEET1.xml": sheet_of(HEADINGS)})
    assert refusal(content).startswith(NO_WORKBOOK)


def sheets_of(*names: str, inside: str = "") -> bytes:
    """A workbook whose only sheet is listed under these names."""
    listed = "".join(f'<sheet name="{name}" sheetId="1" r:id="worksheet"/>' for name in names)
    part = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>'
    return repacked(workbook(sheet_of(HEADINGS + PERSON)), {"xl/workbook.xml": part.encode()})


def test_name_of_a_sheet_is_one_short_line():
    assert table_of(sheets_of("n" * 7_000_000)).kind == f"XLSX ({'n' * 31})"
    assert table_of(sheets_of("\u202egpj.&#10;x")).kind == "XLSX (gpj. x)"


@pytest.mark.parametrize("kind", ["sharedStrings", "styles"])
def test_one_part_named_as_two(kind: str):
    related = relations(**{"worksheet": "worksheets/sheet1.xml", kind: "worksheets/sheet1.xml"})
    content = workbook(sheet_of(HEADINGS + PERSON))
    assert refusal(repacked(content, {"xl/_rels/workbook.xml.rels": related.encode()})).startswith(
        NO_WORKBOOK
    )


@pytest.mark.parametrize("target", ["file:///etc/passwd", "worksheets/sheet%31.xml", "gone.xml"])
def test_sheet_that_is_not_in_the_archive_is_no_sheet(target: str):
    content = repacked(
        workbook(sheet_of(HEADINGS + PERSON)),
        {"xl/_rels/workbook.xml.rels": relations(worksheet=target).encode()},
    )
    assert refusal(content).startswith("The workbook has no visible sheet")


@pytest.mark.parametrize(("style", "number"), [(1, "-1e999"), (2, "1e999"), (2, "1e308"), (2, "-1e999")])
def test_date_that_no_calendar_has_is_named_by_its_row(style: int, number: str):
    """One ends in an error of Python's, another in a panic of Rust's."""
    styles = '<styleSheet><cellXfs><xf/><xf numFmtId="14"/><xf numFmtId="46"/></cellXfs></styleSheet>'
    row = f'<row r="2"><c r="A2"><v>8</v></c><c r="B2" s="{style}"><v>{number}</v></c></row>'
    content = workbook(sheet_of(HEADINGS + row), styles=styles)
    assert refusal(content).startswith("Row 2 has a date or a time that no calendar has.")


def test_rows_with_an_escaped_nul_lose_it():
    row = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><t>No_x0000_or</t></is></c></row>'
    assert values(table_of(workbook(sheet_of(HEADINGS + row)))) == [(1, "Noor")]
