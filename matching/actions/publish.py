from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from matching.actions.holds import check_possible
from matching.models import MatchRun, Proposal
from matching.queries.inputs import ready
from matching.queries.runs import current_draft, open_run
from matching.reasons import sentences
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.enums import JobStatus
from mentoring.rules import NotAllowed
from programs.actions.cohorts import close_enrolment, lock_cohort, start_cohort
from programs.actions.pairs import NewPair, create_pairs, hold_pairing, retract_pairs
from programs.enums import CohortStatus, PairStatus
from programs.models import Cohort, Pair, Participant


def publish_run(*, run: MatchRun, by: Actor, now: datetime) -> int | None:
    """Make the run's proposals pairs; both sides are introduced by mail. Answers how many are new: 0 where
    all had found each other before, None if the run was published before.

    All or nothing. Only the draft that counts, nobody in it gone, ruled out or refused since. Enrolment
    closes if it was open. Who is left without a partner waits: they come first in the next cohort.
    Publishing the same run again changes nothing.
    """
    cohort = lock_cohort(run.cohort)
    run = MatchRun.objects.get(pk=run.pk)
    if run.published_at:
        return None
    counting = current_draft(cohort)
    if run.status != JobStatus.DONE or counting is None or counting.pk != run.pk:
        raise NotAllowed(_("Only the current draft can be published."))
    if open_run(cohort):
        raise NotAllowed(_("A run is on its way. Wait for it or cancel it, then publish."))
    proposals = list(
        Proposal.objects.filter(run=run).select_related("mentor__person", "mentee__person").order_by("id")
    )
    _hold(proposals)
    hold_pairing(cohort)
    check_possible(run, proposals)
    if cohort.status == CohortStatus.ENROLLING:
        close_enrolment(cohort=cohort, by=by)
    created = _make_pairs(cohort, proposals, by, now)
    _put_on_waitlist(cohort, now)
    MatchRun.objects.filter(pk=run.pk).update(published_at=now)
    audit.record("matching.published", run, by=by, cohort=cohort.pk, pairs=len(created))
    return len(created)


def take_back(*, run: MatchRun, by: Actor, now: datetime) -> int:
    """Undo a publication: its pairs are no more and the run is a draft again. Only until the first of its
    pairs has met, and for the newest publication. Answers how many pairs it were."""
    cohort = lock_cohort(run.cohort)
    run = MatchRun.objects.get(pk=run.pk)
    if not run.published_at:
        raise NotAllowed(_("This pairing is not published, so there is nothing to take back."))
    if cohort.status == CohortStatus.CLOSED:
        raise NotAllowed(_("This cohort is closed. Start a new cohort to go on."))
    if MatchRun.objects.filter(cohort=cohort, published_at__gt=run.published_at).exists():
        raise NotAllowed(_("Pairs were published after these. Take the newest back first."))
    number = retract_pairs(cohort=cohort, published_at=run.published_at, by=by, now=now)
    waiting = Participant.objects.filter(cohort=cohort, waitlisted_at=run.published_at)
    waiting.update(waitlisted_at=None)
    if Cohort.objects.filter(pk=cohort.pk, status=CohortStatus.RUNNING).exists():
        _put_on_waitlist(cohort, now)  # others stay paired; some of these waited before
    MatchRun.objects.filter(pk=run.pk).update(published_at=None, taken_back_at=now)
    audit.record("matching.taken_back", run, by=by, cohort=cohort.pk, pairs=number)
    return number


def _make_pairs(cohort: Cohort, proposals: list[Proposal], by: Actor, now: datetime) -> list[Pair]:
    """Where people found each other, nobody may be left to pair: the cohort starts all the same."""
    found_each_other = Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE).exists()
    if not proposals and found_each_other and cohort.status != CohortStatus.RUNNING:
        start_cohort(cohort=cohort, by=by, now=now)
        return []
    return create_pairs(cohort=cohort, pairs=[_new_pair(one) for one in proposals], by=by, now=now)


def _hold(proposals: list[Proposal]) -> None:
    """Whoever picks, refuses or steps back at this moment does so before the checks, or after the pairs."""
    ids = {pk for one in proposals for pk in (one.mentor_id, one.mentee_id)}
    held = Participant.objects.filter(pk__in=ids).select_for_update(no_key=True).order_by("pk")
    list(held.values_list("pk", flat=True))


def _put_on_waitlist(cohort: Cohort, now: datetime) -> None:
    active = Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE)
    here = Participant.objects.filter(cohort=cohort)
    has_pair = Q(pk__in=active.values("mentor")) | Q(pk__in=active.values("mentee"))
    here.filter(has_pair, waitlisted_at__isnull=False).update(waitlisted_at=None)
    ready(cohort).exclude(has_pair).filter(waitlisted_at=None).update(waitlisted_at=now)


def _new_pair(proposal: Proposal) -> NewPair:
    told = sentences(proposal.contributions, proposal.mentor.person.called, proposal.mentee.person.called)
    return NewPair(proposal.mentor, proposal.mentee, proposal.score, told)
