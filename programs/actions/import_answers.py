"""Writing the plan of a response import: people, participants, responses and answers."""

from collections.abc import Callable
from datetime import datetime

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.batches import batches
from mentoring.models import Person
from programs.actions.questionnaires import publish_questionnaire, supersede_questionnaire
from programs.actions.responses import write_answers
from programs.enums import PairRole, ParticipantStatus, ResponseStatus
from programs.models import Cohort, Participant, Questionnaire, Response
from programs.queries.questionnaires import definition_of
from programs.questions import QuestionnaireDefinition
from programs.response_import.columns import FACTS
from programs.response_import.plan import Entry, Plan

BATCH = 500
PERSON_FIELDS = ("first_name", "last_name", *FACTS)
Progress = Callable[[int], None]


def import_answers(
    *,
    cohort: Cohort,
    role: PairRole,
    plan: Plan,
    now: datetime,
    by: Actor,
    progress: Progress = lambda done: None,
) -> None:
    """Write what the plan says, inside the caller's transaction. People come by their answers, so they
    count as joined; what was answered elsewhere is not announced by mail."""
    definition = next_version(plan, by)
    done = 0
    for batch in batches(plan.entries, BATCH):
        people = _people(batch)
        participants = _participants(batch, people, cohort, role, now)
        _responses(batch, participants, definition, now)
        done += len(batch)
        progress(done)
    audit.record("responses.imported", cohort, by=by, role=role.value, **plan.counts())


def next_version(plan: Plan, by: Actor) -> QuestionnaireDefinition:
    """The published questionnaire, with the plan's new choices as its next version. Ids are its own."""
    questionnaire = Questionnaire.objects.select_for_update(no_key=True).get(pk=plan.definition.id)
    if any(plan.added.values()):
        questionnaire = supersede_questionnaire(questionnaire=questionnaire, add_choices=plan.added, by=by)
        publish_questionnaire(questionnaire=questionnaire, by=by)
    return definition_of(questionnaire)


def _people(batch: list[Entry]) -> dict[int, int]:
    """{line: person}. Who is known gets only the facts that the roster lacked."""
    new = [entry for entry in batch if entry.known is None]
    created = Person.objects.bulk_create(
        Person(email=entry.email, **{name: entry.person.get(name) or "" for name in PERSON_FIELDS})
        for entry in new
    )
    filled = [entry for entry in batch if entry.known is not None and entry.facts]
    for entry in filled:
        Person.objects.filter(pk=entry.known.id).update(**entry.facts)  # type: ignore[union-attr]
    ids = {entry.line: person.pk for entry, person in zip(new, created, strict=True)}
    return ids | {entry.line: entry.known.id for entry in batch if entry.known}


def _participants(
    batch: list[Entry], people: dict[int, int], cohort: Cohort, role: PairRole, now: datetime
) -> dict[int, int]:
    """{line: participant}. Who was invited has joined by answering."""
    new = [entry for entry in batch if entry.participant is None]
    created = Participant.objects.bulk_create(
        Participant(
            cohort=cohort,
            person_id=people[entry.line],
            role=role,
            status=ParticipantStatus.JOINED,
            joined_at=now,
            answered_at=now,
        )
        for entry in new
    )
    known = [entry.participant.id for entry in batch if entry.participant]
    Participant.objects.filter(pk__in=known, status=ParticipantStatus.INVITED).update(
        status=ParticipantStatus.JOINED, joined_at=now
    )
    Participant.objects.filter(pk__in=known, answered_at=None).update(answered_at=now)
    ids = {entry.line: participant.pk for entry, participant in zip(new, created, strict=True)}
    return ids | {entry.line: entry.participant.id for entry in batch if entry.participant}


def _responses(
    batch: list[Entry], participants: dict[int, int], definition: QuestionnaireDefinition, now: datetime
) -> None:
    """Submitted responses to this version. Answers given to an older one are carried over underneath."""
    writing = [entry for entry in batch if entry.changes_answers]
    wanted = [participants[entry.line] for entry in writing]
    had = set(
        Response.objects.filter(participant__in=wanted, questionnaire=definition.id).values_list(
            "participant_id", flat=True
        )
    )
    Response.objects.bulk_create(
        (
            Response(
                participant_id=participant,
                questionnaire_id=definition.id,
                status=ResponseStatus.SUBMITTED,
                submitted_at=now,
            )
            for participant in wanted
            if participant not in had
        ),
        ignore_conflicts=True,
    )
    rows = Response.objects.filter(participant__in=wanted, questionnaire=definition.id).order_by("id")
    locked = dict(rows.select_for_update(no_key=True).values_list("participant_id", "id"))
    rows.exclude(status=ResponseStatus.SUBMITTED).update(status=ResponseStatus.SUBMITTED, submitted_at=now)
    answers = {}
    for entry in writing:
        participant = participants[entry.line]
        carried = entry.participant.values if entry.participant and participant not in had else {}
        answers[locked[participant]] = {**carried, **entry.values}
    write_answers(definition, answers)
