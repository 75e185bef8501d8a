from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.jobs import enqueue
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort, start_cohort
from programs.enums import CohortStatus, PairRole, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant
from programs.rules import check_pair_transition


class NewPair(NamedTuple):
    """One pair to publish. `reasons` are sentences by role: {"mentor": [...], "mentee": [...]}."""

    mentor: Participant
    mentee: Participant
    score: int | None = None
    reasons: Mapping[str, Any] = MappingProxyType({})


def create_pairs(*, cohort: Cohort, pairs: Iterable[NewPair], by: Actor, now: datetime) -> list[Pair]:
    """Publish pairs: they begin, a matching cohort starts running, both sides are introduced by mail.

    All or nothing, and idempotent: a pair of the cohort that exists already is passed over. Answers the
    pairs that are new.
    """
    cohort = lock_cohort(cohort)
    if cohort.status not in (CohortStatus.MATCHING, CohortStatus.RUNNING):
        raise NotAllowed(_("Pairs are published while matching or later: close enrolment first."))
    known = set(Pair.objects.filter(cohort=cohort).values_list("mentor_id", "mentee_id"))
    wanted = {(item.mentor.pk, item.mentee.pk): item for item in (NewPair(*item) for item in pairs)}
    if not wanted:
        raise NotAllowed(_("There are no pairs to publish. Run the matching first."))
    new = [item for ids, item in wanted.items() if ids not in known]
    _check_participants(cohort, new)
    created = Pair.objects.bulk_create(
        [
            Pair(
                cohort=cohort,
                mentor=item.mentor,
                mentee=item.mentee,
                score=item.score,
                reasons=dict(item.reasons),
                published_at=now,
            )
            for item in new
        ],
        batch_size=1000,
    )
    if cohort.status == CohortStatus.MATCHING:
        start_cohort(cohort=cohort, by=by, now=now)
    if created:
        audit.record("pairs.published", cohort, by=by, number=len(created))
        enqueue("mentoring.plan_reminders", cohort.organization_id)
    return created


def end_pair(*, pair: Pair, reason: str, by: Actor, now: datetime) -> Pair:
    """End a pair before its time; both can be matched again. No fault is implied."""
    pair = (
        Pair.objects.select_for_update(of=("self",))
        .select_related("mentor__person", "mentee__person")
        .get(pk=pair.pk)
    )
    check_pair_transition(pair.status, PairStatus.ENDED)
    pair.status = PairStatus.ENDED
    pair.ended_at = now
    pair.end_reason = reason.strip()[:300]
    pair.save(update_fields=["status", "ended_at", "end_reason"])
    audit.record("pair.ended", pair, by=by)
    return pair


def _check_participants(cohort: Cohort, new: list[NewPair]) -> None:
    """Every one joined this cohort in the right role, and nobody gets more partners than she can take."""
    ids = {pk for item in new for pk in (item.mentor.pk, item.mentee.pk)}
    joined = Participant.objects.filter(cohort=cohort, status=ParticipantStatus.JOINED, pk__in=ids)
    roles = {pk: (role, capacity) for pk, role, capacity in joined.values_list("pk", "role", "capacity")}
    taken = Counter(
        pk
        for ids_of_pair in Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE).values_list(
            "mentor_id", "mentee_id"
        )
        for pk in ids_of_pair
    )
    for item in new:
        for participant, role in ((item.mentor, PairRole.MENTOR), (item.mentee, PairRole.MENTEE)):
            found, capacity = roles.get(participant.pk, (None, 0))
            name = {"name": participant.person}
            if found != role:
                raise NotAllowed(_("%(name)s is no longer in this cohort. Run the matching again.") % name)
            taken[participant.pk] += 1
            if taken[participant.pk] > capacity:
                raise NotAllowed(
                    _("%(name)s would get more partners than agreed. Run the matching again.") % name
                )
