"""Leaving the organization, and coming back: one door, whoever says it (an import, a page, the calendar).

What ends with a person is said by each app for its own part (`registries.leavings`). It ends before the
roster says so: rows of programs are locked before rows of people, as everywhere else, so that somebody who
joins at this moment comes before or after, and nothing can deadlock. The organization's row is held: one
leaving or import at a time.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from mentoring import registries
from mentoring.actions import audit
from mentoring.actions.suspending import last_in_charge
from mentoring.actors import Actor
from mentoring.batches import batches
from mentoring.enums import PersonStatus, Role
from mentoring.models import Organization, Person
from mentoring.queries.leaving import memberships_of_people, people_due_to_leave
from mentoring.queries.locks import lock_organization
from mentoring.rules import today_in

BATCH = 500


class Endings(NamedTuple):
    """What a leaving would end, in words; `kept`: who stays a member all the same, as the last in charge."""

    words: list[str]
    kept: list[str]


@transaction.atomic
def mark_left(*, person: Person, now: datetime, by: Actor) -> Person:
    """Somebody has left: status and day, and everything that hung on them in this organization ends.
    A second time it changes nothing."""
    organization = lock_organization()
    leaver = Person.objects.get(pk=person.pk)
    if leaver.status == PersonStatus.LEFT:
        return leaver
    mark_people_left([leaver.pk], now=now, by=by)
    today = today_in(organization.time_zone, now)
    leaver.status = PersonStatus.LEFT
    leaver.left_on = min(leaver.left_on or today, today)
    leaver.save(update_fields=["status", "left_on", "updated_at"])
    audit.record("person.left", leaver, by=by)
    return leaver


def mark_people_left(people: Iterable[int], *, now: datetime, by: Actor) -> None:
    """End what hangs on people whom the caller is about to write as left, in this transaction and holding
    the organization's row."""
    leavings = _in_order()
    for batch in batches(_concerned(people), BATCH):
        for leaving in leavings:
            leaving.end(batch, by, now)


def what_ends(people: Collection[int], *, now: datetime) -> Endings:
    """The same beforehand: "3 pairs", "2 meetings", "1 program champion"."""
    numbers: Counter[tuple[int, str]] = Counter()
    leavings = _in_order()
    leavers = _concerned(people)
    for batch in batches(leavers, BATCH):
        for place, leaving in enumerate(leavings):
            numbers.update({(place, key): number for key, number in leaving.ends(batch, now).items()})
    words = [
        str(text % {"number": numbers[place, key]})
        for place, leaving in enumerate(leavings)
        for key, text in leaving.words.items()
        if numbers[place, key]
    ]
    return Endings(words, [member.called for member in last_in_charge(memberships_of_people(leavers))])


def leave_on_the_day(*, organization: Organization, now: datetime, by: Actor) -> int:
    """Whose last day, said beforehand, has come in the organization's time zone; and what was overlooked of
    people who left before. Answers how many people it were."""
    today = today_in(organization.time_zone, now)
    if not _due(today):
        return 0
    lock_organization()
    leavers = _due(today)
    mark_people_left(sorted(leavers), now=now, by=by)
    due = list(people_due_to_leave(today).filter(pk__in=leavers))
    Person.objects.filter(pk__in=[person.pk for person in due]).update(
        status=PersonStatus.LEFT, updated_at=now
    )
    for person in due:
        audit.record("person.left", person, by=by)
    return len(leavers)


def _due(today: date) -> set[int]:
    overlooked = {pk for leaving in registries.leavings for pk in leaving.overlooked()}
    return overlooked | set(people_due_to_leave(today).values_list("pk", flat=True))


@transaction.atomic
def bring_back(*, person: Person, now: datetime, by: Actor) -> bool:
    """Somebody is here again: they can sign in, as a participant, and be invited. What ended stays ended.
    Answers whether they had left."""
    lock_organization()
    returner = Person.objects.get(pk=person.pk)
    if returner.status != PersonStatus.LEFT:
        return False
    bring_people_back([returner.pk], now=now, by=by)
    returner.status, returner.left_on = PersonStatus.ACTIVE, None
    returner.save(update_fields=["status", "left_on", "updated_at"])
    audit.record("person.came_back", returner, by=by)
    return True


def bring_people_back(people: Iterable[int], *, now: datetime, by: Actor) -> None:
    """Access is given back to people whom the caller writes as active again; no role but a participant's,
    which whoever is in charge of members raises again."""
    for batch in batches(_concerned(people), BATCH):
        memberships = memberships_of_people(batch).filter(suspended_at__isnull=False).select_related("user")
        for membership in memberships:
            before = membership.role
            membership.role, membership.suspended_at = Role.PARTICIPANT, None
            membership.save(update_fields=["role", "suspended_at"])
            audit.record("member.restored", membership, by=by, before=before, role=membership.role)


def _concerned(people: Iterable[int]) -> list[int]:
    """Nearly nothing hangs on nearly everybody in a big file: asked once, instead of about each batch."""
    everybody = list(people)
    if len(everybody) <= BATCH:
        return everybody
    concerned = {pk for leaving in registries.leavings for pk in leaving.concerned()}
    return [pk for pk in everybody if pk in concerned]


def _in_order() -> list[registries.Leaving]:
    return sorted(registries.leavings, key=lambda leaving: leaving.order)
