import uuid
from email.utils import parseaddr

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.lines import AddressField, LineField
from mentoring.tenancy.scoping import OrganizationScoped
from programs.models import Pair, Participant
from sessions.enums import MeetingStatus


def sender_address() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


class Meeting(OrganizationScoped):
    """One meeting of a pair. `uid`, `organizer` and `sequence` are those of its calendar entry (RFC 5545):
    the first two stay for life, whatever address we send from later; the sequence rises with every change
    that calendars must take over; `told_at` is when calendars were last told."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="meetings")
    number = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField(_("starts"))
    minutes = models.PositiveSmallIntegerField(_("length in minutes"))
    place = LineField(_("place or link"), max_length=300, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=MeetingStatus.choices, default=MeetingStatus.PLANNED
    )
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    organizer = AddressField(max_length=254, default=sender_address, editable=False)
    sequence = models.PositiveSmallIntegerField(default=0)
    told_at = models.DateTimeField(default=timezone.now)
    planned_by = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    answered_by = models.ForeignKey(Participant, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationScoped.Meta):
        verbose_name = _("meeting")
        constraints = [
            models.UniqueConstraint(fields=["organization", "pair", "number"], name="meeting_number_once"),
            models.UniqueConstraint(fields=["organization", "uid"], name="meeting_uid_once"),
            models.UniqueConstraint(
                fields=["organization", "pair", "starts_at"],
                condition=models.Q(status=MeetingStatus.PLANNED),
                name="meeting_planned_once",
            ),
            models.CheckConstraint(
                condition=models.Q(minutes__gte=10, minutes__lte=480), name="meeting_10_to_480_minutes"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "pair", "starts_at"], name="meeting_by_pair"),
            models.Index(fields=["organization", "status", "starts_at"], name="meeting_by_status"),
        ]

    def __str__(self) -> str:
        return f"Meeting {self.number}"
