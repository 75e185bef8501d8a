"""Questions without tables: definitions, the one table of types, cleaners and form fields."""

from programs.questions.definitions import (
    ChoiceDefinition,
    QuestionDefinition,
    QuestionnaireDefinition,
    Value,
    choice_key,
    folded_label,
)
from programs.questions.types import TYPES, Feature, Stored, TypeSpec, clean, export, spec_of

__all__ = [
    "TYPES",
    "ChoiceDefinition",
    "Feature",
    "QuestionDefinition",
    "QuestionnaireDefinition",
    "Stored",
    "TypeSpec",
    "Value",
    "choice_key",
    "clean",
    "export",
    "folded_label",
    "spec_of",
]
