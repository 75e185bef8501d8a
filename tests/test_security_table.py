"""docs/security.md: each requirement once, with a state, and the tests it names are there."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "security.md").read_text()
LINE = re.compile(r"^\| (V\d+\.\d+\.\d+) \| ([^|]+) \| (met|not applicable|open): ([^|]+) \|$", re.MULTILINE)
LINES = LINE.findall(TEXT)


def test_every_row_of_the_tables_is_a_line() -> None:
    rows = [row for row in TEXT.splitlines() if row.startswith("| V")]
    assert len(LINES) == len(rows) > 250


def test_each_requirement_stands_once_and_in_order() -> None:
    ids = [tuple(int(number) for number in line[0][1:].split(".")) for line in LINES]
    assert ids == sorted(set(ids))


def test_figures_of_the_head_are_those_of_the_table() -> None:
    states = Counter(line[2] for line in LINES)
    head = f"{states['met']} are met, {states['not applicable']} do not apply, {states['open']} are open."
    assert (f"{len(LINES)} of them" in TEXT, head in TEXT) == (True, True)


def test_what_is_met_names_a_test_or_says_that_there_is_none() -> None:
    shown = re.compile(r"`tests/|no test|make check|as \d")
    assert [line[0] for line in LINES if line[2] == "met" and not shown.search(line[3])] == []


def test_named_files_exist() -> None:
    named = set(re.findall(r"`((?:tests|mentoring)/[^`]+)`", TEXT))
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
    assert len(named) > 40


def test_what_is_open_names_an_issue_or_says_why_in_none() -> None:
    """Of those that are open themselves: 7 brought this table, and is closed."""
    where = re.compile(r".+; (?:issue (?:8|9|10|11|12)(?: .+)?|no issue: .{8,})")
    assert [line[0] for line in LINES if line[2] == "open" and not where.fullmatch(line[3])] == []
