"""A last day that was said beforehand, and what was overlooked: the scheduler's part."""

from datetime import UTC, date, datetime

import pytest

from mentoring.actions.leaving import bring_back, leave_on_the_day, mark_left
from mentoring.actors import Actor
from mentoring.enums import PersonStatus, Role
from mentoring.models import AuditEvent, Membership, Person, User
from mentoring.tasks.leaving import leave_on_the_day_of
from programs.enums import PairStatus
from programs.models import Pair, Participant
from tests.cast import NOW, PASSWORD, Cast
from tests.leaving.conftest import on_roster

LAST_DAY = date(2026, 12, 1)
# Northwind is in Berlin: the day begins there at 23:00 of the day before.
BEFORE = datetime(2026, 11, 30, 22, 59, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
BY = Actor.system("last day")


@pytest.fixture
def planned(northwind: Cast) -> Cast:
    with northwind.scope():
        Person.objects.filter(pk=northwind.people["mentor"].pk).update(left_on=LAST_DAY)
    return northwind


def run(cast: Cast, now: datetime) -> int:
    with cast.scope():
        return leave_on_the_day(organization=cast.organization, now=now, by=BY)


def test_leave_on_the_day_comes_with_midnight_where_the_organization_is(planned: Cast) -> None:
    assert run(planned, BEFORE) == 0
    with planned.scope():
        assert Pair.objects.get().status == PairStatus.ACTIVE
    assert run(planned, MIDNIGHT) == 1
    with planned.scope():
        person = Person.objects.get(pk=planned.people["mentor"].pk)
        assert (person.status, person.left_on) == (PersonStatus.LEFT, LAST_DAY)
        assert Pair.objects.get().status == PairStatus.ENDED
    assert run(planned, MIDNIGHT) == 0
    with planned.scope():
        assert AuditEvent.objects.filter(action="person.left").count() == 1


def test_leave_on_the_day_comes_late_rather_than_never(planned: Cast) -> None:
    assert run(planned, datetime(2027, 2, 1, tzinfo=UTC)) == 1


def test_leave_on_the_day_is_worked_off_by_its_task(planned: Cast) -> None:
    """By the real clock: the day has passed, whatever today is."""
    with planned.scope():
        Person.objects.filter(pk=planned.people["mentor"].pk).update(left_on=date(2020, 2, 29))
    leave_on_the_day_of(planned.organization.pk)
    with planned.scope():
        assert Pair.objects.get().status == PairStatus.ENDED


def test_planned_leaver_who_stays_after_all_does_not_leave(planned: Cast) -> None:
    with planned.scope():
        Person.objects.filter(pk=planned.people["mentor"].pk).update(left_on=None)
    assert run(planned, MIDNIGHT) == 0


def test_marked_left_before_the_planned_day_leaves_today(planned: Cast) -> None:
    with planned.scope():
        person = mark_left(person=planned.people["mentor"], now=NOW, by=planned.by)
        assert person.left_on == NOW.date()
        bring_back(person=person, now=NOW, by=planned.by)
        assert Person.objects.get(pk=person.pk).left_on is None
    assert run(planned, MIDNIGHT) == 0


def test_who_was_invited_at_the_moment_of_leaving_is_found(northwind: Cast) -> None:
    with northwind.scope():
        gone = mark_left(person=northwind.people["spare"], now=NOW, by=northwind.by)
        Participant.objects.create(cohort=northwind.cohort, person=gone, role="mentor", status="invited")
    assert run(northwind, NOW) == 1
    with northwind.scope():
        assert Participant.objects.get(person=gone).status == "withdrawn"
    assert run(northwind, NOW) == 0


def test_member_who_left_before_this_was_known_is_found(northwind: Cast) -> None:
    """As the champion who had been marked as left by an earlier version."""
    person = on_roster(northwind, northwind.champion)
    with northwind.scope():
        Person.objects.filter(pk=person.pk).update(status=PersonStatus.LEFT)
    assert run(northwind, NOW) == 1
    with northwind.scope():
        assert Membership.objects.get(user=northwind.champion).suspended_at == NOW
    assert run(northwind, NOW) == 0


def test_last_in_charge_stays_until_somebody_else_is(northwind: Cast) -> None:
    with northwind.scope():
        mark_left(person=on_roster(northwind, northwind.owner), now=NOW, by=northwind.by)
    assert run(northwind, NOW) == 0
    admin = User.objects.create_user("admin@northwind.example", PASSWORD, name="Ada Admin")
    with northwind.scope():
        Membership.objects.create(user=admin, role=Role.ADMIN, joined_at=NOW)
    assert run(northwind, NOW) == 1
    with northwind.scope():
        assert Membership.objects.get(user=northwind.owner).suspended_at == NOW
