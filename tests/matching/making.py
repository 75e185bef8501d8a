"""Cohorts that can be matched: people with submitted answers, made in bulk."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from matching.actions.runs import start_run
from matching.actions.solve import work_off
from matching.models import MatchRun
from mentoring.jobs import run_job
from mentoring.models import Person
from programs.actions.questionnaires import create_questionnaires_from_template, publish_questionnaire
from programs.actions.responses import write_answers
from programs.enums import CohortStatus, PairRole, ParticipantStatus, ResponseStatus
from programs.models import Cohort, Participant, Program, Questionnaire, Response
from programs.queries.questionnaires import published_definition
from programs.templates_catalog import find_template
from tests.cast import Cast

# The criteria of the template “Goals and interests”, in its order.
CRITERIA = ("learning_goals", "insights", "interests", "unit", "location", "region", "hours", "style")
THEN = datetime(2026, 11, 1, 8, tzinfo=UTC)


@dataclass
class Someone:
    """A participant to be: name, skills shown or wanted, other answers, roster attributes."""

    name: str
    skills: tuple[str, ...] = ()
    answers: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=dict)
    capacity: int = 1
    answered: bool = True


def questionnaires(cast: Cast, program: Program) -> None:
    if Questionnaire.objects.filter(program=program).exists():
        return
    template = find_template(program.template_key)
    assert template
    for one in create_questionnaires_from_template(program=program, template=template, by=cast.by):
        publish_questionnaire(questionnaire=one, by=cast.by)


def make_cohort(
    cast: Cast,
    mentors: list[Someone],
    mentees: list[Someone],
    *,
    name: str = "Spring 2027",
    status: CohortStatus = CohortStatus.MATCHING,
) -> Cohort:
    """Call it inside the cast's scope."""
    questionnaires(cast, cast.program)
    cohort = Cohort.objects.create(
        program=cast.program,
        name=name,
        status=status,
        enroll_from=date(2026, 10, 1),
        enroll_until=date(2026, 12, 31),
        starts_on=date(2027, 1, 15),
        ends_on=date(2027, 7, 15),
    )
    for role, people in ((PairRole.MENTOR, mentors), (PairRole.MENTEE, mentees)):
        add_participants(cohort, role, people)
    return cohort


def add_participants(cohort: Cohort, role: PairRole, people: list[Someone]) -> list[Participant]:
    persons = Person.objects.bulk_create([_person(cohort, someone) for someone in people])
    participants = Participant.objects.bulk_create(
        [
            Participant(
                cohort=cohort,
                person=person,
                role=role,
                status=ParticipantStatus.JOINED,
                capacity=someone.capacity,
                joined_at=THEN,
                answered_at=THEN if someone.answered else None,
            )
            for person, someone in zip(persons, people, strict=True)
        ]
    )
    definition = published_definition(cohort.program, role)
    assert definition
    answering = [pair for pair in zip(participants, people, strict=True) if pair[1].answered]
    responses = Response.objects.bulk_create(
        [
            Response(
                questionnaire_id=definition.id,
                participant=participant,
                status=ResponseStatus.SUBMITTED,
                submitted_at=THEN,
            )
            for participant, _someone in answering
        ]
    )
    write_answers(
        definition,
        {
            response.pk: {
                key: value
                for key, value in {"skills": someone.skills or None, **someone.answers}.items()
                if value is not None
            }
            for response, (_participant, someone) in zip(responses, answering, strict=True)
        },
    )
    return participants


def _person(cohort: Cohort, someone: Someone) -> Person:
    first, _space, last = someone.name.partition(" ")
    address = f"{first}.{last}.{cohort.pk}@{cohort.organization.slug}.example".lower()
    return Person(first_name=first, last_name=last, email=address, **someone.person)


def find(cohort: Cohort, name: str) -> Participant:
    first, _space, last = name.partition(" ")
    return Participant.objects.select_related("person", "cohort").get(
        cohort=cohort, person__first_name=first, person__last_name=last
    )


def solved(cast: Cast, cohort: Cohort, **more: Any) -> MatchRun:
    """A run of the cohort, worked off here and now; `more` goes to `start_run`. Outside of any scope."""
    with cast.scope():
        run = start_run(cohort=cohort, by=cast.by, **more)
    run_job(MatchRun, work_off, cast.organization.pk, run.pk)
    with cast.scope():
        return MatchRun.objects.select_related("cohort__program").get(pk=run.pk)


def paired(run: MatchRun) -> dict[str, str]:
    """Mentor's first name -> mentee's first name."""
    return {
        one.mentor.person.first_name: one.mentee.person.first_name
        for one in run.proposals.select_related("mentor__person", "mentee__person")
    }
