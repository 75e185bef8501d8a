"""The named cast: Northwind with an owner, a champion, a mentor and a mentee; and Fabrikam, equally
populated, whose rows must never appear."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from mentoring.actors import Actor
from mentoring.enums import Role
from mentoring.models import Membership, Organization, Person, User
from mentoring.tenancy.scoping import organization_scope
from programs.enums import CohortStatus, PairRole, ParticipantStatus
from programs.models import Cohort, Pair, Participant, Program

PASSWORD = "a long enough password"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@dataclass
class Cast:
    """One organization and its people. `people` is by key: mentor, mentee, manager, ..."""

    organization: Organization
    owner: User
    champion: User
    overseer: User
    people: dict[str, Person]
    program: Program
    cohort: Cohort
    mentor: Participant
    mentee: Participant
    pair: Pair

    @property
    def by(self) -> Actor:
        return Actor.of_user(self.champion)

    def scope(self) -> Any:
        return organization_scope(self.organization)

    def run_around(self, now: datetime) -> None:
        """Move the running cohort's days around `now`, for what looks at the real clock. Inside its scope."""
        today = now.date()
        self.cohort.enroll_from = today - timedelta(days=90)
        self.cohort.enroll_until = today - timedelta(days=60)
        self.cohort.starts_on = today - timedelta(days=40)
        self.cohort.ends_on = today + timedelta(days=140)
        self.cohort.save()
        self.pair.refresh_from_db()


def _user(email: str, name: str) -> User:
    return User.objects.create_user(email, PASSWORD, name=name)


def _member(user: User, role: Role) -> Membership:
    return Membership.objects.create(
        user=user, name=user.name, invited_email=user.email, role=role, joined_at=NOW
    )


def _person(slug: str, number: int, first: str, last: str, **fields: Any) -> Person:
    return Person.objects.create(
        employee_id=f"E{number}",
        email=f"{first}.{last}@{slug}.example".lower(),
        first_name=first,
        last_name=last,
        **fields,
    )


def make_cast(slug: str, name: str) -> Cast:
    owner = _user(f"owner@{slug}.example", f"{name} Owner")
    champion = _user(f"champion@{slug}.example", f"{name} Champion")
    overseer = _user(f"overseer@{slug}.example", f"{name} Overseer")
    organization = Organization.objects.create(
        name=name,
        slug=slug,
        time_zone="Europe/Berlin",
        contact_name=champion.name,
        contact_email=champion.email,
    )
    with organization_scope(organization):
        _member(owner, Role.OWNER)
        championship = _member(champion, Role.CHAMPION)
        _member(overseer, Role.OVERSEER)
        boss = _person(slug, 1, "Grace", "Kim", title="Chief HR Officer", location="Berlin", level=6)
        people = {
            "boss": boss,
            "mentor": _person(
                slug,
                2,
                "Amara",
                "Osei",
                title="Analyst",
                location="Lagos",
                time_zone="Africa/Lagos",
                manager=boss,
            ),
            "mentee": _person(
                slug, 3, "Henrik", "Lund", title="CFO", location="Oslo", time_zone="Europe/Oslo", level=6
            ),
            "spare": _person(
                slug, 4, "Jun", "Park", title="Engineer", location="Seoul", time_zone="Asia/Seoul"
            ),
        }
        program = Program.objects.create(
            name="Digital leadership",
            template_key="goals_and_interests",
            purpose="Leaders learn how our youngest people work.",
            champion=championship,
        )
        cohort = Cohort.objects.create(
            program=program,
            name="Autumn 2026",
            status=CohortStatus.RUNNING,
            enroll_from=date(2026, 8, 1),
            enroll_until=date(2026, 8, 31),
            starts_on=date(2026, 9, 15),
            ends_on=date(2027, 3, 15),
            published_at=datetime(2026, 9, 14, 8, tzinfo=UTC),
        )
        mentor, mentee = (
            Participant.objects.create(
                cohort=cohort,
                person=people[role.value],
                role=role,
                status=ParticipantStatus.JOINED,
                invited_at=datetime(2026, 8, 2, 8, tzinfo=UTC),
                joined_at=datetime(2026, 8, 3, 8, tzinfo=UTC),
            )
            for role in (PairRole.MENTOR, PairRole.MENTEE)
        )
        pair = Pair.objects.create(
            cohort=cohort,
            mentor=mentor,
            mentee=mentee,
            score=88,
            published_at=datetime(2026, 9, 14, 8, tzinfo=UTC),
        )
    return Cast(organization, owner, champion, overseer, people, program, cohort, mentor, mentee, pair)


@pytest.fixture
def northwind(db: None) -> Cast:
    return make_cast("northwind", "Northwind")


@pytest.fixture
def fabrikam(db: None) -> Cast:
    return make_cast("fabrikam", "Fabrikam")


@pytest.fixture
def sign_in() -> Any:
    """`sign_in(user)`: a test client with this user's session."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=user.pk))  # as it is now: its sessions may have ended
        return client

    return signed_in
