"""What a pair does with its meetings. Everything changes under a lock on the pair, so that two people who
press at the same moment come one after the other."""

import copy
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.models import Person
from mentoring.rules import NotAllowed
from programs.enums import CohortStatus, PairStatus
from programs.models import Pair, Participant
from sessions.actions.notices import tell_cancelled, tell_changed, tell_over, tell_planned, tell_readdressed
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from sessions.queries.meetings import WITH_PEOPLE, Side, side_of, takes_part
from sessions.rules import check_plan, require_transition


class PlannedMeanwhile(NotAllowed):
    """The partner planned a meeting that the planner's form did not know yet."""

    def __init__(self, meeting: Meeting, message: str):
        super().__init__(message)
        self.meeting = meeting


def plan_meeting(
    *,
    pair: Pair,
    starts_at: datetime,
    minutes: int,
    place: str = "",
    participant: Participant,
    seen: int | None = None,
    now: datetime,
    by: Actor,
) -> Meeting:
    """Plan a meeting and invite both. The same moment twice is one meeting: a double click plans once.

    `seen` is the highest meeting number that the planner's page showed: with it, a meeting the partner has
    planned since then is told first (`PlannedMeanwhile`) instead of planning a second one in silence.
    """
    side = _lock(pair.pk, participant)
    _require_meeting_allowed(side)
    planned = list(Meeting.objects.filter(pair=side.pair, status=MeetingStatus.PLANNED).order_by("number"))
    if same := next((meeting for meeting in planned if meeting.starts_at == starts_at), None):
        return same
    _check(side, starts_at, minutes, now)
    _require_unseen(side, planned, seen)
    _require_free(side, planned, starts_at, minutes)
    highest = Meeting.objects.filter(pair=side.pair).aggregate(highest=Max("number"))["highest"] or 0
    meeting = Meeting.objects.create(
        pair=side.pair,
        number=highest + 1,
        starts_at=starts_at,
        minutes=minutes,
        place=place.strip(),
        planned_by=participant,
        told_at=now,
    )
    _record("meeting.planned", meeting, by)
    tell_planned(meeting, participant=participant, now=now)
    return meeting


def move_meeting(
    *,
    meeting: Meeting,
    starts_at: datetime,
    minutes: int,
    place: str = "",
    participant: Participant,
    now: datetime,
    by: Actor,
) -> Meeting:
    """Change when or where; both calendars follow. Nothing changed: nobody is told."""
    side, meeting = _lock_meeting(meeting, participant)
    _require_meeting_allowed(side)
    if meeting.status != MeetingStatus.PLANNED:
        raise NotAllowed(_("Only a planned meeting can be moved. Plan a new one instead."))
    wanted = (starts_at, minutes, place.strip())
    if wanted == (meeting.starts_at, meeting.minutes, meeting.place):
        return meeting
    others = Meeting.objects.filter(pair=side.pair, status=MeetingStatus.PLANNED).exclude(pk=meeting.pk)
    _check(side, starts_at, minutes, now)
    _require_free(side, list(others), starts_at, minutes)
    old = copy.copy(meeting)
    meeting.starts_at, meeting.minutes, meeting.place = wanted
    _tell_calendars(meeting, now)
    _record("meeting.moved", meeting, by, before=old.starts_at.isoformat())
    tell_changed(meeting, old=old, participant=participant, now=now)
    return meeting


def cancel_meeting(*, meeting: Meeting, participant: Participant, now: datetime, by: Actor) -> bool:
    """Answers whether this call did it."""
    side, meeting = _lock_meeting(meeting, participant)
    _require_part(side)
    if meeting.status == MeetingStatus.CANCELLED:
        return False
    require_transition(meeting.status, MeetingStatus.CANCELLED)
    meeting.status = MeetingStatus.CANCELLED
    _tell_calendars(meeting, now)
    _record("meeting.cancelled", meeting, by)
    tell_cancelled(meeting, participant=participant, now=now)
    return True


def cancel_ahead(pairs: list[Pair], by: Actor, now: datetime) -> None:
    """Cancel what pairs that end have planned; calendars follow. Meetings of the past stay."""
    by_id = {pair.pk: pair for pair in pairs}
    ahead = Meeting.objects.filter(pair__in=by_id, status=MeetingStatus.PLANNED, starts_at__gt=now)
    for meeting in ahead.select_for_update(of=("self",), no_key=True).order_by("pk"):
        meeting.pair = by_id[meeting.pair_id]
        meeting.status = MeetingStatus.CANCELLED
        _tell_calendars(meeting, now)
        _record("meeting.cancelled", meeting, by)
        tell_over(meeting, now=now)


def invite_again(people: Sequence[Person], now: datetime, by: Actor) -> None:
    """These people have other addresses from now on: what is planned goes into the calendars there."""
    ids = {person.pk for person in people}
    theirs = Q(pair__mentor__person__in=ids) | Q(pair__mentee__person__in=ids)
    ahead = Meeting.objects.filter(
        theirs, pair__status=PairStatus.ACTIVE, status=MeetingStatus.PLANNED, starts_at__gt=now
    )
    related = ahead.select_related(*(f"pair__{path}" for path in WITH_PEOPLE))
    for meeting in related.select_for_update(of=("self",), no_key=True).order_by("pk"):
        _tell_calendars(meeting, now)
        tell_readdressed(meeting, people=ids, now=now)


