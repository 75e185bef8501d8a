"""Everything a run needs, in a number of queries that does not depend on how many people there are."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from matching.enums import RequestStatus, Rule, RunPurpose
from matching.models import Exclusion, MatchRun, PairRequest, Pick, Proposal
from matching.rules import FORBIDDING, GROUPED, OPEN_ATTRIBUTES, parse_source
from matching.run_settings import CriterionSetting, Options, Rulings, Settings
from mentoring.enums import PersonStatus
from mentoring.models import Person
from programs.enums import PairRole, PairStatus, ParticipantStatus
from programs.models import Choice, Cohort, Pair, Participant, Question
from programs.queries.pairs import paired_elsewhere
from programs.queries.responses import RoleFeatures, features_of_cohort

# Purposes that keep what the champion has seen already, as far as it is possible.
STAYS_NEAR = (RunPurpose.EDIT, RunPurpose.REPAIR)


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
    """`musts`: criteria that forbid. `sensitive`: question keys whose answers must not be named. `labels`:
    (question key, choice key) -> what it says. `managers`: person -> manager, empty when no rule asks, as
    are the couples of persons `excluded` and `earlier` (partners in another cohort).
    Pairs are participant ids, mentor first. `overrides`: kept pair -> hard rules that it may break.
    `picks`: participant -> partners, first choice first; `refused`: pairs in which one said "not for me"
    or "not this time"; `choosing`: whether both count. `waited`: participants who found nobody in an earlier
    cohort. `before`: the pairs to stay near to. `on`: the cohort's first day, for which time zones count."""

    criteria: list[CriterionSetting]
    rules: list[str]
    mentors: SideInput
    mentees: SideInput
    labels: dict[tuple[str, str], str]
    questions: dict[str, str]
    sensitive: set[str]
    managers: dict[int, int | None]
    excluded: list[tuple[int, int]]
    earlier: list[tuple[int, int]]
    keep: list[tuple[int, int]]
    never: list[tuple[int, int]]
    paired: list[tuple[int, int]]
    musts: list[CriterionSetting] = field(default_factory=list)
    overrides: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    picks: dict[int, list[int]] = field(default_factory=dict)
    refused: list[tuple[int, int]] = field(default_factory=list)
    choosing: bool = False
    waited: set[int] = field(default_factory=set)
    before: list[tuple[int, int]] | None = None
    on: date = date.min
    options: Options = field(default_factory=Options)


def ready(cohort: Cohort) -> QuerySet[Participant]:
    """Who is considered: joined, answered, and still with the organization."""
    return Participant.objects.filter(
        cohort=cohort, status=ParticipantStatus.JOINED, answered_at__isnull=False
    ).exclude(person__status=PersonStatus.LEFT)


def load_inputs(
    cohort: Cohort,
    settings: Settings,
    *,
    based_on: MatchRun | None = None,
    participants: Collection[int] | None = None,
    until: datetime | None = None,
) -> Inputs:
    """The cohort as it is now, under the settings a run was started with.

    `based_on` is the run whose pairs stay as far as possible. With `participants` only these are read, and
    nothing that forbids pairs: enough for the reasons of a few pairs, quickly. `until` leaves out what has
    become of pairs after that moment, for a run that was published since.
    """
    paired = _pairs(cohort, until)
    active = Counter(pk for *pair, status in paired if status == PairStatus.ACTIVE for pk in pair)
    mentors, mentees = _sides(cohort, settings, active, participants)
    questions, sensitive = _questions(cohort)
    inputs = Inputs(
        criteria=[one for one in settings.criteria if one.comparator not in FORBIDDING and one.weight],
        musts=[one for one in settings.criteria if one.comparator in FORBIDDING],
        rules=list(settings.rules),
        mentors=mentors,
        mentees=mentees,
        labels=_labels(cohort),
        questions=questions,
        sensitive=sensitive,
        managers={},
        excluded=[],
        earlier=[],
        keep=[],
        never=[],
        paired=_made(paired, settings.rulings),
        on=cohort.starts_on,
        options=settings.options,
    )
    if participants is None:
        _forbidden(inputs, cohort, settings.rulings, until)
        _wished(inputs, cohort, settings, until)
        if based_on:
            rows = Proposal.objects.filter(run=based_on).order_by("id")
            inputs.before = list(rows.values_list("mentor_id", "mentee_id"))
    return inputs


def load_run(run: MatchRun) -> Inputs:
    """The inputs of a run; a run that changes or repairs another stays near to that one's pairs. Of a run
    that is done: as they would be had no pair begun or ended since."""
    near = run.based_on if run.purpose in STAYS_NEAR else None
    return load_inputs(run.cohort, run.settings_then, based_on=near, until=run.finished_at)


def _pairs(cohort: Cohort, until: datetime | None) -> list[tuple[int, int, str]]:
    """(mentor, mentee, status) of the cohort's pairs, without those that were taken back."""
    rows = Pair.objects.filter(cohort=cohort).exclude(status=PairStatus.RETRACTED)
    if until:
        rows = rows.filter(published_at__lte=until)
    return [
        (mentor, mentee, PairStatus.ACTIVE if until and ended and ended > until else status)
        for mentor, mentee, status, ended in rows.values_list("mentor_id", "mentee_id", "status", "ended_at")
    ]


