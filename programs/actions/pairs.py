from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.jobs import enqueue
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort, resume_matching, start_cohort
from programs.enums import OVER_EARLY, CohortStatus, PairRole, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant
from programs.queries.pairs import met_already, published_together
from programs.registries import pair_diaries
from programs.rules import check_pair_transition

WITH_PEOPLE = ("organization", "cohort__program__champion__user", "mentor__person", "mentee__person")


# The first half of an advisory lock's key, where jobs have a checksum of their table; "pair" in ASCII.
PAIRING = 0x70616972


class NewPair(NamedTuple):
    """One pair to publish. `reasons` are sentences by role: {"mentor": [...], "mentee": [...]}."""

    mentor: Participant
    mentee: Participant
    score: int | None = None
    reasons: Mapping[str, Any] = MappingProxyType({})


def hold_pairing(cohort: Cohort) -> None:
    """Until this transaction ends, nobody else in the organization makes pairs. Who is about to holds it
    before looking who was paired elsewhere: two cohorts may have the same two people, and neither would see
    the other's pair before it stands. Lock the cohort first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PAIRING, cohort.organization_id % 2**31])


def create_pairs(
    *, cohort: Cohort, pairs: Iterable[NewPair], by: Actor, now: datetime, start: bool = True
) -> list[Pair]:
    """Publish pairs: they begin, a matching cohort starts running, both sides are introduced by mail.

    All or nothing, and idempotent: a pair of the cohort that exists already is passed over; one that was
    taken back, or ended before its time, begins anew. Answers the pairs that are new. With `start` False
    the cohort stays in matching: people who choose for themselves begin while others still look.
    """
    cohort = lock_cohort(cohort)
    if cohort.status not in (CohortStatus.MATCHING, CohortStatus.RUNNING):
        raise NotAllowed(_("Pairs are published while matching or later: close enrolment first."))
    wanted = {(item.mentor.pk, item.mentee.pk): item for item in (NewPair(*item) for item in pairs)}
    if not wanted:
        raise NotAllowed(_("There are no pairs to publish. Run the matching first."))
    standing = Pair.objects.filter(cohort=cohort, mentor__in={mentor for mentor, _mentee in wanted})
    known = {(pair.mentor_id, pair.mentee_id): pair for pair in standing}
    over = {ids: pair for ids, pair in known.items() if pair.status in OVER_EARLY}
    new = {ids: item for ids, item in wanted.items() if ids not in known or ids in over}
    _check_participants(cohort, list(new.values()))
    begun = [_begin(over.get(ids) or Pair(cohort=cohort), item, now) for ids, item in new.items()]
    created = Pair.objects.bulk_create([pair for pair in begun if not pair.pk], batch_size=1000)
    again = [pair for pair in begun if pair.publications > 1]
    Pair.objects.bulk_update(again, BEGUN, batch_size=1000)
    if start and cohort.status == CohortStatus.MATCHING:
        start_cohort(cohort=cohort, by=by, now=now)
    if begun:
        audit.record("pairs.published", cohort, by=by, number=len(begun))
        enqueue("mentoring.plan_reminders", cohort.organization_id)
    return [*again, *created]


BEGUN = ("status", "score", "reasons", "published_at", "publications", "ended_at", "end_reason", "left")


def _begin(pair: Pair, item: NewPair, now: datetime) -> Pair:
    if pair.pk:
        check_pair_transition(pair.status, PairStatus.ACTIVE)
        pair.publications += 1
        pair.status, pair.ended_at, pair.end_reason, pair.left = PairStatus.ACTIVE, None, "", ""
    pair.mentor, pair.mentee = item.mentor, item.mentee
    pair.score, pair.reasons, pair.published_at = item.score, dict(item.reasons), now
    return pair


def retract_pairs(*, cohort: Cohort, published_at: datetime, by: Actor, now: datetime) -> int:
    """Take a publication back: its pairs are no more, and if it started the cohort, that is matching again.

    Only until the first of the pairs has met: from then on a pair ends for itself (`end_pair`). Who had been
    introduced gets a mail (`programs.reminders`). Answers how many pairs it were.
    """
    cohort = lock_cohort(cohort)
    pairs = published_together(cohort, published_at)
    locked = list(
        pairs.select_for_update(of=("self",), no_key=True).select_related(*WITH_PEOPLE).order_by("pk")
    )
    if met := met_already(pairs, now):
        raise NotAllowed(
            ngettext_lazy(
                "%(number)s pair has met already, so this can no longer be taken back as a whole.",
                "%(number)s pairs have met already, so this can no longer be taken back as a whole.",
                met,
            )
            % {"number": met}
        )
    for pair in locked:
        check_pair_transition(pair.status, PairStatus.RETRACTED)
        pair.status, pair.ended_at = PairStatus.RETRACTED, now
    clear_diaries(locked, by, now)
    Pair.objects.bulk_update(locked, ["status", "ended_at"], batch_size=1000)
    if cohort.status == CohortStatus.RUNNING and cohort.published_at == published_at:
        resume_matching(cohort=cohort, by=by)
    audit.record("pairs.retracted", cohort, by=by, number=len(locked))
    enqueue("mentoring.plan_reminders", cohort.organization_id)
    return len(locked)


def end_pair(*, pair: Pair, reason: str, by: Actor, now: datetime) -> Pair:
    """End a pair before its time; both can be matched again. No fault is implied: both are told that it
    ended, and never why."""
    lock_cohort(pair.cohort)
    pair = (
        Pair.objects.select_for_update(of=("self",), no_key=True).select_related(*WITH_PEOPLE).get(pk=pair.pk)
    )
    check_pair_transition(pair.status, PairStatus.ENDED)
    pair.status = PairStatus.ENDED
    pair.ended_at = now
    pair.end_reason = reason.strip()[:300]
    pair.save(update_fields=["status", "ended_at", "end_reason"])
    clear_diaries([pair], by, now)
    audit.record("pair.ended", pair, by=by)
    enqueue("mentoring.plan_reminders", pair.organization_id)
    return pair


def clear_diaries(pairs: list[Pair], by: Actor, now: datetime) -> None:
    """Take down what these pairs have planned."""
    for diary in pair_diaries:
        diary.clear(pairs, by, now)


def _check_participants(cohort: Cohort, new: list[NewPair]) -> None:
    """Every one joined this cohort in the right role, and nobody gets more partners than they can take.
    Their rows are held: somebody who declines or changes that number at this moment comes before or after."""
    ids = {pk for item in new for pk in (item.mentor.pk, item.mentee.pk)}
    joined = Participant.objects.filter(cohort=cohort, status=ParticipantStatus.JOINED, pk__in=ids)
    joined = joined.select_for_update(no_key=True).order_by("pk")
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
