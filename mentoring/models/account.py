from django.db import models

from mentoring.enums import AccountEventKind
from mentoring.lines import LineField
from mentoring.visitors import device_of


class AccountEvent(models.Model):
    """A sign-in, a failed one, or a change of what one signs in with. Users belong to no organization, nor
    does this log. It is only added to: PostgreSQL lets the application neither change nor delete a row, so
    the user is an id and no foreign key, and the e-mail address stands as it was then."""

    at = models.DateTimeField(auto_now_add=True)
    kind = LineField(max_length=30, choices=AccountEventKind.choices)
    user_id = models.BigIntegerField(null=True)
    email = LineField(max_length=254, blank=True)
    ip = models.GenericIPAddressField(null=True)
    user_agent = LineField(max_length=200, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=["user_id", "-at", "-id"], name="account_event_by_user"),
            models.Index(fields=["email", "-at"], name="account_event_by_email"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.email}"

    @property
    def device(self) -> str:
        return device_of(self.user_agent)
