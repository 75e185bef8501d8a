"""Mail is a row, sent once, tried again as long as it makes sense, never lost."""

from datetime import timedelta
from typing import Any

from django.core import mail
from django.utils import timezone

from mentoring.enums import MessageStatus
from mentoring.mail import outbox
from mentoring.mail.outbox import Calendar, Recipient
from mentoring.models import AccountMessage, OutgoingMessage
from tests.cast import Cast
from tests.mail.sending import queue, row_of, send_due, statuses
from tests.mail.smtp import MailServer

QUEUED, SENT, FAILED = MessageStatus.QUEUED, MessageStatus.SENT, MessageStatus.FAILED


def test_queue_with_the_same_key_is_one_mail(northwind: Cast) -> None:
    for _again in range(3):
        queue(northwind, "a@x.example", idempotency_key="same")
    assert statuses(northwind) == {"a@x.example": QUEUED}


def test_same_key_in_two_organizations_is_two_mails(northwind: Cast, fabrikam: Cast) -> None:
    for cast in (northwind, fabrikam):
        queue(cast, "a@x.example", idempotency_key="same")
        assert statuses(cast) == {"a@x.example": QUEUED}


def test_queue_and_send_by_the_worker(northwind: Cast, run_tasks: Any) -> None:
    assert run_tasks(queue, northwind, "a@x.example") == ["mentoring.send_due_mail"]
    assert statuses(northwind) == {"a@x.example": SENT}
    assert [message.to for message in mail.outbox] == [["a@x.example"]]


def test_sent_mail_is_whole(northwind: Cast, mail_server: MailServer) -> None:
    northwind.organization.name = "Müller & O'Neill <Söhne>"
    queue(
        northwind,
        "a@x.example",
        to=Recipient(email="a@x.example", name="Zoë Łukasz"),
        reply_to="champion@northwind.example",
        calendar=Calendar("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n", "REQUEST"),
    )
    send_due(northwind)
    [message] = mail_server.received
    assert message["To"] == "Zoë Łukasz <a@x.example>"
    assert message["Reply-To"] == "champion@northwind.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"].strip() == "Your invitation to Müller & O'Neill <Söhne> on Upward"
    text, html, calendar, *_files = (part for part in message.walk() if not part.is_multipart())
    assert "invited to Müller & O'Neill <Söhne> on Upward" in text.get_content()
    assert "invited to Müller &amp; O&#x27;Neill &lt;Söhne&gt; on Upward" in html.get_content()
    assert northwind.champion.email in text.get_content()
    assert northwind.champion.email in html.get_content()
    assert calendar.get_content_type() == "text/calendar"
    assert calendar.get_param("method") == "REQUEST"


def test_not_before_its_time(northwind: Cast) -> None:
    now = timezone.now()
    queue(northwind, "a@x.example", send_after=now + timedelta(hours=1))
    send_due(northwind, now)
    assert statuses(northwind) == {"a@x.example": QUEUED}
    send_due(northwind, now + timedelta(hours=2))
    assert statuses(northwind) == {"a@x.example": SENT}


def test_impossible_address_fails_alone(northwind: Cast, mail_server: MailServer) -> None:
    queue(northwind, "a@x.example")
    queue(northwind, "two addresses@x, y@z")
    send_due(northwind)
    assert statuses(northwind) == {"a@x.example": SENT, "two addresses@x, y@z": FAILED}


def test_line_breaks_in_a_name_do_not_reach_the_header(northwind: Cast) -> None:
    """A form lets them pass; the mail must neither carry a further header nor fail for good."""
    queue(northwind, "", to=Recipient("ada@x.example", "Ada\r\nBcc: mallory@evil.example"))
    message = outbox.as_email(row_of(northwind, "ada@x.example")).message()
    assert message["To"] == '"Ada Bcc: mallory@evil.example" <ada@x.example>'
    assert message["Bcc"] is None


def test_message_id_stays_the_same_when_sent_again(northwind: Cast, settings: Any) -> None:
    """Also if the sender's address has another domain by then."""
    queue(northwind, "a@x.example")
    for domain in ("old.example", "new.example"):
        settings.DEFAULT_FROM_EMAIL = f"Upward <upward@{domain}>"
        with northwind.scope():
            OutgoingMessage.objects.update(status=QUEUED)
        send_due(northwind)
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_sweep_finds_due_mail_of_every_organization(northwind: Cast, fabrikam: Cast, run_tasks: Any) -> None:
    """Nothing was enqueued (the broker was down): beat's sweep sends it."""
    from mentoring.tasks.mail import sweep_mail_everywhere

    for cast in (northwind, fabrikam):
        queue(cast, f"a@{cast.organization.slug}.example")
    outbox.queue_account_mail(to_email="b@x.example", subject="Code", text="1", html="1", kind="login_code")
    run_tasks(sweep_mail_everywhere)
    assert sorted(message.to[0] for message in mail.outbox) == [
        "a@fabrikam.example",
        "a@northwind.example",
        "b@x.example",
    ]
    assert AccountMessage.objects.get().status == SENT
