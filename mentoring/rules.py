"""Errors every action may raise, and small rules that belong to no single model."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.functional import Promise


class NotAllowed(Exception):
    """An action refused by a rule. The message is written for the user and says what to do instead."""

    def __init__(self, message: str | Promise):
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


def normalize_email(email: str) -> str:
    """Addresses are compared and stored in lower case: HR exports and people disagree about capitals."""
    return email.strip().lower()


def today_in(time_zone: str, now: datetime) -> date:
    """The day it is for an organization: its dates are days of its own calendar."""
    return now.astimezone(ZoneInfo(time_zone or "UTC")).date()


RESERVED_SLUGS = frozenset(
    {"accounts", "admin", "api", "mailbox", "new", "o", "s", "static", "upward", "www"}
)
SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$")
