"""Exports of forty HR systems: every column that is needed is found, none that is sensitive is kept."""

from pathlib import Path

import pytest

from mentoring.people.mapping import guess_mapping
from mentoring.people.sensitive import sensitive_heading

TEXT = Path(__file__).with_name("layouts.txt").read_text(encoding="utf-8")
LINES = [line for line in TEXT.splitlines() if line and not line.startswith("#")]
LAYOUTS = {
    name: dict(column.rsplit("=", 1) for column in columns.split("; "))
    for name, columns in (line.split(": ", 1) for line in LINES)
}


@pytest.mark.parametrize("system", LAYOUTS)
def test_layout(system: str):
    layout = LAYOUTS[system]
    assert guess_mapping(list(layout)) == {
        heading: key for heading, key in layout.items() if key not in ("!", "-")
    }
    assert [heading for heading in layout if sensitive_heading(heading)] == [
        heading for heading, key in layout.items() if key == "!"
    ]


def test_forty_layouts():
    assert len(LAYOUTS) >= 40
