"""A questionnaire as a form: one field for each question."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.functional import cached_property

from programs.enums import QuestionType
from programs.questions import QuestionDefinition, QuestionnaireDefinition, Value
from programs.questions.fields import AnswerField
from programs.questions.types import export, spec_of

PREFIX = "q_"
LONG_LIST = 16
SHORT_LABEL = 26


class QuestionnaireForm(forms.Form):
    """`require`: required questions must be answered (when handing in, not while saving)."""

    def __init__(
        self,
        definition: QuestionnaireDefinition,
        data: Any = None,
        *,
        values: Mapping[str, Value] | None = None,
        only: Iterable[str] | None = None,
        require: bool = False,
    ) -> None:
        self.definition = definition
        initial = {PREFIX + key: value for key, value in (values or {}).items()}
        super().__init__(data, initial=initial)
        chosen = set(definition.by_key if only is None else only)
        for question in definition.questions:
            if question.key in chosen:
                self.fields[PREFIX + question.key] = AnswerField(
                    question, required=require and question.required
                )

    @property
    def values(self) -> dict[str, Value]:
        """What is valid among the answers sent, by question key."""
        return {name.removeprefix(PREFIX): value for name, value in self.cleaned_data.items()}

    @cached_property
    def sections(self) -> list[tuple[str, list["ShownQuestion"]]]:
        return [
            (section, [ShownQuestion(self, question) for question in questions])
            for section, questions in self.definition.sections
        ]

    def shown(self, key: str) -> "ShownQuestion":
        return ShownQuestion(self, self.definition.by_key[key])

    @property
    def wrong(self) -> list["ShownQuestion"]:
        """Questions with an error, in order: the list on top of the page links to them."""
        return [shown for _section, questions in self.sections for shown in questions if shown.errors]


class ShownQuestion:
    """A question as the templates show it."""

    def __init__(self, form: QuestionnaireForm, question: QuestionDefinition) -> None:
        self.question = question
        self.name = PREFIX + question.key
        self.field = form[self.name]
        self.errors = self.field.errors
        self.control = spec_of(question).control
        self.several = question.type == QuestionType.SEVERAL_CHOICES

    @property
    def grouped(self) -> bool:
        return spec_of(self.question).grouped

    @property
    def long(self) -> bool:
        return len(self.question.choices) >= LONG_LIST

    @property
    def short_labels(self) -> bool:
        """Short labels stand side by side, so that a page of lists is not a mile long on a phone."""
        return max((len(choice.label) for choice in self.question.choices), default=0) <= SHORT_LABEL

    @cached_property
    def chosen(self) -> set[str]:
        value = self.field.value()
        found = value if isinstance(value, list | tuple) else [value]
        return {str(key) for key in found if key not in (None, "")}

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """(value, label, chosen) of every choice or step of a scale."""
        return [
            (value, label, str(value) in self.chosen)
            for value, label in self.field.field.widget.choices  # type: ignore[attr-defined]
        ]

    @property
    def chosen_labels(self) -> list[str]:
        return [label for _value, label, chosen in self.options if chosen]


def readable_answers(
    definition: QuestionnaireDefinition, values: Mapping[str, Value]
) -> list[tuple[str, list[tuple[QuestionDefinition, str]]]]:
    """Every question with its answer as text, under their headings, for a review."""
    return [
        (section, [(q, readable(q, values.get(q.key))) for q in questions])
        for section, questions in definition.sections
    ]


def readable(question: QuestionDefinition, value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(question.labels[key] for key in value)
    return export(question, value)
