"""Calendar entries (RFC 5545 and 5546) that travel by mail: no permission on anybody's calendar is needed.

The product's own address organizes; both people are invited. Uid and organizer are the meeting's for life,
the sequence rises with each change, and times are UTC, so that every calendar shows its owner's local time.
Nothing reads what calendars answer: no answer is asked for, who planned it has accepted, and the entry says
where to move or cancel it.
"""

from datetime import UTC, datetime, timedelta

import icalendar
from django.utils.translation import gettext as _
from django.utils.translation import override

from mentoring.mail.links import person_mark, signed_url
from mentoring.mail.outbox import Calendar
from mentoring.rules import ascii_address
from programs.models import Participant
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from sessions.queries.meetings import Side, sides

PRODUCT = "-//Upward//Reverse mentoring//EN"


def meeting_url(meeting: Meeting, side: Side, answer: str = "view") -> str:
    """A signed link that is good for this one meeting: whoever sees a calendar can do no more with it."""
    return signed_url(
        "meeting_link",
        "meeting",
        meeting.organization_id,
        m=meeting.pk,
        p=side.participant.pk,
        k=person_mark(side.person),
        a=answer,
    )


def invitation(
    meeting: Meeting, side: Side, *, now: datetime, done_by: Participant | None = None
) -> Calendar:
    """The entry to put into, or change in, this side's calendar; `done_by` planned or moved it."""
    return _calendar("REQUEST", meeting, side, now, done_by)


def cancellation(
    meeting: Meeting, side: Side, *, now: datetime, done_by: Participant | None = None
) -> Calendar:
    return _calendar("CANCEL", meeting, side, now, done_by)


def _calendar(
    method: str, meeting: Meeting, side: Side, now: datetime, done_by: Participant | None
) -> Calendar:
    with override(side.person.language or side.organization.language):
        calendar = icalendar.Calendar()
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", method)
        calendar.add_component(_event(method, meeting, side, now, done_by))
    return Calendar(calendar.to_ical().decode(), method)


def _event(
    method: str, meeting: Meeting, side: Side, now: datetime, done_by: Participant | None
) -> icalendar.Event:
    event = icalendar.Event()
    domain = meeting.organizer.rpartition("@")[2]
    names = {"mentor": side.pair.mentor.person.name, "mentee": side.pair.mentee.person.name}
    starts_at = meeting.starts_at.astimezone(UTC).replace(microsecond=0)
    event.add("uid", f"{meeting.uid}@{domain}")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + timedelta(minutes=meeting.minutes))
    event.add("summary", _("Mentoring: %(mentor)s and %(mentee)s") % names)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if method == "CANCEL" else "OPAQUE")
    if meeting.place:
        event.add("location", meeting.place)
    url = meeting_url(meeting, side)
    event.add("url", url)
    event.add("description", _description(meeting, side, url))
    event.add("organizer", _address(meeting.organizer, side.pair.cohort.program.name))
    for other in sides(side.pair):
        event.add("attendee", _attendee(other, done_by))
    return event


def _description(meeting: Meeting, side: Side, url: str) -> str:
    lines = [_("A meeting in %(program)s.") % {"program": side.pair.cohort.program.name}]
    if meeting.place:
        lines.append(_("Where: %(place)s") % {"place": meeting.place})
    if meeting.status == MeetingStatus.PLANNED:
        lines.append(_("Cannot come? Cancel it for both of you here: %(url)s") % {"url": url})
        lines.append(_("To move it, use the link in our mail. Nobody reads what your calendar answers."))
    return "\n".join(lines)


def _address(email: str, name: str) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{ascii_address(email)}")
    address.params["CN"] = name.replace('"', "'")
    return address


def _attendee(side: Side, done_by: Participant | None) -> icalendar.vCalAddress:
    attendee = _address(side.person.email, side.person.name)
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    accepted = done_by is not None and side.participant.pk == done_by.pk
    attendee.params["PARTSTAT"] = "ACCEPTED" if accepted else "NEEDS-ACTION"
    attendee.params["RSVP"] = "FALSE"
    return attendee
