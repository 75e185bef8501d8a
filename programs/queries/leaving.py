"""What somebody who leaves has in programs, and whom that leaves without a partner."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When

from mentoring.enums import PersonStatus
from mentoring.models import Person
from programs.enums import CohortStatus, PairRole, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant, Program
from programs.queries.programs import MANAGING_ROLES
from programs.registries import pair_diaries

TAKES_PART = (ParticipantStatus.INVITED, ParticipantStatus.JOINED)
REMATCHED_IN = (CohortStatus.MATCHING, CohortStatus.RUNNING)


def participations_ahead(people: Collection[int]) -> QuerySet[Participant]:
    """Of these people, in cohorts that are not closed. What is over stays as it was."""
    participants = Participant.objects.filter(person__in=people, status__in=TAKES_PART)
    return participants.exclude(cohort__status=CohortStatus.CLOSED)


def active_pairs_with(people: Collection[int]) -> QuerySet[Pair]:
    sides = Q(mentor__person__in=people) | Q(mentee__person__in=people)
    return Pair.objects.filter(sides, status=PairStatus.ACTIVE)


def cohorts_with(people: Collection[int]) -> QuerySet[Cohort]:
    """Where any of them takes part or is paired; to be locked in this order."""
    takes_part = participations_ahead(people).order_by().values("cohort")
    paired = active_pairs_with(people).order_by().values("cohort")
    return Cohort.objects.filter(Q(pk__in=takes_part) | Q(pk__in=paired)).order_by("pk")


def what_ends(people: Collection[int], now: datetime) -> dict[str, int]:
    ahead = participations_ahead(people)
    pairs = active_pairs_with(people)
    return {
        "pairs": pairs.count(),
        "meetings": sum(diary.ahead(pairs, now) for diary in pair_diaries),
        "participations": ahead.filter(status=ParticipantStatus.JOINED).count(),
        "invitations": ahead.filter(status=ParticipantStatus.INVITED).count(),
        "sponsors": Program.objects.filter(sponsor__in=people).values("sponsor").distinct().count(),
    }


def overlooked() -> list[int]:
    """People who left while somebody invited or paired them: it came about at the same moment."""
    participants = Participant.objects.filter(person__status=PersonStatus.LEFT, status__in=TAKES_PART)
    participants = participants.exclude(cohort__status=CohortStatus.CLOSED)
    return list(participants.order_by().values_list("person", flat=True).distinct())


def concerned() -> set[int]:
    """Everybody who was ever invited, and sponsors."""
    people = Participant.objects.order_by().values_list("person", flat=True).distinct()
    sponsors = Program.objects.exclude(sponsor=None).values_list("sponsor", flat=True)
    return {*people, *(pk for pk in sponsors if pk)}


@dataclass(frozen=True)
class Left:
    """Somebody who waits for a new partner, because the one they had has left."""

    participant: Participant
    partner: Person
    at: datetime


def _waits() -> QuerySet[Pair]:
    """Pairs that ended because one side left, whose other side takes part and has nobody since."""
    stays = Case(When(left=PairRole.MENTOR, then=F("mentee")), default=F("mentor"))
    ended = Pair.objects.filter(status=PairStatus.ENDED, cohort__status__in=REMATCHED_IN).exclude(left="")
    takes_part = Participant.objects.filter(
        pk=OuterRef("stays"), status=ParticipantStatus.JOINED, person__status=PersonStatus.ACTIVE
    )
    paired = Pair.objects.filter(
        Q(mentor=OuterRef("stays")) | Q(mentee=OuterRef("stays")), status=PairStatus.ACTIVE
    )
    return ended.annotate(stays=stays).filter(Exists(takes_part), ~Exists(paired))


def partners_left(cohort: Cohort) -> Iterator[Left]:
    """Who of a cohort waits for that reason, the longest first, everybody once."""
    listed: set[int] = set()
    for pair in (
        _waits()
        .filter(cohort=cohort)
        .select_related("mentor__person", "mentee__person")
        .order_by("ended_at", "pk")
    ):
        gone, stays = (
            (pair.mentor, pair.mentee) if pair.left == PairRole.MENTOR else (pair.mentee, pair.mentor)
        )
        if stays.pk not in listed and pair.ended_at:
            listed.add(stays.pk)
            yield Left(stays, gone.person, pair.ended_at)


def partners_left_of(cohorts: list[Cohort]) -> dict[int, int]:
    """How many in each of these cohorts, in one query."""
    rows = _waits().filter(cohort__in=cohorts).order_by().values_list("cohort")
    return dict(rows.annotate(Count("stays", distinct=True)))


def programs_without() -> QuerySet[Program]:
    """Programs whose champion, deputy or sponsor has left, or who may no longer manage them."""
    away = Q()
    for seat in ("champion", "deputy"):
        away |= Q(**{f"{seat}__suspended_at__isnull": False})
        away |= Q(**{f"{seat}__isnull": False}) & ~Q(**{f"{seat}__role__in": MANAGING_ROLES})
    programs = Program.objects.filter(away | Q(sponsor__status=PersonStatus.LEFT))
    return programs.select_related("champion__user", "deputy__user", "sponsor").order_by("name")
