"""Signed links: what a participant does straight from a mail, without a password.

A token names its purpose (the salt), so that one made for one thing opens nothing else, and is dated.
The claims are readable by whoever holds the link; they carry ids only, and a mark that changes with the
address which the link was mailed to: once the roster has another one, whoever got the mails before gets in
no more.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac

from mentoring.models import Person
from mentoring.rules import normalize_email


class BadLink(Exception):
    """Altered, cut off, or made for something else."""


class ClosedLink(Exception):
    """Genuine, of somebody who has left."""


@dataclass
class ExpiredLink(Exception):
    """Genuine but too old: its claims are still good for sending a new one."""

    claims: dict[str, Any]


def link_mark(*parts: Any) -> str:
    """Stands in a link, or in the session it opened, for what must not have changed since."""
    return salted_hmac("upward.link", "|".join(map(str, parts))).hexdigest()[:16]


def person_mark(person: Person) -> str:
    """Of the address a person has now. One that they had before and have again has another mark: somebody
    else may have read its mails in between."""
    return link_mark(person.pk, person.link_epoch, normalize_email(person.email))


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
