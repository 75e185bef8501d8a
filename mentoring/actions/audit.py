from typing import Any

from django.db import models

from mentoring.actors import Actor
from mentoring.models import AuditEvent


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
