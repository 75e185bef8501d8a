"""Calendar entries (RFC 5545 and 5546) that travel by mail: no permission on anybody's calendar is needed.

The product's own address organizes; both people are invited. The uid is the meeting's for life, the
sequence rises with each change, and times are UTC, so that every calendar shows its owner's local time.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

import icalendar
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from mentoring.mail.links import signed_url
from mentoring.mail.outbox import Calendar
from sessions.models import Meeting
from sessions.queries.meetings import Side, sides

PRODUCT = "-//Upward//Reverse mentoring//EN"


def organizer_address() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def meeting_url(meeting: Meeting, side: Side, answer: str = "view") -> str:
    """A signed link that is good for this one meeting: whoever sees a calendar can do no more with it."""
    return signed_url(
        "meeting_link",
        "meeting",
        meeting.organization_id,
        m=meeting.pk,
        p=side.participant.pk,
        a=answer,
    )


def invitation(meeting: Meeting, side: Side, *, now: datetime) -> Calendar:
    """The entry to put into, or change in, this side's calendar."""
    return _calendar("REQUEST", meeting, side, now)


def cancellation(meeting: Meeting, side: Side, *, now: datetime) -> Calendar:
    return _calendar("CANCEL", meeting, side, now)


def _calendar(method: str, meeting: Meeting, side: Side, now: datetime) -> Calendar:
    with override(side.person.language or side.organization.language):
        calendar = icalendar.Calendar()
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", method)
        calendar.add_component(_event(method, meeting, side, now))
    return Calendar(calendar.to_ical().decode(), method)


def _event(method: str, meeting: Meeting, side: Side, now: datetime) -> icalendar.Event:
    event = icalendar.Event()
    domain = organizer_address().rpartition("@")[2]
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
    event.add("organizer", _address(organizer_address(), side.pair.cohort.program.name))
    for other in sides(side.pair):
        event.add("attendee", _attendee(other))
    return event


def _description(meeting: Meeting, side: Side, url: str) -> str:
    lines = [_("A meeting in %(program)s.") % {"program": side.pair.cohort.program.name}]
    if meeting.place:
        lines.append(_("Where: %(place)s") % {"place": meeting.place})
    lines.append(_("The meeting's page: %(url)s") % {"url": url})
    lines.append(_("To move or cancel it for both of you, use the link in our mail."))
    return "\n".join(lines)


def _address(email: str, name: str) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{email}")
    address.params["CN"] = name.replace('"', "'")
    return address


def _attendee(side: Side) -> icalendar.vCalAddress:
    attendee = _address(side.person.email, side.person.name)
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "NEEDS-ACTION"
    attendee.params["RSVP"] = "TRUE"
    return attendee
