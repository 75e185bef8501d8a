"""Mail that did not arrive, and mail that waits, as organizers and operators see it: to whom, what kind, why.
Never what it says: of a choice or a request that is nobody's business but the two's."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from mentoring.enums import MessageReason, MessageStatus
from mentoring.mail.kinds import mail_kinds
from mentoring.mail.server import mail_server
from mentoring.models import OutgoingMessage, Person
from mentoring.queries.search import words_in

PAGE_SIZE = 25
SHOWN_FOR = timedelta(days=90)
OVERDUE = timedelta(minutes=10)
BODIES = ("text", "html", "calendar", "subject")
UNDELIVERED = Q(status=MessageStatus.FAILED) | Q(status=MessageStatus.DROPPED, reason=MessageReason.LATE)


def undelivered(*, now: datetime, q: str = "") -> QuerySet[OutgoingMessage]:
    """What failed for good or came too late, newest first. What was dropped because it was no longer so is no
    loss, and a reminder that was made anew neither."""
    mails = OutgoingMessage.objects.filter(UNDELIVERED, created_at__gt=now - SHOWN_FOR)
    mails = mails.exclude(~Q(rule=""), status=MessageStatus.DROPPED)
    mails = mails.filter(words_in(q, ("to_email", "to_name")))
    return mails.defer(*BODIES).order_by("-created_at", "-pk")


def failed(*, now: datetime) -> QuerySet[OutgoingMessage]:
    return undelivered(now=now).filter(status=MessageStatus.FAILED)


def undelivered_to(person: Person, *, now: datetime) -> QuerySet[OutgoingMessage]:
    return undelivered(now=now).filter(person=person)


def has_failed_mail(person: str, *, now: datetime) -> Exists:
    """For each row of a list: whether mail to the address that the person has today failed. `person` is the
    way to the person: "" in a list of people, else as "person__"."""
    to_person = {"person": OuterRef(f"{person}pk"), "to_email__iexact": OuterRef(f"{person}email")}
    return Exists(failed(now=now).order_by().filter(**to_person))


def message_of(message_id: int) -> OutgoingMessage | None:
    return OutgoingMessage.objects.defer(*BODIES).filter(pk=message_id).first()


def kind_in_words(kind: str) -> str:
    mail_kind = mail_kinds.get(kind)
    return str(mail_kind.label) if mail_kind else kind


def standing(now: datetime) -> dict[str, Any]:
    """Whether mail goes out: since when the server takes none, how much is overdue, and since when. A few
    minutes are nothing to be told of."""
    overdue = OutgoingMessage.objects.filter(status=MessageStatus.QUEUED, send_after__lt=now - OVERDUE)
    down_since = mail_server().down_since
    return {
        "down_since": down_since if down_since and down_since < now - OVERDUE else None,
        "overdue": overdue.count(),
        "oldest": overdue.aggregate(oldest=Min("send_after"))["oldest"],
    }
