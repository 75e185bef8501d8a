"""The outbox: mail is a row in the transaction of what it tells about, and sent by a worker afterwards.

A row is claimed by a conditional update, sent, and marked. A worker that dies in between leaves a
`sending` row that the sweep returns; its Message-ID is stable, so that a mail that did go out is
recognized as the same one by the mail server.
"""

import smtplib
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation

from mentoring.enums import MessageStatus
from mentoring.jobs import enqueue
from mentoring.models import AccountMessage, Organization, OutgoingMessage, Person
from mentoring.models.mail import Message
from mentoring.tenancy.scoping import current_organization_id, organization_scope

log = structlog.get_logger(__name__)

BATCH = 50
SETTLED = (MessageStatus.SENT, MessageStatus.FAILED)
STUCK_AFTER = timedelta(minutes=10)
RETRY_MINUTES = (1, 5, 15, 60, 240, 720)


@dataclass(frozen=True)
class Recipient:
    """Who gets a mail, in which language and time zone it is written."""

    email: str
    name: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    person_id: int | None = None

    @classmethod
    def of_person(cls, person: Person, organization: Organization) -> "Recipient":
        return cls(
            email=person.email,
            name=person.name,
            language=person.language or organization.language,
            time_zone=person.zone(organization),
            person_id=person.pk,
        )


@dataclass(frozen=True)
class Calendar:
    """An iCalendar text and its method (REQUEST, CANCEL)."""

    text: str
    method: str


def render_text(template: str, context: dict[str, Any]) -> str:
    """Plain text: O'Neill must not arrive as O&#x27;Neill."""
    found: Any = get_template(template)
    return str(found.template.render(Context(context, autoescape=False))).strip() + "\n"


def render_message(
    kind: str,
    *,
    to: Recipient,
    context: dict[str, Any],
    idempotency_key: str,
    send_after: datetime | None = None,
    reply_to: str = "",
    calendar: Calendar | None = None,
) -> OutgoingMessage:
    """An unsaved row of the outbox, from templates/emails/<kind>.{subject.txt,txt,html}."""
    with translation.override(to.language), timezone.override(ZoneInfo(to.time_zone)):
        context = {"recipient": to, "base_url": settings.BASE_URL, **context}
        subject = " ".join(render_text(f"emails/{kind}.subject.txt", context).split())
        text = render_text(f"emails/{kind}.txt", context)
        html = render_to_string(f"emails/{kind}.html", {**context, "subject": subject})
    return OutgoingMessage(
        organization_id=current_organization_id(),
        kind=kind,
        to_email=to.email,
        to_name=" ".join(to.name.split())[:200],  # a form lets line breaks pass, a header does not
        reply_to=reply_to,
        subject=subject[:254],
        text=text,
        html=html,
        calendar=calendar.text if calendar else "",
        calendar_method=calendar.method if calendar else "",
        send_after=send_after or timezone.now(),
        person_id=to.person_id,
        idempotency_key=idempotency_key[:200],
    )


def queue_mail(kind: str, **parts: Any) -> None:
    """Put one mail in the outbox; see `render_message` for the parts. The same key twice sends once."""
    queue_messages([render_message(kind, **parts)])


def queue_messages(messages: Iterable[OutgoingMessage]) -> None:
    OutgoingMessage.objects.bulk_create(messages, ignore_conflicts=True, batch_size=500)
    enqueue("mentoring.send_due_mail", current_organization_id())


def claim(model: type[Message], *, now: datetime) -> list[Any]:
    """Take the next due rows for this worker alone."""
    with transaction.atomic():
        due = model.objects.filter(status=MessageStatus.QUEUED, send_after__lte=now)  # type: ignore[attr-defined]
        rows = list(due.select_for_update(skip_locked=True, no_key=True).order_by("send_after", "pk")[:BATCH])
        for row in rows:
            row.status = MessageStatus.SENDING
            row.claimed_at = now
            row.attempts += 1
        model.objects.bulk_update(rows, ["status", "claimed_at", "attempts"])  # type: ignore[attr-defined]
    return rows


