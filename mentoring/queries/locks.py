from typing import TypeVar

from django.db.models import Model

Row = TypeVar("Row", bound=Model)


def locked(row: Row) -> Row:
    """The row as it is now, held until the transaction ends: whoever saves goes by what stands, not by what
    was read before somebody else saved."""
    rows = row._meta.model.objects.select_for_update(of=("self",), no_key=True)  # type: ignore[attr-defined]
    return rows.get(pk=row.pk)
