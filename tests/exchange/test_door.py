"""What the door lets in, what it costs, and what is told of what it keeps out."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from mentoring.exchange import door
from mentoring.exchange.door import LOOK, Allowance, open_table
from mentoring.exchange.limits import Limits
from mentoring.exchange.refusals import REASONS, Refused
from tests.exchange.files import xlsx_bytes
from tests.exchange.workbooks import HEADINGS, PERSON, sheet_of, workbook
from tests.running import readers_below, soon

SMALL = Allowance(processor_seconds=10, waiting_seconds=120, memory_bytes=200 * 1024 * 1024)
SHORT = Allowance(processor_seconds=1, waiting_seconds=120, memory_bytes=200 * 1024 * 1024)
CSV = b"ID,Name\nE1,Noor\nE2,Ana\n"


def rows_of(content: bytes, allowance: Allowance = LOOK, limits: Limits | None = None) -> list[Any]:
    with open_table(content, allowance=allowance, limits=limits) as table:
        return [row.values for row in table.rows()]


def reason(content: bytes, allowance: Allowance = LOOK, limits: Limits | None = None) -> str:
    """The key of the reason for which the door refuses it."""
    with pytest.raises(Refused) as refused:
        rows_of(content, allowance, limits)
    shapes = {key: re.sub(r"%\\\(\w+\\\)s", ".+", re.escape(str(text))) for key, text in REASONS.items()}
    return next((k for k, shape in shapes.items() if re.fullmatch(shape, str(refused.value))), "")


def readers() -> list[int]:
    """The reading processes of this one: others run tests of their own beside it."""
    return readers_below(os.getpid())


def test_open_table_reads_a_file_twice() -> None:
    with open_table(CSV) as table:
        assert (table.headers, table.header_line, table.kind) == (["ID", "Name"], 1, "CSV (UTF-8, comma)")
        first = [row.values for row in table.rows()]
        assert first == [row.values for row in table.rows()] == [("E1", "Noor"), ("E2", "Ana")]


def test_open_table_leaves_no_process_behind() -> None:
    before = len(readers())
    with open_table(xlsx_bytes([["ID", "Name"], *([f"E{n}", "x" * 100] for n in range(5000))])) as table:
        next(table.rows())
        next(table.rows())
    assert len(readers()) == before


def test_a_process_is_ended_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number may be another process's afterwards."""
    ended: list[int] = []
    end = os.killpg

    def killpg(pid: int, sign: int) -> None:
        ended.append(pid)
        end(pid, sign)

    monkeypatch.setattr(os, "killpg", killpg)
    rows_of(CSV)
    assert len(ended) == len(set(ended)) == 1


def test_open_table_of_a_file_over_the_limit() -> None:
    message = re.escape("The file is 2.0\xa0KB; up to 1.0\xa0KB can be read.")
    with pytest.raises(Refused, match=message):
        rows_of(b"a,b\n" * 512, limits=Limits(file_bytes=1024))


def test_the_reading_process_knows_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, Any]] = []
    start = subprocess.Popen

    def note(*args: Any, **kwargs: Any) -> Any:
        started.append(kwargs)
        return start(*args, **kwargs)

    monkeypatch.setattr(door.subprocess, "Popen", note)
    rows_of(CSV)
    assert set(started[0]["env"]) == {
        "PATH",
        "PYTHONPATH",
        "PYTHONUTF8",
        "PYTHONDONTWRITEBYTECODE",
        "MALLOC_ARENA_MAX",
    }
    loaded = "import sys, mentoring.exchange.reading.__main__; print('django' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", loaded], cwd=settings.BASE_DIR, capture_output=True)
    assert out.stdout == b"False\n"


# What stopped the site, or could have.


