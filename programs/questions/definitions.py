"""A questionnaire as plain values: what forms, imports and matching work with, without the tables."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.text import slugify

from programs.enums import QuestionType

# A single choice is its key, several are a tuple of keys; None is "not answered".
Value = str | int | Decimal | tuple[str, ...] | None

CHOICE_KEY_LENGTH = 80
CHOICE_LABEL_LENGTH = 200


@dataclass(frozen=True)
class ChoiceDefinition:
    key: str
    label: str
    id: int = 0


@dataclass(frozen=True)
class QuestionDefinition:
    """One question as published. `settings` by type: see `programs.templates_catalog.base`."""

    key: str
    type: QuestionType
    label: str
    help: str = ""
    required: bool = False
    sensitive: bool = False
    section: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[ChoiceDefinition, ...] = ()
    id: int = 0

    @cached_property
    def labels(self) -> dict[str, str]:
        return {choice.key: choice.label for choice in self.choices}

    @cached_property
    def choice_ids(self) -> dict[str, int]:
        return {choice.key: choice.id for choice in self.choices}

    @cached_property
    def keys_by_label(self) -> dict[str, str]:
        """Choice keys by the way a label is compared."""
        return {folded_label(choice.label): choice.key for choice in self.choices}


@dataclass(frozen=True)
class QuestionnaireDefinition:
    id: int
    audience: str
    version: int
    title: str
    introduction: str
    questions: tuple[QuestionDefinition, ...]

    @cached_property
    def by_key(self) -> dict[str, QuestionDefinition]:
        return {question.key: question for question in self.questions}

    @cached_property
    def sections(self) -> list[tuple[str, list[QuestionDefinition]]]:
        """Questions under their headings, in the order in which the headings first appear."""
        found: dict[str, list[QuestionDefinition]] = {}
        for question in self.questions:
            found.setdefault(question.section, []).append(question)
        return list(found.items())


def folded_label(label: str) -> str:
    """How labels of choices are compared: without case and spacing. Signs count: C, C++ and C# are three."""
    return " ".join(unicodedata.normalize("NFKC", label).casefold().split())


def choice_key(label: str) -> str:
    """A label's key, the same wherever the label appears: mirrored questions are compared by these.

    The signs that tell C, C++ and C# apart are spelled out; what leaves nothing to spell gets a digest.
    """
    spelled = label.replace("+", " plus").replace("#", " sharp").replace(".", " dot ")
    key = slugify(spelled)
    if key and len(key) <= CHOICE_KEY_LENGTH:
        return key
    return f"{key[:70]}-{digest(label)}".strip("-")


def digest(label: str) -> str:
    return hashlib.sha256(folded_label(label).encode()).hexdigest()[:8]


def with_choices(question: QuestionDefinition, labels: Sequence[str]) -> QuestionDefinition:
    """The question with further choices at its end. Keys come from labels, so that the other side's
    question, given the same label, gets the same key."""
    choices = {choice.key: choice for choice in question.choices}
    known = set(question.keys_by_label)
    for label in labels:
        if folded_label(label) in known:
            continue
        known.add(folded_label(label))
        key = choice_key(label)
        if key in choices:
            key = f"{key[:70]}-{digest(label)}"
        choices[key] = ChoiceDefinition(key, label[:CHOICE_LABEL_LENGTH])
    return replace(question, choices=tuple(choices.values()))
