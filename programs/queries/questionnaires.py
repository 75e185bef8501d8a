"""Questionnaires with their questions, always in three queries however long they are."""

from django.db.models import QuerySet

from programs.enums import PairRole, QuestionnaireStatus, QuestionType
from programs.models import Choice, Program, Question, Questionnaire
from programs.questions import ChoiceDefinition, QuestionDefinition, QuestionnaireDefinition


def published_questionnaire(program: Program, audience: str) -> Questionnaire | None:
    return Questionnaire.objects.filter(
        program=program, audience=audience, status=QuestionnaireStatus.PUBLISHED
    ).first()


def shown_questionnaire(program: Program, audience: str) -> Questionnaire | None:
    """What a champion looks at: the published version, else the newest draft."""
    return (
        published_questionnaire(program, audience)
        or Questionnaire.objects.filter(program=program, audience=audience).order_by("-version").first()
    )


def versions_of(program: Program, audience: str) -> QuerySet[Questionnaire]:
    return Questionnaire.objects.filter(program=program, audience=audience).order_by("version")


def definition_of(questionnaire: Questionnaire) -> QuestionnaireDefinition:
    """The questionnaire as plain values."""
    choices: dict[int, list[ChoiceDefinition]] = {}
    rows = Choice.objects.filter(question__questionnaire=questionnaire).order_by("position", "id")
    for pk, question_id, key, label in rows.values_list("id", "question_id", "key", "label"):
        choices.setdefault(question_id, []).append(ChoiceDefinition(key, label, pk))
    questions = Question.objects.filter(questionnaire=questionnaire).order_by("position", "id")
    return QuestionnaireDefinition(
        id=questionnaire.pk,
        audience=questionnaire.audience,
        version=questionnaire.version,
        title=questionnaire.title,
        introduction=questionnaire.introduction,
        questions=tuple(_question(question, choices.get(question.pk, [])) for question in questions),
    )


def _question(question: Question, choices: list[ChoiceDefinition]) -> QuestionDefinition:
    return QuestionDefinition(
        key=question.key,
        type=QuestionType(question.type),
        label=question.label,
        help=question.help,
        required=question.required,
        sensitive=question.sensitive,
        section=question.section,
        settings=question.settings,
        choices=tuple(choices),
        id=question.pk,
    )


def published_definition(program: Program, audience: str) -> QuestionnaireDefinition | None:
    questionnaire = published_questionnaire(program, audience)
    return definition_of(questionnaire) if questionnaire else None


def mirrored_labels(program: Program, audience: str) -> dict[str, str]:
    """{question key: how the other side's questionnaire words it}, for files that mix the two up."""
    other = PairRole(audience).other
    rows = Question.objects.filter(
        questionnaire__program=program,
        questionnaire__audience=other,
        questionnaire__status=QuestionnaireStatus.PUBLISHED,
    )
    return dict(rows.values_list("key", "label"))
