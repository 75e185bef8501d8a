from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mentoring.models import Membership, User
from sessions.actions.meetings import plan_meeting
from sessions.models import Meeting
from tests.cast import Cast


@pytest.fixture
def planned(northwind: Cast, client: Client) -> tuple[Meeting, str]:
    """A meeting in ten days and the page that moves it; `client` is the mentor's browser."""
    now = timezone.now()
    with northwind.scope():
        northwind.run_around(now)
        person = northwind.people["mentor"]
        person.user = User.objects.create_user("amara@example.com", None, name="Amara")
        person.save()
        Membership.objects.create(user=person.user, role="participant", joined_at=now)
        meeting = plan_meeting(
            pair=northwind.pair,
            starts_at=(now + timedelta(days=10)).replace(hour=11, minute=0, second=0, microsecond=0),
            minutes=45,
            participant=northwind.mentor,
            by=northwind.by,
            now=now,
        )
    client.force_login(person.user)
    return meeting, reverse("meeting", args=["northwind", northwind.mentor.pk, northwind.pair.pk, meeting.pk])
