"""Where a cohort stands: the enrolment funnel, its month, its contact."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from programs.enums import PairRole, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant, Program
from programs.rules import Text


@dataclass(frozen=True)
class Funnel:
    """How far the people of a cohort have come. Those withdrawn by the champion count nowhere else."""

    people: int
    opened: int
    joined: int
    answered: int
    declined: int
    withdrawn: int
    seats: int

    @property
    def waiting(self) -> int:
        """Neither joined nor declined yet."""
        return self.people - self.joined - self.declined


def cohorts() -> QuerySet[Cohort]:
    return Cohort.objects.select_related("program__champion__user", "program__sponsor")


def cohort_of(cohort_id: int) -> Cohort | None:
    return cohorts().filter(pk=cohort_id).first()


def funnels(cohort: Cohort) -> dict[PairRole, Funnel]:
    """The enrolment funnel of each role, in one query."""
    there = ~Q(status=ParticipantStatus.WITHDRAWN)
    joined = Q(status=ParticipantStatus.JOINED)
    rows = (
        Participant.objects.filter(cohort=cohort)
        .values("role")
        .annotate(
            people=Count("id", filter=there),
            opened=Count("id", filter=there & (Q(opened_at__isnull=False) | joined)),
            joined=Count("id", filter=joined),
            answered=Count("id", filter=joined & Q(answered_at__isnull=False)),
            declined=Count("id", filter=Q(status=ParticipantStatus.DECLINED)),
            withdrawn=Count("id", filter=Q(status=ParticipantStatus.WITHDRAWN)),
        )
    )
    seats = seats_of(cohort)
    found = {row.pop("role"): row for row in rows}
    return {
        role: Funnel(**(found.get(role) or _NOBODY), seats=seats.get(role, 0))
        for role in (PairRole.MENTOR, PairRole.MENTEE)
    }


_NOBODY = {"people": 0, "opened": 0, "joined": 0, "answered": 0, "declined": 0, "withdrawn": 0}


def seats_of(cohort: Cohort) -> dict[str, int]:
    """Partners that those who joined can take together, by role."""
    rows = (
        Participant.objects.filter(cohort=cohort, status=ParticipantStatus.JOINED)
        .values_list("role")
        .annotate(seats=Sum("capacity"))
    )
    return dict(rows)


def add_funnels(*parts: Funnel) -> Funnel:
    return Funnel(
        **{name: sum(getattr(part, name) for part in parts) for name in Funnel.__dataclass_fields__}
    )


def active_pairs(cohort: Cohort) -> int:
    return Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE).count()


def contact_of(program: Program) -> dict[str, str]:
    """Whom participants ask: the program's champion. Needs `champion__user`."""
    user = program.champion.user
    return {"name": user.name or user.email, "email": user.email}


@dataclass(frozen=True)
class HistoryLine:
    label: Text
    at: datetime


def history_of(cohort: Cohort) -> list[HistoryLine]:
    """The cohort's milestones that lie behind it, for its page."""
    moments = [
        (_("Created"), cohort.created_at),
        (_("Enrolment opened"), cohort.opened_at),
        (_("Pairs published"), cohort.published_at),
        (_("Closed"), cohort.closed_at),
    ]
    return [HistoryLine(label, at) for label, at in moments if at]
