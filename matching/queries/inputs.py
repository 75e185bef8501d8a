"""Everything a run needs, in a number of queries that does not depend on how many people there are."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, QuerySet

from matching.enums import Rule
from matching.models import Exclusion, MatchRun
from matching.rules import OPEN_ATTRIBUTES, Source, parse_source
from mentoring.enums import PersonStatus
from mentoring.models import Person
from programs.enums import PairRole, PairStatus, ParticipantStatus
from programs.models import Choice, Cohort, Pair, Participant, Question
from programs.queries.responses import RoleFeatures, features_of_cohort


@dataclass(frozen=True)
class CriterionInput:
    """A criterion as it was when the run started."""

    key: str
    label: str
    comparator: str
    mentor_source: Source
    mentee_source: Source
    weight: int


@dataclass
class SideInput:
    """One role, by participant id. `person` lists hold one entry per participant, `values` roster
    attributes by name; `features` are the answers as `programs.queries.responses` reads them."""

    ids: list[int] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    seats: list[int] = field(default_factory=list)
    values: dict[str, list[Any]] = field(default_factory=dict)
    features: RoleFeatures = field(default_factory=RoleFeatures)


@dataclass
class Inputs:
    """`sensitive`: question keys whose answers must not be named. `labels`: (question key, choice key) ->
    what it says. `managers`: person -> manager, empty when no rule asks. Pairs are participant ids."""

    criteria: list[CriterionInput]
    rules: list[str]
    mentors: SideInput
    mentees: SideInput
    labels: dict[tuple[str, str], str]
    questions: dict[str, str]
    sensitive: set[str]
    managers: dict[int, int | None]
    excluded: list[tuple[int, int]]
    keep: list[tuple[int, int]]
    never: list[tuple[int, int]]
    paired: list[tuple[int, int]]


def ready(cohort: Cohort) -> QuerySet[Participant]:
    """Who is considered: joined, answered, and still with the organization."""
    return Participant.objects.filter(
        cohort=cohort, status=ParticipantStatus.JOINED, answered_at__isnull=False
    ).exclude(person__status=PersonStatus.LEFT)


def load_inputs(run: MatchRun) -> Inputs:
    """The cohort as it is now, under the settings the run was started with."""
    cohort, settings = run.cohort, run.settings
    criteria = [
        CriterionInput(
            one["key"],
            one["label"],
            one["comparator"],
            parse_source(one["mentor_source"]),
            parse_source(one["mentee_source"]),
            one["weight"],
        )
        for one in settings["criteria"]
        if one["weight"]
    ]
    paired = list(Pair.objects.filter(cohort=cohort).values_list("mentor_id", "mentee_id", "status"))
    active = Counter(pk for *pair, status in paired if status == PairStatus.ACTIVE for pk in pair)
    mentors, mentees = _sides(cohort, criteria, active)
    questions, sensitive = _questions(cohort)
    ruled = settings["rulings"]
    return Inputs(
        criteria=criteria,
        rules=list(settings["rules"]),
        mentors=mentors,
        mentees=mentees,
        labels=_labels(cohort),
        questions=questions,
        sensitive=sensitive,
        managers=_managers() if Rule.REPORTING_LINE in settings["rules"] else {},
        excluded=_excluded() if Rule.EXCLUSION in settings["rules"] else [],
        keep=[(mentor, mentee) for mentor, mentee in ruled["keep"]],
        never=[(mentor, mentee) for mentor, mentee in ruled["never"]],
        paired=[(mentor, mentee) for mentor, mentee, _status in paired],
    )


def _sides(
    cohort: Cohort, criteria: Iterable[CriterionInput], active: Counter[int]
) -> tuple[SideInput, SideInput]:
    """Both roles, by id; a seat that an active pair of an earlier run takes is not there."""
    wanted = {
        source.keys[0]
        for one in criteria
        for source in (one.mentor_source, one.mentee_source)
        if not source.is_question
    }
    attributes = sorted(wanted & OPEN_ATTRIBUTES.keys())
    sides = {role: SideInput(values={name: [] for name in wanted}) for role in PairRole}
    rows = (
        ready(cohort)
        .order_by("id")
        .values_list(
            "id",
            "role",
            "capacity",
            "person_id",
            "person__first_name",
            "person__last_name",
            "person__email",
            "person__attributes",
            *(f"person__{name}" for name in attributes),
        )
    )
    for pk, role, capacity, person, first, last, email, more, *values in rows:
        seats = capacity - active[pk]
        if seats <= 0:
            continue
        side = sides[PairRole(role)]
        side.ids.append(pk)
        side.people.append(person)
        side.names.append(f"{first} {last}".strip() or email)
        side.seats.append(seats)
        found = dict(zip(attributes, values, strict=True))
        for name in wanted:
            side.values[name].append(found[name] if name in found else (more or {}).get(name))
    features = features_of_cohort(cohort)
    for role, side in sides.items():
        side.features = features[role]
    return sides[PairRole.MENTOR], sides[PairRole.MENTEE]


def _questions(cohort: Cohort) -> tuple[dict[str, str], set[str]]:
    rows = list(
        Question.objects.filter(questionnaire__program=cohort.program_id)
        .order_by("questionnaire__version")
        .values_list("key", "label", "sensitive")
    )
    return {key: label for key, label, _s in rows}, {key for key, _label, private in rows if private}


def _labels(cohort: Cohort) -> dict[tuple[str, str], str]:
    rows = (
        Choice.objects.filter(question__questionnaire__program=cohort.program_id)
        .order_by("question__questionnaire__version")
        .values_list("question__key", "key", "label")
    )
    return {(question, key): label for question, key, label in rows}


def _managers() -> dict[int, int | None]:
    return dict(Person.objects.order_by().values_list("id", "manager_id"))


def _excluded() -> list[tuple[int, int]]:
    return list(Exclusion.objects.order_by().values_list(F("person_id"), F("other_id")))
