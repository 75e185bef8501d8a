"""Files as people send them, made in memory, and what is read of them."""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl import Workbook

from mentoring.exchange.door import as_row, as_table
from mentoring.exchange.limits import Limits, Unreadable
from mentoring.exchange.reading.__main__ import messages, plain
from mentoring.exchange.refusals import refusal
from mentoring.exchange.tables import Row, Table


def table_of(content: bytes | str, *, limits: Limits | None = None) -> Table:
    """As the door answers, but read in this very process: quick, and for files that do no harm."""
    data = content.encode() if isinstance(content, str) else content

    def said() -> Iterator[dict[str, Any]]:
        try:
            for message in messages(data, limits or Limits()):
                yield json.loads(json.dumps(message, default=plain))
        except Unreadable as found:
            raise refusal(found.reason, found.facts) from None

    def rows() -> Iterator[Row]:
        return (as_row(row) for message in said() for row in message.get("rows", ()))

    return as_table(next(said()), rows)


def xlsx_bytes(rows: Sequence[Sequence[object]], *, sheets: Sequence[str] = ("People",)) -> bytes:
    workbook = Workbook()
    workbook.active.title = sheets[0]
    for title in sheets[1:]:
        workbook.create_sheet(title)
    for row in rows:
        workbook.worksheets[0].append(list(row))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def xlsx_table(
    rows: Sequence[Sequence[object]], *, limits: Limits | None = None, **more: Sequence[str]
) -> Table:
    return table_of(xlsx_bytes(rows, **more), limits=limits)


def repacked(content: bytes, replace: dict[str, bytes]) -> bytes:
    """The same archive with some parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in replace:
                new.writestr(name, old.read(name))
        for name, data in replace.items():
            new.writestr(name, data)
    return out.getvalue()


def values(table: Table) -> list[tuple[object, ...]]:
    return [row.values for row in table.rows()]
