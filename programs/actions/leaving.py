"""What leaving the organization means in its programs. Nobody is at fault: pairs end as any other, and who
stays is back among those who wait."""

from datetime import datetime

from django.db.models import Q, QuerySet

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.jobs import enqueue
from mentoring.tenancy.scoping import current_organization_id
from programs.actions.pairs import WITH_PEOPLE, clear_diaries
from programs.enums import CohortStatus, PairRole, PairStatus, ParticipantStatus
from programs.models import Pair, Participant
from programs.queries.leaving import active_pairs_with, cohorts_with, participations_ahead


def end_participations(people: list[int], by: Actor, now: datetime) -> None:
    """Participations in cohorts that are not closed end, with their pairs and what these have planned.

    Cohorts first, as publishing does: pairs that are published at this moment stand before or after.
    """
    cohorts = list(cohorts_with(people).select_for_update(no_key=True, of=("self",)))
    if not cohorts:
        return
    going = participations_ahead(people).filter(cohort__in=cohorts)
    held = list(going.select_for_update(no_key=True, of=("self",)).order_by("pk").select_related("person"))
    pairs = active_pairs_with(people).select_related(*WITH_PEOPLE)
    ended = _end_pairs(
        list(pairs.select_for_update(no_key=True, of=("self",)).order_by("pk")), people, by, now
    )
    Participant.objects.filter(pk__in=[participation.pk for participation in held]).update(
        status=ParticipantStatus.WITHDRAWN
    )
    for participant in held:
        audit.record("participant.left", participant, by=by)
    _let_wait(ended, now)
    if ended:
        enqueue("mentoring.plan_reminders", current_organization_id())


def _end_pairs(pairs: list[Pair], people: list[int], by: Actor, now: datetime) -> list[Pair]:
    gone = set(people)
    for pair in pairs:
        pair.status, pair.ended_at = PairStatus.ENDED, now
        pair.left = PairRole.MENTOR if pair.mentor.person_id in gone else PairRole.MENTEE
    clear_diaries(pairs, by, now)
    Pair.objects.bulk_update(pairs, ["status", "ended_at", "left"], batch_size=1000)
    for pair in pairs:
        audit.record("pair.ended", pair, by=by, left=pair.left)
    return pairs


def _let_wait(ended: list[Pair], now: datetime) -> None:
    """Whose only partner left waits; in the next cohort they come first, like who found nobody."""
    stays = {pair.mentee_id if pair.left == PairRole.MENTOR else pair.mentor_id for pair in ended}
    active = Pair.objects.filter(status=PairStatus.ACTIVE)
    waiting: QuerySet[Participant] = Participant.objects.filter(
        pk__in=stays,
        status=ParticipantStatus.JOINED,
        cohort__status=CohortStatus.RUNNING,
        answered_at__isnull=False,
        waitlisted_at=None,
    )
    has_pair = Q(pk__in=active.values("mentor")) | Q(pk__in=active.values("mentee"))
    waiting.exclude(has_pair).update(waitlisted_at=now)
