"""What an entry of the template catalogue is made of. Entries are plain data: a program copies the texts when
it is made, so a later change of an entry never changes a program that people already answer in."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from programs.enums import PairRole, QuestionType

Text = str | Promise


@dataclass(frozen=True)
class ChoiceTemplate:
    key: str
    label: Text


@dataclass(frozen=True)
class QuestionTemplate:
    """A question as it will be copied. `key` is what criteria refer to; mirrored questions of the two sides
    that are compared choice by choice use the same choice keys.

    `settings` by type: scale {"min", "max", "low", "high"} with words for both ends, number {"min", "max"},
    texts {"max_length"}, several choices {"max_choices"}.
    """

    key: str
    type: QuestionType
    label: Text
    help: Text = ""
    required: bool = False
    sensitive: bool = False
    section: Text = ""
    settings: dict[str, Any] = field(default_factory=dict)
    choices: tuple[ChoiceTemplate, ...] = ()


@dataclass(frozen=True)
class CriterionTemplate:
    """A weighted criterion of matching (0 to 5). `comparator` is a value of `matching.enums.Comparator`;
    sources are `question:<key>`, several choice questions as one by `question:<key>+<key>`, or
    `person:<attribute>`.

    Let one `covers` weigh 5 and the others 1 at most: what the mentee wants to learn comes first, and
    few pairs are left in which there is nothing to learn (2 % instead of 3 % on real answers).
    """

    key: str
    label: Text
    comparator: str
    mentor_source: str
    mentee_source: str
    weight: int


@dataclass(frozen=True)
class ProgramTemplate:
    """A program a champion starts from. `rules` are values of `matching.enums.Rule`."""

    key: str
    name: Text
    summary: Text
    purpose: Text
    mentor_title: Text
    mentee_title: Text
    mentor_introduction: Text
    mentee_introduction: Text
    mentor_questions: tuple[QuestionTemplate, ...]
    mentee_questions: tuple[QuestionTemplate, ...]
    criteria: tuple[CriterionTemplate, ...]
    rules: tuple[str, ...] = ("reporting_line", "earlier_partner", "exclusion")
    topics: tuple[Text, ...] = ()
    meeting_minutes: int = 45
    meetings_per_month: int = 1
    months: int = 6

    def questions(self, role: PairRole) -> tuple[QuestionTemplate, ...]:
        return self.mentor_questions if role == PairRole.MENTOR else self.mentee_questions

    def title(self, role: PairRole) -> Text:
        return self.mentor_title if role == PairRole.MENTOR else self.mentee_title

    def introduction(self, role: PairRole) -> Text:
        return self.mentor_introduction if role == PairRole.MENTOR else self.mentee_introduction


def choices(**labels: Text) -> tuple[ChoiceTemplate, ...]:
    return tuple(ChoiceTemplate(key, label) for key, label in labels.items())
