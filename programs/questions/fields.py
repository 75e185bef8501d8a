"""A form field for a question: the same cleaner serves the browser and the import."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mentoring.exchange.refusals import BadValue
from programs.questions.cleaning import number_text
from programs.questions.definitions import QuestionDefinition, Value
from programs.questions.types import spec_of


class AnswerField(forms.Field):
    default_error_messages = {"required": _("This question needs an answer.")}

    def __init__(self, question: QuestionDefinition, *, required: bool = False) -> None:
        self.question = question
        super().__init__(
            required=required,
            label=question.label,
            help_text=question.help,
            widget=spec_of(question).widget(question),
        )

    def clean(self, value: Any) -> Value:
        try:
            cleaned = spec_of(self.question).clean(self.question, value)
        except BadValue as reason:
            raise ValidationError(sentence(str(reason)), code="bad") from None
        if cleaned is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return cleaned

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return list(value)
        return number_text(Decimal(value)) if isinstance(value, int | Decimal) else value


def sentence(reason: str) -> str:
    """ "must be from 0 to 60" as a sentence of its own: reasons stand beside a value in import reports."""
    text = _("Your answer %(reason)s") % {"reason": reason}
    return text if text.endswith(".") else f"{text}."
