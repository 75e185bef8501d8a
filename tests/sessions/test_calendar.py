"""The calendar entries, checked as strictly as a calendar would: RFC 5545 for form, RFC 5546 for meaning."""

import email
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import policy
from typing import Any

import icalendar
import pytest

from mentoring.mail.outbox import as_email
from mentoring.models import Person
from sessions.actions.meetings import cancel_meeting, move_meeting
from sessions.models import Meeting
from tests.cast import NOW, Cast
from tests.sessions.conftest import THURSDAY, mails, who

Plan = Callable[..., Meeting]
NEEDED = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "SEQUENCE", "STATUS"}


def check_form(text: str) -> list[str]:
    """RFC 5545, 3.1: CRLF, lines of at most 75 octets, folded ones begin with a space. Answers the
    unfolded content lines."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    physical = text.removesuffix("\r\n").split("\r\n")
    assert all(len(line.encode()) <= 75 for line in physical)
    assert all(line for line in physical)
    lines: list[str] = []
    for line in physical:
        if line.startswith(" "):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert all(line.split(":")[0].split(";")[0].replace("-", "").isalnum() for line in lines)
    return lines


def event_of(text: str) -> tuple[icalendar.Calendar, icalendar.Event]:
    check_form(text)
    calendar = icalendar.Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    assert set(event) >= NEEDED
    assert not event.errors
    return calendar, event


def test_invitation_of_a_planned_meeting(in_northwind: Cast, plan: Plan) -> None:
    meeting = plan(place="https://call.example/amara; room, 4")
    calendar, event = event_of(mails("meeting_planned")[0].calendar)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    assert event["UID"] == f"{meeting.uid}@localhost"
    assert (event["SEQUENCE"], event["STATUS"]) == (0, "CONFIRMED")
    assert event["DTSTART"].dt == THURSDAY
    assert event["DTSTART"].to_ical() == b"20261126T150000Z"
    assert event["DTEND"].dt == THURSDAY + timedelta(minutes=45)
    assert event["DTSTAMP"].to_ical() == b"20261122T100000Z"
    assert event["SUMMARY"] == "Mentoring: Amara Osei and Henrik Lund"
    assert event["LOCATION"] == "https://call.example/amara; room, 4"
    assert event["ORGANIZER"] == "mailto:upward@localhost"
    assert [(str(who_), who_.params["CN"]) for who_ in event["ATTENDEE"]] == [
        ("mailto:amara.osei@northwind.example", "Amara Osei"),
        ("mailto:henrik.lund@northwind.example", "Henrik Lund"),
    ]
    assert event["DESCRIPTION"] == (
        "A meeting in Digital leadership.\nWhere: https://call.example/amara; room, 4\n"
        f"Cannot come? Cancel it for both of you here: {event['URL']}\n"
        "To move it, use the link in our mail. Nobody reads what your calendar answers."
    )
    assert event["URL"].startswith("http://127.0.0.1:8000/s/meeting/")


def answers(event: icalendar.Event) -> dict[str, tuple[str, str]]:
    return {who_.params["CN"]: (who_.params["PARTSTAT"], who_.params["RSVP"]) for who_ in event["ATTENDEE"]}


def test_who_planned_or_moved_it_has_accepted_and_nobody_is_asked(in_northwind: Cast, plan: Plan) -> None:
    """Nothing reads what a calendar answers."""
    meeting, mentee = plan(), in_northwind.mentee
    later = THURSDAY + timedelta(days=1)
    move_meeting(meeting=meeting, starts_at=later, minutes=45, participant=mentee, now=NOW, by=who(mentee))
    for mail in mails("meeting_planned"):
        assert answers(event_of(mail.calendar)[1]) == {
            "Amara Osei": ("ACCEPTED", "FALSE"),
            "Henrik Lund": ("NEEDS-ACTION", "FALSE"),
        }
        assert "Nobody reads what your calendar answers" in mail.text
        assert "Nobody reads what your calendar answers" in mail.html
    for mail in mails("meeting_changed"):
        assert answers(event_of(mail.calendar)[1]) == {
            "Amara Osei": ("NEEDS-ACTION", "FALSE"),
            "Henrik Lund": ("ACCEPTED", "FALSE"),
        }


def test_event_stays_the_same_after_a_change_of_the_senders_domain(
    in_northwind: Cast, plan: Plan, settings: Any
) -> None:
    settings.DEFAULT_FROM_EMAIL = "Upward <upward@old.example>"
    meeting, mentor = plan(), in_northwind.mentor
    settings.DEFAULT_FROM_EMAIL = "Upward <hello@new.example>"
    later = THURSDAY + timedelta(days=1)
    move_meeting(meeting=meeting, starts_at=later, minutes=45, participant=mentor, now=NOW, by=who(mentor))
    cancel_meeting(meeting=meeting, participant=mentor, now=NOW, by=who(mentor))
    kinds = ("meeting_planned", "meeting_changed", "meeting_cancelled")
    events = [event_of(mail.calendar)[1] for kind in kinds for mail in mails(kind)]
    assert {(event["UID"], event["ORGANIZER"]) for event in events} == {
        (f"{meeting.uid}@old.example", "mailto:upward@old.example")
    }


def test_attendees_with_a_domain_beyond_ascii(in_northwind: Cast, plan: Plan) -> None:
    Person.objects.filter(pk=in_northwind.mentor.person_id).update(email="amara@straße.münchen.example")
    in_northwind.mentor.refresh_from_db()
    plan()
    for mail in mails("meeting_planned"):
        assert event_of(mail.calendar)[1]["ATTENDEE"][0] == (
            "mailto:amara@xn--strae-oqa.xn--mnchen-3ya.example"
        )


def test_both_get_the_same_entry_but_their_own_link(in_northwind: Cast, plan: Plan) -> None:
    plan()
    amara, henrik = (event_of(mail.calendar)[1] for mail in mails("meeting_planned"))
    own = {"URL", "DESCRIPTION"}
    assert {key: amara[key] for key in set(amara) - own} == {key: henrik[key] for key in set(henrik) - own}
    assert amara["URL"] != henrik["URL"]


def test_sequence_rises_and_uid_stays(in_northwind: Cast, plan: Plan) -> None:
    meeting = plan()
    mentor = in_northwind.mentor
    for days in (1, 2):
        starts_at = THURSDAY + timedelta(days=days)
        move_meeting(
            meeting=meeting, starts_at=starts_at, minutes=45, participant=mentor, now=NOW, by=who(mentor)
        )
    cancel_meeting(meeting=meeting, participant=mentor, now=NOW + timedelta(hours=1), by=who(mentor))
    planned, changed, cancelled = (
        [event_of(mail.calendar) for mail in mails(kind, to_email="amara.osei@northwind.example")]
        for kind in ("meeting_planned", "meeting_changed", "meeting_cancelled")
    )
    found = [*planned, *changed, *cancelled]
    assert [calendar["METHOD"] for calendar, _event in found] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    assert [event["SEQUENCE"] for _calendar, event in found] == [0, 1, 2, 3]
    assert len({event["UID"] for _calendar, event in found}) == 1
    assert found[-1][1]["STATUS"] == "CANCELLED"
    assert len(found[-1][1]["ATTENDEE"]) == 2


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("Zoë-Ångström", "Müller-Lüdenscheidt " * 4),
        ("Seán; Ltd.", 'O"Brien, Jr: \\ back'),
        ("美咲", "佐藤" * 20),
        ("سارة", "🙂" * 20),
    ],
)
def test_names_that_need_escaping_and_folding(in_northwind: Cast, plan: Plan, first: str, last: str) -> None:
    person = in_northwind.people["mentor"]
    person.first_name, person.last_name = first, last.strip()
    person.save()
    plan(place="Straße 1\\2, Raum; 3 " + "é" * 200)
    _calendar, event = event_of(mails("meeting_planned")[0].calendar)
    assert event["SUMMARY"] == f"Mentoring: {person.name} and Henrik Lund"
    assert event["LOCATION"] == "Straße 1\\2, Raum; 3 " + "é" * 200
    assert event["ATTENDEE"][0].params["CN"] == person.name.replace('"', "'")


def test_a_place_cannot_smuggle_in_a_property(in_northwind: Cast, plan: Plan) -> None:
    plan(place="Room\r\nATTENDEE:mailto:eve@evil.example")
    lines = check_form(mails("meeting_planned")[0].calendar)
    assert [line for line in lines if line.startswith("ATTENDEE") and "eve@" in line] == []


def test_times_across_a_change_of_the_clocks(in_northwind: Cast, plan: Plan) -> None:
    in_northwind.cohort.ends_on = datetime(2027, 6, 30).date()
    in_northwind.cohort.save()
    plan(datetime(2027, 3, 28, 0, 30, tzinfo=UTC), minutes=60)  # 01:30 to 03:30 on Oslo's clocks
    mail = mails("meeting_planned", to_email="henrik.lund@northwind.example")[0]
    _calendar, event = event_of(mail.calendar)
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(hours=1)
    assert "Sunday 28 March 2027, 01:30–03:30" in mail.text


def test_mail_carries_the_invitation_as_calendars_want_it(in_northwind: Cast, plan: Plan) -> None:
    """text, HTML and text/calendar as alternatives (Outlook, Gmail), and a file for everybody else."""
    plan(place="Café")
    row = mails("meeting_planned")[0]
    raw = as_email(row).message().as_bytes(linesep="\r\n")
    message = email.message_from_bytes(raw, policy=policy.default)
    alternatives, file = message.iter_parts()
    assert message.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in alternatives.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    entry = list(alternatives.iter_parts())[-1]
    assert (entry.get_param("method"), entry.get_content_charset()) == ("REQUEST", "utf-8")
    assert entry["Content-Type"].count("charset") == 1
    assert entry.get_payload(decode=True).decode() == row.calendar
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    assert file.get_payload(decode=True).decode() == row.calendar


def test_mail_without_calendar_has_no_attachment(in_northwind: Cast, plan: Plan) -> None:
    plan()
    row = mails("meeting_planned")[0]
    row.calendar = ""
    assert as_email(row).message().get_content_type() == "multipart/alternative"
