from django.db import models

from mentoring.models.user import User
from mentoring.tenancy.scoping import OrganizationScoped


class AuditEvent(OrganizationScoped):
    """Who did what to what, when. Written in the transaction of the change, never changed or deleted."""

    at = models.DateTimeField(auto_now_add=True)
    action = models.CharField(max_length=80)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.CharField(max_length=254)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    object_label = models.CharField(max_length=254)
    data = models.JSONField(default=dict)

    class Meta(OrganizationScoped.Meta):
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=["organization", "-at", "-id"], name="audit_by_time"),
            models.Index(fields=["organization", "object_type", "object_id"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.object_label}"
