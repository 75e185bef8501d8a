"""Northwind's pair, and what tests do with it: Amara Osei mentors from Lagos, Henrik Lund learns in Oslo."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from mentoring.actors import Actor
from mentoring.models import OutgoingMessage
from programs.models import Participant
from sessions.actions.meetings import plan_meeting
from sessions.models import Meeting
from tests.cast import NOW, Cast

THURSDAY = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)  # 16:00 in Oslo and in Lagos


@pytest.fixture
def in_northwind(northwind: Cast) -> Iterator[Cast]:
    """Inside Northwind's scope for the whole test."""
    with northwind.scope():
        yield northwind


@pytest.fixture
def plan(northwind: Cast) -> Callable[..., Meeting]:
    """`plan(starts_at, ...)`: a meeting of Northwind's pair, planned by its mentor. Needs the scope."""

    def planned(starts_at: datetime = THURSDAY, **changes: Any) -> Meeting:
        settings: dict[str, Any] = {
            "pair": northwind.pair,
            "minutes": 45,
            "place": "",
            "participant": northwind.mentor,
            "now": NOW,
        }
        settings |= changes
        by = Actor.of_person(settings["participant"].person)
        return plan_meeting(starts_at=starts_at, by=by, **settings)

    return planned


def mails(kind: str, **filters: Any) -> list[OutgoingMessage]:
    return list(OutgoingMessage.objects.filter(kind=kind, **filters).order_by("to_email", "pk"))


def who(participant: Participant) -> Actor:
    return Actor.of_person(participant.person)
