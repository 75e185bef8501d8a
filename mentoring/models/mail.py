from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.enums import MessageStatus
from mentoring.models.fields import SealedTextField
from mentoring.models.person import Person
from mentoring.tenancy.scoping import OrganizationScoped


class Message(models.Model):
    """A mail as it will go out, rendered when it was queued. See `mentoring.mail.outbox`."""

    kind = models.CharField(max_length=60)
    to_email = models.EmailField(max_length=254)
    to_name = models.CharField(max_length=200, blank=True)
    reply_to = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=254)
    text = models.TextField()
    html = models.TextField()
    calendar = models.TextField(blank=True)
    calendar_method = models.CharField(max_length=10, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=MessageStatus.choices, default=MessageStatus.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    send_after = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.subject} → {self.to_email}"


class OutgoingMessage(Message, OrganizationScoped):
    """A tenant's mail. The idempotency key makes a second queueing of the same mail a no-op."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    idempotency_key = models.CharField(max_length=200)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "idempotency_key"], name="message_once")
        ]
        indexes = [
            models.Index(fields=["organization", "status", "send_after"], name="message_due"),
            models.Index(fields=["organization", "person"], name="message_by_person"),
        ]


class AccountMessage(Message):
    """Mail about a login (codes, password reset): it belongs to a user, not to an organization. What it says
    lets somebody in, so it is sealed while it waits and gone once it was sent, given up or is too old."""

    subject = SealedTextField(purpose="account mail")
    text = SealedTextField(purpose="account mail")
    html = SealedTextField(purpose="account mail")

    class Meta:
        indexes = [models.Index(fields=["status", "send_after"], name="account_message_due")]
