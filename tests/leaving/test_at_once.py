"""Somebody leaves at the very moment at which others do something with her: one comes before the other."""

from datetime import timedelta
from typing import Any

import pytest

from matching.actions.publish import publish_run
from mentoring.actions.leaving import leave_on_the_day, mark_left
from mentoring.actors import Actor
from mentoring.enums import PersonStatus, Role
from mentoring.models import AuditEvent, Membership, Person, User
from mentoring.rules import NotAllowed
from programs.actions.participants import join_cohort
from programs.enums import CohortStatus, PairRole, PairStatus
from programs.models import Cohort, Pair, Participant
from sessions.actions.meetings import plan_meeting
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from tests.cast import NOW, PASSWORD, Cast
from tests.leaving.conftest import on_roster
from tests.matching.making import Someone, find, make_cohort, solved
from tests.programs.making import add_participant
from tests.sessions.conftest import THURSDAY
from tests.together import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sent_tasks")]
ROUNDS = 2  # each of them begins first


def within(cast: Cast, work: Any) -> Any:
    """A request or task of its own: what it answers, or why it was refused."""

    def run() -> Any:
        try:
            with cast.scope():
                return work()
        except NotAllowed as refusal:
            return str(refusal)

    return run


def leave(cast: Cast, person: Person) -> Any:
    return within(cast, lambda: mark_left(person=person, now=NOW, by=cast.by).status)


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_a_meeting_is_planned(northwind: Cast, attempt: int) -> None:
    def plan() -> str:
        return plan_meeting(
            pair=northwind.pair,
            starts_at=THURSDAY,
            minutes=45,
            participant=northwind.mentee,
            now=NOW,
            by=Actor.of_person(northwind.people["mentee"]),
        ).status

    works = [leave(northwind, northwind.people["mentor"]), within(northwind, plan)]
    at_once(*(works if attempt % 2 else works[::-1]))
    with northwind.scope():
        assert Pair.objects.get().status == PairStatus.ENDED
        assert set(Meeting.objects.values_list("status", flat=True)) <= {MeetingStatus.CANCELLED}


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_she_joins(northwind: Cast, attempt: int) -> None:
    """Joining writes her log-in to the roster's row, leaving her participation: in the same order."""
    with northwind.scope():
        Cohort.objects.update(status=CohortStatus.ENROLLING, enroll_until=NOW.date() + timedelta(days=9))
        spare = northwind.people["spare"]
        invited = add_participant(northwind.cohort, spare, PairRole.MENTOR, status="invited", invited_at=NOW)

    def join() -> str:
        return join_cohort(participant=invited, capacity=1, by=Actor.of_person(spare), now=NOW).status

    works = [leave(northwind, spare), within(northwind, join)]
    at_once(*(works if attempt % 2 else works[::-1]))
    with northwind.scope():
        assert Participant.objects.get(pk=invited.pk).status == "withdrawn"
        assert Person.objects.get(pk=spare.pk).status == PersonStatus.LEFT
        joined = Membership.objects.filter(user__email=spare.email)
        assert [one.suspended_at for one in joined] in ([], [NOW])


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_a_draft_with_her_is_published(northwind: Cast, attempt: int) -> None:
    with northwind.scope():
        cohort = make_cohort(
            northwind,
            [Someone("Ada Mentor"), Someone("Ben Mentor")],
            [Someone("Uma Mentee"), Someone("Vic Mentee")],
        )
    run = solved(northwind, cohort)
    with northwind.scope():
        ben = find(cohort, "Ben Mentor")
    publish = within(northwind, lambda: publish_run(run=run, by=northwind.by, now=NOW))
    works = [leave(northwind, ben.person), publish]
    answers = at_once(*(works if attempt % 2 else works[::-1]))
    published = answers[1 if attempt % 2 else 0]
    with northwind.scope():
        pairs = dict(Pair.objects.filter(cohort=cohort).values_list("mentor__person__first_name", "status"))
        assert Participant.objects.get(pk=ben.pk).status == "withdrawn"
    if published == 2:
        assert pairs == {"Ada": PairStatus.ACTIVE, "Ben": PairStatus.ENDED}
    else:
        assert "Ben Mentor is no longer in this cohort" in published
        assert pairs == {}


def test_two_say_it_and_the_day_comes(northwind: Cast) -> None:
    person = northwind.people["mentor"]
    with northwind.scope():
        Person.objects.filter(pk=person.pk).update(left_on=NOW.date())
    due = within(
        northwind, lambda: leave_on_the_day(organization=northwind.organization, now=NOW, by=northwind.by)
    )
    answers = at_once(leave(northwind, person), leave(northwind, person), due)
    assert answers[:2] == ["left", "left"]
    with northwind.scope():
        assert Pair.objects.get().status == PairStatus.ENDED
        assert AuditEvent.objects.filter(action="pair.ended").count() == 1


def test_the_two_in_charge_leave(northwind: Cast) -> None:
    """Each alone could go; one of them stays a member."""
    admin = User.objects.create_user("admin@northwind.example", PASSWORD, name="Ada Admin")
    with northwind.scope():
        Membership.objects.create(user=admin, role=Role.ADMIN, joined_at=NOW)
    people = [on_roster(northwind, northwind.owner, "E90"), on_roster(northwind, admin, "E91")]
    at_once(*(leave(northwind, person) for person in people))
    with northwind.scope():
        there = Membership.objects.filter(user__in=(northwind.owner, admin), suspended_at=None)
        assert there.count() == 1
