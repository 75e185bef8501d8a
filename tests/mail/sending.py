"""Putting mail in the outbox and sending what is due, as a worker does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from mentoring.mail.delivery import Sender
from mentoring.mail.outbox import Recipient, queue_mail
from mentoring.models import OutgoingMessage
from mentoring.queries.contacts import mail_context
from tests.cast import Cast


def queue(cast: Cast, email: str, **parts: Any) -> None:
    context = mail_context(cast.organization, url="https://upward.example/s/x/", membership=None)
    with cast.scope():
        queue_mail(
            "invite_member",
            **{"to": Recipient(email=email), "context": context, "idempotency_key": email, **parts},
        )


def ticking(now: datetime) -> Iterator[datetime]:
    """A clock that goes on by a millisecond each time somebody looks at it."""
    return (now + timedelta(milliseconds=number) for number in count())


def send_due(cast: Cast, now: datetime | None = None) -> None:
    clock = ticking(now or timezone.now())
    Sender(cast.organization.pk).send_all(lambda: next(clock))


def statuses(cast: Cast) -> dict[str, str]:
    with cast.scope():
        return dict(OutgoingMessage.objects.values_list("to_email", "status"))


def row_of(cast: Cast, email: str) -> OutgoingMessage:
    with cast.scope():
        return OutgoingMessage.objects.get(to_email=email)
