"""Reminders: at most once, none lost, in the recipient's working hours."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentoring.mail.outbox import Recipient
from mentoring.mail.reminders import Reminder, ReminderRule, plan_reminders, working_moment
from mentoring.models import Organization, OutgoingMessage
from mentoring.queries.contacts import mail_context
from tests.cast import Cast

moments = st.datetimes(datetime(2020, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(sorted(available_timezones()))


@given(now=moments, zone=zones)
def test_working_moment_is_in_working_hours_and_never_past(now: datetime, zone: str) -> None:
    moment = working_moment(now, zone)
    local = moment.astimezone(ZoneInfo(zone))
    assert moment >= now
    assert local.weekday() < 5
    assert time(9) <= local.time() < time(17)
    assert moment - now < timedelta(days=4)
    assert working_moment(moment, zone) == moment


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-20T08:00Z", "2026-11-20T08:00Z"),  # Friday 09:00 in Oslo: at once
        ("2026-11-20T15:59Z", "2026-11-20T15:59Z"),
        ("2026-11-20T16:00Z", "2026-11-23T08:00Z"),  # Friday 17:00: Monday morning
        ("2026-11-22T10:00Z", "2026-11-23T08:00Z"),  # Sunday
        ("2026-11-23T05:00Z", "2026-11-23T08:00Z"),  # before work
        ("2026-03-27T17:00Z", "2026-03-30T07:00Z"),  # over the change to summer time
    ],
)
def test_working_moment_in_oslo(now: str, expected: str) -> None:
    assert working_moment(datetime.fromisoformat(now), "Europe/Oslo") == datetime.fromisoformat(expected)


@pytest.fixture
def due(northwind: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Reminder]:
    """A rule whose due reminders are this list."""
    reminders: list[Reminder] = []

    def rule(organization: Organization, now: datetime) -> Iterable[Reminder]:
        return iter(reminders)

    monkeypatch.setattr("mentoring.mail.reminders.reminder_rules", [ReminderRule("test", rule)])
    return reminders


def reminder(cast: Cast, email: str, zone: str, day: int = 1) -> Reminder:
    context = mail_context(cast.organization, url="https://upward.example/", membership=None)
    to = Recipient(email=email, time_zone=zone)
    return Reminder("pair:1", date(2026, 11, day), "invite_member", to, context)


def test_plan_twice_is_one_mail_each(northwind: Cast, due: list[Reminder]) -> None:
    now = datetime(2026, 11, 20, 18, tzinfo=UTC)
    due += [
        reminder(northwind, "a@x.example", "Europe/Oslo"),
        reminder(northwind, "b@x.example", "Asia/Seoul"),
    ]
    with northwind.scope():
        assert plan_reminders(northwind.organization, now=now) == 2
        assert plan_reminders(northwind.organization, now=now + timedelta(minutes=10)) == 0
        times = dict(OutgoingMessage.objects.values_list("to_email", "send_after"))
    assert times == {
        "a@x.example": datetime(2026, 11, 23, 8, tzinfo=UTC),
        "b@x.example": datetime(2026, 11, 23, 0, tzinfo=UTC),
    }


def test_plan_after_a_day_down_loses_nothing(northwind: Cast, due: list[Reminder]) -> None:
    due += [reminder(northwind, "a@x.example", "UTC", day) for day in (16, 17)]
    with northwind.scope():
        assert plan_reminders(northwind.organization, now=datetime(2026, 11, 18, 10, tzinfo=UTC)) == 2


def test_plan_again_renders_nothing(
    northwind: Cast, due: list[Reminder], django_assert_num_queries: object
) -> None:
    due += [reminder(northwind, f"p{number}@x.example", "UTC") for number in range(30)]
    now = datetime(2026, 11, 18, 10, tzinfo=UTC)
    with northwind.scope():
        assert plan_reminders(northwind.organization, now=now) == 30
        with django_assert_num_queries(1):  # type: ignore[operator]
            assert plan_reminders(northwind.organization, now=now) == 0
