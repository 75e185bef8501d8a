"""Mail and calendar entries to both people of a pair about one meeting."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from mentoring.mail.outbox import Calendar, Recipient, queue_messages, render_message
from mentoring.queries.contacts import mail_context
from programs.guards import participant_url
from programs.models import Participant
from programs.queries.cohorts import contact_of
from sessions.calendar import cancellation, invitation
from sessions.models import Meeting
from sessions.queries.mails import about_meeting, meeting_ends, meeting_thread
from sessions.queries.meetings import Side, sides

Entry = Callable[..., Calendar]


def notice_context(side: Side, **more: Any) -> dict[str, Any]:
    """What every mail to one side of a pair knows: both people, the pair's page, and whom to ask."""
    program = side.pair.cohort.program
    return mail_context(
        side.organization,
        contact=contact_of(program),
        side=side,
        me=side.person,
        partner=side.partner.person,
        program=program,
        pair_url=participant_url(side.participant, "pair", pair_id=side.pair.pk),
        **more,
    )


def meeting_context(side: Side, meeting: Meeting, **more: Any) -> dict[str, Any]:
    return notice_context(
        side,
        meeting=meeting,
        clocks=side.clocks(meeting.starts_at, meeting.minutes),
        move_url=participant_url(side.participant, "meeting", pair_id=side.pair.pk, meeting_id=meeting.pk),
        **more,
    )


def tell_both(
    kind: str,
    meeting: Meeting,
    *,
    participant: Participant | None,
    entry: Entry,
    now: datetime,
    useful_until: datetime | None = None,
    only: Collection[int] | None = None,
    context_of: Callable[[Side], dict[str, Any]] = lambda side: {},
) -> None:
    """Mail both with a calendar entry. Once for each sequence number, whoever pressed the button twice.
    `participant` is the one who did it; None for somebody else than the two. `only`: these people alone."""
    queue_messages(
        render_message(
            kind,
            to=Recipient.of_person(side.person, side.organization),
            context=meeting_context(
                side,
                meeting,
                mine=participant is None or side.participant.pk == participant.pk,
                **context_of(side),
            ),
            send_after=now,
            idempotency_key=f"{kind}:{meeting.pk}:{meeting.sequence}:{side.participant.pk}",
            reply_to=(
                contact_of(meeting.pair.cohort.program)["email"]
                if meeting.pair.left
                else side.partner.person.email
            ),
            calendar=entry(meeting, side, now=now, done_by=participant),
            about=about_meeting(meeting),
            useful_until=useful_until,
            thread=meeting_thread(meeting, side),
            sequence=meeting.sequence,
        )
        for side in sides(meeting.pair)
        if side.person.email and (only is None or side.person.pk in only)
    )


def tell_planned(meeting: Meeting, *, participant: Participant, now: datetime) -> None:
    tell_both(
        "meeting_planned",
        meeting,
        participant=participant,
        entry=invitation,
        now=now,
        useful_until=meeting_ends(meeting),
    )


def tell_changed(meeting: Meeting, *, old: Meeting, participant: Participant, now: datetime) -> None:
    moved = (old.starts_at, old.minutes) != (meeting.starts_at, meeting.minutes)
    tell_both(
        "meeting_changed",
        meeting,
        participant=participant,
        entry=invitation,
        now=now,
        useful_until=meeting_ends(meeting),
        context_of=lambda side: {"moved": moved, "was": side.clocks(old.starts_at, old.minutes)},
    )


def tell_cancelled(meeting: Meeting, *, participant: Participant, now: datetime) -> None:
    tell_both("meeting_cancelled", meeting, participant=participant, entry=cancellation, now=now)


def tell_over(meeting: Meeting, *, now: datetime) -> None:
    """The meeting is off because the pair is: neither of the two did it, and it is not planned again."""
    tell_both(
        "meeting_cancelled",
        meeting,
        participant=None,
        entry=cancellation,
        now=now,
        context_of=lambda side: {"over": True, "gone": side.has_left},
    )


def tell_readdressed(meeting: Meeting, *, people: Collection[int], now: datetime) -> None:
    """The calendar at somebody's new address gets the entry. The old address hears nothing: somebody else may
    read it by now; nor does the partner, for whom nothing has changed."""
    tell_both(
        "meeting_readdressed",
        meeting,
        participant=None,
        entry=invitation,
        now=now,
        only=people,
        useful_until=meeting_ends(meeting),
    )
