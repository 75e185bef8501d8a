"""Sending mail again that failed for good."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.enums import MessageStatus
from mentoring.mail.outbox import send_again
from mentoring.models import OutgoingMessage
from mentoring.queries.outbox import failed, kind_in_words
from mentoring.rules import NotAllowed

AT_ONCE = 1000


@transaction.atomic
def resend_message(*, message: OutgoingMessage, now: datetime, by: Actor) -> bool:
    """Pressed twice, it is sent once: answers whether this call did it. What it says is looked at again
    before it goes out."""
    if send_again(message, now=now):
        audit.record(
            "mail.sent_again", message, by=by, label=f"{kind_in_words(message.kind)} → {message.to_email}"
        )
        return True
    message.refresh_from_db(fields=["status"])
    if message.status not in (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.SENT):
        raise NotAllowed(_("Only mail that failed can be sent again."))
    return False


@transaction.atomic
def resend_all(*, now: datetime, by: Actor) -> int:
    """Everything that failed, oldest first; answers how many."""
    mails = list(failed(now=now).order_by("created_at", "pk")[:AT_ONCE])
    return sum(resend_message(message=message, now=now, by=by) for message in mails)
