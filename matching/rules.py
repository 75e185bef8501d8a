"""What a criterion may compare, and when a cohort can be matched."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.enums import Choosing, Comparator, RequestStatus
from mentoring.rules import NotAllowed
from programs.enums import CohortStatus, ParticipantStatus
from programs.rules import choosing_is_open, end_of_day, people_choose

Text = str | Promise

WEIGHT_AT_MOST = 5
STABLE_ALONE = _(
    "A stable pairing follows what people would rather have; it cannot aim at a share or at the best worst "
    "pair as well. Choose one of them."
)
GAP_ALONE = _(
    "A gap cannot be closed together with a share of pairs, which would have to be searched anew at every "
    "step, nor in a stable pairing, which follows what people would rather have. Choose one of them."
)
GAP_AT_MOST = 50
SUGGESTED_AT_MOST = 1000
LAST_CALL = timedelta(days=3)  # before the last day to choose
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


# Roster attributes by which a run tells how groups fared, and whose groups can be raised. Never an answer.
GROUPED = ("region", "unit")


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


def parse_group(text: str) -> tuple[str, str]:
    """(attribute, value) of a group, `person:<attribute>=<value>`. Only of what `GROUPED` lists: from whose
    pairs change when a group is raised, one could work out who is in it, so it is none by an answer."""
    kind, _equals, value = text.partition("=")
    source = parse_source(kind)
    if source.is_question or source.keys[0] not in GROUPED or not value.strip():
        raise ValueError(f"{text!r} is no group by {' or '.join(GROUPED)}")
    return source.keys[0], value


# What each comparison rewards, in plain words for the settings page.
COMPARISON_WORDS: dict[str, Text] = {
    Comparator.COVERS: _("More points, the more of what the mentee wants the mentor can show."),
    Comparator.OVERLAP: _("More points, the more both have in common."),
    Comparator.SAME: _("All points if both are the same, none if not."),
    Comparator.DIFFERENT: _("All points if they differ, none if they are the same."),
    Comparator.CLOSE: _("More points, the closer both numbers are."),
    Comparator.RETURNS: _("More points, the more of what the mentor wants the mentee can show."),
    Comparator.SKILL_GAP: _("More points, the further the mentor's number is above the mentee's."),
    Comparator.HOURS: _("More points, the more of both working days falls together."),
    Comparator.MUST_DIFFER: _("Never paired if both are the same; who gave no answer is not held back."),
    Comparator.MUST_MATCH: _("Never paired if they differ; who gave no answer is not held back."),
}

RELATIONS = (Comparator.MUST_DIFFER, Comparator.DIFFERENT, Comparator.SAME, Comparator.MUST_MATCH)

# Which comparisons fit what both sides have, by its shape.
FITS: dict[str, tuple[Comparator, ...]] = {
    "choices": (Comparator.COVERS, Comparator.RETURNS, Comparator.OVERLAP),
    "category": RELATIONS,
    "number": (Comparator.CLOSE, Comparator.SKILL_GAP),
    "level": (*RELATIONS, Comparator.CLOSE),
    "zone": (Comparator.HOURS, *RELATIONS),
}


def fitting(shape: str, *, sensitive: bool) -> tuple[Comparator, ...]:
    """What may be chosen for such a source. A sensitive answer adds points and never decides: whom a rule
    leaves as partners would tell what somebody answered in confidence."""
    return tuple(one for one in FITS[shape] if not (sensitive and one in FORBIDDING))


def clash(one: str, other: str) -> bool:
    """Whether two comparisons of the same answers cannot stand side by side."""
    return one == other or (one in RELATIONS and other in RELATIONS)


# Every reason that forbids a pair, for counts. The first four are `matching.enums.Rule`.
FORBIDDEN_WORDS: dict[str, Text] = {
    "same_person": _("the same person"),
    "reporting_line": _("same reporting line"),
    "earlier_partner": _("partners in another cohort"),
    "exclusion": _("on the exclusion list"),
    "never": _("you said never"),
    "refused": _("one of the two said “not for me”"),
    "paired_now": _("a pair already"),
    "paired_before": _("a pair already, now or before"),
    "floor": _("under the lowest score"),
    "no_seat": _("no seat left"),
    "forbidden": _("forbidden"),
}

# What is said of "refused" wherever people are named.
CONFIDENTIAL: Text = _("a reason that stays confidential")

# What a champion may override for one pair, with a reason. The others protect somebody: the person on an
# exclusion list, whoever said "not for me".
OVERRIDABLE = ("reporting_line", "earlier_partner", "paired_before", "floor")


def can_be_overridden(rule: str) -> bool:
    return rule in OVERRIDABLE or rule.startswith("must:")


def check_matchable(status: str) -> None:
    """Pairs can be proposed from the opening of enrolment until the cohort is closed."""
    if status == CohortStatus.DRAFT:
        raise NotAllowed(_("Nobody can have joined yet: open enrolment and invite people first."))
    if status not in MATCHABLE:
        raise NotAllowed(_("This cohort is closed. Start a new cohort to match again."))


CHOICE_WORDS: tuple[Text, ...] = (
    _("1st choice"),
    _("2nd choice"),
    _("3rd choice"),
    _("4th choice"),
    _("5th choice"),
    _("6th choice"),
    _("7th choice"),
    _("8th choice"),
    _("9th choice"),
    _("10th choice"),
)


def choosing_of(participant: Any, *, today: date, free_seats: int) -> Choosing:
    """Where somebody stands with choosing; `free_seats` are the partners they can still take."""
    cohort = participant.cohort
    if not people_choose(cohort) or participant.status != ParticipantStatus.JOINED:
        return Choosing.NOT_HERE
    if cohort.status in (CohortStatus.DRAFT, CohortStatus.ENROLLING):
        return Choosing.NOT_YET
    is_open = choosing_is_open(cohort, today)
    if not participant.answered_at:
        return Choosing.UNANSWERED if is_open else Choosing.OVER
    if free_seats <= 0:
        return Choosing.PAIRED
    return Choosing.OPEN if is_open else Choosing.OVER


WHY_NOT_CHOOSING: dict[str, Text] = {
    Choosing.NOT_HERE: _("There is nobody to choose here: your program champion makes the pairs."),
    Choosing.NOT_YET: _("Choosing opens once enrolment has closed."),
    Choosing.PAIRED: _("You are paired already."),
    Choosing.OVER: _("Choosing is over; pairs are being made."),
    Choosing.UNANSWERED: _("Answer the questions first: your suggestions come from them."),
}


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


def request_is_open(request: Any, now: datetime) -> bool:
    return bool(request.status == RequestStatus.OPEN and now < request.expires_at)


def last_day(moment: datetime, time_zone: str) -> date:
    """The day there that a moment closes or lies in: midnight still belongs to the day before it."""
    return (moment - timedelta(microseconds=1)).astimezone(ZoneInfo(time_zone or "UTC")).date()


def request_expires(sent_at: datetime, choose_until: date, time_zone: str) -> datetime:
    """The end of the third working day after it was sent, and never after the last day to choose; days of
    the organization's time zone."""
    day = sent_at.astimezone(ZoneInfo(time_zone or "UTC")).date()
    left = ANSWER_WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return end_of_day(min(day, choose_until), time_zone)
