"""Errors every action may raise, and small rules that belong to no single model."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
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


def ascii_address(email: str) -> str:
    """The same address with its domain in ASCII (`xn--`), which every mail server takes (RFC 5890).

    Raises `ValueError` for what no domain can be: such an address is refused where it is typed or imported.
    """
    local, at, domain = email.rpartition("@")
    if domain.isascii() or not at:
        return email
    return f"{local}@{idna.encode(domain, uts46=True).decode()}"


def check_address(email: str) -> None:
    """Refuse an address to which no mail can be sent: everything beyond ASCII before the @, which few servers
    take, and domains that cannot be."""
    try:
        validate_email(email)
        ascii_address(email)
    except ValueError:
        raise ValidationError(validate_email.message, code=validate_email.code) from None


# RFC 2606: no mail can ever go there.
UNREACHABLE = ".invalid"


def unreachable_address(user_id: int) -> str:
    """The address of a log-in that has none: nobody can ask for a code with it."""
    return f"nobody-{user_id}@upward{UNREACHABLE}"


def is_reachable(email: str) -> bool:
    return not email.endswith(UNREACHABLE)


RESERVED_SLUGS = frozenset(
    {"accounts", "admin", "api", "mailbox", "new", "o", "s", "static", "upward", "www"}
)
SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$")
