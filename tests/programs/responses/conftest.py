from datetime import UTC, datetime
from typing import Any

import pytest

from programs.actions.responses import submit_response
from tests.cast import Cast
from tests.programs.answering import ANSWERS, ready_to_answer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def cast(northwind: Cast, fabrikam: Cast) -> Any:
    """Northwind with both questionnaires; Fabrikam's mentor has answered, too."""
    with fabrikam.scope():
        ready_to_answer(fabrikam)
        submit_response(participant=fabrikam.mentor, values=ANSWERS, now=NOW, by=fabrikam.by)
    with northwind.scope():
        ready_to_answer(northwind)
        yield northwind
