"""Requests and time: how long one waits, the last day, and the sweep that goes by what is."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from matching.models import PairRequest
from matching.rules import request_expires
from mentoring.celery import app
from mentoring.models import OutgoingMessage
from mentoring.rules import NotAllowed
from programs.actions.pairs import end_pair
from programs.enums import CohortStatus, ParticipantStatus
from programs.models import Cohort, Participant
from tests.cast import Cast
from tests.matching.asking import (
    AFTER,
    BY,
    LAST_DAY,
    MONDAY,
    accept,
    ask,
    choosing,
    request_of,
    requests_of,
    someone,
    sweep,
    told,
)
from tests.matching.making import Someone


def test_three_working_days_and_never_after_the_last_day() -> None:
    zone = "Europe/Berlin"
    assert request_expires(MONDAY, LAST_DAY, zone) == datetime(2027, 1, 7, 23, tzinfo=UTC)  # end of Thursday
    thursday = MONDAY + timedelta(days=3)
    assert request_expires(thursday, LAST_DAY, zone) == datetime(2027, 1, 12, 23, tzinfo=UTC)  # Tuesday
    saturday = MONDAY + timedelta(days=5)
    assert request_expires(saturday, LAST_DAY, zone) == datetime(2027, 1, 13, 23, tzinfo=UTC)  # Wednesday
    assert request_expires(MONDAY, date(2027, 1, 5), zone) == datetime(2027, 1, 5, 23, tzinfo=UTC)
    late = datetime(2027, 1, 4, 23, 30, tzinfo=UTC)  # Tuesday already, in Berlin
    assert request_expires(late, LAST_DAY, zone) == datetime(2027, 1, 8, 23, tzinfo=UTC)
    assert request_expires(late, LAST_DAY, "America/New_York") == datetime(2027, 1, 8, 5, tzinfo=UTC)


def test_last_day_is_one_of_the_organization(scene: Cohort) -> None:
    """23:30 UTC on the last day is the day after in Berlin, where Northwind is."""
    before, after = datetime(2027, 1, 15, 22, 30, tzinfo=UTC), datetime(2027, 1, 15, 23, 30, tzinfo=UTC)
    ask(scene, "Uma", "Ben", now=before)
    ask(scene, "Vic", "Ada", now=after)
    assert requests_of(scene) == {"Uma > Ben": "open"}
    with pytest.raises(NotAllowed, match="time to answer"):
        accept(scene, "Uma", "Ben", now=after)


def test_sweep_expires_and_asks_the_next(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben", "Ada")
    expires_at = request_of(scene, "Uma", "Ben").expires_at
    assert sweep(scene, expires_at - timedelta(minutes=1)) == 0
    assert sweep(scene, expires_at + timedelta(hours=30)) == 2
    assert requests_of(scene) == {"Uma > Ben": "expired", "Uma > Ada": "open"}
    assert sweep(scene, expires_at + timedelta(hours=30)) == 0


def test_sweep_after_the_last_day_ends_everything(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben", "Ada", now=datetime(2027, 1, 14, 9, tzinfo=UTC))
    sweep(scene, AFTER)
    assert requests_of(scene) == {"Uma > Ben": "expired"}
    mail = OutgoingMessage.objects.get(kind="pair_request_ended")
    assert "time for choosing is over" in mail.text
    assert mail.send_after == datetime(2027, 1, 18, 8, tzinfo=UTC)  # Monday, nine o'clock in Berlin


def test_sweep_after_the_last_day_was_moved_forward_ends_everything(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben")
    Cohort.objects.filter(pk=scene.pk).update(choose_until=date(2027, 1, 4))
    assert sweep(scene, datetime(2027, 1, 4, 22, 59, tzinfo=UTC)) == 0
    assert sweep(scene, datetime(2027, 1, 4, 23, 0, tzinfo=UTC)) == 1


def test_sweep_finds_who_stepped_back_left_or_has_fewer_seats(northwind: Cast) -> None:
    with northwind.scope():
        cohort = choosing(
            northwind,
            "Ada Ben Cem Dan",
            [*(Someone(f"{name} Mentee", capacity=2) for name in ("Uma", "Vic"))],
        )
        ask(cohort, "Uma", "Ada", "Ben", "Cem")
        ask(cohort, "Vic", "Dan", "Cem")
        Participant.objects.filter(pk=someone(cohort, "Ada").pk).update(status=ParticipantStatus.DECLINED)
        Participant.objects.filter(pk=someone(cohort, "Vic").pk).update(capacity=1)
        sweep(cohort)
        assert requests_of(cohort) == {
            "Uma > Ada": "gone",
            "Uma > Ben": "open",
            "Uma > Cem": "open",
            "Vic > Dan": "open",
            "Vic > Cem": "gone",
        }


def test_sweep_goes_on_after_a_pair_ended(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben", "Ada")
    pair = accept(scene, "Uma", "Ben")
    assert sweep(scene) == 0
    end_pair(pair=pair, reason="", by=BY, now=MONDAY)
    sweep(scene)
    assert requests_of(scene) == {"Uma > Ben": "accepted", "Uma > Ada": "open"}


def test_sweep_pauses_while_enrolment_is_open_again(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben", "Ada")
    Cohort.objects.filter(pk=scene.pk).update(status=CohortStatus.ENROLLING)
    assert sweep(scene) == 0
    with pytest.raises(NotAllowed, match="time to answer"):
        accept(scene, "Uma", "Ben")
    sweep(scene, request_of(scene, "Uma", "Ben").expires_at)
    assert requests_of(scene) == {"Uma > Ben": "expired"}
    Cohort.objects.filter(pk=scene.pk).update(status=CohortStatus.MATCHING)
    sweep(scene, MONDAY + timedelta(days=7))
    assert requests_of(scene) == {"Uma > Ben": "expired", "Uma > Ada": "open"}


def test_sweep_after_publishing_tells_nobody(scene: Cohort) -> None:
    ask(scene, "Uma", "Ben")
    Cohort.objects.filter(pk=scene.pk).update(status=CohortStatus.RUNNING)
    sweep(scene)
    assert requests_of(scene) == {"Uma > Ben": "expired"}
    assert told(scene) == [("pair_request", "Ben")]


def test_sweep_asks_no_more_with_more_people(northwind: Cast) -> None:
    """Nothing to do: the same few questions for three people and for thirty, with open requests and unasked
    picks."""
    counts = []
    for number in (3, 30):
        with northwind.scope():
            mentors = [Someone(f"M{n} Mentor") for n in range(number)]
            mentees = [Someone(f"E{n} Mentee") for n in range(number)]
            cohort = choosing(northwind, mentors, mentees, name=f"Choosing {number}")
            for n in range(number):
                ask(cohort, f"E{n}", f"M{n}", f"M{(n + 1) % number}")
            with CaptureQueriesContext(connection) as queries:
                assert sweep(cohort) == 0
            counts.append(len(queries))
    assert counts[0] == counts[1] < 12


def test_scheduler_sweeps_every_organization(northwind: Cast, fabrikam: Cast, run_tasks: Any) -> None:
    """Late, and twice: each request ends once, and the next one is asked."""
    cohorts = {}
    until = timezone.now().date() + timedelta(days=9)
    for cast in (northwind, fabrikam):
        with cast.scope():
            cohorts[cast.organization.slug] = cohort = choosing(cast, "Ada Ben", "Uma", choose_until=until)
            ask(cohort, "Uma", "Ben", "Ada", now=timezone.now())
            PairRequest.objects.filter(cohort=cohort).update(expires_at=timezone.now() - timedelta(days=2))
    for _twice in range(2):
        run_tasks(app.tasks["matching.sweep_requests_everywhere"])
    for cast in (northwind, fabrikam):
        with cast.scope():
            cohort = cohorts[cast.organization.slug]
            assert requests_of(cohort) == {"Uma > Ben": "expired", "Uma > Ada": "open"}
            assert told(cohort) == [
                ("pair_request", "Ben"),
                ("pair_request", "Ada"),
                ("pair_request_ended", "Uma"),
            ]
