"""What the mails about meetings say that can change before they go out, and whether it still is so."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from mentoring.enums import MessageReason
from mentoring.mail.kinds import About, MailKind, Useful
from programs.enums import CohortStatus, PairStatus
from programs.models import Pair
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from sessions.queries.meetings import WITH_PEOPLE, Side, takes_part

# Cohorts that run, and those still matching: people who chose each other begin before the rest.
MEETING_PHASES = (CohortStatus.MATCHING, CohortStatus.RUNNING)


def about_meeting(meeting: Meeting, **more: object) -> About:
    """A meeting as calendars were last told of it."""
    return {"meeting": meeting.pk, "sequence": meeting.sequence, **more}


def meeting_thread(meeting: Meeting, side: Side) -> str:
    """The mails that one side's calendar goes by."""
    return f"meeting:{meeting.pk}:{side.participant.pk}"


def meeting_ends(meeting: Meeting) -> datetime:
    return meeting.starts_at + timedelta(minutes=meeting.minutes)


def announced_until(meeting: Meeting, *, days: int, now: datetime, time_zone: str) -> datetime:
    """The word "tomorrow" is true as long as today lasts, a day or "today" until the meeting begins."""
    if days != 1:
        return meeting.starts_at
    zone = ZoneInfo(time_zone)
    midnight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    return min(midnight, meeting.starts_at)


def goes_on(pair: Pair) -> bool:
    """Asked in Python, of rows fetched by their keys: right after a big publication PostgreSQL has no
    figures about the new rows yet, and joins them in the slowest way there is."""
    return pair.status == PairStatus.ACTIVE and takes_part(pair.mentor) and takes_part(pair.mentee)


def _meeting_as_told(about: About) -> Meeting | None:
    meetings = Meeting.objects.select_related(*(f"pair__{path}" for path in WITH_PEOPLE))
    return meetings.filter(pk=about["meeting"], sequence=about["sequence"]).first()


def _check_planned(about: About, now: datetime) -> MessageReason | None:
    meeting = _meeting_as_told(about)
    planned = meeting is not None and meeting.status == MeetingStatus.PLANNED
    return None if planned else MessageReason.OUTDATED


def _check_cancelled(about: About, now: datetime) -> MessageReason | None:
    meeting = _meeting_as_told(about)
    cancelled = meeting is not None and meeting.status == MeetingStatus.CANCELLED
    return None if cancelled else MessageReason.OUTDATED


def _check_reminder(about: About, now: datetime) -> MessageReason | None:
    """Before it, or asking how it went: nobody has said anything since, and the two still are a pair."""
    meeting = _meeting_as_told(about)
    if meeting is None or not goes_on(meeting.pair) or meeting.pair.cohort.status not in MEETING_PHASES:
        return MessageReason.OUTDATED
    if meeting.status != MeetingStatus.PLANNED and not about.get("asked_for"):
        return MessageReason.OUTDATED
    return None


def about_month(pair: Pair, start: datetime, end: datetime) -> About:
    return {"pair": pair.pk, "from": start.isoformat(), "to": end.isoformat()}


def meetings_between(pair: Pair, start: datetime, end: datetime) -> bool:
    counted = (MeetingStatus.PLANNED, MeetingStatus.HELD)
    meetings = Meeting.objects.filter(pair=pair, starts_at__gte=start, starts_at__lt=end, status__in=counted)
    return meetings.exists()


def _check_month(about: About, now: datetime) -> MessageReason | None:
    pair = Pair.objects.select_related(*WITH_PEOPLE).filter(pk=about["pair"]).first()
    if pair is None or not goes_on(pair) or pair.cohort.status not in MEETING_PHASES:
        return MessageReason.OUTDATED
    start, end = (datetime.fromisoformat(about[name]) for name in ("from", "to"))
    return MessageReason.OUTDATED if meetings_between(pair, start, end) else None


KINDS = (
    MailKind("meeting_planned", _("A meeting was planned"), Useful.GIVEN, _check_planned),
    MailKind("meeting_changed", _("A meeting was moved"), Useful.GIVEN, _check_planned),
    MailKind("meeting_readdressed", _("A meeting, at a new address"), Useful.GIVEN, _check_planned),
    MailKind("meeting_cancelled", _("A meeting was cancelled"), Useful.ALWAYS, _check_cancelled),
    MailKind("meeting_tomorrow", _("Reminder of a meeting"), Useful.GIVEN, _check_reminder),
    MailKind("did_you_meet", _("Did you meet?"), Useful.GIVEN, _check_reminder),
    MailKind("plan_a_meeting", _("Reminder to plan a meeting"), Useful.GIVEN, _check_month),
)
