"""Programs and cohorts in a given phase, made by the actions themselves."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from mentoring.models import Membership, Person
from programs.actions.cohorts import close_enrolment, create_cohort, open_enrolment
from programs.actions.programs import create_program
from programs.enums import PairRole, ParticipantStatus
from programs.models import Cohort, Participant, Program
from programs.templates_catalog import CATALOGUE
from tests.cast import Cast


def champion_of(cast: Cast) -> Membership:
    return Membership.objects.get(user=cast.champion)


def make_program(cast: Cast, **fields: Any) -> Program:
    return create_program(
        template=CATALOGUE["goals_and_interests"],
        name=fields.pop("name", "Upwards"),
        purpose=fields.pop("purpose", "Leaders learn from those who are closer to what is new."),
        champion=fields.pop("champion", None) or champion_of(cast),
        by=cast.by,
        **fields,
    )


def dates_from(now: datetime) -> dict[str, Any]:
    today = now.date()
    return {
        "enroll_from": today,
        "enroll_until": today + timedelta(days=21),
        "starts_on": today + timedelta(days=28),
        "ends_on": today + timedelta(days=210),
    }


def make_cohort(cast: Cast, *, now: datetime | None = None, program: Program | None = None) -> Cohort:
    now = now or timezone.now()
    return create_cohort(
        program=program or make_program(cast),
        name="Winter",
        dates=dates_from(now),
        meeting_minutes=45,
        by=cast.by,
        now=now,
    )


def make_enrolling(cast: Cast, *, now: datetime | None = None, program: Program | None = None) -> Cohort:
    now = now or timezone.now()
    cohort = make_cohort(cast, now=now, program=program)
    return open_enrolment(cohort=cohort, by=cast.by, now=now)


def add_participant(cohort: Cohort, person: Person, role: PairRole, **fields: Any) -> Participant:
    fields.setdefault("status", ParticipantStatus.JOINED)
    return Participant.objects.create(cohort=cohort, person=person, role=role, **fields)


def make_matching(cast: Cast, *, now: datetime | None = None) -> tuple[Cohort, Participant, Participant]:
    """A cohort in matching with one mentor and one mentee who joined."""
    cohort = make_enrolling(cast, now=now)
    mentor = add_participant(cohort, cast.people["mentor"], PairRole.MENTOR)
    mentee = add_participant(cohort, cast.people["mentee"], PairRole.MENTEE)
    return close_enrolment(cohort=cohort, by=cast.by), mentor, mentee


def people(number: int, *, first: int = 1000, **fields: Any) -> list[Person]:
    return [
        Person.objects.create(
            employee_id=f"N{first + index}",
            email=f"person{first + index}@northwind.example",
            first_name="Person",
            last_name=f"{first + index}",
            **fields,
        )
        for index in range(number)
    ]
