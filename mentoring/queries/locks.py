from typing import TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _

from mentoring.models import Organization
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import current_organization_id

Row = TypeVar("Row", bound=Model)


def locked(row: Row) -> Row:
    """The row as it is now, held until the transaction ends: whoever saves goes by what stands, not by what
    was read before somebody else saved. Two who remove it at once: the second is refused."""
    rows = row._meta.model.objects.select_for_update(of=("self",), no_key=True)  # type: ignore[attr-defined]
    current: Row | None = rows.filter(pk=row.pk).first()
    if current is None:
        raise NotAllowed(_("This was removed meanwhile. Open the page again."))
    return current


def lock_organization() -> Organization:
    """The organization of the scope, held until the transaction ends: for what is done one at a time. Inserts
    that refer to the row go on."""
    return Organization.objects.select_for_update(no_key=True).get(pk=current_organization_id())
