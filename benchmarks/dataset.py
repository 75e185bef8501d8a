"""Invented organizations of any size, written straight into the tables."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from mentoring.actors import Actor
from mentoring.enums import JobStatus, Role
from mentoring.models import AuditEvent, Membership, Organization, Person, User
from mentoring.tenancy.scoping import organization_scope
from outcomes.models import MetricsExport
from programs.actions.programs import create_program
from programs.actions.questionnaires import publish_questionnaire
from programs.enums import (
    CohortStatus,
    PairRole,
    ParticipantStatus,
    QuestionnaireStatus,
    QuestionType,
    ResponseStatus,
)
from programs.models import (
    Answer,
    Cohort,
    Pair,
    Participant,
    Program,
    Question,
    Questionnaire,
    Response,
    SelectedChoice,
)
from programs.templates_catalog import CATALOGUE
from sessions.enums import MeetingStatus
from sessions.models import Meeting

SEED = 20261122
REPORTS = 8
PLACES = (
    ("Oslo", "Norway", "Europe", "Europe/Oslo"),
    ("Lagos", "Nigeria", "Africa", "Africa/Lagos"),
    ("Pune", "India", "Asia", "Asia/Kolkata"),
    ("Austin", "United States", "Americas", "America/Chicago"),
)
FIRST = ("Amara", "Henrik", "Jun", "Noor", "Ana", "Tomasz", "Grace", "Uma", "Zoë", "Viktor")
LAST = ("Osei", "Lund", "Park", "Lopez", "Ruiz", "Fischer", "Kim", "Rao", "Åström", "Ferrari")
BATCH = 2000


@dataclass
class Filled:
    """An organization with a running, a matching and an enrolling cohort."""

    organization: Organization
    champion: User
    program: Program
    running: Cohort
    matching: Cohort
    people: list[Person]
    pairs: list[Pair]
    newcomer: Participant

    @property
    def by(self) -> Actor:
        return Actor.of_user(self.champion)


def fill(slug: str, *, people: int, rows: int, now: datetime, pairs: int, to_match: int) -> Filled:
    """`pairs` in the running cohort, `to_match` mentors and as many mentees in the matching one, and
    `rows` lines in every list that has no size of its own."""
    chance = random.Random(SEED)
    organization = Organization.objects.create(name=slug.title(), slug=slug, time_zone="Europe/Oslo")
    with organization_scope(organization):
        champion, membership = _members(slug, rows, now)
        found = _people(slug, people, chance)
        programs = [_program(number, membership, champion) for number in range(max(1, rows // 10))]
        running = _cohort(programs[0], "Running", CohortStatus.RUNNING, now)
        matching = _cohort(programs[0], "Matching", CohortStatus.MATCHING, now)
        for number in range(rows):
            _cohort(programs[-1], f"Earlier {number + 1}", CohortStatus.CLOSED, now)
        mentors, mentees = _enrol(running, found, pairs, chance, now)
        _enrol(matching, found, to_match, chance, now)
        newcomer = _newcomer(programs[0], found[-1], now)
        made = Pair.objects.bulk_create(
            (
                Pair(
                    cohort=running,
                    mentor=mentor,
                    mentee=mentee,
                    score=chance.randint(40, 99),
                    published_at=now - timedelta(days=80),
                )
                for mentor, mentee in zip(mentors, mentees, strict=True)
            ),
            batch_size=BATCH,
        )
        Meeting.objects.bulk_create(_meetings(made, now), batch_size=BATCH)
        _lists(champion, running, rows)
    return Filled(organization, champion, programs[0], running, matching, found, made, newcomer)


def _members(slug: str, rows: int, now: datetime) -> tuple[User, Membership]:
    users = User.objects.bulk_create(
        User(email=f"user{number}@{slug}.example", name=f"User {number}", password="!")
        for number in range(rows)
    )
    members = Membership.objects.bulk_create(
        Membership(
            user=user,
            name=user.name,
            invited_email=user.email,
            role=Role.PARTICIPANT if number else Role.OWNER,
            joined_at=now,
        )
        for number, user in enumerate(users)
    )
    return users[0], members[0]


def _people(slug: str, number: int, chance: random.Random) -> list[Person]:
    """A tree: everybody but the first has a manager, who has at most eight reports."""
    made: list[Person] = []
    for index in range(number):
        city, country, region, zone = chance.choice(PLACES)
        made.append(
            Person(
                employee_id=f"E{index + 1:06}",
                email=f"person{index + 1}@{slug}.example",
                first_name=chance.choice(FIRST),
                last_name=f"{chance.choice(LAST)} {index + 1}",
                title=f"Specialist {index % 40}",
                level=1 + index % 6,
                unit=f"Unit {index % 30}",
                location=city,
                country=country,
                region=region,
                time_zone=zone,
                hired_on=date(2010 + index % 15, 1 + index % 12, 1),
            )
        )
    Person.objects.bulk_create(made, batch_size=BATCH)
    for index, person in enumerate(made[1:], start=1):
        person.manager = made[(index - 1) // REPORTS]
    Person.objects.bulk_update(made[1:], ["manager"], batch_size=BATCH)
    return made


def _program(number: int, champion: Membership, user: User) -> Program:
    by = Actor.of_user(user)
    program = create_program(
        template=CATALOGUE["goals_and_interests"],
        name=f"Program {number + 1}",
        purpose="Leaders learn how our youngest people work.",
        champion=champion,
        by=by,
    )
    drafts = Questionnaire.objects.filter(program=program, status=QuestionnaireStatus.DRAFT)
    for questionnaire in drafts.order_by("pk"):
        publish_questionnaire(questionnaire=questionnaire, by=by)
    return program


def _cohort(program: Program, name: str, status: CohortStatus, now: datetime) -> Cohort:
    today = now.date()
    return Cohort.objects.create(
        program=program,
        name=name,
        status=status,
        enroll_from=today - timedelta(days=120),
        enroll_until=today + timedelta(days=30 if status == CohortStatus.ENROLLING else -90),
        starts_on=today + timedelta(days=45 if status == CohortStatus.ENROLLING else -75),
        ends_on=today + timedelta(days=105),
        opened_at=now - timedelta(days=120),
        published_at=now - timedelta(days=80) if status == CohortStatus.RUNNING else None,
    )


def _newcomer(program: Program, person: Person, now: datetime) -> Participant:
    """Has joined and answered nothing yet."""
    return Participant.objects.create(
        cohort=_cohort(program, "Enrolling", CohortStatus.ENROLLING, now),
        person=person,
        role=PairRole.MENTEE,
        status=ParticipantStatus.JOINED,
        invited_at=now,
        joined_at=now,
    )


def _enrol(
    cohort: Cohort, people: list[Person], number: int, chance: random.Random, now: datetime
) -> tuple[list[Participant], list[Participant]]:
    if number == 0:
        return [], []
    chosen = chance.sample(people, 2 * number)
    sides = []
    for role, side in ((PairRole.MENTOR, chosen[:number]), (PairRole.MENTEE, chosen[number:])):
        joined = Participant.objects.bulk_create(
            (
                Participant(
                    cohort=cohort,
                    person=person,
                    role=role,
                    status=ParticipantStatus.JOINED,
                    invited_at=now - timedelta(days=110),
                    joined_at=now - timedelta(days=105),
                    answered_at=now - timedelta(days=104),
                )
                for person in side
            ),
            batch_size=BATCH,
        )
        _answer(cohort.program, role, joined, chance, now)
        sides.append(joined)
    return sides[0], sides[1]


def _answer(
    program: Program, role: PairRole, joined: list[Participant], chance: random.Random, now: datetime
) -> None:
    """Everybody answers every question; of several choices, three."""
    questionnaire = Questionnaire.objects.get(
        program=program, audience=role, status=QuestionnaireStatus.PUBLISHED
    )
    questions = list(questionnaire.questions.prefetch_related("choices"))
    responses = Response.objects.bulk_create(
        (
            Response(
                questionnaire=questionnaire,
                participant=participant,
                status=ResponseStatus.SUBMITTED,
                submitted_at=now,
            )
            for participant in joined
        ),
        batch_size=BATCH,
    )
    answers = Answer.objects.bulk_create(
        (
            Answer(response=response, question=question, **_value(question, chance))
            for response in responses
            for question in questions
        ),
        batch_size=BATCH,
    )
    SelectedChoice.objects.bulk_create(_selected(answers, chance), batch_size=BATCH)


def _value(question: Question, chance: random.Random) -> dict[str, Any]:
    if question.type in (QuestionType.SCALE, QuestionType.NUMBER):
        lowest, highest = question.settings.get("min", 0), question.settings.get("max", 10)
        return {"number": chance.randint(int(lowest), int(highest))}
    if question.type in (QuestionType.SHORT_TEXT, QuestionType.LONG_TEXT):
        return {"text": "How do you decide what to try next?"}
    return {}


def _selected(answers: Iterable[Answer], chance: random.Random) -> Iterator[SelectedChoice]:
    for answer in answers:
        choices = list(answer.question.choices.all())
        number = 3 if answer.question.type == QuestionType.SEVERAL_CHOICES else 1
        for choice in chance.sample(choices, min(number, len(choices))):
            yield SelectedChoice(answer=answer, choice=choice)


def _meetings(pairs: list[Pair], now: datetime) -> Iterator[Meeting]:
    """Held in the first two months; in the third nobody has planned one yet."""
    for index, pair in enumerate(pairs):
        for number, days_ago in ((1, 65), (2, 35)):
            yield Meeting(
                pair=pair,
                number=number,
                starts_at=now - timedelta(days=days_ago, minutes=index % 600),
                minutes=45,
                status=MeetingStatus.HELD,
                planned_by=pair.mentor,
                answered_by=pair.mentee,
                answered_at=now - timedelta(days=days_ago - 1),
            )


def _lists(user: User, cohort: Cohort, rows: int) -> None:
    AuditEvent.objects.bulk_create(
        AuditEvent(
            action="program.changed",
            user_id=user.pk,
            by=user.email,
            object_type="programs.program",
            object_id=cohort.program_id,
            object_label="Program 1",
            data={"fields": ["purpose"]},
        )
        for _ in range(rows)
    )
    MetricsExport.objects.bulk_create(
        MetricsExport(cohort=cohort, format="csv", status=JobStatus.DONE, created_by=user)
        for _ in range(rows)
    )
