"""The one table of question types. Adding a type is adding a row here and a value in `QuestionType`."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from django import forms

from programs.enums import QuestionType
from programs.questions import cleaning, widgets
from programs.questions.definitions import QuestionDefinition, Value


class Stored(NamedTuple):
    """An answer as its columns: at most one of them is filled (`programs.models.Answer`)."""

    text: str | None = None
    number: Decimal | None = None
    choices: tuple[str, ...] = ()


class Feature(StrEnum):
    """In which shape matching reads an answer."""

    CHOICES = "choices"
    NUMBER = "number"
    NONE = "none"


@dataclass(frozen=True)
class TypeSpec:
    """What one type can do.

    `clean` turns what was typed, ticked or found in a file into a value or raises `BadValue`; `store` and
    `read` take it to the columns and back; `export` is its text in a file, labels joined by ";".
    """

    clean: Callable[[QuestionDefinition, object], Value]
    store: Callable[[Value], Stored]
    read: Callable[[QuestionDefinition, Stored], Value]
    export: Callable[[QuestionDefinition, Value], str]
    feature: Feature
    widget: Callable[[QuestionDefinition], forms.Widget]
    control: str
    grouped: bool = False


SEPARATOR = ";"


def _label(question: QuestionDefinition, value: Value) -> str:
    return question.labels.get(str(value), "") if value else ""


def _labels(question: QuestionDefinition, value: Value) -> str:
    return SEPARATOR.join(question.labels.get(key, key) for key in value or ())  # type: ignore[union-attr]


def _number(_question: QuestionDefinition, value: Value) -> str:
    return "" if value is None else cleaning.number_text(Decimal(value))  # type: ignore[arg-type]


def _text(_question: QuestionDefinition, value: Value) -> str:
    return str(value or "")


def _store_number(value: Value) -> Stored:
    return Stored(number=None if value is None else Decimal(value))  # type: ignore[arg-type]


def _store_text(value: Value) -> Stored:
    return Stored(text=None if value is None else str(value))


def _in_order(question: QuestionDefinition, stored: Stored) -> Value:
    chosen = set(stored.choices)
    return tuple(choice.key for choice in question.choices if choice.key in chosen) or None


TYPES: dict[QuestionType, TypeSpec] = {
    QuestionType.SINGLE_CHOICE: TypeSpec(
        clean=cleaning.clean_single_choice,
        store=lambda value: Stored(choices=(str(value),) if value else ()),
        read=lambda _question, stored: stored.choices[0] if stored.choices else None,
        export=_label,
        feature=Feature.CHOICES,
        widget=widgets.radios,
        control="choices",
        grouped=True,
    ),
    QuestionType.SEVERAL_CHOICES: TypeSpec(
        clean=cleaning.clean_several_choices,
        store=lambda value: Stored(choices=tuple(value or ())),  # type: ignore[arg-type]
        read=_in_order,
        export=_labels,
        feature=Feature.CHOICES,
        widget=widgets.boxes,
        control="choices",
        grouped=True,
    ),
    QuestionType.SCALE: TypeSpec(
        clean=cleaning.clean_scale,
        store=_store_number,
        read=lambda _question, stored: None if stored.number is None else int(stored.number),
        export=_number,
        feature=Feature.NUMBER,
        widget=widgets.scale,
        control="scale",
        grouped=True,
    ),
    QuestionType.SHORT_TEXT: TypeSpec(
        clean=cleaning.clean_short_text,
        store=_store_text,
        read=lambda _question, stored: stored.text,
        export=_text,
        feature=Feature.NONE,
        widget=widgets.line,
        control="line",
    ),
    QuestionType.LONG_TEXT: TypeSpec(
        clean=cleaning.clean_long_text,
        store=_store_text,
        read=lambda _question, stored: stored.text,
        export=_text,
        feature=Feature.NONE,
        widget=widgets.paragraph,
        control="line",
    ),
    QuestionType.NUMBER: TypeSpec(
        clean=cleaning.clean_number,
        store=_store_number,
        read=lambda _question, stored: stored.number,
        export=_number,
        feature=Feature.NUMBER,
        widget=widgets.number,
        control="line",
    ),
}


def spec_of(question: QuestionDefinition) -> TypeSpec:
    return TYPES[question.type]


def clean(question: QuestionDefinition, raw: object) -> Value:
    return spec_of(question).clean(question, raw)


def export(question: QuestionDefinition, value: Value) -> str:
    return spec_of(question).export(question, value)
