"""What arrives about a meeting is so when it arrives, in the right order, whatever the mail server did."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest

from mentoring.enums import MessageReason, MessageStatus
from mentoring.mail.reminders import plan_reminders
from mentoring.models import OutgoingMessage, Person
from sessions.actions.meetings import cancel_meeting, move_meeting
from sessions.models import Meeting
from tests.cast import Cast
from tests.mail.sending import send_due
from tests.mail.smtp import MailServer, mail_server
from tests.sessions.conftest import who

__all__ = ["mail_server"]

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEDNESDAY = datetime(2026, 11, 25, 15, tzinfo=UTC)
HENRIK, AMARA = "henrik.lund@northwind.example", "amara.osei@northwind.example"
Plan = Callable[..., Meeting]


@pytest.fixture
def planned(northwind: Cast, plan: Plan, sent_tasks: Any) -> Meeting:
    """Wednesday at 16:00 in Oslo and in Lagos; the mail to both waits."""
    with northwind.scope():
        return plan(WEDNESDAY, now=MONDAY)


def move(cast: Cast, meeting: Meeting, starts_at: datetime, now: datetime) -> None:
    with cast.scope():
        move_meeting(
            meeting=meeting,
            starts_at=starts_at,
            minutes=45,
            participant=cast.mentor,
            now=now,
            by=who(cast.mentor),
        )


def cancel(cast: Cast, meeting: Meeting, now: datetime) -> None:
    with cast.scope():
        cancel_meeting(meeting=meeting, participant=cast.mentor, now=now, by=who(cast.mentor))


def arrived(server: MailServer, email: str) -> list[tuple[str, int]]:
    """(method, sequence) of the calendar entries that this address got, in order."""
    found = []
    for message in server.received:
        entry = next((part for part in message.walk() if part.get_content_type() == "text/calendar"), None)
        if entry is not None and email in str(message["To"]):
            calendar = icalendar.Calendar.from_ical(entry.get_content())
            found.append((str(calendar["METHOD"]), int(calendar.walk("VEVENT")[0]["SEQUENCE"])))
    return found


def states(cast: Cast, **filters: Any) -> list[tuple[str, str, str]]:
    with cast.scope():
        rows = OutgoingMessage.objects.filter(**filters).order_by("pk")
        return list(rows.values_list("kind", "status", "reason"))


def test_cancellation_takes_the_place_of_an_invitation_that_was_put_off(
    northwind: Cast, planned: Meeting, mail_server: MailServer
) -> None:
    """After one "later" the CANCEL arrived first, and the cancelled meeting stood in the calendar."""
    mail_server.answers[HENRIK] = "451 later"
    send_due(northwind, MONDAY)
    cancel(northwind, planned, MONDAY)
    mail_server.answers.clear()
    for minutes in (0, 2, 20):
        send_due(northwind, MONDAY + timedelta(minutes=minutes))
    assert arrived(mail_server, HENRIK) == [("CANCEL", 1)]
    assert arrived(mail_server, AMARA) == [("REQUEST", 0), ("CANCEL", 1)]
    assert states(northwind, to_email=HENRIK) == [
        ("meeting_planned", MessageStatus.DROPPED, MessageReason.REPLACED),
        ("meeting_cancelled", MessageStatus.SENT, ""),
    ]


def test_older_mail_that_comes_back_never_follows_a_newer_one(
    northwind: Cast, planned: Meeting, mail_server: MailServer
) -> None:
    """Its worker died while it was sent; meanwhile the meeting was moved, and moved again."""
    with northwind.scope():
        OutgoingMessage.objects.filter(to_email=HENRIK).update(status=MessageStatus.SENDING)
    for days in (1, 2):
        move(northwind, planned, WEDNESDAY + timedelta(days=days), MONDAY)
    send_due(northwind, MONDAY)
    assert arrived(mail_server, HENRIK) == []  # the newer ones wait behind it
    assert arrived(mail_server, AMARA) == [("REQUEST", 2)]
    with northwind.scope():
        OutgoingMessage.objects.filter(status=MessageStatus.SENDING).update(status=MessageStatus.QUEUED)
    send_due(northwind, MONDAY)
    assert arrived(mail_server, HENRIK) == [("REQUEST", 2)]


def test_outage_over_a_day_of_changes_delivers_only_how_it_stands(
    northwind: Cast, planned: Meeting, mail_server: MailServer
) -> None:
    mail_server.greeting = "421 not today"
    send_due(northwind, MONDAY)
    for hours in (1, 2, 3):
        move(northwind, planned, WEDNESDAY + timedelta(hours=hours), MONDAY + timedelta(hours=hours))
    mail_server.greeting = "220 hello"
    send_due(northwind, MONDAY + timedelta(hours=4))
    assert arrived(mail_server, HENRIK) == arrived(mail_server, AMARA) == [("REQUEST", 3)]


def test_invitation_is_not_sent_after_the_meeting(
    northwind: Cast, planned: Meeting, mail_server: MailServer
) -> None:
    send_due(northwind, WEDNESDAY + timedelta(minutes=46))
    assert mail_server.received == []
    assert {reason for _kind, _status, reason in states(northwind)} == {MessageReason.LATE}


TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def reminded(northwind: Cast, planned: Meeting) -> Meeting:
    """ "Tomorrow at 16:00" waits for both since Tuesday morning."""
    with northwind.scope():
        OutgoingMessage.objects.update(status=MessageStatus.SENT)
        plan_reminders(northwind.organization, now=TUESDAY)
    return planned


def subjects(server: MailServer) -> list[str]:
    return [
        f"{message['To'].addresses[0].username}: {message['Subject']}".strip() for message in server.received
    ]


def later(cast: Cast, now: datetime) -> None:
    """A round of the scheduler, and of a worker."""
    with cast.scope():
        plan_reminders(cast.organization, now=now)
    send_due(cast, now)


def test_tomorrow_is_made_anew_as_today_in_working_hours(
    northwind: Cast, reminded: Meeting, mail_server: MailServer
) -> None:
    """It arrived at 02:26 on the day itself."""
    mail_server.greeting = "421 not now"
    send_due(northwind, TUESDAY)
    mail_server.greeting = "220 hello"
    night = datetime(2026, 11, 25, 1, 26, tzinfo=UTC)  # 02:26 in Oslo and in Lagos
    later(northwind, night)
    assert mail_server.received == []
    later(northwind, datetime(2026, 11, 25, 7, 59, tzinfo=UTC))
    assert mail_server.received == []
    for minutes in (0, 10, 20):
        later(northwind, datetime(2026, 11, 25, 8, minutes, tzinfo=UTC))
    assert sorted(subjects(mail_server)) == [
        "amara.osei: Today at 16:00: you meet Henrik Lund",
        "henrik.lund: Today at 16:00: you meet Amara Osei",
    ]
    dropped = states(northwind, status=MessageStatus.DROPPED)
    assert dropped == [("meeting_tomorrow", MessageStatus.DROPPED, MessageReason.LATE)] * 2


@pytest.mark.parametrize("change", ["cancelled", "moved"])
def test_reminder_of_a_meeting_that_is_no_longer_so_does_not_arrive(
    northwind: Cast, reminded: Meeting, mail_server: MailServer, change: str
) -> None:
    if change == "cancelled":
        cancel(northwind, reminded, TUESDAY)
    else:
        move(northwind, reminded, WEDNESDAY + timedelta(hours=2), TUESDAY)
    for hours in (0, 3, 6, 20, 24):
        later(northwind, TUESDAY + timedelta(hours=hours))
    told = [line for line in subjects(mail_server) if "you meet" in line and "Moved" not in line]
    assert [line for line in told if "16:00" in line] == []
    assert sorted(told) == (
        []
        if change == "cancelled"
        else [
            "amara.osei: Today at 18:00: you meet Henrik Lund",
            "henrik.lund: Today at 18:00: you meet Amara Osei",
        ]
    )


def test_mail_about_a_meeting_follows_the_person_and_ends_when_she_leaves(
    northwind: Cast, planned: Meeting, mail_server: MailServer
) -> None:
    with northwind.scope():
        Person.objects.filter(pk=northwind.mentor.person_id).update(email="amara@new.example")
        Person.objects.filter(pk=northwind.mentee.person_id).update(status="left")
    send_due(northwind, MONDAY)
    assert [str(message["To"].addresses[0].addr_spec) for message in mail_server.received] == [
        "amara@new.example"
    ]
    assert states(northwind, to_email=HENRIK) == [
        ("meeting_planned", MessageStatus.DROPPED, MessageReason.LEFT)
    ]
    cancel(northwind, planned, MONDAY + timedelta(minutes=1))
    send_due(northwind, MONDAY + timedelta(minutes=1))
    assert arrived(mail_server, HENRIK) == [("CANCEL", 1)]  # out of the calendar, whoever reads it now


def test_calendar_link_cancels_for_both(northwind: Cast, planned: Meeting, client: Any) -> None:
    with northwind.scope():
        Meeting.objects.update(starts_at=datetime(2999, 1, 1, tzinfo=UTC))
        entry = OutgoingMessage.objects.get(to_email=HENRIK).calendar
    url = icalendar.Calendar.from_ical(entry).walk("VEVENT")[0]["URL"].partition("//")[2].partition("/")[2]
    assert "Cancel this meeting" in client.get(f"/{url}").content.decode()
    page = client.post(f"/{url}", {"answer": "cancel"}).content.decode()
    assert "This meeting was cancelled." in page
    assert [kind for kind, _status, _reason in states(northwind, kind="meeting_cancelled")] == [
        "meeting_cancelled"
    ] * 2
