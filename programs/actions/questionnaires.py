"""Making and publishing questionnaires. A published version never changes: a change is the next version."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.rules import NotAllowed
from programs.enums import PairRole, QuestionnaireStatus, QuestionType
from programs.models import Choice, Program, Question, Questionnaire
from programs.queries.questionnaires import definition_of
from programs.questions import QuestionDefinition
from programs.questions.definitions import ChoiceDefinition, with_choices
from programs.templates_catalog.base import ProgramTemplate, QuestionTemplate


def create_questionnaires_from_template(
    *, program: Program, template: ProgramTemplate, by: Actor
) -> list[Questionnaire]:
    """A draft questionnaire for each role, its texts copied in the language now active."""
    made = []
    for role in PairRole:
        if Questionnaire.objects.filter(program=program, audience=role).exists():
            raise NotAllowed(_("This program already has its questionnaires."))
        questionnaire = Questionnaire.objects.create(
            program=program,
            audience=role,
            title=str(template.title(role))[:150],
            introduction=str(template.introduction(role)),
        )
        _write_questions(questionnaire, [_from_template(question) for question in template.questions(role)])
        audit.record(
            "questionnaire.created", questionnaire, by=by, template=template.key, audience=role.value
        )
        made.append(questionnaire)
    return made


def _from_template(question: QuestionTemplate) -> QuestionDefinition:
    return QuestionDefinition(
        key=question.key,
        type=question.type,
        label=str(question.label),
        help=str(question.help),
        required=question.required,
        sensitive=question.sensitive,
        section=str(question.section),
        settings=plain(question.settings),
        choices=tuple(ChoiceDefinition(choice.key, str(choice.label)) for choice in question.choices),
    )


def plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: str(value) if isinstance(value, Promise) else value for key, value in settings.items()}


def _write_questions(questionnaire: Questionnaire, questions: Sequence[QuestionDefinition]) -> None:
    rows = Question.objects.bulk_create(
        Question(
            questionnaire=questionnaire,
            key=question.key,
            type=question.type,
            position=position,
            section=question.section,
            label=question.label,
            help=question.help,
            required=question.required,
            sensitive=question.sensitive,
            settings=dict(question.settings),
        )
        for position, question in enumerate(questions)
    )
    Choice.objects.bulk_create(
        Choice(question=row, key=choice.key, label=choice.label, position=position)
        for row, question in zip(rows, questions, strict=True)
        for position, choice in enumerate(question.choices)
    )


def publish_questionnaire(*, questionnaire: Questionnaire, by: Actor) -> Questionnaire:
    """Freeze a draft and give it to participants; the version published before is superseded, its answers
    stay readable."""
    _hold(questionnaire)
    if questionnaire.status != QuestionnaireStatus.DRAFT:
        raise NotAllowed(_("Only a draft can be published. Make a new version to change it."))
    refuse_unusable(questionnaire)
    others = Questionnaire.objects.filter(
        program_id=questionnaire.program_id,
        audience=questionnaire.audience,
        status=QuestionnaireStatus.PUBLISHED,
    )
    others.update(status=QuestionnaireStatus.SUPERSEDED)
    questionnaire.status = QuestionnaireStatus.PUBLISHED
    questionnaire.published_at = timezone.now()
    questionnaire.save(update_fields=["status", "published_at"])
    audit.record("questionnaire.published", questionnaire, by=by, version=questionnaire.version)
    return questionnaire


def _hold(questionnaire: Questionnaire) -> None:
    """The row as it is now, until the transaction ends: two who publish it at once follow each other."""
    questionnaire.refresh_from_db(from_queryset=Questionnaire.objects.select_for_update(no_key=True))


def refuse_unusable(questionnaire: Questionnaire) -> None:
    """Nobody can answer a choice without choices or a questionnaire without questions."""
    questions = list(questionnaire.questions.prefetch_related("choices"))
    if not questions:
        raise NotAllowed(_("A questionnaire without questions cannot be published."))
    choosing = (QuestionType.SINGLE_CHOICE, QuestionType.SEVERAL_CHOICES)
    for question in questions:
        if question.type in choosing and question.required and not question.choices.all():
            raise NotAllowed(_('"%(label)s" is required but has no choices.') % {"label": question.label})


def supersede_questionnaire(
    *, questionnaire: Questionnaire, add_choices: Mapping[str, Sequence[str]] | None = None, by: Actor
) -> Questionnaire:
    """A draft of the next version: the same questions under the same keys, and perhaps more choices
    (labels by question key)."""
    _hold(questionnaire)
    if questionnaire.status == QuestionnaireStatus.DRAFT:
        raise NotAllowed(_("This version is still a draft: change it instead of making another one."))
    versions = Questionnaire.objects.filter(
        program_id=questionnaire.program_id, audience=questionnaire.audience
    )
    if versions.filter(status=QuestionnaireStatus.DRAFT).exists():
        raise NotAllowed(_("There is already a draft of the next version."))
    copy = Questionnaire.objects.create(
        program_id=questionnaire.program_id,
        audience=questionnaire.audience,
        version=versions.aggregate(last=Max("version"))["last"] + 1,
        title=questionnaire.title,
        introduction=questionnaire.introduction,
    )
    added = {key: list(labels) for key, labels in (add_choices or {}).items() if labels}
    _write_questions(
        copy,
        [
            with_choices(question, added.get(question.key, []))
            for question in definition_of(questionnaire).questions
        ],
    )
    audit.record("questionnaire.superseded", copy, by=by, of_version=questionnaire.version, added=added)
    return copy
