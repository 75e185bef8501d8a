"""Reminders as the scheduler makes them: `plan_reminders` at many moments, computed from state each time.

Northwind's cohort runs from 15 September 2026 to 15 March 2027; its third month begins on 15 November, a
Sunday, so the pair is reminded from the 22nd on, which is a Sunday too: Monday the 23rd it is.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mentoring.enums import PersonStatus
from mentoring.mail import reminders
from mentoring.mail.reminders import plan_reminders
from mentoring.models import OutgoingMessage, Person
from mentoring.tenancy.scoping import organization_scope
from programs.enums import CohortStatus, PairRole, PairStatus, ParticipantStatus
from programs.models import Pair, Participant
from sessions.actions.meetings import cancel_meeting, mark_held, mark_missed, move_meeting
from sessions.models import Meeting
from sessions.reminders import RULES
from tests.cast import NOW, Cast, make_cast
from tests.sessions.conftest import THURSDAY, mails, who
from tests.together import at_once

Plan = Callable[..., Meeting]
BOTH = ["amara.osei@northwind.example", "henrik.lund@northwind.example"]


@pytest.fixture(autouse=True)
def _these_rules_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "reminder_rules", list(RULES))


def at(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    """A moment on the clocks of Oslo and Lagos, which agree in winter."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


def run(cast: Cast, *moments: datetime) -> None:
    for now in moments:
        plan_reminders(cast.organization, now=now)


