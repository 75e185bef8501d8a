"""Which heading of a form export is which question: guessed from its words, then the champion's choice."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from mentoring.exchange.headings import folded, in_words, spellings, squeezed
from mentoring.exchange.mappings import chosen_twice, not_in_file, without_full_name
from programs.questions import QuestionnaireDefinition
from programs.response_import.columns import (
    PERSON,
    PERSON_COLUMNS,
    QUESTION,
    looks_like_roles,
)

ALIKE = 0.6
# Words that questionnaires are full of say nothing about which question it is.
FILLERS = frozenset(
    [
        "a", "an", "and", "any", "are", "as", "at", "can", "could", "do", "does", "for", "from", "have",
        "how", "i", "in", "is", "it", "like", "me", "my", "of", "on", "or", "please", "somebody", "someone",
        "tell", "that", "the", "their", "them", "this", "to", "us", "want", "we", "what", "when", "where",
        "which", "who", "will", "with", "would", "you", "your",
    ]
)  # fmt: skip


def guess_mapping(
    headers: Sequence[str],
    samples: Mapping[str, Sequence[str]],
    definition: QuestionnaireDefinition,
    mirrored: Mapping[str, str],
) -> dict[str, str]:
    """{heading: "person:<column>" or "question:<key>"}, each target once.

    First questions by their own words, then the columns about the person, then questions as the other
    side's questionnaire words them, and last those that are worded alike.
    """
    mapping: dict[str, str] = {}
    _take(mapping, headers, {_spelled(q.label): QUESTION + q.key for q in definition.questions})
    _take(mapping, headers, _person_names(headers, samples))
    _take(mapping, headers, {_spelled(q.key): QUESTION + q.key for q in definition.questions})
    _take(mapping, headers, {_spelled(label): QUESTION + key for key, label in mirrored.items()})
    _take_alike(mapping, headers, definition)
    mapping = without_full_name(mapping, PERSON)
    return {header: mapping[header] for header in headers if header in mapping}


def _take(mapping: dict[str, str], headers: Sequence[str], targets: Mapping[str, str]) -> None:
    used = set(mapping.values())
    for header in headers:
        target = next((targets[spelling] for spelling in spellings(header) if spelling in targets), None)
        if target and header not in mapping and target not in used:
            mapping[header] = target
            used.add(target)


def _spelled(text: str) -> str:
    return squeezed(in_words(text))


def _person_names(headers: Sequence[str], samples: Mapping[str, Sequence[str]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for header in headers:
        if "role" in spellings(header):
            role = looks_like_roles(samples.get(header, ()))
            names["role"] = PERSON + ("role" if role else "title")
    for key, column in PERSON_COLUMNS.items():
        for name in column.names():
            names.setdefault(name, PERSON + key)
    return names


def _take_alike(mapping: dict[str, str], headers: Sequence[str], definition: QuestionnaireDefinition) -> None:
    """What is left, best likeness first."""
    used = set(mapping.values())
    scored = sorted(
        (
            (likeness(header, question.label), -position, header, QUESTION + question.key)
            for header in headers
            if header not in mapping
            for position, question in enumerate(definition.questions)
            if QUESTION + question.key not in used
        ),
        reverse=True,
    )
    for score, _position, header, target in scored:
        if score >= ALIKE and header not in mapping and target not in mapping.values():
            mapping[header] = target


def likeness(one: str, other: str) -> float:
    """The share of telling words that two headings have in common."""
    first, second = _telling(one), _telling(other)
    return len(first & second) / len(first | second) if first and second else 0.0


def _telling(text: str) -> set[str]:
    return {word for word in folded(text).split() if word not in FILLERS}


def usable(
    mapping: Mapping[str, str], headers: Sequence[str], definition: QuestionnaireDefinition
) -> dict[str, str]:
    """A remembered mapping as far as file and questionnaire still have both ends of it."""
    targets = {QUESTION + key for key in definition.by_key} | {PERSON + key for key in PERSON_COLUMNS}
    return {header: target for header, target in mapping.items() if header in headers and target in targets}


def mapping_problems(
    headers: Sequence[str], mapping: Mapping[str, str], definition: QuestionnaireDefinition
) -> list[str]:
    """What keeps this mapping from being used, in words for the person who chose it."""
    problems = []
    for target in dict.fromkeys(mapping.values()):
        if not _known(target, definition):
            problems.append(_('"%(target)s" is not a question of this questionnaire.') % {"target": target})
        else:
            problems += chosen_twice(mapping, target, target_label(target, definition))
    if PERSON + "email" not in mapping.values():
        problems.append(_("Choose the column with the e-mail addresses: people are told apart by them."))
    if not any(target.startswith(QUESTION) for target in mapping.values()):
        problems.append(_("Choose a question for at least one column."))
    return [*problems, *not_in_file(mapping, headers)]


def _known(target: str, definition: QuestionnaireDefinition) -> bool:
    if target.startswith(PERSON):
        return target.removeprefix(PERSON) in PERSON_COLUMNS
    return target.startswith(QUESTION) and target.removeprefix(QUESTION) in definition.by_key


def target_label(target: str, definition: QuestionnaireDefinition) -> str:
    if target.startswith(PERSON):
        return str(PERSON_COLUMNS[target.removeprefix(PERSON)].label)
    return definition.by_key[target.removeprefix(QUESTION)].label
