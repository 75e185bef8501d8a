"""Answering. Every save is an upsert, so two tabs or a double press leave one answer, the last one."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.rules import NotAllowed
from programs.enums import ResponseStatus
from programs.models import Answer, Participant, Response, SelectedChoice
from programs.queries.questionnaires import published_definition
from programs.queries.responses import latest_response, values_of
from programs.questions import QuestionnaireDefinition, Value, spec_of
from programs.questions.opening import why_answers_are_closed


def save_answers(*, participant: Participant, values: Mapping[str, Value], by: Actor) -> Response:
    """Keep cleaned answers by question key; None takes one back.

    A draft's saves leave no audit row: they are typing. Changes of a submitted response do, without the
    values.
    """
    definition = _open_definition(participant)
    response = open_response(participant=participant, definition=definition, by=by)
    for key, value in values.items():
        if key not in definition.by_key:
            raise NotAllowed(_("This question has changed meanwhile. Reload the page, please."))
        if value is None and definition.by_key[key].required and response.status == ResponseStatus.SUBMITTED:
            raise NotAllowed(_("This question needs an answer."))
    before = values_of(response, definition) if response.status == ResponseStatus.SUBMITTED else {}
    write_answers(definition, {response.pk: values})
    if response.status == ResponseStatus.SUBMITTED:
        changed = sorted(key for key, value in values.items() if before.get(key) != value)
        if changed:
            audit.record("response.changed", response, by=by, questions=changed)
    return response


def submit_response(
    *, participant: Participant, values: Mapping[str, Value], now: datetime, by: Actor
) -> Response:
    """Keep the answers and hand them in. Required questions must be answered, here or earlier."""
    definition = _open_definition(participant)
    response = save_answers(participant=participant, values=values, by=by)
    if missing := missing_questions(definition, values_of(response, definition)):
        raise NotAllowed(
            _("These questions still need an answer: %(labels)s") % {"labels": ", ".join(missing)}
        )
    if response.status != ResponseStatus.SUBMITTED:
        response.status = ResponseStatus.SUBMITTED
        response.submitted_at = now
        response.save(update_fields=["status", "submitted_at"])
        audit.record("response.submitted", response, by=by, version=definition.version)
    if participant.answered_at is None:
        participant.answered_at = now
        participant.save(update_fields=["answered_at"])
    return response


def missing_questions(definition: QuestionnaireDefinition, values: Mapping[str, Value]) -> list[str]:
    """Labels of the required questions without an answer."""
    return [q.label for q in definition.questions if q.required and values.get(q.key) is None]


def _open_definition(participant: Participant) -> QuestionnaireDefinition:
    if reason := why_answers_are_closed(participant):
        raise NotAllowed(reason)
    definition = published_definition(participant.cohort.program, participant.role)
    if definition is None:
        raise NotAllowed(_("The questionnaire is not published yet."))
    return definition


def open_response(*, participant: Participant, definition: QuestionnaireDefinition, by: Actor) -> Response:
    """The participant's response to this version, locked until the transaction ends.

    Begun on an older version, it goes on here with what was answered there: answers are carried over by
    question key, and the old ones stay where they are.
    """
    older = latest_response(participant)
    response, created = Response.objects.get_or_create(
        participant=participant, questionnaire_id=definition.id
    )
    if not created:
        return Response.objects.select_for_update(no_key=True).get(pk=response.pk)
    if older is not None:
        carried = values_of(older, definition)
        write_answers(definition, {response.pk: carried})
        if older.status == ResponseStatus.SUBMITTED and not missing_questions(definition, carried):
            response.status = ResponseStatus.SUBMITTED
            response.submitted_at = older.submitted_at
            response.save(update_fields=["status", "submitted_at"])
    audit.record("response.started", response, by=by, version=definition.version)
    return response


def write_answers(definition: QuestionnaireDefinition, answers: Mapping[int, Mapping[str, Value]]) -> None:
    """Upsert {response: {question key: cleaned value}} in a fixed number of queries."""
    wanted = {
        (response, definition.by_key[key].id): (definition.by_key[key], value)
        for response, values in answers.items()
        for key, value in values.items()
    }
    known = {
        (response, question): pk
        for pk, response, question in Answer.objects.filter(
            response__in=list(answers), question__in={question for _response, question in wanted}
        ).values_list("id", "response_id", "question_id")
        if (response, question) in wanted
    }
    emptied = [known[place] for place, (_q, value) in wanted.items() if value is None and place in known]
    if emptied:
        Answer.objects.filter(pk__in=emptied).delete()
    changed: list[Answer] = []
    new: list[Answer] = []
    for place, (question, value) in wanted.items():
        if value is not None:
            stored = spec_of(question).store(value)
            row = Answer(
                pk=known.get(place),
                response_id=place[0],
                question_id=place[1],
                text=stored.text,
                number=stored.number,
            )
            (changed if row.pk else new).append(row)
    if changed:
        Answer.objects.bulk_update(changed, ["text", "number"], batch_size=1000)
    created = Answer.objects.bulk_create(new, batch_size=5000)
    _write_choices({row.pk: wanted[row.response_id, row.question_id] for row in (*changed, *created)})


def _write_choices(rows: Mapping[int, tuple[object, Value]]) -> None:
    """Make each answer's ticks what its value says: only what differs is written."""
    wanted = {}
    for answer, (question, value) in rows.items():
        for key in spec_of(question).store(value).choices:  # type: ignore[arg-type]
            wanted[answer, question.choice_ids[key]] = True  # type: ignore[attr-defined]
    known = {
        (answer, choice): pk
        for pk, answer, choice in SelectedChoice.objects.filter(answer__in=list(rows)).values_list(
            "id", "answer_id", "choice_id"
        )
    }
    if gone := [pk for tick, pk in known.items() if tick not in wanted]:
        SelectedChoice.objects.filter(pk__in=gone).delete()
    SelectedChoice.objects.bulk_create(
        (
            SelectedChoice(answer_id=answer, choice_id=choice)
            for answer, choice in wanted
            if (answer, choice) not in known
        ),
        batch_size=5000,
    )