def test_blanks_after_a_formula_cost_nothing() -> None:
    blanks = " " * 255_000
    assert rows_of(workbook(sheet_of(HEADINGS + PERSON + f'<row r="3"><c r="A3"><f>1</f>{blanks}</c></row>')))
    tag = sheet_of(HEADINGS + PERSON).replace("</sheetData>", "</f>" + blanks + "</sheetData>")
    assert reason(workbook(tag)) == "not_a_workbook"


def test_a_row_that_is_far_away() -> None:
    far = '<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>'
    assert reason(workbook(sheet_of(HEADINGS + far))) == "memory"
    assert reason(workbook(sheet_of(far))) == "far_cells"
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert reason(workbook(sheet_of(HEADINGS + corner))) == "memory"


def test_a_row_of_two_million_empty_cells() -> None:
    row = '<row r="3">' + "<c/>" * 2_000_000 + "</row>"
    assert rows_of(workbook(sheet_of(HEADINGS + PERSON + row))) == [(7.0, "Noor")]


def test_a_row_of_more_cells_than_a_sheet_has() -> None:
    row = '<row r="3">' + "<c><v>1</v></c>" * 20_000 + "</row>"
    assert reason(workbook(sheet_of(HEADINGS + PERSON + row))) == "far_cells"


STRINGS = "<sst><si><t>Noor</t></si></sst>"
ELSEWHERE = {"worksheet": "data/a/b.bin", "sharedStrings": "/far/away.txt", "styles": "../x/y"}
BY_STRING = HEADINGS + '<row r="2"><c r="A2"><v>7</v></c><c r="B2" t="s"><v>0</v></c></row>'


def test_parts_at_unusual_paths_are_read() -> None:
    content = workbook(sheet_of(BY_STRING), folder="deep/down", names=ELSEWHERE, strings=STRINGS)
    assert rows_of(content) == [(7.0, "Noor")]


@pytest.mark.parametrize("part", ["sheet", "strings", "styles"])
def test_parts_at_unusual_paths_are_measured(part: str) -> None:
    parts: dict[str, Any] = {"sheet": sheet_of(BY_STRING), "strings": STRINGS, "styles": "<styleSheet/>"}
    names = {**ELSEWHERE, "styles": "odd.dat"}

    def made(content: str | bytes) -> bytes:
        given = {**parts, part: content}
        return workbook(given["sheet"], names=names, strings=given["strings"], styles=given["styles"])

    assert rows_of(made(parts[part])) == [(7.0, "Noor")]
    declared = f'<!DOCTYPE x [<!ENTITY a "b">]>{parts[part]}'
    assert reason(made(declared)) == "not_a_workbook"
    assert reason(made(f'<?xml version="1.0" encoding="UTF-16"?>{declared}'.encode("utf-16"))) == (
        "not_a_workbook"
    )
    small = Limits(sheet_bytes=20_000, part_bytes=20_000, style_bytes=20_000)
    assert reason(made(parts[part] + " " * 20_000), limits=small) == "unpacks"


def test_ten_megabytes_of_styles() -> None:
    styles = "<styleSheet><cellXfs>" + '<xf numFmtId="1"/>' * 600_000 + "</cellXfs></styleSheet>"
    assert reason(workbook(sheet_of(HEADINGS + PERSON), styles=styles)) == "unpacks"
    formats = f'<numFmts><numFmt numFmtId="200" formatCode="{"0" * 60_000}"/></numFmts>'
    styles = f"<styleSheet>{formats}<cellXfs>" + '<xf numFmtId="200"/>' * 90_000 + "</cellXfs></styleSheet>"
    assert reason(workbook(sheet_of(HEADINGS + PERSON), styles=styles)) == "unpacks"


def test_elements_in_elements() -> None:
    deep = "<a>" * 2_000_000 + "</a>" * 2_000_000
    assert reason(workbook(sheet_of(HEADINGS + PERSON, after=deep)), SMALL) == "memory"
    assert reason(workbook(sheet_of(HEADINGS), inside="<a>" * 100 + "</a>" * 100)) == "unpacks"


