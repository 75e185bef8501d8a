"""The form controls of the question types."""

from typing import Any

from django import forms

from programs.questions.cleaning import LONG_TEXT_LENGTH, SHORT_TEXT_LENGTH, scale_ends
from programs.questions.definitions import QuestionDefinition


def radios(question: QuestionDefinition) -> forms.Widget:
    return forms.RadioSelect(choices=_choices(question))


def boxes(question: QuestionDefinition) -> forms.Widget:
    return forms.CheckboxSelectMultiple(choices=_choices(question))


def _choices(question: QuestionDefinition) -> list[tuple[str, str]]:
    return [(choice.key, choice.label) for choice in question.choices]


def scale(question: QuestionDefinition) -> forms.Widget:
    low, high = scale_ends(question)
    return forms.RadioSelect(choices=[(str(step), str(step)) for step in range(low, high + 1)])


def line(question: QuestionDefinition) -> forms.Widget:
    return forms.TextInput(
        {"maxlength": question.settings.get("max_length", SHORT_TEXT_LENGTH), "autocomplete": "off"}
    )


def paragraph(question: QuestionDefinition) -> forms.Widget:
    return forms.Textarea(
        {"rows": 4, "maxlength": question.settings.get("max_length", LONG_TEXT_LENGTH), "autocomplete": "off"}
    )


def number(question: QuestionDefinition) -> forms.Widget:
    limits: dict[str, Any] = {
        name: question.settings[name] for name in ("min", "max") if question.settings.get(name) is not None
    }
    step = question.settings.get("step", 1)
    return forms.NumberInput(
        {**limits, "step": step or "any", "inputmode": "decimal" if step != 1 else "numeric"}
    )
