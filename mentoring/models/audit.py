from django.db import models
from django.db.models.functions import Now

from mentoring.lines import LineField
from mentoring.models.organization import Organization
from mentoring.tenancy.scoping import OrganizationScoped


class AuditEvent(OrganizationScoped):
    """Who did what to what, when. Written in the transaction of the change, never changed or deleted.

    PostgreSQL holds that (migration 0003): the application inserts and reads, `at` is the server's own time,
    and rows go only with their organization, by the database itself. `number` and `hash` chain an
    organization's rows; they are filled in a little later (`mentoring.actions.audit.seal_events`).
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.DO_NOTHING, related_name="+", editable=False, db_index=False
    )
    at = models.DateTimeField(db_default=Now())
    action = LineField(max_length=80)
    # A number and no reference: the row stays as it was when the user is deleted.
    user_id = models.BigIntegerField(null=True)
    by = LineField(max_length=254)
    object_type = LineField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    object_label = LineField(max_length=254)
    data = models.JSONField(default=dict)
    number = models.BigIntegerField(null=True, editable=False)
    hash = models.BinaryField(null=True, editable=False)

    class Meta(OrganizationScoped.Meta):
        ordering = ("-at", "-id")
        constraints = [models.UniqueConstraint(fields=["organization", "number"], name="audit_number_once")]
        indexes = [
            models.Index(fields=["organization", "-at", "-id"], name="audit_by_time"),
            models.Index(fields=["organization", "object_type", "object_id"], name="audit_by_object"),
            models.Index(
                fields=["organization", "id"], condition=models.Q(number=None), name="audit_not_sealed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.object_label}"
