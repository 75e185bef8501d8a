"""The state machines, every cell of them, and the rules about dates."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from mentoring.rules import NotAllowed, today_in
from programs import rules
from programs.enums import CohortStatus, PairStatus, ParticipantStatus
from programs.models import Cohort

C, P = CohortStatus, ParticipantStatus
COHORT_STEPS = {
    (C.DRAFT, C.ENROLLING),
    (C.ENROLLING, C.MATCHING),
    (C.MATCHING, C.ENROLLING),
    (C.MATCHING, C.RUNNING),
    (C.RUNNING, C.CLOSED),
    (C.RUNNING, C.MATCHING),
}
PARTICIPANT_STEPS = {
    (P.INVITED, P.JOINED),
    (P.INVITED, P.DECLINED),
    (P.INVITED, P.WITHDRAWN),
    (P.JOINED, P.DECLINED),
    (P.JOINED, P.WITHDRAWN),
    (P.DECLINED, P.JOINED),
    (P.DECLINED, P.INVITED),
    (P.WITHDRAWN, P.INVITED),
}


@pytest.mark.parametrize("before", C)
@pytest.mark.parametrize("after", C)
def test_cohort_transition(before: C, after: C) -> None:
    if (before, after) in COHORT_STEPS:
        rules.check_cohort_transition(before, after)
    else:
        with pytest.raises(NotAllowed):
            rules.check_cohort_transition(before, after)


@pytest.mark.parametrize("before", P)
@pytest.mark.parametrize("after", P)
def test_participant_transition(before: P, after: P) -> None:
    if (before, after) in PARTICIPANT_STEPS:
        rules.check_participant_transition(before, after)
    else:
        with pytest.raises(NotAllowed):
            rules.check_participant_transition(before, after)


@pytest.mark.parametrize(
    ("mode", "status", "today", "is_open"),
    [
        ("hybrid", C.MATCHING, date(2026, 3, 12), True),
        ("choose", C.MATCHING, date(2026, 3, 12), True),
        ("hybrid", C.MATCHING, date(2026, 3, 13), False),
        ("hybrid", C.ENROLLING, date(2026, 3, 12), False),
        ("hybrid", C.RUNNING, date(2026, 3, 12), False),
        ("assigned", C.MATCHING, date(2026, 3, 12), False),
    ],
)
def test_choosing_is_open_until_its_last_day(mode: str, status: C, today: date, is_open: bool) -> None:
    until = None if mode == "assigned" else date(2026, 3, 12)
    cohort = SimpleNamespace(matching_mode=mode, status=status, choose_until=until)
    assert rules.choosing_is_open(cohort, today) == is_open


PAIR_STEPS = {
    (PairStatus.ACTIVE, PairStatus.COMPLETED),
    (PairStatus.ACTIVE, PairStatus.ENDED),
    (PairStatus.ACTIVE, PairStatus.RETRACTED),
    (PairStatus.ENDED, PairStatus.ACTIVE),
    (PairStatus.RETRACTED, PairStatus.ACTIVE),
}


@pytest.mark.parametrize("before", PairStatus)
@pytest.mark.parametrize("after", PairStatus)
def test_pair_transition(before: PairStatus, after: PairStatus) -> None:
    if (before, after) in PAIR_STEPS:
        rules.check_pair_transition(before, after)
    else:
        with pytest.raises(NotAllowed):
            rules.check_pair_transition(before, after)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (C.DRAFT, C.DRAFT, "This cohort is already in the phase “Draft”."),
        (C.DRAFT, C.RUNNING, "Pairs are published out of matching: close enrolment first, then match."),
        (C.CLOSED, C.ENROLLING, "This cohort is closed. Start a new cohort to go on."),
        (C.ENROLLING, C.CLOSED, "Only a running cohort can be closed."),
    ],
)
def test_refused_transition_says_what_to_do(before: C, after: C, message: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        rules.check_cohort_transition(before, after)
    assert str(refusal.value) == message


DATES = {
    "enroll_from": date(2026, 12, 1),
    "enroll_until": date(2026, 12, 20),
    "starts_on": date(2027, 1, 4),
    "ends_on": date(2027, 7, 4),
}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, []),
        ({"enroll_until": date(2026, 12, 1)}, []),
        ({"starts_on": date(2026, 12, 20)}, []),
        ({"enroll_until": date(2026, 11, 30)}, ["enroll_until"]),
        ({"starts_on": date(2026, 12, 19)}, ["starts_on"]),
        ({"ends_on": date(2027, 1, 4)}, ["ends_on"]),
        ({"ends_on": date(2031, 1, 4)}, ["ends_on"]),
        ({"enroll_from": date(2027, 2, 1)}, ["enroll_until", "starts_on"]),
    ],
)
def test_dates(changes: dict[str, date], wrong: list[str]) -> None:
    assert list(rules.check_dates(DATES | changes, today=date(2026, 11, 22))) == wrong


def test_dates_in_the_past_only_for_a_new_cohort() -> None:
    today = date(2028, 1, 1)
    assert list(rules.check_dates(DATES, today=today, new=True)) == ["ends_on", "enroll_until"]
    assert rules.check_dates(DATES, today=today) == {}


@pytest.mark.parametrize(
    ("zone", "day"), [("Europe/Berlin", date(2026, 11, 22)), ("Asia/Tokyo", date(2026, 11, 23))]
)
def test_today_is_the_organizations(zone: str, day: date) -> None:
    assert today_in(zone, datetime(2026, 11, 22, 16, 0, tzinfo=UTC)) == day


def test_enrolment_is_open_until_the_end_of_the_last_day() -> None:
    cohort = Cohort(status=C.ENROLLING, enroll_until=date(2026, 12, 20))
    assert rules.enrolment_is_open(cohort, date(2026, 12, 20))
    assert not rules.enrolment_is_open(cohort, date(2026, 12, 21))
    assert str(rules.why_enrolment_is_closed(cohort, date(2026, 12, 21))) == (
        "Enrolment closed on 20 December 2026."
    )
    cohort.status = C.MATCHING
    assert not rules.enrolment_is_open(cohort, date(2026, 12, 1))


@pytest.mark.parametrize("capacity", [0, 6, -1])
def test_capacity_out_of_range(capacity: int) -> None:
    with pytest.raises(NotAllowed):
        rules.check_capacity(capacity)
