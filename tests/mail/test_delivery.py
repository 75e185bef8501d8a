"""Mail servers that refuse, hang, take half, hang up or are away: no mail is lost, none pays for another."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from mentoring.enums import MessageReason, MessageStatus
from mentoring.mail import delivery
from mentoring.mail.delivery import Sender, sweep_mail
from mentoring.mail.outbox import queue_account_mail, send_again
from mentoring.mail.server import mail_server as server_state
from mentoring.models import AccountMessage, OutgoingMessage
from tests.cast import Cast, make_cast
from tests.mail.sending import queue, row_of, send_due, statuses
from tests.mail.smtp import MailServer, closed_port
from tests.running import PATIENCE, soon
from tests.together import at_once

QUEUED, SENDING, SENT, FAILED = (
    MessageStatus.QUEUED,
    MessageStatus.SENDING,
    MessageStatus.SENT,
    MessageStatus.FAILED,
)
FRIDAY = datetime(2026, 11, 27, 17, tzinfo=UTC)


def addresses(number: int) -> list[str]:
    return [f"p{each:03}@x.example" for each in range(number)]


def queue_all(cast: Cast, found: list[str], now: datetime) -> None:
    for email in found:
        queue(cast, email, send_after=now)


def attempts(cast: Cast) -> dict[str, int]:
    with cast.scope():
        return dict(OutgoingMessage.objects.values_list("to_email", "attempts"))


def test_mail_at_which_the_server_hangs_up_takes_no_other_along(
    northwind: Cast, mail_server: MailServer
) -> None:
    found = addresses(10)
    poison = found[2]
    mail_server.hang_up_at.add(poison)
    queue_all(northwind, found, FRIDAY)
    send_due(northwind, FRIDAY)
    assert statuses(northwind) == dict.fromkeys(found, SENT) | {poison: QUEUED}
    assert attempts(northwind) == dict.fromkeys(found, 0)
    now, tries = FRIDAY, 1
    while statuses(northwind)[poison] == QUEUED:
        now = row_of(northwind, poison).send_after
        queue(northwind, f"other{tries}@x.example", send_after=now)
        send_due(northwind, now)
        tries += 1
    row = row_of(northwind, poison)
    assert (row.status, row.reason, tries) == (FAILED, MessageReason.BREAKS, 4)
    assert now - FRIDAY < timedelta(hours=3)
    assert set(statuses(northwind).values()) == {SENT, FAILED}
    assert len(mail_server.message_ids) == len(set(mail_server.message_ids)) == 12


def test_mail_that_broke_while_the_server_was_ill_is_not_blamed(
    northwind: Cast, mail_server: MailServer
) -> None:
    """From Friday to Monday every mail breaks off: none pays for it, and all of them are sent then."""
    found, now = addresses(5), FRIDAY
    queue_all(northwind, found, now)
    mail_server.hang_up_at.update(found)
    while now < FRIDAY + timedelta(hours=62):
        send_due(northwind, now)
        now += timedelta(minutes=10)
    assert statuses(northwind) == dict.fromkeys(found, QUEUED)
    assert attempts(northwind) == dict.fromkeys(found, 0)
    mail_server.hang_up_at.clear()
    while set(statuses(northwind).values()) != {SENT}:
        now += timedelta(minutes=10)
        send_due(northwind, now)
    assert now < FRIDAY + timedelta(hours=68)
    assert mail_server.addresses == found


@pytest.mark.parametrize("says_421", [True, False])
def test_server_that_takes_five_mails_a_connection_gets_them_all(
    northwind: Cast, mail_server: MailServer, says_421: bool
) -> None:
    mail_server.mails_per_connection, mail_server.says_421 = 5, says_421
    found = addresses(23)
    queue_all(northwind, found, FRIDAY)
    send_due(northwind, FRIDAY)
    assert mail_server.addresses == found
    assert statuses(northwind) == dict.fromkeys(found, SENT)
    assert attempts(northwind) == dict.fromkeys(found, 0)
    assert mail_server.connections == 5


OUTAGES = {
    "refuses connections": {},
    "closes at once": {"greeting": "421 come back later"},
    "wants a log-in": {"mail_answer": "530 authentication required"},
    "has no room": {"mail_answer": "452 insufficient storage"},
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_outage_of_a_week_end_ends_with_all_mail_sent(
    northwind: Cast, mail_server: MailServer, settings: Any, outage: str
) -> None:
    healthy = dict(vars(mail_server)), settings.EMAIL_PORT
    vars(mail_server).update(OUTAGES[outage])
    if not OUTAGES[outage]:
        settings.EMAIL_PORT = closed_port()
    found, now = addresses(4), FRIDAY
    queue_all(northwind, found, now)
    connections = 0
    while now < FRIDAY + timedelta(hours=62):
        send_due(northwind, now)
        connections += 1
        now = server_state().down_until or now
    assert statuses(northwind) == dict.fromkeys(found, QUEUED)
    assert attempts(northwind) == dict.fromkeys(found, 0)
    assert connections < 140
    state = server_state()
    assert (state.down_since, state.failures) == (FRIDAY, connections)
    vars(mail_server).update({key: healthy[0][key] for key in OUTAGES[outage]})
    settings.EMAIL_PORT = healthy[1]
    send_due(northwind, now)
    assert mail_server.addresses == found
    assert statuses(northwind) == dict.fromkeys(found, SENT)
    state = server_state()
    assert (state.down_since, state.failures, state.error) == (None, 0, "")


def test_server_that_is_down_is_tried_by_one_worker_at_a_time(
    northwind: Cast, fabrikam: Cast, mail_server: MailServer
) -> None:
    mail_server.greeting = "421 not now"
    for cast in (northwind, fabrikam):
        queue_all(cast, addresses(2), FRIDAY)
    for cast in (northwind, fabrikam, northwind):
        send_due(cast, FRIDAY)
    assert mail_server.connections == 1
    later = FRIDAY + timedelta(minutes=1)
    send_due(northwind, later)
    send_due(fabrikam, later)
    assert mail_server.connections == 2
    mail_server.greeting = "220 here again"
    send_due(fabrikam, later + timedelta(minutes=2))
    send_due(northwind, later + timedelta(minutes=2))
    assert mail_server.addresses == sorted(addresses(2) * 2)


def test_server_that_puts_off_half_of_them(northwind: Cast, mail_server: MailServer) -> None:
    found = addresses(6)
    mail_server.answers = dict.fromkeys(found[::2], "451 try again later")
    queue_all(northwind, found, FRIDAY)
    send_due(northwind, FRIDAY)
    expected = {email: QUEUED if email in mail_server.answers else SENT for email in found}
    assert statuses(northwind) == expected
    assert attempts(northwind) == {email: int(email in mail_server.answers) for email in found}
    mail_server.answers.clear()
    send_due(northwind, FRIDAY + timedelta(minutes=2))
    assert mail_server.addresses == found


def test_mail_put_off_over_a_week_end_is_sent_and_given_up_after_days(
    northwind: Cast, mail_server: MailServer
) -> None:
    mail_server.answers = {"a@x.example": "451 disk full", "b@x.example": "452 disk full"}
    queue_all(northwind, ["a@x.example", "b@x.example"], FRIDAY)
    now = FRIDAY
    while row_of(northwind, "a@x.example").status == QUEUED:
        now = max(now, row_of(northwind, "a@x.example").send_after)
        if now > FRIDAY + timedelta(hours=62):
            mail_server.answers.pop("b@x.example", None)
        send_due(northwind, now)
    assert row_of(northwind, "a@x.example").reason == MessageReason.PUT_OFF
    assert row_of(northwind, "b@x.example").status == SENT
    assert timedelta(days=4) < now - FRIDAY < timedelta(days=6)


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
    gone = row_of(northwind, "gone@x.example")
    assert (gone.reason, gone.error) == (MessageReason.NO_ADDRESS, "550 no such user")
    assert mail_server.addresses == ["a@x.example", "z@x.example"]


@pytest.mark.parametrize("answer", ["550 no such user", "450 greylisted", "421 not you"])
def test_server_that_hangs_up_on_a_refused_mail_delays_no_other(
    northwind: Cast, mail_server: MailServer, answer: str
) -> None:
    """The first over its connection is refused and the line cut: the one after it had to wait, and after
    three such neighbours it was given up."""
    mail_server.closes_after_refusing = True
    refused, others = addresses(8)[::2], addresses(8)[1::2]
    mail_server.answers |= dict.fromkeys(refused, answer)
    queue_all(northwind, addresses(8), FRIDAY)
    send_due(northwind, FRIDAY)
    found = statuses(northwind)
    assert {email: found[email] for email in others} == dict.fromkeys(others, SENT)
    assert mail_server.addresses == others


@pytest.mark.parametrize("answer", ["530 5.7.0 Authentication required", "535 5.7.8 credentials invalid"])
def test_server_that_wants_a_log_in_at_the_recipient_costs_no_mail(
    northwind: Cast, mail_server: MailServer, answer: str
) -> None:
    """The password of our account at the mail server has run out: all mail was given up in one go."""
    found = addresses(4)
    mail_server.answers |= dict.fromkeys(found, answer)
    queue_all(northwind, found, FRIDAY)
    send_due(northwind, FRIDAY)
    assert statuses(northwind) == dict.fromkeys(found, QUEUED)
    assert attempts(northwind) == dict.fromkeys(found, 0)
    mail_server.answers.clear()
    send_due(northwind, FRIDAY + timedelta(days=2))
    assert statuses(northwind) == dict.fromkeys(found, SENT)


def test_server_that_no_longer_relays_for_us_costs_no_mail(northwind: Cast, mail_server: MailServer) -> None:
    """Our own address has changed, or the server's list: until somebody mends it nothing is given up."""
    found = addresses(3)
    mail_server.answers |= dict.fromkeys(found, "554 5.7.1 Relay access denied")
    queue_all(northwind, found, FRIDAY)
    send_due(northwind, FRIDAY)
    mail_server.answers.clear()
    send_due(northwind, FRIDAY + timedelta(hours=1))
    assert statuses(northwind) == dict.fromkeys(found, SENT)


