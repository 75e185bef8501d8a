"""What a criterion may compare, and when a cohort can be matched."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.enums import Comparator, RequestStatus
from mentoring.rules import NotAllowed
from programs.enums import CohortStatus

Text = str | Promise

WEIGHT_AT_MOST = 5
MATCHABLE = (CohortStatus.ENROLLING, CohortStatus.MATCHING, CohortStatus.RUNNING)

# Comparators that forbid pairs, whatever their weight, and give no points.
FORBIDDING = (Comparator.MUST_DIFFER, Comparator.MUST_MATCH)

# Roster attributes that colleagues may know of each other. Others may be used to score, and are never named.
OPEN_ATTRIBUTES: dict[str, Text] = {
    "unit": _("unit"),
    "job_family": _("job family"),
    "title": _("job title"),
    "location": _("place"),
    "country": _("country"),
    "region": _("region"),
    "time_zone": _("time zone"),
    "language": _("language"),
    "level": _("management level"),
}


@dataclass(frozen=True)
class Source:
    """Where one side's values come from: `kind` "question" or "person", and its keys."""

    kind: str
    keys: tuple[str, ...]

    @property
    def is_question(self) -> bool:
        return self.kind == "question"


def parse_source(text: str) -> Source:
    """`question:<key>`, `question:<key>+<key>` (several choice questions as one) or `person:<attribute>`."""
    kind, _colon, rest = text.partition(":")
    keys = tuple(rest.split("+"))
    if kind not in ("question", "person") or not all(keys) or (kind == "person" and len(keys) > 1):
        raise ValueError(f"{text!r} is neither question:<key>, question:<key>+<key> nor person:<attribute>")
    return Source(kind, keys)


# What each comparison rewards, in plain words for the settings page.
COMPARISON_WORDS: dict[str, Text] = {
    Comparator.COVERS: _("More points, the more of what the mentee wants the mentor can show."),
    Comparator.OVERLAP: _("More points, the more both have in common."),
    Comparator.SAME: _("All points if both are the same, none if not."),
    Comparator.DIFFERENT: _("All points if they differ, none if they are the same."),
    Comparator.CLOSE: _("More points, the closer both numbers are."),
}

# Every reason that forbids a pair, for counts. The first three are `matching.enums.Rule`.
FORBIDDEN_WORDS: dict[str, Text] = {
    "same_person": _("the same person"),
    "reporting_line": _("same reporting line"),
    "exclusion": _("on the exclusion list"),
    "never": _("you said never"),
    "paired_before": _("a pair already, now or before"),
    "no_seat": _("no seat left"),
    "forbidden": _("forbidden"),
}


def check_matchable(status: str) -> None:
    """Pairs can be proposed from the opening of enrolment until the cohort is closed."""
    if status == CohortStatus.DRAFT:
        raise NotAllowed(_("Nobody can have joined yet: open enrolment and invite people first."))
    if status not in MATCHABLE:
        raise NotAllowed(_("This cohort is closed. Start a new cohort to match again."))


REQUEST_TRANSITIONS: Mapping[RequestStatus, frozenset[RequestStatus]] = {
    RequestStatus.OPEN: frozenset(set(RequestStatus) - {RequestStatus.OPEN}),
    RequestStatus.ACCEPTED: frozenset(),
    RequestStatus.DECLINED: frozenset(),
    RequestStatus.EXPIRED: frozenset(),
    RequestStatus.WITHDRAWN: frozenset(),
    RequestStatus.GONE: frozenset(),
}
ANSWER_WORKING_DAYS = 3


def check_request_transition(status: str, to: RequestStatus) -> None:
    if to not in REQUEST_TRANSITIONS[RequestStatus(status)]:
        raise NotAllowed(_("This request has been answered or has ended already. Nothing was changed."))


def end_of_day(day: date, time_zone: str) -> datetime:
    """The first moment that is no longer that day there."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone or "UTC"))


def request_expires(sent_at: datetime, choose_until: date, time_zone: str) -> datetime:
    """The end of the third working day after it was sent, and never after the last day to choose; days of
    the organization's time zone."""
    day = sent_at.astimezone(ZoneInfo(time_zone or "UTC")).date()
    left = ANSWER_WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return end_of_day(min(day, choose_until), time_zone)
