"""What the criteria of a cohort can compare: attributes of the roster, and what both sides are asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F, Func
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching.enums import Comparator
from matching.models import Criterion
from matching.models.criteria import SOURCE_LENGTH
from matching.rules import OPEN_ATTRIBUTES, RELATIONS, Source, fitting, parse_source
from programs.enums import PairRole, ParticipantStatus, QuestionnaireStatus, QuestionType
from programs.models import Choice, Cohort, Participant, Question

SHAPES = {
    QuestionType.SEVERAL_CHOICES: "choices",
    QuestionType.SINGLE_CHOICE: "category",
    QuestionType.SCALE: "number",
    QuestionType.NUMBER: "number",
}
ATTRIBUTE_SHAPES = {"time_zone": "zone", "level": "level"}
GROUPED_FROM = 3
ROSTER, ASKED, FURTHER = "roster", "asked", "further"


@dataclass(frozen=True)
class Comparable:
    """Something known of both sides. `group`: of the roster, asked of both, or a further roster column.

    `confidential` is counted and never named to participants; `sensitive` was answered in confidence.
    """

    group: str
    shape: str
    label: str
    mentor_source: str
    mentee_source: str
    mentor_text: str
    mentee_text: str
    confidential: bool = False
    sensitive: bool = False

    @property
    def key(self) -> str:
        """What names it in addresses and forms."""
        return join(self.mentor_source, self.mentee_source)

    @property
    def comparators(self) -> tuple[Comparator, ...]:
        return fitting(self.shape, sensitive=self.sensitive)


@dataclass(frozen=True)
class _Asked:
    """A question of the questionnaire that one side answers now."""

    key: str
    label: str
    section: str
    shape: str
    sensitive: bool
    choices: frozenset[str]


def join(mentor_source: str, mentee_source: str) -> str:
    return mentor_source if mentor_source == mentee_source else f"{mentor_source}~{mentee_source}"


def comparables(cohort: Cohort) -> dict[str, Comparable]:
    """Everything a criterion of this cohort can compare, by key. Three queries."""
    mentors, mentees = _questions(cohort)
    found = [*_attributes(), *_groups(mentors, mentees), *_mirrored(mentors, mentees), *_further(cohort)]
    return {one.key: one for one in found}


def share_sources(offered: Iterable[Comparable]) -> list[Comparable]:
    """What a share of pairs can differ in: one value a person, the same source on both sides, nothing
    that was answered in confidence."""
    return [
        one
        for one in offered
        if set(RELATIONS) <= set(one.comparators) and one.mentor_source == one.mentee_source
    ]


def _attributes() -> list[Comparable]:
    return [_attribute(name, capfirst(str(label))) for name, label in OPEN_ATTRIBUTES.items()]


def _attribute(name: str, label: str) -> Comparable:
    source = f"person:{name}"
    text = source_text(parse_source(source), "", {})
    further = name not in OPEN_ATTRIBUTES
    shape = ATTRIBUTE_SHAPES.get(name, "category")
    group = FURTHER if further else ROSTER
    return Comparable(group, shape, label, source, source, text, text, confidential=further)


def _further(cohort: Cohort) -> list[Comparable]:
    """Columns of the roster beyond the standard ones, where somebody of the cohort has a value."""
    names = (
        Participant.objects.filter(cohort=cohort, status=ParticipantStatus.JOINED)
        .order_by()
        .annotate(name=Func(F("person__attributes"), function="jsonb_object_keys"))
        .values_list("name", flat=True)
        .distinct()
    )
    usable = [name for name in names if name not in OPEN_ATTRIBUTES and _is_source_name(name)]
    return [_attribute(name, name) for name in sorted(usable, key=str.casefold)]


def _is_source_name(name: str) -> bool:
    """`+` and `~` join sources."""
    return not set(name) & {"+", "~"} and 0 < len(name) <= SOURCE_LENGTH - len("person:")


def _questions(cohort: Cohort) -> tuple[list[_Asked], list[_Asked]]:
    """Of each side's published questionnaire, else its newest draft, the questions that can be compared."""
    rows = list(
        Question.objects.filter(questionnaire__program=cohort.program_id, type__in=list(SHAPES))
        .order_by("position", "id")
        .values_list(
            "id",
            "questionnaire__audience",
            "questionnaire__status",
            "questionnaire__version",
            "key",
            "label",
            "section",
            "type",
            "sensitive",
        )
    )
    shown: dict[str, tuple[bool, int]] = {}
    for _pk, audience, status, version, *_rest in rows:
        rank = (status == QuestionnaireStatus.PUBLISHED, version)
        shown[audience] = max(shown.get(audience, rank), rank)
    chosen = [row for row in rows if shown[row[1]] == (row[2] == QuestionnaireStatus.PUBLISHED, row[3])]
    choices: dict[int, set[str]] = {}
    for pk, key in Choice.objects.filter(question__in=[row[0] for row in chosen]).values_list(
        "question_id", "key"
    ):
        choices.setdefault(pk, set()).add(key)
    sides: dict[str, list[_Asked]] = {role.value: [] for role in PairRole}
    for pk, audience, _status, _version, key, label, section, kind, sensitive in chosen:
        known = frozenset(choices.get(pk, ()))
        sides[audience].append(_Asked(key, label, section, SHAPES[QuestionType(kind)], sensitive, known))
    return sides[PairRole.MENTOR], sides[PairRole.MENTEE]


