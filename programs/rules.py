"""What is allowed when: one transition table per status, and the rules about dates and capacity."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mentoring.rules import NotAllowed
from programs.enums import CohortStatus, MatchingMode, PairStatus, ParticipantStatus

Text = str | Promise

CAPACITY_AT_MOST = 5
LONGEST_DAYS = 3 * 366
SHORTEST_MONTH = 8  # days: a rest of the cohort shorter than this belongs to the month before
DATES = ("enroll_from", "enroll_until", "starts_on", "ends_on")
CHOOSING = ("matching_mode", "choose_until", "picks_at_most")
PICKS_AT_MOST = 10
REST_AT_MOST = 24  # months

COHORT_TRANSITIONS: Mapping[CohortStatus, frozenset[CohortStatus]] = {
    CohortStatus.DRAFT: frozenset({CohortStatus.ENROLLING}),
    CohortStatus.ENROLLING: frozenset({CohortStatus.MATCHING}),
    CohortStatus.MATCHING: frozenset({CohortStatus.ENROLLING, CohortStatus.RUNNING}),
    CohortStatus.RUNNING: frozenset({CohortStatus.CLOSED, CohortStatus.MATCHING}),
    CohortStatus.CLOSED: frozenset(),
}

PARTICIPANT_TRANSITIONS: Mapping[ParticipantStatus, frozenset[ParticipantStatus]] = {
    ParticipantStatus.INVITED: frozenset(
        {ParticipantStatus.JOINED, ParticipantStatus.DECLINED, ParticipantStatus.WITHDRAWN}
    ),
    ParticipantStatus.JOINED: frozenset({ParticipantStatus.DECLINED, ParticipantStatus.WITHDRAWN}),
    ParticipantStatus.DECLINED: frozenset({ParticipantStatus.JOINED, ParticipantStatus.INVITED}),
    ParticipantStatus.WITHDRAWN: frozenset({ParticipantStatus.INVITED}),
}

PAIR_TRANSITIONS: Mapping[PairStatus, frozenset[PairStatus]] = {
    PairStatus.ACTIVE: frozenset({PairStatus.COMPLETED, PairStatus.ENDED, PairStatus.RETRACTED}),
    PairStatus.COMPLETED: frozenset(),
    PairStatus.ENDED: frozenset({PairStatus.ACTIVE}),
    PairStatus.RETRACTED: frozenset({PairStatus.ACTIVE}),
}

# What of a cohort may still change, by phase; everything else may until it is closed.
PHASED = frozenset({*DATES, *CHOOSING, "mentees_first", "late_until"})
EDITABLE: Mapping[CohortStatus, frozenset[str]] = {
    CohortStatus.DRAFT: frozenset((*DATES, *CHOOSING, "mentees_first")),
    CohortStatus.ENROLLING: frozenset({"enroll_until", "starts_on", "ends_on", *CHOOSING}),
    CohortStatus.MATCHING: frozenset({"enroll_until", "starts_on", "ends_on", *CHOOSING}),
    CohortStatus.RUNNING: frozenset({"ends_on", "late_until"}),
    CohortStatus.CLOSED: frozenset(),
}

_NEEDED_PHASE: Mapping[CohortStatus, Text] = {
    CohortStatus.ENROLLING: _("Enrolment can be opened for a draft, or again before pairs are published."),
    CohortStatus.MATCHING: _(
        "Matching starts once enrolment is open: open enrolment and invite people first."
    ),
    CohortStatus.RUNNING: _("Pairs are published out of matching: close enrolment first, then match."),
    CohortStatus.CLOSED: _("Only a running cohort can be closed."),
    CohortStatus.DRAFT: _("A cohort does not go back to being a draft."),
}


def check_cohort_transition(status: str, to: CohortStatus) -> None:
    """Refuse a phase that does not follow, saying which one does."""
    if to not in COHORT_TRANSITIONS[CohortStatus(status)]:
        if status == to:
            raise NotAllowed(
                _("This cohort is already in the phase “%(phase)s”.") % {"phase": CohortStatus(status).label}
            )
        if status == CohortStatus.CLOSED:
            raise NotAllowed(_("This cohort is closed. Start a new cohort to go on."))
        raise NotAllowed(_NEEDED_PHASE[to])


def check_participant_transition(status: str, to: ParticipantStatus) -> None:
    if to not in PARTICIPANT_TRANSITIONS[ParticipantStatus(status)]:
        raise NotAllowed(
            _("This is not possible any more: the participation is “%(status)s”.")
            % {"status": ParticipantStatus(status).label}
        )


def check_pair_transition(status: str, to: PairStatus) -> None:
    if to not in PAIR_TRANSITIONS[PairStatus(status)]:
        raise NotAllowed(_("This pair has already ended."))


def end_of_day(day: date, time_zone: str) -> datetime:
    """The first moment that is no longer that day there."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone or "UTC"))


def enrolment_is_open(cohort: Any, today: date) -> bool:
    """People can join and answer until the end of the last day, while the cohort is enrolling; and while it
    runs, if the champion lets people join late."""
    late = bool(cohort.status == CohortStatus.RUNNING and cohort.late_until)
    return bool((late or cohort.status == CohortStatus.ENROLLING) and today <= cohort.enrol_by)


def why_enrolment_is_closed(cohort: Any, today: date) -> Text:
    """For somebody who comes too early or too late."""
    if cohort.status == CohortStatus.DRAFT:
        return _("Enrolment is not open yet. We will write to you when it is.")
    late = cohort.status == CohortStatus.RUNNING and cohort.late_until
    if (late or cohort.status == CohortStatus.ENROLLING) and today > cohort.enrol_by:
        day = date_format(cohort.enrol_by, "j F Y")
        return _("Enrolment closed on %(day)s.") % {"day": day}
    if cohort.status == CohortStatus.CLOSED:
        return _("This cohort has ended.")
    return _("Enrolment has closed and pairs are being made.")


