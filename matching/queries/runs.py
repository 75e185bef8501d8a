"""Runs of a cohort, their proposals as the champion lists them, and those who stayed alone."""

from dataclasses import dataclass

from django.db.models import Count, IntegerField, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from matching.models import MatchRun, Proposal, Unmatched
from matching.queries.inputs import ready
from mentoring.enums import OPEN_JOBS, JobStatus, PersonStatus
from mentoring.queries.members import with_author
from mentoring.queries.search import names_of, words_in
from programs.enums import PairRole, ParticipantStatus
from programs.models import Cohort, Participant

RUNS_AT_MOST = 30
RANKS_SHOWN = (1, 3, 10)

SORTS = {
    "score": ("score", "id"),
    "-score": ("-score", "id"),
    "mentor": ("mentor__person__last_name", "mentor__person__first_name", "id"),
    "-mentor": ("-mentor__person__last_name", "-mentor__person__first_name", "id"),
    "mentee": ("mentee__person__last_name", "mentee__person__first_name", "id"),
    "-mentee": ("-mentee__person__last_name", "-mentee__person__first_name", "id"),
}


@dataclass(frozen=True)
class Readiness:
    """Of one role: who takes part in the next run, the seats they offer, and who has joined only."""

    ready: int
    seats: int
    joined: int

    @property
    def silent(self) -> int:
        return self.joined - self.ready


def readiness(cohort: Cohort) -> dict[str, Readiness]:
    there = {
        role: (people, seats or 0)
        for role, people, seats in _by_role(ready(cohort)).values_list("role", "people", "seats")
    }
    joined = dict(
        _by_role(
            Participant.objects.filter(cohort=cohort, status=ParticipantStatus.JOINED).exclude(
                person__status=PersonStatus.LEFT
            )
        ).values_list("role", "people")
    )
    return {
        role.value: Readiness(*there.get(role.value, (0, 0)), joined.get(role.value, 0)) for role in PairRole
    }


def _by_role(participants: QuerySet[Participant]) -> QuerySet:
    return participants.order_by().values("role").annotate(people=Count("id"), seats=Sum("capacity"))


def runs_of(cohort: Cohort) -> QuerySet[MatchRun]:
    return with_author(MatchRun.objects.filter(cohort=cohort)).order_by("-number")


def open_run(cohort: Cohort) -> MatchRun | None:
    return runs_of(cohort).filter(status__in=OPEN_JOBS).first()


def current_draft(cohort: Cohort) -> MatchRun | None:
    """The draft that counts: of the runs that are done, the one adopted last. No what-if, until adopted."""
    done = runs_of(cohort).filter(status=JobStatus.DONE, adopted_at__isnull=False)
    return done.order_by("-adopted_at", "-number").first()


def run_in(cohort: Cohort, run_id: int) -> MatchRun | None:
    return runs_of(cohort).select_related("cohort").filter(pk=run_id).first()


def proposals() -> QuerySet[Proposal]:
    return Proposal.objects.select_related("mentor__person", "mentee__person")


def unmatched_found(run: MatchRun, *, words: str, role: str) -> QuerySet[Unmatched]:
    found = Unmatched.objects.filter(words_in(words, names_of("participant__person")), run=run)
    found = found.select_related("participant__person")
    if role in PairRole.values:
        found = found.filter(participant__role=role)
    return found.order_by("participant__role", "participant__person__last_name", "id")


def people_by_rank(run: MatchRun) -> dict[str, dict[int, int]]:
    """By role: how many people have a partner among the first 1, 3 and 10 of their own list."""
    found = Proposal.objects.filter(run=run).annotate(
        **{
            f"{role}_rank": Cast(KeyTextTransform("rank", KeyTransform(role, "ranks")), IntegerField())
            for role in PairRole.values
        }
    )
    counts = found.aggregate(
        **{
            f"{role}_{first}": Count(role, distinct=True, filter=Q(**{f"{role}_rank__lte": first}))
            for role in PairRole.values
            for first in RANKS_SHOWN
        }
    )
    return {role: {first: counts[f"{role}_{first}"] for first in RANKS_SHOWN} for role in PairRole.values}