def every_hour(start: datetime, end: datetime) -> list[datetime]:
    """The scheduler runs more often; it makes no difference, and a test has no time to lose."""
    return [start + timedelta(hours=step) for step in range(int((end - start).total_seconds() // 3600))]


def sent(kind: str) -> list[tuple[str, datetime]]:
    return [(mail.to_email, mail.send_after) for mail in mails(kind)]


def test_plan_a_meeting_on_the_first_working_morning_from_day_eight(in_northwind: Cast) -> None:
    run(in_northwind, *every_hour(at(22, 17), at(24, 12)))
    assert sent("plan_a_meeting") == [(email, at(23, 9)) for email in BOTH]
    mail = mails("plan_a_meeting")[0]
    assert mail.subject == "Plan this month’s meeting with Henrik Lund"
    assert "this one ends on 14 December" in mail.text
    assert "/s/open/" in mail.text


def test_plan_a_meeting_once_in_every_month(in_northwind: Cast) -> None:
    run(in_northwind, *(at(16, 10) + timedelta(days=day) for day in range(119)))
    assert [moment.date() for email, moment in sent("plan_a_meeting") if email == BOTH[0]] == [
        date(2026, 11, 23),
        date(2026, 12, 22),
        date(2027, 1, 22),
        date(2027, 2, 22),
    ]


@pytest.mark.parametrize("day", [16, 30])
def test_plan_a_meeting_not_for_who_planned_in_the_month(in_northwind: Cast, plan: Plan, day: int) -> None:
    plan(at(day, 15), now=at(15, 12))
    run(in_northwind, at(23, 10), at(24, 10))
    assert sent("plan_a_meeting") == []


def test_plan_a_meeting_after_a_cancellation(in_northwind: Cast, plan: Plan) -> None:
    meeting = plan()
    run(in_northwind, at(23, 10))
    cancel_meeting(meeting=meeting, participant=in_northwind.mentee, now=NOW, by=who(in_northwind.mentee))
    run(in_northwind, at(23, 11), at(23, 12))
    assert sent("plan_a_meeting") == [(email, at(23, 11)) for email in BOTH]


def test_plan_a_meeting_not_for_a_meeting_of_another_month(in_northwind: Cast, plan: Plan) -> None:
    plan(at(15, 10, month=12))
    run(in_northwind, at(23, 10))
    assert len(sent("plan_a_meeting")) == 2


def test_plan_a_meeting_leaves_a_new_pair_its_first_week(in_northwind: Cast) -> None:
    in_northwind.pair.published_at = at(20, 10)
    in_northwind.pair.save()
    run(in_northwind, at(23, 10), at(26, 10))
    assert sent("plan_a_meeting") == []
    run(in_northwind, at(27, 10))
    assert len(sent("plan_a_meeting")) == 2


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("pair", PairStatus.ENDED),
        ("pair", PairStatus.COMPLETED),
        ("cohort", CohortStatus.CLOSED),
        ("mentor", ParticipantStatus.WITHDRAWN),
        ("mentee", ParticipantStatus.DECLINED),
        ("person", PersonStatus.LEFT),
    ],
)
def test_nothing_where_nobody_goes_on(in_northwind: Cast, plan: Plan, name: str, status: str) -> None:
    """Neither the one who left nor the partner hears of a meeting that cannot be."""
    plan(at(25, 10))
    plan(at(20, 10), now=at(19, 8))
    row = in_northwind.people["mentee"] if name == "person" else getattr(in_northwind, name)
    row.status = status
    row.save()
    OutgoingMessage.objects.all().delete()
    run(in_northwind, at(23, 10), at(24, 10), at(25, 12), at(26, 10), at(22, 10, month=12))
    assert OutgoingMessage.objects.count() == 0


def test_nothing_without_an_address(in_northwind: Cast, plan: Plan) -> None:
    in_northwind.people["mentor"].email = ""
    in_northwind.people["mentor"].save()
    run(in_northwind, at(23, 10))
    assert [email for email, _moment in sent("plan_a_meeting")] == BOTH[1:]


def test_meeting_tomorrow_in_the_morning_of_the_day_before(in_northwind: Cast, plan: Plan) -> None:
    plan(place="Room 4")
    run(in_northwind, *every_hour(at(24, 16), at(26, 17)))
    assert sent("meeting_tomorrow") == [(email, at(25, 9)) for email in BOTH]
    mail = mails("meeting_tomorrow")[0]
    assert mail.subject == "Tomorrow at 16:00: you meet Henrik Lund"
    assert "Where: Room 4" in mail.text
    assert "Getting to know each other (1 of 2)\n- How each of you came to the work you do now" in mail.text


def test_meeting_on_monday_is_announced_on_friday(in_northwind: Cast, plan: Plan) -> None:
    plan(at(30, 14))
    run(in_northwind, *every_hour(at(26, 16), at(30, 11)))
    assert sent("meeting_tomorrow") == [(email, at(27, 9)) for email in BOTH]
    assert mails("meeting_tomorrow")[0].subject == "Mon 30 November at 14:00: you meet Henrik Lund"


def test_meeting_tomorrow_after_the_scheduler_was_down_for_a_day(in_northwind: Cast, plan: Plan) -> None:
    plan()
    run(in_northwind, at(24, 17), at(26, 8), at(26, 9), at(26, 9, 10))
    assert sent("meeting_tomorrow") == [(email, at(26, 9)) for email in BOTH]
    assert mails("meeting_tomorrow")[0].subject == "Today at 16:00: you meet Henrik Lund"


def test_meeting_before_working_hours_is_still_announced(in_northwind: Cast, plan: Plan) -> None:
    """Down until an hour before a meeting at half past eight: better outside working hours than never."""
    plan(at(26, 8, 30))
    run(in_northwind, at(26, 7, 30), at(26, 7, 40))
    assert sent("meeting_tomorrow") == [(email, at(26, 7, 30)) for email in BOTH]


def test_meeting_that_was_just_planned_is_not_announced_again(in_northwind: Cast, plan: Plan) -> None:
    plan(at(24, 10), now=at(23, 15))
    run(in_northwind, at(23, 15, 10), at(23, 16, 50))
    assert sent("meeting_tomorrow") == []


def test_moved_meeting_is_announced_for_its_new_day(in_northwind: Cast, plan: Plan) -> None:
    meeting = plan()
    run(in_northwind, at(25, 9))
    mentor = in_northwind.mentor
    later = THURSDAY + timedelta(days=5)
    move_meeting(
        meeting=meeting, starts_at=later, minutes=45, participant=mentor, now=at(25, 10), by=who(mentor)
    )
    run(in_northwind, *every_hour(at(25, 10), at(2, 0, month=12)))
    assert [moment for email, moment in sent("meeting_tomorrow") if email == BOTH[0]] == [
        at(25, 9),
        at(30, 9),
    ]


def test_each_is_reminded_in_her_own_morning(in_northwind: Cast, plan: Plan) -> None:
    """Thursday 16:00 in Oslo is midnight in Seoul: for Seoul the meeting is on Friday, the day before is
    Thursday."""
    in_northwind.people["mentor"].time_zone = "Asia/Seoul"
    in_northwind.people["mentor"].save()
    plan()
    run(in_northwind, *every_hour(at(24, 16), at(26, 17)))
    assert sent("meeting_tomorrow") == [
        (BOTH[0], datetime(2026, 11, 26, 0, tzinfo=UTC)),
        (BOTH[1], datetime(2026, 11, 25, 8, tzinfo=UTC)),
    ]


def test_did_you_meet_from_its_end_on(in_northwind: Cast, plan: Plan) -> None:
    plan(at(26, 10))
    run(in_northwind, *every_hour(at(26, 9), at(26, 16)))
    assert sent("did_you_meet") == [(email, at(26, 11)) for email in BOTH]
    text = mails("did_you_meet")[0].text
    assert text.count("/s/meeting/") == 2
    assert "You had planned to meet Henrik Lund on Thursday 26 November 2026 at 10:00." in text


def test_did_you_meet_on_friday_evening_is_asked_on_monday_morning(in_northwind: Cast, plan: Plan) -> None:
    plan(at(27, 17))
    run(in_northwind, *every_hour(at(27, 17), at(30, 12)))
    assert sent("did_you_meet") == [(email, at(30, 9)) for email in BOTH]


@pytest.mark.parametrize("answer", [mark_held, mark_missed, cancel_meeting])
def test_did_you_meet_is_not_asked_once_answered(in_northwind: Cast, plan: Plan, answer: Any) -> None:
    """Friday evening, and the partner says so before Monday: nothing stale waits in the outbox."""
    meeting = plan(at(27, 17))
    run(in_northwind, at(27, 18))
    answer(meeting=meeting, participant=in_northwind.mentor, now=at(27, 19), by=who(in_northwind.mentor))
    run(in_northwind, *every_hour(at(27, 19), at(30, 12)))
    assert sent("did_you_meet") == []


def test_did_you_meet_for_two_weeks(in_northwind: Cast, plan: Plan) -> None:
    plan(at(26, 10))
    run(in_northwind, at(10, 10, 30, month=12))
    assert len(sent("did_you_meet")) == 2


def test_did_you_meet_not_after_two_weeks(in_northwind: Cast, plan: Plan) -> None:
    plan(at(26, 10))
    run(in_northwind, at(10, 11, month=12))
    assert sent("did_you_meet") == []


def test_did_you_meet_after_the_scheduler_was_down_for_a_day(in_northwind: Cast, plan: Plan) -> None:
    plan(at(25, 10))
    run(in_northwind, at(25, 10, 30), at(26, 11), at(26, 11, 10))
    assert sent("did_you_meet") == [(email, at(26, 11)) for email in BOTH]


def test_mornings_follow_the_clocks(in_northwind: Cast, plan: Plan) -> None:
    """Summer time begins in Oslo on 28 March 2027 and never in Lagos: nine o'clock is another moment."""
    in_northwind.cohort.ends_on = date(2027, 6, 15)
    in_northwind.cohort.save()
    plan(datetime(2027, 3, 29, 12, tzinfo=UTC))
    plan(datetime(2027, 3, 30, 12, tzinfo=UTC))
    moments = every_hour(datetime(2027, 3, 25, 20, tzinfo=UTC), datetime(2027, 3, 29, 12, tzinfo=UTC))
    run(in_northwind, *moments)
    assert sent("meeting_tomorrow") == [
        (BOTH[0], datetime(2027, 3, 26, 8, tzinfo=UTC)),
        (BOTH[0], datetime(2027, 3, 29, 8, tzinfo=UTC)),
        (BOTH[1], datetime(2027, 3, 26, 8, tzinfo=UTC)),
        (BOTH[1], datetime(2027, 3, 29, 7, tzinfo=UTC)),
    ]


def more_pairs(cast: Cast, number: int) -> None:
    people = Person.objects.bulk_create(
        Person(employee_id=f"X{index}", email=f"x{index}@northwind.example", time_zone="Europe/Oslo")
        for index in range(2 * number)
    )
    participants = Participant.objects.bulk_create(
        Participant(
            cohort=cast.cohort,
            person=person,
            role=PairRole.MENTOR if index % 2 == 0 else PairRole.MENTEE,
            status=ParticipantStatus.JOINED,
        )
        for index, person in enumerate(people)
    )
    Pair.objects.bulk_create(
        Pair(cohort=cast.cohort, mentor=mentor, mentee=mentee, published_at=cast.pair.published_at)
        for mentor, mentee in zip(participants[::2], participants[1::2], strict=True)
    )


def add_meetings(cast: Cast, number: int, starts_at: datetime) -> None:
    Meeting.objects.bulk_create(
        Meeting(
            pair=pair,
            number=number,
            starts_at=starts_at,
            minutes=45,
            planned_by_id=pair.mentor_id,
            told_at=NOW,
        )
        for pair in Pair.objects.all()
    )


def test_queries_do_not_grow_with_the_pairs(in_northwind: Cast) -> None:
    counts = []
    for more in (2, 17):
        more_pairs_named = Person.objects.count()
        Person.objects.filter(email__startswith="x").update(employee_id=None)
        Person.objects.filter(email__startswith="x").update(email="")
        more_pairs(in_northwind, more)
        OutgoingMessage.objects.all().delete()
        assert Person.objects.count() == more_pairs_named + 2 * more
        with CaptureQueriesContext(connection) as queries:
            run(in_northwind, at(23, 10))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert len(sent("plan_a_meeting")) == 2 + 2 * 17


def test_queries_do_not_grow_with_the_meetings(in_northwind: Cast) -> None:
    more_pairs(in_northwind, 12)
    add_meetings(in_northwind, 1, at(20, 10))
    Meeting.objects.update(status="held")
    counts = []
    for number, day in ((2, 26), (3, 27)):
        Meeting.objects.filter(number=2).delete()
        add_meetings(in_northwind, number, at(day, 10))
        if number == 2:
            Meeting.objects.filter(number=2).exclude(pair=in_northwind.pair).delete()
        with CaptureQueriesContext(connection) as queries:
            run(in_northwind, at(day - 1, 10), at(day, 12))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert len(sent("meeting_tomorrow")) == 2 + 2 * 13
    assert len(sent("did_you_meet")) == 2 + 2 * 13


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_make_each_mail_once() -> None:
    cast = make_cast("northwind", "Northwind")
    with cast.scope():
        more_pairs(cast, 30)
        add_meetings(cast, 1, at(25, 14))
        Meeting.objects.filter(pair=cast.pair).delete()

    def scheduler() -> None:
        with organization_scope(cast.organization):
            plan_reminders(cast.organization, now=at(24, 10))

    at_once(scheduler, scheduler)
    with cast.scope():
        assert len(sent("meeting_tomorrow")) == 60
        assert len(sent("plan_a_meeting")) == 2
        assert OutgoingMessage.objects.count() == 62
