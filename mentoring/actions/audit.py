from typing import Any

from django.db import connection, models

from mentoring.actors import Actor
from mentoring.models import AuditEvent
from mentoring.tenancy.scoping import current_organization_id

SEALED_AT_ONCE = 5000


def record(action: str, object: models.Model, *, by: Actor, label: str = "", **data: Any) -> AuditEvent:
    """Write the audit row of a change, in its transaction: if this fails, the change is undone.

    `action` is `noun.verb` in the past ("cohort.opened"); `data` holds what changed, never an answer
    to a sensitive question. `label` says what it was where the object's own name says too little.
    """
    return AuditEvent.objects.create(
        action=action,
        user_id=by.user_id,
        by=by.label[:254],
        object_type=object._meta.label_lower,
        object_id=object.pk,
        object_label=(label or str(object))[:254],
        data=data,
    )


def seal_events() -> int:
    """Chain the organization's rows that were committed since the last time; answers how many.

    Not when a row is written: a chain takes one after the other, and two transactions that wait for each
    other's rows as well as for the chain would end as a deadlock. PostgreSQL does it (migration 0003), since
    the application may not change a row.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT mentoring_seal_audit(%s, %s)", [current_organization_id(), SEALED_AT_ONCE])
        (sealed,) = cursor.fetchone()
    return int(sealed)