def deliver(rows: list[Any], *, now: datetime) -> None:
    """Send claimed rows over one connection and mark each as soon as its fate is known."""
    backend = get_connection()
    try:
        backend.open()
    except OSError as error:
        for row in rows:
            _postpone(row, error, now)
        return
    try:
        for row in rows:
            try:
                as_email(row, backend).send()
            except smtplib.SMTPRecipientsRefused as error:
                refusals = [code for code, _reason in error.recipients.values()]
                (_give_up if all(code >= 500 for code in refusals) else _postpone)(row, error, now)
            except smtplib.SMTPResponseException as error:
                (_give_up if error.smtp_code >= 500 else _postpone)(row, error, now)
            except OSError as error:
                _postpone(row, error, now)
            except ValueError as error:  # an address or header that no mail can have
                _give_up(row, error, now)
            else:
                _mark(row, status=MessageStatus.SENT, sent_at=timezone.now(), error="")
    finally:
        backend.close()


def as_email(row: Message, backend: Any = None) -> EmailMultiAlternatives:
    if not row.text:
        raise ValueError("What this mail says can no longer be read.")
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message = EmailMultiAlternatives(
        subject=row.subject,
        body=row.text,
        to=[formataddr((row.to_name, row.to_email))],
        reply_to=[row.reply_to] if row.reply_to else None,
        headers={
            "Message-ID": f"<{row._meta.model_name}.{row.pk}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
        connection=backend,
    )
    message.attach_alternative(row.html, "text/html")
    if row.calendar:
        # The alternative makes Outlook and Gmail show buttons; the file is for everybody else.
        message.attach_alternative(row.calendar, f"text/calendar; method={row.calendar_method}")
        message.attach("invite.ics", row.calendar.encode(), "application/ics")
    return message


def sweep_mail(model: type[Message], *, now: datetime) -> int:
    """Return rows whose worker died between claiming and marking; answers how many."""
    stuck = model.objects.filter(status=MessageStatus.SENDING, claimed_at__lt=now - STUCK_AFTER)  # type: ignore[attr-defined]
    return stuck.update(status=MessageStatus.QUEUED)


def has_due(model: type[Message], *, now: datetime) -> bool:
    return model.objects.filter(status=MessageStatus.QUEUED, send_after__lte=now).exists()  # type: ignore[attr-defined]


def queue_account_mail(*, to_email: str, subject: str, text: str, html: str, kind: str) -> AccountMessage:
    message = AccountMessage.objects.create(
        kind=kind, to_email=to_email, subject=" ".join(subject.split())[:254], text=text, html=html
    )
    enqueue("mentoring.send_account_mail")
    return message


def _mark(row: Any, **fields: Any) -> None:
    if isinstance(row, AccountMessage) and fields["status"] in SETTLED and not settings.ACCOUNT_MAIL_KEPT:
        fields |= {"subject": "", "text": "", "html": ""}  # codes and reset links: nobody needs them now
    scope = organization_scope(row.organization_id) if isinstance(row, OutgoingMessage) else nullcontext()
    with scope:
        type(row).objects.filter(pk=row.pk, status=MessageStatus.SENDING).update(**fields)


def _give_up(row: Any, error: Exception, now: datetime) -> None:
    log.warning("mail refused for good", message=row.pk, error=type(error).__name__)
    _mark(row, status=MessageStatus.FAILED, error=str(error)[:500])


def _postpone(row: Any, error: Exception, now: datetime) -> None:
    if row.attempts > len(RETRY_MINUTES):
        _give_up(row, error, now)
        return
    wait = timedelta(minutes=RETRY_MINUTES[row.attempts - 1])
    _mark(row, status=MessageStatus.QUEUED, send_after=now + wait, error=str(error)[:500])
