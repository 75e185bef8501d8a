"""Where a cohort stands: the enrolment funnel, its month, its contact."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from mentoring.queries.contacts import address_of, organization_contact
from mentoring.queries.leaving import in_charge
from mentoring.rules import NotAllowed
from programs.enums import CohortStatus, PairRole, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant, Program
from programs.rules import Text


@dataclass(frozen=True)
class Funnel:
    """How far the people of a cohort have come. Those withdrawn by the champion count nowhere else."""

    people: int
    joined: int
    answered: int
    declined: int
    withdrawn: int
    seats: int
    """Partners that those who joined can take together."""

    @property
    def waiting(self) -> int:
        """Neither joined nor declined yet."""
        return self.people - self.reacted

    @property
    def reacted(self) -> int:
        """Said yes or no. Who merely opened the mail's link nobody can know: mail scanners do it, too."""
        return self.joined + self.declined


def cohorts() -> QuerySet[Cohort]:
    return Cohort.objects.select_related("program__champion__user", "program__sponsor")


def cohort_of(cohort_id: int) -> Cohort | None:
    return cohorts().filter(pk=cohort_id).first()


def cohorts_under_way(*, limit: int) -> list[Cohort]:
    """Cohorts that are not closed, those that end first in front."""
    return list(cohorts().exclude(status=CohortStatus.CLOSED).order_by("ends_on", "id")[:limit])


def find_cohort(wanted: str) -> Cohort:
    """By exact name or number, for commands; a name that two programs use is not guessed. NotAllowed says
    what is wrong."""
    found = list(cohorts().filter(name=wanted))
    if not found and wanted.isdecimal() and len(wanted) < 19:
        found = list(cohorts().filter(pk=int(wanted)))
    if not found:
        raise NotAllowed(_("There is no cohort “%(name)s”.") % {"name": wanted})
    if len(found) > 1:
        which = ", ".join(f"{cohort.pk} ({cohort.program})" for cohort in found)
        raise NotAllowed(
            _("Several cohorts are called “%(name)s”. Give a number: %(which)s.")
            % {"name": wanted, "which": which}
        )
    return found[0]


_THERE = ~Q(status=ParticipantStatus.WITHDRAWN)
_JOINED = Q(status=ParticipantStatus.JOINED)
_COUNTS = {
    "people": Count("id", filter=_THERE),
    "joined": Count("id", filter=_JOINED),
    "answered": Count("id", filter=_JOINED & Q(answered_at__isnull=False)),
    "declined": Count("id", filter=Q(status=ParticipantStatus.DECLINED)),
    "withdrawn": Count("id", filter=Q(status=ParticipantStatus.WITHDRAWN)),
    "seats": Coalesce(Sum("capacity", filter=_JOINED), 0),
}
_NOBODY = dict.fromkeys(_COUNTS, 0)


def funnels(cohort: Cohort) -> dict[PairRole, Funnel]:
    """The enrolment funnel of each role, in one query."""
    rows = Participant.objects.filter(cohort=cohort).values("role").annotate(**_COUNTS)
    found = {row.pop("role"): row for row in rows}
    return {role: Funnel(**(found.get(role) or _NOBODY)) for role in (PairRole.MENTOR, PairRole.MENTEE)}


def add_funnels(*parts: Funnel) -> Funnel:
    return Funnel(
        **{name: sum(getattr(part, name) for part in parts) for name in Funnel.__dataclass_fields__}
    )


def funnels_of(cohorts: list[Cohort]) -> dict[int, Funnel]:
    """Both roles together, for several cohorts in one query."""
    rows = Participant.objects.filter(cohort__in=cohorts).values("cohort_id").annotate(**_COUNTS)
    found = {row.pop("cohort_id"): row for row in rows}
    return {cohort.pk: Funnel(**(found.get(cohort.pk) or _NOBODY)) for cohort in cohorts}


def active_pairs_of(cohorts: list[Cohort]) -> dict[int, int]:
    rows = Pair.objects.filter(cohort__in=cohorts, status=PairStatus.ACTIVE).values_list("cohort_id")
    return {**{cohort.pk: 0 for cohort in cohorts}, **dict(rows.annotate(Count("id")))}


def unpaired_of(cohort: Cohort) -> dict[PairRole, int]:
    """By role, how many joined and answered and have no active pair."""
    pairs = Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE)
    waiting = (
        Participant.objects.filter(cohort=cohort, status=ParticipantStatus.JOINED, answered_at__isnull=False)
        .exclude(pk__in=pairs.values("mentor"))
        .exclude(pk__in=pairs.values("mentee"))
    )
    found = dict(waiting.order_by().values_list("role").annotate(Count("id")))
    return {role: found.get(role, 0) for role in PairRole}


def contact_of(program: Program) -> dict[str, str]:
    """Whom participants ask: the program's champion, needs `champion__user`. While nobody has taken over
    from one who left: the deputy, else the organization's contact, else who is in charge of it."""
    if program.champion.suspended_at is None:
        return address_of(program.champion)
    if program.deputy and program.deputy.suspended_at is None:
        return address_of(program.deputy)
    named = organization_contact(program.organization)
    return named or address_of(in_charge().select_related("user").first() or program.champion)


@dataclass(frozen=True)
class HistoryLine:
    label: Text
    at: datetime


def history_of(cohort: Cohort) -> list[HistoryLine]:
    """The cohort's milestones that lie behind it, for its page."""
    moments = [
        (_("Enrolment opened"), cohort.opened_at),
        (_("Pairs published"), cohort.published_at),
        (_("Closed"), cohort.closed_at),
    ]
    return [HistoryLine(label, at) for label, at in moments if at]
