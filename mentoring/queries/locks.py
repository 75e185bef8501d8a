from typing import TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _

from mentoring.rules import NotAllowed

Row = TypeVar("Row", bound=Model)


def locked(row: Row) -> Row:
    """The row as it is now, held until the transaction ends: whoever saves goes by what stands, not by what
    was read before somebody else saved. Two who remove it at once: the second is refused."""
    rows = row._meta.model.objects.select_for_update(of=("self",), no_key=True)  # type: ignore[attr-defined]
    found: Row | None = rows.filter(pk=row.pk).first()
    if found is None:
        raise NotAllowed(_("This was removed meanwhile. Open the page again."))
    return found