def _mirrored(mentors: list[_Asked], mentees: list[_Asked]) -> list[Comparable]:
    """Each question with the other side's question of the same key; where there is none, with those that
    offer at least half of the same choices."""
    by_key = {one.key: one for one in mentees}
    alone = {one.key for one in mentees} - {one.key for one in mentors}
    found = []
    for one in mentors:
        if one.key in by_key:
            partners = [by_key[one.key]]
        else:
            partners = [other for other in mentees if other.key in alone and _alike(one, other)]
        found += [_question(one, other) for other in partners if _shape(one, other)]
    return found


def _alike(one: _Asked, other: _Asked) -> bool:
    shared = len(one.choices & other.choices)
    return shared >= 2 and 2 * shared >= min(len(one.choices), len(other.choices))


def _shape(one: _Asked, other: _Asked) -> str:
    """One choice against several is compared as several; a number only with a number."""
    if one.shape == other.shape:
        return one.shape
    return "choices" if "number" not in (one.shape, other.shape) else ""


def _question(one: _Asked, other: _Asked) -> Comparable:
    sensitive = one.sensitive or other.sensitive
    return Comparable(
        group=ASKED,
        shape=_shape(one, other),
        label=other.label,
        mentor_source=f"question:{one.key}",
        mentee_source=f"question:{other.key}",
        mentor_text=one.label,
        mentee_text=other.label,
        confidential=sensitive,
        sensitive=sensitive,
    )


def _groups(mentors: list[_Asked], mentees: list[_Asked]) -> list[Comparable]:
    """Mirrored questions with several choices that stand under the same heading, as one."""
    by_key = {one.key: one for one in mentees}
    sections: dict[str, list[tuple[_Asked, _Asked]]] = {}
    for one in mentors:
        other = by_key.get(one.key)
        if other and other.section and {one.shape, other.shape} == {"choices"}:
            sections.setdefault(other.section, []).append((one, other))
    found = []
    for section, pairs in sections.items():
        source = "question:" + "+".join(one.key for one, _other in pairs)
        if len(pairs) < GROUPED_FROM or len(source) > SOURCE_LENGTH:
            continue
        sensitive = any(one.sensitive or other.sensitive for one, other in pairs)
        text = _("%(section)s: all %(number)s questions together") % {
            "section": section,
            "number": len(pairs),
        }
        found.append(Comparable(ASKED, "choices", text, source, source, text, text, sensitive, sensitive))
    return found


def comparators_of(criterion: Criterion, offered: Mapping[str, Comparable]) -> tuple[Comparator, ...]:
    """What this criterion's comparison may be changed to; only what it is, where its source is gone."""
    own = Comparator(criterion.comparator)
    found = offered.get(join(criterion.mentor_source, criterion.mentee_source))
    fits = found.comparators if found else ()
    return fits if own in fits else (own, *fits)


def source_text(source: Source, audience: str, labels: dict[tuple[str, str], str]) -> str:
    """A source in words; `labels` by audience and question key, of all versions."""
    if not source.is_question:
        return _("Roster: %(attribute)s") % {"attribute": OPEN_ATTRIBUTES.get(source.keys[0], source.keys[0])}
    first = labels.get((audience, source.keys[0]), source.keys[0])
    if len(source.keys) == 1:
        return first
    more = len(source.keys) - 1
    text = ngettext("%(first)s and %(more)s more question", "%(first)s and %(more)s more questions", more)
    return text % {"first": first, "more": more}
