"""Real files that are not part of the repository: in the folder that UPWARD_REALDATA names. A test that needs
some is skipped, with the reason, where they are not."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

FOLDER = Path(os.environ.get("UPWARD_REALDATA") or "not-named")
FORM_EXPORTS = ("form_export_mentors.csv", "form_export_mentees.csv")
Test = TypeVar("Test", bound=Callable[..., object])


def needs(*names: str) -> Callable[[Test], Test]:
    """A test of these files; it finds them under `FOLDER`."""
    missing = [name for name in names if not (FOLDER / name).is_file()]
    skip = pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)}: not there; set UPWARD_REALDATA")

    def decorate(test: Test) -> Test:
        return pytest.mark.realdata(skip(test))

    return decorate
