from typing import TypeVar

from django.db.models import Model

Row = TypeVar("Row", bound=Model)


def locked(row: Row) -> Row:
    """The row as it is now, held until the transaction ends: whoever saves goes by what stands, not by what
    was read before somebody else saved."""
    rows = row._meta.model._default_manager.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=row.pk)
