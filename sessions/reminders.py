"""What is due to a pair at a moment, from the state at that moment: a scheduler that slept finds it all.

A reminder is planned only in its recipient's working hours, and so tells what is true when it arrives:
nobody is asked on Monday about a meeting that the partner reported on Friday night.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet

from mentoring.mail.outbox import Recipient
from mentoring.mail.reminders import MORNING, Reminder, ReminderRule, working_moment
from mentoring.models import Organization
from mentoring.rules import today_in
from programs.enums import PairStatus
from programs.models import Cohort, Pair
from programs.rules import month_on
from sessions.actions.notices import meeting_context, notice_context
from sessions.agenda import agenda_of, agenda_title
from sessions.calendar import meeting_url
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from sessions.queries.counts import with_ordinal
from sessions.queries.mails import (
    MEETING_PHASES,
    about_meeting,
    about_month,
    announced_until,
    goes_on,
    meeting_ends,
)
from sessions.queries.meetings import PEOPLE, Side, sides
from sessions.rules import ASK_FOR

REMIND_AFTER = timedelta(days=7)  # from the eighth day of a month on
LONGEST_MEETING = timedelta(hours=8)
LOOK_AHEAD = timedelta(days=5)  # Monday's meetings are announced on Friday
QUIET = timedelta(hours=12)  # after an invitation, which said the same
CHUNK = 500


def cohorts_with_pairs() -> dict[int, Cohort]:
    cohorts = Cohort.objects.filter(status__in=MEETING_PHASES)
    return {cohort.pk: cohort for cohort in cohorts.select_related("program__champion__user")}


def works_now(now: datetime, side: Side) -> bool:
    return working_moment(now, side.my_zone) == now


def _reminder(kind: str, key: str, due_on: date, side: Side, **more: Any) -> Reminder:
    return Reminder(
        object_key=key,
        due_on=due_on,
        kind=kind,
        to=Recipient.of_person(side.person, side.organization),
        reply_to=side.partner.person.email,
        **more,
    )


def due_plan_a_meeting(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """Once a month, from its eighth day on: pairs that neither planned nor held a meeting in it. A pair
    that was made in the middle of a month gets its first week as well."""
    today = today_in(organization.time_zone, now)
    for cohort in cohorts_with_pairs().values():
        month = month_on(today, cohort.starts_on, cohort.ends_on)
        if month is None or today < month.start + REMIND_AFTER:
            continue
        start, end = month.bounds(organization.time_zone)
        for pair in pairs_without_meeting(cohort, start, end, now=now):
            pair.cohort, pair.organization = cohort, organization
            for side in sides(pair):
                if side.person.email and works_now(now, side):
                    yield _reminder(
                        "plan_a_meeting",
                        f"pair:{pair.pk}",
                        month.start,
                        side,
                        context=partial(notice_context, side, until=month.last),
                        about=about_month(pair, start, end),
                        useful_until=end,
                    )


def pairs_without_meeting(cohort: Cohort, start: datetime, end: datetime, *, now: datetime) -> Iterator[Pair]:
    counted = Meeting.objects.filter(
        pair=OuterRef("pk"),
        starts_at__gte=start,
        starts_at__lt=end,
        status__in=(MeetingStatus.PLANNED, MeetingStatus.HELD),
    )
    pairs = Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE, published_at__lte=now - REMIND_AFTER)
    found = pairs.filter(~Exists(counted)).prefetch_related(*PEOPLE).order_by("pk")
    return filter(goes_on, found.iterator(CHUNK))


def announced_from(local_day: date, zone: ZoneInfo) -> datetime:
    """Nine o'clock on the last working day before a meeting's day, where the reader is."""
    day = local_day - timedelta(days=1)
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    return datetime.combine(day, MORNING, zone)


def due_meeting_tomorrow(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """The working day before a meeting. Late rather than never: after an outage it goes out until the
    meeting begins, even outside working hours if there are none left before it."""
    meetings = Meeting.objects.filter(
        starts_at__gt=now,
        starts_at__lte=now + LOOK_AHEAD,
        told_at__lte=now - QUIET,
    )
    for meeting in planned(with_ordinal(meetings), organization):
        for side in sides(meeting.pair):
            zone = ZoneInfo(side.my_zone)
            local_day = meeting.starts_at.astimezone(zone).date()
            moment = working_moment(now, side.my_zone)
            too_late = moment >= meeting.starts_at
            if (
                not side.person.email
                or now < announced_from(local_day, zone)
                or (moment > now and not too_late)
            ):
                continue
            days = (local_day - now.astimezone(zone).date()).days
            yield _reminder(
                "meeting_tomorrow",
                f"meeting:{meeting.pk}",
                local_day,
                side,
                context=partial(tomorrow_context, side, meeting, days=days),
                about=about_meeting(meeting),
                useful_until=announced_until(meeting, days=days, now=now, time_zone=side.my_zone),
                at_once=too_late,
            )


def tomorrow_context(side: Side, meeting: Meeting, *, days: int) -> dict[str, object]:
    ordinal = meeting.ordinal  # type: ignore[attr-defined]
    return meeting_context(
        side,
        meeting,
        days=days,
        agenda_title=agenda_title(ordinal),
        agenda=agenda_of(ordinal, side.pair.cohort.program.template_key),
    )


def due_did_you_meet(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """From the end of a meeting on, for two weeks, as long as neither has said how it went."""
    meetings = Meeting.objects.filter(starts_at__lte=now, starts_at__gt=now - ASK_FOR - LONGEST_MEETING)
    zone = ZoneInfo(organization.time_zone)
    for meeting in planned(meetings, organization):
        ended = meeting_ends(meeting)
        if not ended <= now < ended + ASK_FOR:
            continue
        for side in sides(meeting.pair):
            if side.person.email and works_now(now, side):
                day = meeting.starts_at.astimezone(zone).date()
                yield _reminder(
                    "did_you_meet",
                    f"meeting:{meeting.pk}",
                    day,
                    side,
                    context=partial(asked_context, side, meeting),
                    about=about_meeting(meeting),
                    useful_until=ended + ASK_FOR,
                )


def asked_context(side: Side, meeting: Meeting) -> dict[str, object]:
    return meeting_context(
        side,
        meeting,
        held_url=meeting_url(meeting, side, "held"),
        missed_url=meeting_url(meeting, side, "missed"),
    )


def planned(meetings: QuerySet[Meeting], organization: Organization) -> Iterator[Meeting]:
    """Those of them that are planned, of pairs that go on, with all that a mail tells."""
    cohorts = cohorts_with_pairs()
    if not cohorts:
        return
    found = meetings.filter(status=MeetingStatus.PLANNED).prefetch_related(
        "pair", *(f"pair__{path}" for path in PEOPLE)
    )
    for meeting in found.order_by("starts_at", "pk").iterator(CHUNK):
        cohort = cohorts.get(meeting.pair.cohort_id)
        if cohort and goes_on(meeting.pair):
            meeting.pair.cohort, meeting.pair.organization = cohort, organization
            yield meeting


RULES = (
    ReminderRule("plan_a_meeting", due_plan_a_meeting),
    ReminderRule("meeting_tomorrow", due_meeting_tomorrow),
    ReminderRule("did_you_meet", due_did_you_meet),
)
