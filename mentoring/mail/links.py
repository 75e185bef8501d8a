"""Signed links: what a participant does straight from a mail, without a password.

A token names its purpose (the salt), so that one made for one thing opens nothing else, and is dated.
The claims are readable by whoever holds the link; they carry ids only.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse


class BadLink(Exception):
    """Altered, cut off, or made for something else."""


class ClosedLink(Exception):
    """Genuine, of somebody who has left."""


@dataclass
class ExpiredLink(Exception):
    """Genuine but too old: its claims are still good for sending a new one."""

    claims: dict[str, Any]


def make_token(purpose: str, claims: dict[str, Any]) -> str:
    return signing.dumps(claims, salt=f"upward.{purpose}", compress=False)


def read_token(purpose: str, token: str, *, max_age: timedelta | None = None) -> dict[str, Any]:
    """The claims of a token; `BadLink` or `ExpiredLink` otherwise."""
    salt = f"upward.{purpose}"
    try:
        return signing.loads(token, salt=salt, max_age=max_age or timedelta(days=settings.SIGNED_LINK_DAYS))
    except signing.SignatureExpired:
        raise ExpiredLink(signing.loads(token, salt=salt)) from None
    except (signing.BadSignature, ValueError, TypeError):
        raise BadLink from None


def signed_url(url_name: str, purpose: str, organization_id: int, **claims: Any) -> str:
    """An absolute address for a mail: the route `url_name` is guarded by `signed_view(purpose)`."""
    token = make_token(purpose, {"o": organization_id, **claims})
    return settings.BASE_URL + reverse(url_name, args=[token])
