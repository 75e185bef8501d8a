"""Answers: one participant's for their page, a cohort's for the import, and everybody's for matching."""

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from programs.enums import PairRole, ParticipantStatus, QuestionType, ResponseStatus
from programs.models import Answer, Choice, Cohort, Participant, Question, Response, SelectedChoice
from programs.questions import TYPES, Feature, QuestionnaireDefinition, Stored, Value

TICKS_AT_ONCE = 5000


def latest_response(participant: Participant) -> Response | None:
    """The response to the newest version this participant began."""
    return (
        Response.objects.filter(participant=participant)
        .select_related("questionnaire")
        .order_by("-questionnaire__version")
        .first()
    )


def stored_answers(responses: Iterable[int]) -> dict[int, dict[str, Stored]]:
    """{response: {question key: what its columns hold}}, in two queries for up to 5,000 answers."""
    found: dict[int, dict[str, Stored]] = defaultdict(dict)
    rows = list(
        Answer.objects.filter(response__in=list(responses)).values_list(
            "id", "response_id", "question__key", "text", "number"
        )
    )
    ticks = defaultdict(list)
    for start in range(0, len(rows), TICKS_AT_ONCE):
        ids = [row[0] for row in rows[start : start + TICKS_AT_ONCE]]
        chosen = SelectedChoice.objects.filter(answer__in=ids).values_list("answer_id", "choice__key")
        for answer_id, key in chosen:
            ticks[answer_id].append(key)
    for pk, response_id, key, text, number in rows:
        found[response_id][key] = Stored(text, number, tuple(ticks.get(pk, ())))
    return found


def read_values(definition: QuestionnaireDefinition, stored: dict[str, Stored]) -> dict[str, Value]:
    """Stored answers of any version as values of this one: by key, and only what it still knows."""
    values: dict[str, Value] = {}
    for question in definition.questions:
        if question.key in stored:
            known = stored[question.key]
            kept = tuple(key for key in known.choices if key in question.labels)
            value = TYPES[question.type].read(question, known._replace(choices=kept))
            if value is not None:
                values[question.key] = value
    return values


def values_of(response: Response | None, definition: QuestionnaireDefinition) -> dict[str, Value]:
    """A response's answers by question key; empty answers are left out."""
    if response is None:
        return {}
    return read_values(definition, stored_answers([response.pk]).get(response.pk, {}))


def latest_response_ids(participants: Iterable[int]) -> dict[int, tuple[int, int]]:
    """{participant: (response, questionnaire)} of the newest version each has begun."""
    rows = Response.objects.filter(participant__in=list(participants)).order_by("questionnaire__version")
    return {
        participant_id: (pk, questionnaire_id)
        for pk, participant_id, questionnaire_id in rows.values_list(
            "id", "participant_id", "questionnaire_id"
        )
    }


@dataclass
class RoleFeatures:
    """What matching reads of one role: joined participants and, by question key, who answered what.

    `choices` holds lists of choice keys (one key for a single choice), `numbers` floats. Who did not
    answer a question is absent from it, and who submitted nothing is absent from all.
    """

    participant_ids: list[int] = field(default_factory=list)
    choices: dict[str, dict[int, list[str]]] = field(default_factory=dict)
    numbers: dict[str, dict[int, float]] = field(default_factory=dict)


def features_of_cohort(
    cohort: Cohort, participants: Collection[int] | None = None
) -> dict[PairRole, RoleFeatures]:
    """Every joined participant's submitted answers, the newest version's, compared by question key; with
    `participants`, only theirs.

    Six queries whatever the size, and no model instances: 10,000 participants are some megabytes.
    """
    features = {role: RoleFeatures() for role in PairRole}
    joined = Participant.objects.filter(cohort=cohort, status=ParticipantStatus.JOINED).order_by("id")
    if participants is not None:
        joined = joined.filter(pk__in=participants)
    for pk, role in joined.values_list("id", "role"):
        features[PairRole(role)].participant_ids.append(pk)
    responses = _submitted_responses(cohort, participants)
    questions = _questions_of(cohort)
    choice_keys = dict(
        Choice.objects.filter(question__questionnaire__program=cohort.program_id).values_list("id", "key")
    )
    # No joins: right after an import PostgreSQL has no statistics, and guesses joins that take minutes.
    lists: dict[int, list[str]] = {}
    answers = Answer.objects.filter(question__in=list(questions))
    if participants is not None:
        answers = answers.filter(response__in=list(responses))
    rows = answers.values_list("id", "response_id", "question_id", "number")
    for pk, response_id, question_id, number in rows.iterator(chunk_size=5000):
        if response_id not in responses:
            continue
        participant_id, role = responses[response_id]
        key, kind = questions[question_id]
        if kind is Feature.CHOICES:
            lists[pk] = features[role].choices.setdefault(key, {}).setdefault(participant_id, [])
        elif number is not None:
            features[role].numbers.setdefault(key, {})[participant_id] = float(number)
    ticks = SelectedChoice.objects.filter(choice__in=list(choice_keys))
    if participants is not None:
        ticks = ticks.filter(answer__in=list(lists))
    for answer_id, choice_id in ticks.values_list("answer_id", "choice_id").iterator(chunk_size=5000):
        if answer_id in lists:
            lists[answer_id].append(choice_keys[choice_id])
    for chosen in lists.values():
        chosen.sort()
    return features


def _submitted_responses(
    cohort: Cohort, participants: Collection[int] | None
) -> dict[int, tuple[int, PairRole]]:
    """The newest submitted response of each joined participant."""
    found = Response.objects.filter(
        participant__cohort=cohort,
        participant__status=ParticipantStatus.JOINED,
        status=ResponseStatus.SUBMITTED,
    )
    if participants is not None:
        found = found.filter(participant__in=participants)
    rows = found.order_by("questionnaire__version").values_list("id", "participant_id", "participant__role")
    newest = {participant_id: (pk, PairRole(role)) for pk, participant_id, role in rows}
    return {pk: (participant_id, role) for participant_id, (pk, role) in newest.items()}


def _questions_of(cohort: Cohort) -> dict[int, tuple[str, Feature]]:
    rows = Question.objects.filter(questionnaire__program=cohort.program_id)
    kinds = {
        pk: (sys.intern(key), TYPES[QuestionType(kind)].feature)
        for pk, key, kind in rows.values_list("id", "key", "type")
    }
    return {pk: (key, feature) for pk, (key, feature) in kinds.items() if feature is not Feature.NONE}