def mark_held(*, meeting: Meeting, participant: Participant, now: datetime, by: Actor) -> bool:
    """One of the two says that they met; once it has begun, not before. Answers whether that is news."""
    return _answer(meeting, MeetingStatus.HELD, participant, now, by)


def mark_missed(*, meeting: Meeting, participant: Participant, now: datetime, by: Actor) -> bool:
    return _answer(meeting, MeetingStatus.MISSED, participant, now, by)


def undo_answer(*, meeting: Meeting, participant: Participant, now: datetime, by: Actor) -> bool:
    """Back to "planned": as if nobody had said yet whether the pair met."""
    return _answer(meeting, MeetingStatus.PLANNED, participant, now, by)


EVENTS = {
    MeetingStatus.HELD: "meeting.held",
    MeetingStatus.MISSED: "meeting.missed",
    MeetingStatus.PLANNED: "meeting.answer_undone",
}


def _answer(
    meeting: Meeting, status: MeetingStatus, participant: Participant, now: datetime, by: Actor
) -> bool:
    side, meeting = _lock_meeting(meeting, participant)
    _require_part(side)
    if meeting.status == status:
        return False
    require_transition(meeting.status, status)
    if meeting.starts_at > now:
        raise NotAllowed(_("This meeting has not begun yet. Say afterwards how it went."))
    meeting.status = status
    undone = status == MeetingStatus.PLANNED
    meeting.answered_by = None if undone else participant
    meeting.answered_at = None if undone else now
    meeting.save(update_fields=["status", "answered_by", "answered_at"])
    _record(EVENTS[status], meeting, by)
    return True


def _lock(pair_id: int, participant: Participant) -> Side:
    pairs = Pair.objects.select_for_update(of=("self",), no_key=True).select_related(*WITH_PEOPLE)
    side = side_of(pairs.get(pk=pair_id), participant.pk)
    if side is None:
        raise NotAllowed(_("Only the two people of a pair can do this."))
    return side


def _lock_meeting(meeting: Meeting, participant: Participant) -> tuple[Side, Meeting]:
    side = _lock(meeting.pair_id, participant)
    found = Meeting.objects.get(pk=meeting.pk)
    found.pair = side.pair
    return side, found


def _require_part(side: Side) -> None:
    if side.pair.cohort.status == CohortStatus.CLOSED:
        raise NotAllowed(_("This cohort is closed; its meetings can no longer be changed."))
    if not takes_part(side.participant):
        raise NotAllowed(_("You no longer take part in this program."))


def _require_meeting_allowed(side: Side) -> None:
    _require_part(side)
    if side.pair.status != PairStatus.ACTIVE:
        raise NotAllowed(_("This pairing has ended. Ask your program champion if you want to go on."))
    if not takes_part(side.partner):
        words = {"name": side.partner.person.name}
        raise NotAllowed(_("%(name)s no longer takes part. Your program champion will help you.") % words)


def _check(side: Side, starts_at: datetime, minutes: int, now: datetime) -> None:
    cohort = side.pair.cohort
    check_plan(
        starts_at=starts_at,
        minutes=minutes,
        now=now,
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        time_zone=side.organization.time_zone,
    )


def _require_unseen(side: Side, planned: list[Meeting], seen: int | None) -> None:
    if seen is None:
        return
    for meeting in planned:
        if meeting.number > seen:
            clocks = side.clocks(meeting.starts_at, meeting.minutes)
            words = {"name": side.partner.person.first_name, "day": clocks.day, "time": clocks.start}
            raise PlannedMeanwhile(
                meeting,
                _(
                    "%(name)s has just planned a meeting with you: %(day)s at %(time)s. "
                    "Press the button again if you want another one besides."
                )
                % words
                if meeting.planned_by_id == side.partner.pk
                else _(
                    "You have just planned a meeting: %(day)s at %(time)s. "
                    "Press the button again if you want another one besides."
                )
                % words,
            )


def _require_free(side: Side, others: list[Meeting], starts_at: datetime, minutes: int) -> None:
    end = starts_at + timedelta(minutes=minutes)
    for other in others:
        if other.starts_at < end and starts_at < other.starts_at + timedelta(minutes=other.minutes):
            clocks = side.clocks(other.starts_at, other.minutes)
            words = {"day": clocks.day, "start": clocks.start, "end": clocks.end}
            raise NotAllowed(_("You two already meet on %(day)s from %(start)s to %(end)s.") % words)


def _tell_calendars(meeting: Meeting, now: datetime) -> None:
    meeting.sequence += 1
    meeting.told_at = now
    meeting.save(update_fields=["starts_at", "minutes", "place", "status", "sequence", "told_at"])


def _record(action: str, meeting: Meeting, by: Actor, **data: str) -> None:
    """When and that, never where or about what: a place or link may tell more than others should know."""
    audit.record(
        action,
        meeting,
        by=by,
        label=f"{meeting}, {meeting.pair}",
        pair=meeting.pair_id,
        starts_at=meeting.starts_at.isoformat(),
        **data,
    )
