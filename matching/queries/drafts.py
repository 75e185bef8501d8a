"""The pairs of a draft as the champion lists them, and what has happened since the draft was made."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, Greatest

from matching.models import MatchRun, Proposal, Ruling, Unmatched
from matching.queries.inputs import ready
from matching.queries.pairing import rule_words
from matching.queries.people import participant_names
from matching.queries.runs import SORTS, proposals
from matching.rules import Text
from matching.run_settings import Ids
from mentoring.enums import JobStatus
from mentoring.models import Person
from mentoring.queries.members import with_author
from mentoring.queries.search import names_of, words_in
from programs.enums import PairRole, PairStatus
from programs.models import Cohort, Pair, Participant

PLACES = ("unit", "region")
PLACES_AT_MOST = 60
NAMED_AT_MOST = 3
EDITS_AT_MOST = 50

PICKED = Q(contributions__contains=[{"key": "picks"}])
NO_MENTOR = Q(contributions__contains=[{"key": "picks", "mentor": None}])
NO_MENTEE = Q(contributions__contains=[{"key": "picks", "mentee": None}])
SHOWN = {
    "kept": Q(kept=True),
    "low": Q(score__lt=50),
    "nothing": Q(nothing_to_learn=True),
    "both": PICKED & ~NO_MENTOR & ~NO_MENTEE,
    "one": PICKED & ((NO_MENTOR & ~NO_MENTEE) | (~NO_MENTOR & NO_MENTEE)),
}
RANKED: dict[str, tuple[Any, ...]] = {
    "rank": ("worst_rank", "id"),
    "-rank": (F("worst_rank").desc(nulls_last=True), "id"),
}


def pairs_found(
    run: MatchRun, *, words: str = "", shown: str = "", place: str = "", sort: str = ""
) -> QuerySet[Proposal]:
    """A run's proposals by names, of a kind, with somebody of a unit or region, in an order (best first).

    By rank: by the place of the partner in the list of the one of the two who likes it less.
    """
    found = proposals().filter(words_in(words, names_of("mentor__person", "mentee__person")), run=run)
    if shown in SHOWN:
        found = found.filter(SHOWN[shown])
    elif shown == "by_hand":
        found = found.filter(_any_of(changed_by_hand(run)))
    elif shown == "override":
        found = found.filter(_any_of(run.settings_then.rulings.overrides) | _low(run))
    elif shown == "new":
        found = found.filter(~Exists(_same_pair(run.based_on_id)))
    attribute, _colon, value = place.partition(":")
    if attribute in PLACES:
        mentor, mentee = (Q(**{f"{role.value}__person__{attribute}": value}) for role in PairRole)
        found = found.filter(mentor | mentee)
    if sort in RANKED:
        ranks = [
            Cast(KeyTransform("rank", KeyTransform(role.value, "ranks")), IntegerField()) for role in PairRole
        ]
        return found.annotate(worst_rank=Greatest(*ranks)).order_by(*RANKED[sort])
    return found.order_by(*SORTS.get(sort, SORTS["-score"]))


def _same_pair(run_id: int | None) -> QuerySet[Proposal]:
    return Proposal.objects.filter(run=run_id, mentor=OuterRef("mentor"), mentee=OuterRef("mentee"))


def _any_of(pairs: Iterable[Ids]) -> Q:
    found = Q(pk=None)
    for mentor, mentee in pairs:
        found |= Q(mentor=mentor, mentee=mentee)
    return found


def changed_by_hand(run: MatchRun) -> list[Ids]:
    """The pairs that this draft, and those it was made from by hand, were asked to make."""
    pairs: list[Ids] = []
    parents = {
        one.pk: one
        for one in MatchRun.objects.filter(
            cohort=run.cohort_id, status=JobStatus.DONE, number__lte=run.number
        )
        .exclude(edit={})
        .only("id", "edit", "based_on")
    }
    step: MatchRun | None = parents.get(run.pk)
    while step and len(pairs) < EDITS_AT_MOST:
        pairs += [(mentor, mentee) for mentor, mentee in step.edit["after"]]
        step = parents.get(step.based_on_id or 0)
    return pairs


def _low(run: MatchRun) -> Q:
    """Kept pairs under the lowest score that may be paired."""
    floor = run.settings_then.options.floor
    return Q(pk=None) if floor is None else Q(kept=True, score__lt=floor)


def overridden_words(proposal: Proposal) -> list[Text]:
    """The hard rules that this pair breaks, in words; a kept one may be under the lowest score as well."""
    settings = proposal.run.settings_then
    rules = settings.rulings.overrides.get((proposal.mentor_id, proposal.mentee_id), ())
    floor = settings.options.floor
    if proposal.kept and floor is not None and proposal.score < floor and "floor" not in rules:
        rules = (*rules, "floor")
    return rule_words(rules, settings.labels)


def rulings_on(run: MatchRun, shown: Iterable[Proposal]) -> dict[Ids, Ruling]:
    """What is said of these pairs now, and by whom."""
    rows = Ruling.objects.filter(cohort=run.cohort_id).filter(
        _any_of((one.mentor_id, one.mentee_id) for one in shown)
    )
    return {(row.mentor_id, row.mentee_id): row for row in with_author(rows)}


def places_of(cohort: Cohort) -> dict[str, list[str]]:
    """Units and regions of a cohort's people, where there are several."""
    people = Person.objects.filter(participations__cohort=cohort)
    found = {}
    for attribute in PLACES:
        values = people.exclude(**{attribute: ""}).order_by(attribute).values_list(attribute, flat=True)
        several = list(values.distinct()[:PLACES_AT_MOST])
        if len(several) > 1:
            found[attribute] = several
    return found


@dataclass(frozen=True)
class Since:
    """Who dropped out of a draft or joined since it was made: how many, and the first few by name."""

    gone: int
    gone_names: list[str]
    joined: int
    joined_names: list[str]

    @property
    def any(self) -> bool:
        return bool(self.gone or self.joined)


def since(run: MatchRun) -> Since:
    """What a repair would mend. Who has all the partners they take already has not "joined"."""
    in_draft = Q(pk__in=Proposal.objects.filter(run=run).values("mentor")) | Q(
        pk__in=Proposal.objects.filter(run=run).values("mentee")
    )
    there = ready(run.cohort)
    gone = list(
        Participant.objects.filter(in_draft)
        .exclude(pk__in=there.order_by().values("pk"))
        .order_by("id")
        .values_list("pk", flat=True)
    )
    active = Pair.objects.filter(cohort=run.cohort_id, status=PairStatus.ACTIVE)
    joined = list(
        there.exclude(in_draft)
        .exclude(pk__in=Unmatched.objects.filter(run=run).values("participant"))
        .exclude(pk__in=active.values("mentor"))
        .exclude(pk__in=active.values("mentee"))
        .order_by("-joined_at", "id")
        .values_list("pk", flat=True)
    )
    shown = [gone[:NAMED_AT_MOST], joined[:NAMED_AT_MOST]]
    names = participant_names({pk for pks in shown for pk in pks})
    first, second = ([names[pk] for pk in pks] for pks in shown)
    return Since(len(gone), first, len(joined), second)