def test_one_long_string_in_many_cells() -> None:
    strings = f"<sst><si><t>{'x' * 30_000}</t></si></sst>"
    cells = '<c t="s"><v>0</v></c>' * 30
    rows = "".join(f'<row r="{line}">{cells}</row>' for line in range(2, 500))
    assert reason(workbook(sheet_of(HEADINGS + rows), strings=strings), SMALL) == "memory"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"," * 10_000_000 + b"\n1,2\n", "endless_line"),
        (b'ID,Name\n1,"' + b"x\n" * 5_000_000, "open_quote"),
        (b"ID,Name\n" + b"\n" * 3_000_000, "rows"),
        (b"ID,Name\n" + b"\0" * 1_000_000, "binary"),
    ],
)
def test_hostile_csv(content: bytes, why: str) -> None:
    assert reason(content) == why


# However the process ends, it is told.


def busy(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """In place of the reading process: this code, after its limits are set."""
    start = subprocess.Popen
    confined = (
        "import sys, json; from mentoring.exchange.reading.__main__ import confine; "
        "options = json.loads(sys.argv[1]); del options['limits']; confine(**options)\n"
    )

    def instead(command: list[str], **kwargs: Any) -> Any:
        return start([sys.executable, "-c", confined + code, command[-1]], **kwargs)

    monkeypatch.setattr(door.subprocess, "Popen", instead)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("while True: pass", "time"),
        ("x = [b'x' * 1000000 for _ in range(1000)]", "unclear"),
        ("import os; os.abort()", "memory"),
        ("import os; os.kill(os.getpid(), 9)", "stopped"),
        ("import os; os.write(1, b'\\xff' * 100)", "unclear"),
        ("import os; os.write(1, b'\\x00\\x00\\x00\\x02{]')", "unclear"),
        ("import os; os.write(1, b'\\x00\\x00\\x00\\x02[]')", "unclear"),
        ("import os; os.write(1, b'\\x00\\x00\\x00\\x02{}')", "unclear"),
    ],
)
def test_a_process_that_ends_otherwise(monkeypatch: pytest.MonkeyPatch, code: str, why: str) -> None:
    busy(monkeypatch, code)
    assert reason(CSV, SHORT) == why


def test_a_process_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    busy(monkeypatch, "import time; time.sleep(1000)")
    assert reason(CSV, Allowance(processor_seconds=5, waiting_seconds=2)) == "time"


def test_somebody_who_stops_it_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    busy(monkeypatch, "import time; time.sleep(1000)")
    before = len(readers())
    with pytest.raises(Stopped), open_table(CSV, alive=stop):
        pass
    assert len(readers()) == before


def test_the_process_ends_with_the_worker(tmp_path: Path) -> None:
    """Killed in the middle of reading, a worker leaves nobody who reads on."""
    file, ready = tmp_path / "file.csv", tmp_path / "ready"
    file.write_bytes(b"ID,Name\n" + b"E1,Noor\n" * 200_000)
    code = (
        "import django, pathlib, sys, time; django.setup()\n"
        "from mentoring.exchange.door import open_table\n"
        "with open_table(pathlib.Path(sys.argv[1]).read_bytes()) as table:\n"
        "    rows = table.rows(); next(rows)\n"
        "    children = pathlib.Path('/proc/self/task').glob('*/children')\n"
        "    found = ' '.join(path.read_text() for path in children)\n"
        "    pathlib.Path(sys.argv[2]).write_text(found + '\\n'); time.sleep(1000)\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "mentoring.settings"}
    worker = subprocess.Popen(
        [sys.executable, "-c", code, str(file), str(ready)], env=environment, cwd=settings.BASE_DIR
    )
    try:
        assert soon(lambda: ready.exists() and ready.read_bytes().endswith(b"\n"))
        reader = int(ready.read_bytes().split()[0])
        assert Path(f"/proc/{reader}").exists()
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert soon(lambda: not Path(f"/proc/{reader}").exists())
