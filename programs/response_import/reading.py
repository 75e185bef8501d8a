"""Rows of a form export as drafts: cells cleaned, choices taken apart, every error collected."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from mentoring.exchange.cells import cell_text
from mentoring.exchange.columns import Column, refuse_spreadsheet_error
from mentoring.exchange.refusals import BadValue
from mentoring.exchange.tables import Row, Table
from mentoring.people.draft import Problem, check_number, split_name
from programs.enums import PairRole, QuestionType
from programs.questions import QuestionDefinition, QuestionnaireDefinition, clean, folded_label
from programs.questions.cleaning import as_text, split_labels
from programs.questions.definitions import CHOICE_LABEL_LENGTH
from programs.response_import.columns import PERSON, PERSON_COLUMNS, QUESTION, role_of

SEPARATORS = (";", "|", "\n", ",")
CHOICE_TYPES = (QuestionType.SINGLE_CHOICE, QuestionType.SEVERAL_CHOICES)
SAMPLE_ROWS = 2000
LABELS_AT_MOST = 100
PROGRESS_STEP = 500
Progress = Callable[[int], None]


@dataclass(slots=True)
class Draft:
    """One row. `labels` are the choices named in it, by question key; `values` all that is cleaned."""

    line: int
    email: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Reading:
    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unknown: dict[str, Counter[str]] = field(default_factory=dict)
    separators: dict[str, str] = field(default_factory=dict)

    @property
    def bad_lines(self) -> set[int]:
        return {problem.line for problem in self.problems}

    def is_wrong(self, line: int, column: str) -> bool:
        """Whether this cell has an error already. Errors come row by row: only the last ones matter."""
        for problem in reversed(self.problems):
            if problem.line != line:
                return False
            if problem.column == column:
                return True
        return False


class Reader:
    """Reads the mapped columns of one file for one role."""

    def __init__(
        self, table: Table, mapping: Mapping[str, str], definition: QuestionnaireDefinition, role: PairRole
    ) -> None:
        places = {header: index for index, header in enumerate(table.headers)}
        chosen = [(places[h], h, target) for h, target in mapping.items() if h in places]
        self.table, self.role = table, role
        self.persons = [
            (index, header, PERSON_COLUMNS[target.removeprefix(PERSON)])
            for index, header, target in chosen
            if target.startswith(PERSON)
        ]
        self.questions = [
            (index, header, definition.by_key[target.removeprefix(QUESTION)])
            for index, header, target in chosen
            if target.startswith(QUESTION)
        ]
        self.header_of = {question.key: header for _index, header, question in self.questions}
        self.email_header = next((h for _i, h, column in self.persons if column.key == "email"), "")

    def read(self, progress: Progress | None = None) -> Reading:
        reading = Reading(separators=self._separators())
        for count, row in enumerate(self.table.rows(), start=1):
            reading.drafts.append(self._draft(row, reading))
            if count % PROGRESS_STEP == 0:
                check_number(reading.problems)
                if progress:
                    progress(count)
        reading.problems += self._duplicates(reading.drafts)
        bad = reading.bad_lines
        unknown: dict[str, Counter[str]] = defaultdict(Counter)
        for _index, _header, question in self.questions:
            for draft in reading.drafts:
                if draft.line not in bad:
                    for label in draft.labels.get(question.key, ()):
                        if folded_label(label) not in question.keys_by_label:
                            unknown[question.key][label] += 1
        reading.unknown = dict(unknown)
        return reading

    def _separators(self) -> dict[str, str]:
        several = [(i, q) for i, _h, q in self.questions if q.type == QuestionType.SEVERAL_CHOICES]
        cells: dict[str, list[str]] = {question.key: [] for _i, question in several}
        for count, row in enumerate(self.table.rows()):
            if count >= SAMPLE_ROWS or not several:
                break
            for index, question in several:
                if text := as_text(row.values[index]):
                    cells[question.key].append(text)
        return {
            question.key: guess_separator(cells[question.key], question.keys_by_label)
            for _i, question in several
        }

    def _draft(self, row: Row, reading: Reading) -> Draft:
        draft = Draft(row.line)
        for index, header, column in self.persons:
            self._try(reading, row, index, header, partial(self._person, draft, column))
        for index, header, question in self.questions:
            self._try(reading, row, index, header, partial(self._answer, draft, question, reading))
        if row.complaint:
            reading.problems.append(Problem(row.line, "", "", row.complaint))
        self._identify(draft, reading)
        return draft

    @staticmethod
    def _try(reading: Reading, row: Row, index: int, header: str, read: Callable[[object], Any]) -> None:
        cell = row.values[index]
        try:
            read(cell)
        except BadValue as reason:
            reading.problems.append(Problem(row.line, header, cell_text(cell)[:120], str(reason)))

    @staticmethod
    def _person(draft: Draft, column: Column, cell: object) -> None:
        draft.person[column.key] = column.clean(cell)

    @staticmethod
    def _answer(draft: Draft, question: QuestionDefinition, reading: Reading, cell: object) -> None:
        text = as_text(cell)
        if text.startswith("#"):
            refuse_spreadsheet_error(text)
        if question.type not in CHOICE_TYPES:
            if (value := clean(question, cell)) is not None:
                draft.values[question.key] = value
            return
        several = question.type == QuestionType.SEVERAL_CHOICES
        known = question.keys_by_label
        labels = split_labels(text, reading.separators[question.key], known) if several else [text]
        labels = [" ".join(label.split()) for label in labels if label.strip()]
        if len(labels) > LABELS_AT_MOST:
            raise BadValue(_("names more than %(count)d choices") % {"count": LABELS_AT_MOST})
        for label in labels:
            if len(label) > CHOICE_LABEL_LENGTH:
                raise BadValue(_("is too long for a choice; is this a text question?"))
        if labels:
            draft.labels[question.key] = labels

    def _identify(self, draft: Draft, reading: Reading) -> None:
        """What the columns about the person say together."""
        person = draft.person
        draft.email = person.pop("email", "") or ""
        full = person.pop("full_name", "")
        if full and not person.get("first_name") and not person.get("last_name"):
            person["first_name"], person["last_name"] = split_name(full)
        said = person.pop("role", "")
        if not draft.email and not reading.is_wrong(draft.line, self.email_header):
            reading.problems.append(
                Problem(draft.line, self.email_header, "", _("has no e-mail address"), "identity")
            )
        if said and role_of(said) not in (None, self.role):
            reason = _("is not the role of this import (%(role)s)") % {"role": self.role.label}
            header = next(h for _i, h, column in self.persons if column.key == "role")
            reading.problems.append(Problem(draft.line, header, said, reason, "role"))

    def _duplicates(self, drafts: Iterable[Draft]) -> list[Problem]:
        lines: dict[str, list[int]] = defaultdict(list)
        for draft in drafts:
            if draft.email:
                lines[draft.email].append(draft.line)
        problems = []
        for email, found in lines.items():
            for line in found if len(found) > 1 else ():
                others = ", ".join(str(other) for other in found[:10] if other != line)
                reason = _("is also in row %(rows)s; keep one of them") % {"rows": others}
                problems.append(Problem(line, self.email_header, email, reason, "duplicate"))
        return problems


def guess_separator(cells: list[str], known: Mapping[str, str]) -> str:
    """How this form tool joins several choices: what recognizes most labels, else what appears most."""
    if not cells:
        return SEPARATORS[0]

    def worth(separator: str) -> tuple[float, int]:
        parts = [split_labels(cell, separator, known) for cell in cells]
        pieces = [piece for labels in parts for piece in labels]
        recognized = sum(folded_label(piece) in known for piece in pieces)
        appears = sum(len(labels) > 1 for labels in parts)
        return (recognized / max(len(pieces), 1), appears)

    best = max(SEPARATORS, key=worth)
    if worth(best)[0] > 0.2:
        return best
    return next((s for s in SEPARATORS if any(s in cell for cell in cells)), SEPARATORS[0])
