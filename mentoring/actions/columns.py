"""Columns kept from a roster beside those that it has a place for: kept with a reason, or removed."""

from django.db import connection
from django.utils.translation import gettext as _

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.batches import batches
from mentoring.enums import OPEN_JOBS
from mentoring.jobs import check_cancelled, finish_job, queue_job, report_progress
from mentoring.models import ColumnMapping, ColumnRemoval, KeptColumn, Person
from mentoring.people.columns import EXTRA
from mentoring.queries.locks import lock_organization
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import organization_scope

BATCH = 5000


def keep_column(*, name: str, reason: str, by: Actor) -> bool:
    """A sensitive column stays, and later imports may keep it, for a reason that the audit log knows. False:
    it stays for that reason already."""
    reason = reason.strip()
    if not reason:
        raise NotAllowed(_("Say in a few words why mentoring needs this column."))
    lock_organization()
    if KeptColumn.objects.filter(name=name, reason=reason).exists():
        return False
    kept, _new = KeptColumn.objects.update_or_create(name=name, defaults={"reason": reason})
    audit.record("column.kept", kept, by=by, column=name, reason=reason)
    return True


def remove_column(*, name: str, by: Actor) -> bool:
    """Have a worker take a column out of everybody's row, and take back why it was kept. False: a worker is
    at it, or there is nothing of either."""
    lock_organization()
    if ColumnRemoval.objects.filter(name=name, status__in=OPEN_JOBS).exists():
        return False
    taken_back, _rows = KeptColumn.objects.filter(name=name).delete()
    if not taken_back and not Person.objects.filter(attributes__has_key=name).exists():
        return False
    removal = ColumnRemoval(name=name, created_by_id=by.user_id)
    queue_job(removal)
    audit.record("column.removal_asked", removal, by=by, column=name)
    return True


def take_column_out(removal: ColumnRemoval) -> None:
    """The worker's part: out of remembered mappings, so that no nightly file brings it back, then out of
    every row; all or nothing. It waits for an import that is being written."""
    with organization_scope(removal.organization_id):
        lock_organization()
        for remembered in ColumnMapping.objects.select_for_update(no_key=True):
            if remembered.mapping.get(removal.name) == EXTRA:
                del remembered.mapping[removal.name]
                remembered.save(update_fields=["mapping", "updated_at"])
        holders = list(Person.objects.filter(attributes__has_key=removal.name).values_list("pk", flat=True))
        done = 0
        for batch in batches(holders, BATCH):
            report_progress(removal, done=done, total=len(holders), phase=_("Removing the column"))
            check_cancelled(removal)
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE mentoring_person SET attributes = attributes - %s"
                    " WHERE organization_id = %s AND id = ANY(%s)",
                    [removal.name, removal.organization_id, list(batch)],
                )
            done += len(batch)
        by = Actor.of_user(removal.created_by) if removal.created_by else Actor.system("remove_column")
        audit.record("column.removed", removal, by=by, column=removal.name, people=done)
        finish_job(removal, people=done)
