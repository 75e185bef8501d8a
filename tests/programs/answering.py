"""What the tests of questionnaires begin with: a small template with every type, and an enrolling cohort."""

from decimal import Decimal
from typing import Any

from programs.actions.questionnaires import create_questionnaires_from_template, publish_questionnaire
from programs.enums import CohortStatus, PairRole, QuestionType
from programs.models import Questionnaire
from programs.queries.questionnaires import published_definition
from programs.questions import ChoiceDefinition, QuestionDefinition, QuestionnaireDefinition
from programs.templates_catalog.base import ChoiceTemplate, ProgramTemplate, QuestionTemplate
from tests.cast import Cast

TOOLS = ("C", "C++", "C#", "Hybrid (some remote, leans heavy to in-person)", "Word; and more")


def _questions(verb: str) -> tuple[QuestionTemplate, ...]:
    from programs.questions import choice_key

    tools = tuple(ChoiceTemplate(choice_key(label), label) for label in TOOLS)
    places = (ChoiceTemplate("remote", "Remote"), ChoiceTemplate("office", "In the office"))
    return (
        QuestionTemplate(
            "tools", QuestionType.SEVERAL_CHOICES, f"Which tools {verb}?", required=True, choices=tools,
            section="Tools", settings={"max_choices": 4},
        ),
        QuestionTemplate("place", QuestionType.SINGLE_CHOICE, "Where do you work?", choices=places),
        QuestionTemplate("mood", QuestionType.SCALE, "How do you feel (0-10)?", settings={"min": 0, "max": 10}),  # noqa: E501
        QuestionTemplate("motto", QuestionType.SHORT_TEXT, "Your motto", settings={"max_length": 20}),
        QuestionTemplate("hope", QuestionType.LONG_TEXT, "What do you hope for?", required=True),
        QuestionTemplate("years", QuestionType.NUMBER, "Years of work", settings={"min": 0, "max": 60}),
    )  # fmt: skip


TEMPLATE = ProgramTemplate(
    key="every_type",
    name="Every type",
    summary="",
    purpose="",
    mentor_title="What you can show",
    mentee_title="What you want to learn",
    mentor_introduction="",
    mentee_introduction="",
    mentor_questions=_questions("can you show"),
    mentee_questions=_questions("would you like to learn"),
    criteria=(),
)

ANSWERS: dict[str, Any] = {
    "tools": ("c-plus-plus", "c-sharp"),
    "place": "remote",
    "mood": 7,
    "motto": "Onward",
    "hope": "To learn\nsomething",
    "years": Decimal("21"),
}


def ready_to_answer(cast: Cast) -> list[Questionnaire]:
    """Both questionnaires published and the cohort enrolling, inside the open scope."""
    made = create_questionnaires_from_template(program=cast.program, template=TEMPLATE, by=cast.by)
    for questionnaire in made:
        publish_questionnaire(questionnaire=questionnaire, by=cast.by)
    cast.cohort.status = CohortStatus.ENROLLING
    cast.cohort.published_at = None
    cast.cohort.save()
    cast.mentor.cohort = cast.mentee.cohort = cast.cohort
    return made


def definition(cast: Cast, role: str = PairRole.MENTOR) -> QuestionnaireDefinition:
    found = published_definition(cast.program, role)
    assert found is not None
    return found


def a_question(kind: QuestionType, *labels: str, **settings: Any) -> QuestionDefinition:
    from programs.questions.definitions import with_choices

    empty: tuple[ChoiceDefinition, ...] = ()
    return with_choices(QuestionDefinition("q", kind, "A question", settings=settings, choices=empty), labels)
