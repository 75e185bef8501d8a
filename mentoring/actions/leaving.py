"""Leaving the organization, and coming back: one door, whoever says it (an import, a page, the calendar).

What ends with a person is said by each app for its own part (`registries.leavings`).
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from mentoring import registries
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.batches import batches
from mentoring.enums import PersonStatus
from mentoring.models import Membership, Person
from mentoring.rules import today_in

BATCH = 2000


@transaction.atomic
def mark_left(*, person: Person, now: datetime, by: Actor) -> Person:
    """Somebody has left: status and day, and everything that hung on her in this organization ends.
    A second time it changes nothing."""
    found = Person.objects.select_for_update(no_key=True).select_related("organization").get(pk=person.pk)
    if found.status != PersonStatus.LEFT:
        found.status = PersonStatus.LEFT
        today = today_in(found.organization.time_zone, now)
        if found.left_on is None or found.left_on > today:
            found.left_on = today
        found.save(update_fields=["status", "left_on", "updated_at"])
        audit.record("person.left", found, by=by)
        mark_people_left([found.pk], now=now, by=by)
    return found


def mark_people_left(people: Iterable[int], *, now: datetime, by: Actor) -> None:
    """What ends with people whom the caller, in this transaction, has written as left."""
    for batch in batches(list(people), BATCH):
        for leaving in sorted(registries.leavings, key=lambda leaving: leaving.order):
            leaving.end(batch, by, now)
        _suspend(batch, now)


def _suspend(people: list[int], now: datetime) -> None:
    users = Person.objects.filter(pk__in=people).exclude(user=None).values("user_id")
    Membership.objects.filter(user__in=users, suspended_at=None).update(suspended_at=now)


@transaction.atomic
def bring_back(*, person: Person, now: datetime, by: Actor) -> Person:
    """Somebody is here again: she can sign in and be invited. What ended stays ended."""
    found = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if found.status == PersonStatus.LEFT:
        found.status, found.left_on = PersonStatus.ACTIVE, None
        found.save(update_fields=["status", "left_on", "updated_at"])
        audit.record("person.came_back", found, by=by)
    return found
