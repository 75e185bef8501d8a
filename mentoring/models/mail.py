import uuid
from email.utils import parseaddr

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.enums import MessageReason, MessageStatus
from mentoring.lines import AddressField, LineField
from mentoring.models.fields import SealedTextField
from mentoring.models.person import Person
from mentoring.tenancy.scoping import OrganizationScoped


def new_message_id() -> str:
    """Kept with the row: however often it is sent, and whatever the sender's address is then, mail servers
    and mail programs know it as the same mail."""
    return f"<{uuid.uuid4().hex}@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition('@')[2]}>"


class Message(models.Model):
    """A mail as it will go out, rendered when it was queued. See `mentoring.mail.outbox`.

    `attempts` counts what went wrong with this very mail, never what went wrong with the server. `about` and
    the kind say what must still be so when it is sent; `thread` and `sequence` which mail it follows. The
    bodies are sealed: their links let somebody in for weeks."""

    message_id = LineField(max_length=254, default=new_message_id, editable=False)
    kind = LineField(max_length=60)
    to_email = AddressField(max_length=254)
    to_name = LineField(max_length=200, blank=True)
    reply_to = LineField(max_length=254, blank=True)
    subject = LineField(max_length=254)
    text = SealedTextField(purpose="mail")
    html = SealedTextField(purpose="mail")
    calendar = SealedTextField(purpose="mail", blank=True)
    calendar_method = LineField(max_length=10, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=MessageStatus.choices, default=MessageStatus.QUEUED
    )
    reason = models.CharField(max_length=20, choices=MessageReason.choices, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    breaks = models.PositiveSmallIntegerField(default=0)
    broke_at = models.DateTimeField(null=True)
    thread = LineField(max_length=120, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    useful_until = models.DateTimeField(null=True)
    about = models.JSONField(default=dict)
    rule = LineField(max_length=60, blank=True)  # of a reminder: it can be made anew
    working_zone = LineField(max_length=64, blank=True)  # where it goes out in working hours only
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
    idempotency_key = LineField(max_length=200)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "idempotency_key"], name="message_once")
        ]
        indexes = [
            models.Index(fields=["organization", "status", "send_after"], name="message_due"),
            models.Index(fields=["organization", "person"], name="message_by_person"),
            models.Index(
                fields=["organization", "thread"], name="message_thread", condition=~models.Q(thread="")
            ),
        ]


class AccountMessage(Message):
    """Mail about a login (codes, password reset): it belongs to a user, not to an organization. What it says
    lets somebody in, so it is sealed while it waits and gone once it was sent, given up or is too old."""

    subject = SealedTextField(purpose="account mail")
    text = SealedTextField(purpose="account mail")
    html = SealedTextField(purpose="account mail")

    class Meta:
        indexes = [models.Index(fields=["status", "send_after"], name="account_message_due")]


class MailServer(models.Model):
    """What is known of the mail server, one row: after a fault all workers leave it alone until `down_until`,
    then one of them tries."""

    down_until = models.DateTimeField(null=True)
    down_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    worked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "mail server"
