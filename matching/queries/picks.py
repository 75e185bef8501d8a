"""Whom a participant may choose and whom they chose. For champions only how many did, never whom."""

from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from matching.models import Pick, SuggestionRun
from matching.queries.inputs import ready
from matching.queries.suggestions import suggestions_of
from mentoring.queries.search import names_of, words_in
from programs.enums import PairRole, PairStatus
from programs.models import Cohort, Pair, Participant


@dataclass(frozen=True)
class Choices:
    """One participant's: `scores` by id of everybody they may choose, best first (None before they are
    worked out, by `run`), their `ranked` picks in order, and whom they do not want to meet."""

    scores: dict[int, int] | None
    run: SuggestionRun | None = None
    ranked: list[int] = field(default_factory=list)
    refused: frozenset[int] = frozenset()

    @property
    def allowed(self) -> list[int]:
        return list(self.scores or ())

    def rank_of(self, partner_id: int) -> int | None:
        return self.ranked.index(partner_id) + 1 if partner_id in self.ranked else None


def choices_of(participant: Participant) -> Choices:
    """Who has left or withdrawn since the list was made is in it no more, and in the picks neither."""
    suggested = suggestions_of(participant)
    rows = list(Pick.objects.filter(participant=participant).values_list("partner", "rank"))
    if suggested is None:
        return Choices(None)
    there = set(
        ready(participant.cohort).order_by().filter(pk__in=suggested.partners).values_list("pk", flat=True)
    )
    scores = {
        pk: score for pk, score in zip(suggested.partners, suggested.scores, strict=True) if pk in there
    }
    return Choices(
        scores,
        suggested.run,
        [pk for pk, rank in rows if rank and pk in scores],
        frozenset(pk for pk, rank in rows if rank is None),
    )


def named(participant_ids: list[int], words: str) -> list[int]:
    """Those of them whose name has all the words, in the order given."""
    if not words.strip():
        return participant_ids
    columns = [name for name in names_of("person") if not name.endswith("email")]
    found = set(
        Participant.objects.filter(words_in(words, columns), pk__in=participant_ids).values_list(
            "pk", flat=True
        )
    )
    return [pk for pk in participant_ids if pk in found]


def is_candidate(participant: Participant, partner_id: int) -> bool:
    """Whether there is such a person on the other side of their cohort. Neither this nor anything else tells
    why somebody who is there cannot be chosen."""
    others = Participant.objects.filter(cohort=participant.cohort_id).exclude(role=participant.role)
    return others.filter(pk=partner_id).exists()


@dataclass(frozen=True)
class Turnout:
    """Of one role: how many of those who can choose have picked somebody."""

    picked: int
    of: int

    @property
    def missing(self) -> int:
        return self.of - self.picked


def turnout(cohort: Cohort) -> dict[str, Turnout]:
    rows = (
        choosers(cohort)
        .order_by()
        .values_list("role")
        .annotate(picked=Count("pk", filter=Q(has_picked=True)), people=Count("pk"))
    )
    found = {role: Turnout(picked, people) for role, picked, people in rows}
    return {role.value: found.get(role.value, Turnout(0, 0)) for role in PairRole}


def choosers(cohort: Cohort) -> QuerySet:
    """Everybody who can choose, each with `has_picked`. A "not for me" alone is no pick."""
    ranked = Pick.objects.filter(participant=OuterRef("pk"), rank__isnull=False)
    paired = Pair.objects.filter(
        Q(mentor=OuterRef("pk")) | Q(mentee=OuterRef("pk")), cohort=cohort, status=PairStatus.ACTIVE
    )
    found = ready(cohort).exclude(Exists(paired)).annotate(has_picked=Exists(ranked))
    return found.select_related("person")


def without_picks(cohort: Cohort, *, words: str = "", role: str = "") -> QuerySet[Participant]:
    found = choosers(cohort).filter(words_in(words, names_of("person")), has_picked=False)
    if role in PairRole.values:
        found = found.filter(role=role)
    return found.order_by("person__last_name", "person__first_name", "pk")
