"""Files as people send them, made in memory."""

import io
import zipfile
from collections.abc import Sequence

from openpyxl import Workbook

from mentoring.exchange.opening import open_table
from mentoring.exchange.refusals import Limits
from mentoring.exchange.tables import Table


def csv_table(content: bytes | str, *, limits: Limits | None = None) -> Table:
    return open_table(io.BytesIO(content.encode() if isinstance(content, str) else content), limits=limits)


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
    return open_table(io.BytesIO(xlsx_bytes(rows, **more)), limits=limits)


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