def mentors_wait(cohort: Any) -> bool:
    """Mentors are not invited before it was published what mentees want to learn."""
    return bool(cohort.mentees_first and not cohort.needs_published_at)


def people_choose(cohort: Any) -> bool:
    return bool(cohort.matching_mode != MatchingMode.ASSIGNED)


def choosing_is_open(cohort: Any, today: date) -> bool:
    """Participants pick and ask each other from the end of enrolment until the end of the last day for it,
    and no longer once pairs are published."""
    return bool(
        people_choose(cohort) and cohort.status == CohortStatus.MATCHING and today <= cohort.choose_until
    )


def check_choosing(
    mode: str, choose_until: date | None, picks_at_most: int, *, enroll_until: date, starts_on: date
) -> dict[str, Text]:
    """What is wrong with how people choose, by field; empty when it is in order."""
    wrong: dict[str, Text] = {}
    if not 1 <= picks_at_most <= PICKS_AT_MOST:
        wrong["picks_at_most"] = _("Choose a number from 1 to %(most)s.") % {"most": PICKS_AT_MOST}
    if mode == MatchingMode.ASSIGNED:
        return wrong
    if choose_until is None:
        wrong["choose_until"] = _("Say until when people can choose.")
    elif choose_until <= enroll_until:
        wrong["choose_until"] = _("People choose after enrolment has closed. Choose a later day.")
    elif choose_until > starts_on:
        wrong["choose_until"] = _("Pairs meet from the first day on. Choose that day or an earlier one.")
    return wrong


def check_dates(dates: Mapping[str, date], *, today: date, new: bool = False) -> dict[str, Text]:
    """What is wrong with a cohort's four dates, by field; empty when they are in order."""
    wrong: dict[str, Text] = {}
    if dates["enroll_until"] < dates["enroll_from"]:
        wrong["enroll_until"] = _(
            "Enrolment would close before it opens. Choose the opening day or a later one."
        )
    if dates["starts_on"] < max(dates["enroll_until"], dates["enroll_from"]):
        wrong["starts_on"] = _("The first day lies before enrolment closes. Choose that day or a later one.")
    if dates["ends_on"] <= dates["starts_on"]:
        wrong["ends_on"] = _("The last day must come after the first day.")
    elif dates["ends_on"] - dates["starts_on"] > timedelta(days=LONGEST_DAYS):
        wrong["ends_on"] = _("This is more than three years. Check the year.")
    if new and "ends_on" not in wrong and dates["ends_on"] <= today:
        wrong["ends_on"] = _("This day has passed.")
    if new and "enroll_until" not in wrong and dates["enroll_until"] < today:
        wrong["enroll_until"] = _("This day has passed: nobody could enrol.")
    return wrong


def check_capacity(capacity: int) -> None:
    if not 1 <= capacity <= CAPACITY_AT_MOST:
        raise NotAllowed(_("Choose a number of partners from 1 to %(most)s.") % {"most": CAPACITY_AT_MOST})


def add_months(day: date, months: int) -> date:
    """The same day some months later; the last day of a month that is too short. Always counted from the
    first day, so that a cohort that starts on the 31st comes back to the 31st."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def rest_ends(today: date) -> list[date]:
    """The days at which a break can end: the first of each of the next months."""
    return [add_months(today.replace(day=1), number) for number in range(1, REST_AT_MOST + 1)]


def check_rest(until: date, today: date) -> None:
    if until <= today:
        raise NotAllowed(_("This month has begun. Choose a later one."))
    if until > rest_ends(today)[-1]:
        raise NotAllowed(_("Choose a month within the next two years."))


def offers_rest(participant: Any) -> bool:
    """Whom a cohort has invited, or is about to pair, answers it first; a no can be said with a break."""
    open_phases = (CohortStatus.DRAFT, CohortStatus.ENROLLING, CohortStatus.MATCHING)
    taking_part = participant.status in (ParticipantStatus.INVITED, ParticipantStatus.JOINED)
    return not (taking_part and participant.cohort.status in open_phases)


@dataclass(frozen=True)
class Month:
    """A month of a cohort, counted from its first day: `start` is in it, `end` is not. Numbers begin at 1."""

    number: int
    start: date
    end: date

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def bounds(self, time_zone: str) -> tuple[datetime, datetime]:
        """The month's first moment and the first one after it, in the organization's time zone."""
        zone = ZoneInfo(time_zone or "UTC")
        start, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (self.start, self.end))
        return start, end


def months_of(first: date, last: date) -> list[Month]:
    """A cohort's months, without gap or overlap, from its first day to its last. Badge, reminders, figures
    and the invitation's "six months" all go by these."""
    after = last + timedelta(days=1)
    months: list[Month] = []
    start = first
    while start < after:
        end = add_months(first, len(months) + 1)
        if (after - end).days < SHORTEST_MONTH:
            end = after
        months.append(Month(len(months) + 1, start, end))
        start = end
    return months


def month_on(day: date, first: date, last: date) -> Month | None:
    """The cohort's month that a day lies in; None before its first and after its last day."""
    return next((month for month in months_of(first, last) if day in month), None)


def month_number(first: date, last: date, today: date) -> tuple[int, int]:
    """Which month of how many it is: (3, 6). Before the first day it is month 1, after the last the last."""
    months = months_of(first, last)
    begun = [month.number for month in months if month.start <= today]
    return max(begun, default=1), len(months)