def _made(paired: Iterable[tuple[int, int, str]], rulings: Rulings) -> list[tuple[int, int]]:
    """Pairs that are not made again: those of now, and those of before but for those meant to be."""
    again = {ids for ids, rules in rulings.overrides.items() if "paired_before" in rules}
    return [
        (mentor, mentee)
        for mentor, mentee, status in paired
        if status == PairStatus.ACTIVE or (mentor, mentee) not in again
    ]


def _forbidden(inputs: Inputs, cohort: Cohort, rulings: Rulings, until: datetime | None) -> None:
    if Rule.REPORTING_LINE in inputs.rules:
        inputs.managers = _managers()
    if Rule.EXCLUSION in inputs.rules:
        inputs.excluded = _excluded()
    if Rule.EARLIER_PARTNER in inputs.rules:
        here = Participant.objects.filter(cohort=cohort).values("person")
        couples = paired_elsewhere(cohort, here, until)
        inputs.earlier = sorted((min(two), max(two)) for two in couples)
    inputs.keep, inputs.never = sorted(rulings.keep), sorted(rulings.never)
    inputs.overrides = {ids: list(rules) for ids, rules in rulings.overrides.items()}


def _wished(inputs: Inputs, cohort: Cohort, settings: Settings, until: datetime | None) -> None:
    """What people chose themselves, where that counts, and who has waited."""
    if settings.picks:
        inputs.choosing = True
        mentors, mentees = set(inputs.mentors.ids), set(inputs.mentees.ids)
        rows = Pick.objects.filter(participant__cohort=cohort).order_by("participant_id", "rank")
        for chooser, partner, rank in rows.values_list("participant_id", "partner_id", "rank"):
            pair = (chooser, partner) if chooser in mentors else (partner, chooser)
            if pair[0] not in mentors or pair[1] not in mentees:
                continue
            if rank is None:
                inputs.refused.append(pair)
            else:
                inputs.picks.setdefault(chooser, []).append(partner)
        declined = PairRequest.objects.filter(cohort=cohort, status=RequestStatus.DECLINED)
        for sender, receiver in declined.values_list("sender_id", "receiver_id"):
            pair = (sender, receiver) if sender in mentors else (receiver, sender)
            if pair[0] in mentors and pair[1] in mentees:
                inputs.refused.append(pair)
    if settings.options.priority:
        inputs.waited = set(_waited(cohort, until).values_list("id", flat=True))


def _waited(cohort: Cohort, until: datetime | None) -> QuerySet[Participant]:
    """Who was left without a partner in an earlier cohort of the program and has had none in it since."""
    earlier = Participant.objects.filter(
        cohort__program=cohort.program_id, person=OuterRef("person"), waitlisted_at__isnull=False
    ).exclude(cohort=cohort)
    since = Pair.objects.filter(
        Q(mentor__person=OuterRef("person")) | Q(mentee__person=OuterRef("person")),
        cohort__program=cohort.program_id,
        published_at__gte=OuterRef("waitlisted_at"),
    ).exclude(status=PairStatus.RETRACTED)
    if until:
        since = since.filter(published_at__lte=until)
    return Participant.objects.filter(Exists(earlier.filter(~Exists(since))), cohort=cohort)


def _sides(
    cohort: Cohort,
    settings: Settings,
    active: Counter[int],
    participants: Collection[int] | None,
) -> tuple[SideInput, SideInput]:
    """Both roles, by id; a seat that an active pair of an earlier run takes is not there."""
    wanted = {*GROUPED, *_attributes(settings)}
    attributes = sorted(wanted & OPEN_ATTRIBUTES.keys())
    sides = {role: SideInput(values={name: [] for name in wanted}) for role in PairRole}
    there = ready(cohort) if participants is None else ready(cohort).filter(pk__in=participants)
    rows = there.order_by("id").values_list(
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
    for pk, role, capacity, person, first, last, email, further, *values in rows:
        seats = capacity + settings.seats[role] - active[pk]
        if seats <= 0 and participants is None:
            continue
        side = sides[PairRole(role)]
        side.ids.append(pk)
        side.people.append(person)
        side.names.append(f"{first} {last}".strip() or email)
        side.seats.append(seats)
        found = dict(zip(attributes, values, strict=True))
        for name in wanted:
            side.values[name].append(found[name] if name in found else (further or {}).get(name))
    features = features_of_cohort(cohort, participants)
    for role, side in sides.items():
        side.features = features[role]
    return sides[PairRole.MENTOR], sides[PairRole.MENTEE]


def _attributes(settings: Settings) -> set[str]:
    """The roster's attributes that criteria and the share aimed at read."""
    sources = [source for one in settings.criteria for source in one.sources]
    if settings.options.share:
        sources.append(parse_source(settings.options.share.source))
    return {source.keys[0] for source in sources if not source.is_question}


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
