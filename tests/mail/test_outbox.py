"""Mail is a row, sent once, tried again as long as it makes sense, never lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from mentoring.enums import MessageStatus
from mentoring.mail import outbox
from mentoring.mail.context import mail_context
from mentoring.mail.outbox import Calendar, Recipient, queue_mail
from mentoring.models import AccountMessage, OutgoingMessage
from tests.cast import Cast, make_cast
from tests.mail.smtp import MailServer
from tests.together import at_once

QUEUED, SENDING, SENT, FAILED = (
    MessageStatus.QUEUED,
    MessageStatus.SENDING,
    MessageStatus.SENT,
    MessageStatus.FAILED,
)


def queue(cast: Cast, email: str, **parts: Any) -> None:
    context = mail_context(cast.organization, url="https://upward.example/s/x/", membership=None)
    with cast.scope():
        queue_mail(
            "invite_member",
            **{"to": Recipient(email=email), "context": context, "idempotency_key": email, **parts},
        )


def send_due(cast: Cast, now: Any = None) -> None:
    now = now or timezone.now()
    with cast.scope():
        rows = outbox.claim(OutgoingMessage, now=now)
    outbox.deliver(rows, now=now)


def statuses(cast: Cast) -> dict[str, str]:
    with cast.scope():
        return dict(OutgoingMessage.objects.values_list("to_email", "status"))


def row_of(cast: Cast, email: str) -> OutgoingMessage:
    with cast.scope():
        return OutgoingMessage.objects.get(to_email=email)


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


def test_server_down_postpones_everything(northwind: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    queue(northwind, "a@x.example")
    queue(northwind, "b@x.example")
    now = timezone.now()
    send_due(northwind, now)
    assert statuses(northwind) == {"a@x.example": QUEUED, "b@x.example": QUEUED}
    row = row_of(northwind, "a@x.example")
    assert (row.attempts, row.send_after) == (1, now + timedelta(minutes=1))
    assert "refused" in row.error


def test_retries_wait_longer_and_end(northwind: Cast, mail_server: MailServer) -> None:
    mail_server.answers["a@x.example"] = "451 try later"
    queue(northwind, "a@x.example")
    now, waits = timezone.now(), []
    while statuses(northwind) == {"a@x.example": QUEUED}:
        send_due(northwind, now)
        row = row_of(northwind, "a@x.example")
        waits.append(round((row.send_after - now).total_seconds() / 60))
        now = max(now, row.send_after)
    assert waits == [*outbox.RETRY_MINUTES, 0]
    assert statuses(northwind) == {"a@x.example": FAILED}
    assert mail_server.received == []


def test_one_refusal_does_not_hold_up_the_others(northwind: Cast, mail_server: MailServer) -> None:
    mail_server.answers |= {"gone@x.example": "550 no such user", "later@x.example": "450 greylisted"}
    for name in ("a", "gone", "later", "z"):
        queue(northwind, f"{name}@x.example")
    send_due(northwind)
    assert statuses(northwind) == {
        "a@x.example": SENT,
        "gone@x.example": FAILED,
        "later@x.example": QUEUED,
        "z@x.example": SENT,
    }
    assert mail_server.addresses == ["a@x.example", "z@x.example"]
    mail_server.answers.clear()
    send_due(northwind, timezone.now() + timedelta(minutes=2))
    assert statuses(northwind)["later@x.example"] == SENT


def test_line_that_goes_dead_postpones_the_rest(northwind: Cast, mail_server: MailServer) -> None:
    mail_server.hang_up_after = 1
    for name in ("a", "b", "c"):
        queue(northwind, f"{name}@x.example")
    send_due(northwind)
    assert statuses(northwind) == {"a@x.example": SENT, "b@x.example": QUEUED, "c@x.example": QUEUED}
    mail_server.hang_up_after = None
    send_due(northwind, timezone.now() + timedelta(minutes=2))
    assert mail_server.addresses == ["a@x.example", "b@x.example", "c@x.example"]


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


def test_stuck_rows_come_back(northwind: Cast) -> None:
    queue(northwind, "a@x.example")
    now = timezone.now()
    with northwind.scope():
        outbox.claim(OutgoingMessage, now=now)  # and the worker dies here
        assert outbox.sweep_mail(OutgoingMessage, now=now + timedelta(minutes=9)) == 0
        assert statuses(northwind) == {"a@x.example": SENDING}
        assert outbox.sweep_mail(OutgoingMessage, now=now + timedelta(minutes=11)) == 1
    send_due(northwind, now + timedelta(minutes=11))
    assert statuses(northwind) == {"a@x.example": SENT}


def test_message_id_stays_the_same_when_sent_again(northwind: Cast) -> None:
    queue(northwind, "a@x.example")
    for _attempt in range(2):
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


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_mail_once(mail_server: MailServer) -> None:
    northwind = make_cast("northwind", "Northwind")
    expected = [f"p{number:03}@x.example" for number in range(120)]
    for email in expected:
        queue(northwind, email)

    def work() -> int:
        done = 0
        while True:
            with northwind.scope():
                rows = outbox.claim(OutgoingMessage, now=timezone.now())
            if not rows:
                return done
            done += len(rows)
            outbox.deliver(rows, now=timezone.now())

    shares = at_once(work, work)
    assert mail_server.addresses == expected
    assert (sum(shares), min(shares) > 0) == (120, True)
    assert set(statuses(northwind).values()) == {SENT}
