"""The outbox: mail is a row in the transaction of what it tells about, and sent by a worker afterwards
(`mentoring.mail.delivery`).

Of one thing (`thread`) the newest mail counts: it takes the place of an older one that still waits, and waits
itself while an older one is on its way. So a calendar never gets an invitation after its cancellation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation

from mentoring.enums import MessageStatus
from mentoring.jobs import enqueue
from mentoring.mail.kinds import About, mail_kinds
from mentoring.models import AccountMessage, Organization, OutgoingMessage, Person
from mentoring.models.mail import Message
from mentoring.rules import ascii_address
from mentoring.tenancy.scoping import current_organization_id

SETTLED = (MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.DROPPED)


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
    engine_template: Any = get_template(template)
    return str(engine_template.template.render(Context(context, autoescape=False))).strip() + "\n"


def render_message(
    kind: str,
    *,
    to: Recipient,
    context: dict[str, Any],
    idempotency_key: str,
    send_after: datetime | None = None,
    reply_to: str = "",
    calendar: Calendar | None = None,
    about: About | None = None,
    useful_until: datetime | None = None,
    thread: str = "",
    sequence: int = 0,
    in_working_hours: bool = False,
    rule: str = "",
) -> OutgoingMessage:
    """An unsaved row of the outbox, from templates/emails/<kind>.{subject.txt,txt,html}.

    `about` is what its kind's check looks at before it goes out. Of a `thread`, the mail with the higher
    `sequence` takes the place of one that still waits. `in_working_hours`: also after it was put off.
    """
    send_after = send_after or timezone.now()
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
        send_after=send_after,
        person_id=to.person_id,
        idempotency_key=idempotency_key[:200],
        about=about or {},
        useful_until=mail_kinds[kind].useful_until(useful_until, send_after),
        thread=thread[:120],
        sequence=sequence,
        working_zone=to.time_zone if in_working_hours else "",
        rule=rule,
    )


def queue_mail(kind: str, **parts: Any) -> None:
    """Put one mail in the outbox; see `render_message` for the parts. The same key twice sends once."""
    queue_messages([render_message(kind, **parts)])


def queue_messages(messages: Iterable[OutgoingMessage]) -> None:
    OutgoingMessage.objects.bulk_create(messages, ignore_conflicts=True, batch_size=500)
    enqueue("mentoring.send_due_mail", current_organization_id())


def send_again(message: Message, *, now: datetime) -> bool:
    """Put a mail that failed back in line, as if it had never been tried. What it says is looked at again
    before it goes out. Answers whether it was this call that did it."""
    if isinstance(message, AccountMessage) and not message.text:
        return False  # taken away, see `emptied`: whoever wants in asks for another one
    failed = type(message).objects.filter(pk=message.pk, status=MessageStatus.FAILED)  # type: ignore[attr-defined]
    changed = failed.update(
        status=MessageStatus.QUEUED, reason="", error="", attempts=0, breaks=0, broke_at=None, send_after=now
    )
    if changed and isinstance(message, OutgoingMessage):
        enqueue("mentoring.send_due_mail", message.organization_id)
    elif changed:
        enqueue("mentoring.send_account_mail")
    return bool(changed)


def as_email(row: Message, backend: Any = None) -> EmailMultiAlternatives:
    """The mail as it is sent; nothing else reads its body. `ValueError` for an impossible address."""
    if not row.text:
        raise ValueError("What this mail says can no longer be read.")
    message = EmailMultiAlternatives(
        subject=row.subject,
        body=row.text,
        to=[formataddr((row.to_name, ascii_address(row.to_email)))],
        reply_to=[ascii_address(row.reply_to)] if row.reply_to else None,
        headers={
            "Message-ID": row.message_id,
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


def queue_account_mail(*, to_email: str, subject: str, text: str, html: str, kind: str) -> AccountMessage:
    now = timezone.now()
    mail_kind = mail_kinds.get(kind)
    message = AccountMessage.objects.create(
        kind=kind,
        to_email=to_email,
        subject=" ".join(subject.split())[:254],
        text=text,
        html=html,
        send_after=now,
        useful_until=mail_kind.useful_until(None, now) if mail_kind else None,
    )
    enqueue("mentoring.send_account_mail")
    return message


def emptied(row: Message, status: str) -> dict[str, str]:
    """The bodies to take away with that status: nobody needs a code or reset link once its mail was sent,
    given up or dropped."""
    if isinstance(row, AccountMessage) and status in SETTLED and not settings.ACCOUNT_MAIL_KEPT:
        return {"subject": "", "text": "", "html": ""}
    return {}
