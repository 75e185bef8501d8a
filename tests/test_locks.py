"""How rows are locked, everywhere in the product."""

import re

from tests.running import ROOT

APPS = ("mentoring", "programs", "matching", "sessions", "outcomes")


def test_rows_are_locked_without_their_keys() -> None:
    """FOR UPDATE makes whoever writes a row that refers to the locked one wait, and two who refer to each
    other wait for ever; nothing here changes keys, so FOR NO KEY UPDATE holds as well and lets them be."""
    whole, found = [], 0
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        for call in re.findall(r"select_for_update\(([^)]*\)?[^)]*)\)", path.read_text()):
            found += 1
            if "no_key=True" not in call:
                whole.append(f"{path.relative_to(ROOT)}: {call}")
    assert (whole, found > 10) == ([], True)
