"""The dry run: what an import of answers would do, and everything that is wrong with the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mentoring.enums import PersonStatus
from mentoring.exchange.refusals import BadValue
from mentoring.exchange.tables import Table
from mentoring.people.draft import Problem, check_number
from mentoring.people.recognizing import are_two_names
from programs.enums import PairRole, ParticipantStatus, QuestionType
from programs.questions import QuestionDefinition, QuestionnaireDefinition, Value, clean, folded_label
from programs.questions.definitions import with_choices
from programs.response_import.columns import FACTS
from programs.response_import.reading import Draft, Progress, Reader, Reading

NEW_CHOICES_AT_MOST = 120


@dataclass(slots=True)
class KnownPerson:
    """Somebody on the roster: `facts` in the order of FACTS; on a break, when they can be invited again."""

    id: int
    name: str
    status: str
    facts: tuple[str, ...]
    rests_until: date | None = None


@dataclass(slots=True)
class KnownParticipant:
    """Somebody in the cohort, with their newest answers as values of the published version."""

    id: int
    role: str
    status: str
    submitted: bool
    values: Mapping[str, Value]


NAMED_AT_MOST = 5


@dataclass
class Entry:
    """One good row: who it is, what the roster learns (`facts`), and the answers that are new or other."""

    line: int
    email: str
    person: dict[str, Any]
    known: KnownPerson | None
    participant: KnownParticipant | None
    facts: dict[str, str]
    values: dict[str, Value]
    replaced: int = 0

    @property
    def changes_answers(self) -> bool:
        return bool(self.values) or self.participant is None or not self.participant.submitted


@dataclass
class Plan:
    definition: QuestionnaireDefinition
    entries: list[Entry] = field(default_factory=list)
    unchanged: int = 0
    rows: int = 0
    answers: int = 0
    errors: list[Problem] = field(default_factory=list)
    refusable: list[Problem] = field(default_factory=list)
    unknown: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    added: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    known_people: int = 0
    known_participants: int = 0

    @property
    def bad_lines(self) -> set[int]:
        return {problem.line for problem in self.errors}

    def counts(self) -> dict[str, Any]:
        entries = self.entries
        return {
            "rows": self.rows,
            "people_new": sum(entry.known is None for entry in entries),
            "people_known": self.known_people,
            "people_filled": sum(bool(entry.facts) for entry in entries),
            "participants_new": sum(entry.participant is None for entry in entries),
            "participants_known": self.known_participants,
            "responses": sum(entry.changes_answers for entry in entries),
            "unchanged": self.unchanged,
            "answers": self.answers,
            "answers_written": sum(len(entry.values) for entry in entries),
            "answers_replaced": sum(entry.replaced for entry in entries),
            "errors": len(self.errors),
            "bad_rows": len(self.bad_lines),
            "unknown_choices": sum(len(found) for found in self.unknown.values()),
            "choice_errors": len(self.refusable),
            "other_errors": sum(problem.kind != "choice" for problem in self.errors),
            "choices_added": sum(len(labels) for labels in self.added.values()),
        }


def plan_responses(
    table: Table,
    mapping: Mapping[str, str],
    definition: QuestionnaireDefinition,
    role: PairRole,
    people: Mapping[str, KnownPerson],
    participants: Mapping[int, KnownParticipant],
    *,
    add_choices: bool,
    progress: Progress | None = None,
) -> Plan:
    """Nothing is changed here. `people` are by lower-case e-mail, `participants` by person.

    Choices that the questionnaire does not know are added, or each is an error at its place; either way
    `refusable` names them. Empty cells say nothing: an import adds and replaces answers but never takes
    one away.
    """
    reader = Reader(table, mapping, definition, role)
    reading = reader.read(progress)
    added = choices_to_add(definition, reading) if add_choices else {}
    extended = with_added(definition, added)
    problems = reading.problems
    refusable = [
        Problem(draft.line, reader.header_of[key], label[:120], unknown_choice(), "choice")
        for draft in reading.drafts
        for key, labels in draft.labels.items()
        if len(reading.unknown.get(key, ())) <= NEW_CHOICES_AT_MOST
        for label in labels
        if folded_label(label) not in definition.by_key[key].keys_by_label
    ]
    for draft in reading.drafts:
        problems += resolve_choices(draft, extended, reading, reader.header_of)
    if not add_choices:
        problems += refusable
    matched = [_recognize(draft, role, people, participants, problems, reader) for draft in reading.drafts]
    plan = Plan(extended, rows=len(reading.drafts), added=added, refusable=refusable)
    check_number(problems)
    plan.errors = sorted(problems, key=lambda problem: (problem.line, problem.column))
    plan.unknown = {
        key: reading.unknown[key].most_common() for key in definition.by_key if key in reading.unknown
    }
    bad = plan.bad_lines
    for draft, (known, participant) in zip(reading.drafts, matched, strict=True):
        if draft.line not in bad:
            _sort_in(plan, draft, known, participant)
    plan.notes = _notes(plan, reader, reading)
    return plan


def choices_to_add(definition: QuestionnaireDefinition, reading: Reading) -> dict[str, list[str]]:
    """Labels by question, most frequent first. A column of free text would add a choice for each row."""
    return {
        key: [label for label, _count in found.most_common()]
        for key, found in reading.unknown.items()
        if len(found) <= NEW_CHOICES_AT_MOST and key in definition.by_key
    }


def with_added(
    definition: QuestionnaireDefinition, added: Mapping[str, list[str]]
) -> QuestionnaireDefinition:
    questions = (with_choices(q, added[q.key]) if added.get(q.key) else q for q in definition.questions)
    return replace(definition, questions=tuple(questions))


def resolve_choices(
    draft: Draft, definition: QuestionnaireDefinition, reading: Reading, header_of: Mapping[str, str]
) -> list[Problem]:
    """Labels become keys. Those of a question with too many unknown ones are errors, one by one."""
    problems = []
    for key, labels in draft.labels.items():
        question = definition.by_key[key]
        known = question.keys_by_label
        found = len(reading.unknown.get(key, ()))
        for label in labels if found > NEW_CHOICES_AT_MOST else ():
            if folded_label(label) not in known:
                problems.append(Problem(draft.line, header_of[key], label[:120], free_text(found)))
        keys = [known[folded_label(label)] for label in labels if folded_label(label) in known]
        try:
            single = question.type == QuestionType.SINGLE_CHOICE
            value = clean(question, (keys[0] if keys else None) if single else keys)
        except BadValue as reason_:
            problems.append(Problem(draft.line, header_of[key], "; ".join(labels)[:120], str(reason_)))
            continue
        if value is not None:
            draft.values[key] = value
    return problems


def unknown_choice() -> str:
    return _("is not among the choices of the question")


def free_text(count: int) -> str:
    return _(
        "is not among the choices; this column has %(count)s different ones, so it is rather a text question"
    ) % {"count": f"{count:,}"}


def _recognize(
    draft: Draft,
    role: PairRole,
    people: Mapping[str, KnownPerson],
    participants: Mapping[int, KnownParticipant],
    problems: list[Problem],
    reader: Reader,
) -> tuple[KnownPerson | None, KnownParticipant | None]:
    known = people.get(draft.email)
    participant = participants.get(known.id) if known else None
    reason = ""
    if known and known.status == PersonStatus.LEFT:
        reason = _("has left the organization, by the roster")
    elif participant and participant.role != role:
        reason = _("takes part in this cohort as a %(role)s already") % {
            "role": PairRole(participant.role).label.lower()
        }
    elif participant and participant.status == ParticipantStatus.DECLINED:
        reason = _("has declined to take part; invite them again first")
    elif participant and participant.status == ParticipantStatus.WITHDRAWN:
        reason = _("has withdrawn from this cohort; invite them again first")
    elif known and known.rests_until and (participant is None or _must_join(participant)):
        day = date_format(known.rests_until, "j F Y")
        reason = _("is on a break until %(day)s, which only they can end") % {"day": day}
    if reason:
        problems.append(Problem(draft.line, reader.email_header, draft.email, reason, "person"))
    return known, participant


def _sort_in(
    plan: Plan, draft: Draft, known: KnownPerson | None, participant: KnownParticipant | None
) -> None:
    plan.known_people += known is not None
    plan.known_participants += participant is not None
    plan.answers += len(draft.values)
    before = participant.values if participant else {}
    values = {key: value for key, value in draft.values.items() if before.get(key) != value}
    facts = {}
    if known:
        blank = {name for name, value in zip(FACTS, known.facts, strict=True) if not value}
        facts = {name: draft.person[name] for name in FACTS if name in blank and draft.person.get(name)}
    entry = Entry(
        draft.line,
        draft.email,
        draft.person,
        known,
        participant,
        facts,
        values,
        replaced=sum(key in before for key in values),
    )
    if entry.facts or entry.changes_answers or participant is None or _must_join(participant):
        plan.entries.append(entry)
    else:
        plan.unchanged += 1


def _must_join(participant: KnownParticipant) -> bool:
    return participant.status == ParticipantStatus.INVITED


def _notes(plan: Plan, reader: Reader, reading: Reading) -> list[str]:
    notes = _name_notes(plan)
    for question in plan.definition.questions:
        if question.required:
            open_rows = sum(
                question.key not in draft.values
                for draft in reading.drafts
                if draft.line not in plan.bad_lines
            )
            if open_rows:
                notes.append(_missing_note(question, open_rows, plan.rows))
    if several := {s for key, s in reading.separators.items() if reader.header_of.get(key)}:
        names = {";": _("semicolon"), "|": _("bar"), "\n": _("line break"), ",": _("comma")}
        used = ", ".join(sorted(names[separator] for separator in several))
        notes.append(_("Several choices in one cell are told apart by: %(names)s.") % {"names": used})
    return notes


def _name_notes(plan: Plan) -> list[str]:
    """Addresses are given to the next one: answers under another name than the roster's are pointed out."""
    others = [
        (entry.line, written, entry.known.name)
        for entry in plan.entries
        if entry.known and are_two_names(written := _written_name(entry), entry.known.name)
    ]
    notes = [
        _(
            "Row %(line)d is filled in by %(written)s, but its address is that of %(name)s on the roster. "
            "The answers go to %(name)s."
        )
        % {"line": line, "written": written, "name": name}
        for line, written, name in others[:NAMED_AT_MOST]
    ]
    if more := len(others) - len(notes):
        text = ngettext("So it is in %(count)s more row.", "So it is in %(count)s more rows.", more)
        notes.append(text % {"count": f"{more:,}"})
    return notes


def _written_name(entry: Entry) -> str:
    return f"{entry.person.get('first_name') or ''} {entry.person.get('last_name') or ''}".strip()


def _missing_note(question: QuestionDefinition, count: int, rows: int) -> str:
    return ngettext(
        '%(count)s of %(rows)s rows has no answer to "%(label)s", which the questionnaire needs.',
        '%(count)s of %(rows)s rows have no answer to "%(label)s", which the questionnaire needs.',
        count,
    ) % {"count": f"{count:,}", "rows": f"{rows:,}", "label": question.label}
