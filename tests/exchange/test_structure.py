"""Any structure of a workbook, through the real door: rows or a refusal, within its time and memory.

Twelve of them by default; 200 with UPWARD_FULL=1.
"""

import os
import resource
from contextlib import suppress

from hypothesis import HealthCheck, given, settings

from mentoring.exchange.door import Allowance, open_table
from mentoring.exchange.refusals import Refused
from tests.exchange.structures import workbooks

EXAMPLES = 200 if os.environ.get("UPWARD_FULL") else 12
ALLOWANCE = Allowance(processor_seconds=3, waiting_seconds=300, memory_bytes=256 * 1024 * 1024)
SLACK = 80 * 1024  # KB


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(workbooks())
def test_any_workbook_ends_as_rows_or_as_a_refusal(content: bytes) -> None:
    before, memory = resource.getrusage(resource.RUSAGE_CHILDREN), own_memory()
    with suppress(Refused), open_table(content, allowance=ALLOWANCE) as table:
        for row in table.rows():
            assert len(row.values) == len(table.headers)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 6
    assert own_memory() - memory < SLACK


def own_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