def test_mail_sent_again_is_tried_as_if_for_the_first_time(northwind: Cast, mail_server: MailServer) -> None:
    mail_server.answers["a@x.example"] = "550 no such user"
    queue(northwind, "a@x.example")
    send_due(northwind)
    mail_server.answers.clear()
    with northwind.scope():
        assert send_again(row_of(northwind, "a@x.example"), now=timezone.now())
        assert not send_again(row_of(northwind, "a@x.example"), now=timezone.now())
    send_due(northwind)
    row = row_of(northwind, "a@x.example")
    assert (row.status, row.reason, row.error) == (SENT, "", "")
    assert mail_server.message_ids == [row.message_id]


def test_server_that_hangs_holds_up_nothing_for_good(
    northwind: Cast, mail_server: MailServer, settings: Any
) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    found = addresses(4)
    mail_server.hang_at.add(found[1])
    queue_all(northwind, found, FRIDAY)
    send_due(northwind, FRIDAY)
    assert statuses(northwind) == dict.fromkeys(found, SENT) | {found[1]: QUEUED}
    mail_server.hang_at.clear()
    send_due(northwind, FRIDAY + timedelta(minutes=6))
    assert mail_server.addresses == found


def test_server_that_never_greets_is_down(northwind: Cast, mail_server: MailServer, settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    mail_server.greeting = None
    queue(northwind, "a@x.example", send_after=FRIDAY)
    send_due(northwind, FRIDAY)
    assert statuses(northwind) == {"a@x.example": QUEUED}
    assert server_state().down_since == FRIDAY


def test_mail_taken_without_an_answer_is_sent_again_later_as_the_same(
    northwind: Cast, mail_server: MailServer
) -> None:
    """Nobody can know whether it arrived: it goes again, not at once, and mail programs see one mail."""
    found = addresses(3)
    mail_server.drop_after_taking.add(found[1])
    queue_all(northwind, found, FRIDAY)
    send_due(northwind, FRIDAY)
    assert statuses(northwind) == dict.fromkeys(found, SENT) | {found[1]: QUEUED}
    send_due(northwind, FRIDAY + timedelta(minutes=4))
    assert len(mail_server.received) == 3
    send_due(northwind, FRIDAY + timedelta(minutes=6))
    assert mail_server.addresses == sorted([*found, found[1]])
    assert len(set(mail_server.message_ids)) == 3
    assert statuses(northwind) == dict.fromkeys(found, SENT)


def test_fault_of_ours_in_one_mail_holds_up_no_other(
    northwind: Cast, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = delivery.as_email

    def sometimes_wrong(row: Any, backend: Any) -> Any:
        assert row.to_email != "b@x.example"
        return right(row, backend)

    monkeypatch.setattr(delivery, "as_email", sometimes_wrong)
    for name in "abc":
        queue(northwind, f"{name}@x.example")
    send_due(northwind)
    assert statuses(northwind) == {"a@x.example": SENT, "b@x.example": QUEUED, "c@x.example": SENT}


def test_code_is_not_sent_after_it_expired(mail_server: MailServer, db: None) -> None:
    for kind in ("login_code", "password_reset_key"):
        queue_account_mail(to_email=f"{kind}@x.example", subject="Code", text="1", html="1", kind=kind)
    now = timezone.now() + timedelta(minutes=15)
    Sender(None).send_all(lambda: now)
    rows = dict(AccountMessage.objects.values_list("kind", "reason"))
    assert rows == {"login_code": MessageReason.LATE, "password_reset_key": ""}
    assert mail_server.addresses == ["password_reset_key@x.example"]


def test_stuck_rows_come_back(northwind: Cast) -> None:
    queue(northwind, "a@x.example")
    now = timezone.now()
    with northwind.scope():  # a worker took it, and died here
        OutgoingMessage.objects.update(status=SENDING, claimed_at=now)
    organization = northwind.organization.pk
    assert sweep_mail(organization, now=now + timedelta(minutes=1)) == 0
    assert statuses(northwind) == {"a@x.example": SENDING}
    assert sweep_mail(organization, now=now + timedelta(minutes=3)) == 1
    send_due(northwind, now + timedelta(minutes=3))
    assert statuses(northwind) == {"a@x.example": SENT}


@pytest.mark.django_db(transaction=True)
def test_row_that_is_being_sent_is_not_taken_away(mail_server: MailServer, settings: Any) -> None:
    """A slow server got mail twice, because the sweep thought that its worker was dead."""
    settings.EMAIL_TIMEOUT = PATIENCE
    northwind = make_cast("northwind", "Northwind")
    queue(northwind, "a@x.example")
    mail_server.hang_at.add("a@x.example")

    def work() -> None:
        try:
            send_due(northwind)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert soon(lambda: statuses(northwind) == {"a@x.example": SENDING})
    assert sweep_mail(northwind.organization.pk, now=timezone.now() + timedelta(days=1)) == 0
    mail_server.released.set()
    worker.join()
    assert statuses(northwind) == {"a@x.example": QUEUED}


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_mail_once(mail_server: MailServer) -> None:
    northwind = make_cast("northwind", "Northwind")
    expected = addresses(120)
    for email in expected:
        queue(northwind, email)
    mail_server.seconds_a_mail = 0.01
    at_once(*[lambda: send_due(northwind)] * 3)
    assert mail_server.addresses == expected
    assert set(statuses(northwind).values()) == {SENT}
    assert mail_server.connections == 3
