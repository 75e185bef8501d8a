from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from matching.actions.holds import check_lines
from matching.enums import Rule, RulingKind
from matching.models import Exclusion, MatchRun, Pick, Proposal, Ruling
from matching.queries.inputs import ready
from matching.queries.runs import current_draft, open_run
from matching.reasons import listed, sentences
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.enums import JobStatus, PersonStatus
from mentoring.rules import NotAllowed
from programs.actions.cohorts import close_enrolment, lock_cohort, start_cohort
from programs.actions.pairs import NewPair, create_pairs, retract_pairs
from programs.enums import CohortStatus, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant


def publish_run(*, run: MatchRun, by: Actor, now: datetime) -> int:
    """Make the run's proposals pairs; both sides are introduced by mail. Answers how many are new.

    All or nothing. Only the draft that counts, nobody in it gone, ruled out or refused since. Enrolment
    closes if it was open. Who is left without a partner waits: she comes first in the next cohort.
    Publishing the same run again changes nothing.
    """
    cohort = lock_cohort(run.cohort)
    run = MatchRun.objects.get(pk=run.pk)
    if run.published_at:
        return 0
    counting = current_draft(cohort)
    if run.status != JobStatus.DONE or counting is None or counting.pk != run.pk:
        raise NotAllowed(_("Only the current draft can be published."))
    if open_run(cohort):
        raise NotAllowed(_("A run is on its way. Wait for it or cancel it, then publish."))
    proposals = list(
        Proposal.objects.filter(run=run).select_related("mentor__person", "mentee__person").order_by("id")
    )
    _hold(proposals)
    _check_people(proposals)
    _check_rulings(run, proposals)
    check_lines(run, proposals)
    _check_refusals(proposals)
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
    mentor, mentee = proposal.mentor.person, proposal.mentee.person
    told = sentences(
        proposal.contributions, mentor.first_name or mentor.name, mentee.first_name or mentee.name
    )
    return NewPair(proposal.mentor, proposal.mentee, proposal.score, told)


def _check_people(proposals: list[Proposal]) -> None:
    gone = sorted(
        {
            participant.person.name
            for proposal in proposals
            for participant in (proposal.mentor, proposal.mentee)
            if participant.status != ParticipantStatus.JOINED
            or participant.person.status == PersonStatus.LEFT
        }
    )
    if gone:
        raise NotAllowed(
            ngettext_lazy(
                "%(names)s is no longer in this cohort. Run the matching again.",
                "%(names)s are no longer in this cohort. Run the matching again.",
                len(gone),
            )
            % {"names": listed(gone)}
        )


def _check_rulings(run: MatchRun, proposals: list[Proposal]) -> None:
    """What was ruled out after the run must not be published."""
    never = set(
        Ruling.objects.filter(cohort=run.cohort_id, kind=RulingKind.NEVER).values_list(
            "mentor_id", "mentee_id"
        )
    )
    excluded = _excluded_in(proposals) if Rule.EXCLUSION in run.settings["rules"] else set()
    for proposal in proposals:
        names = {"mentor": proposal.mentor.person, "mentee": proposal.mentee.person}
        if (proposal.mentor_id, proposal.mentee_id) in never:
            raise NotAllowed(
                _(
                    "You said never for %(mentor)s and %(mentee)s since this draft was made. "
                    "Run the matching again."
                )
                % names
            )
        if tuple(sorted((proposal.mentor.person_id, proposal.mentee.person_id))) in excluded:
            raise NotAllowed(
                _("%(mentor)s and %(mentee)s are on the exclusion list by now. Run the matching again.")
                % names
            )


def _check_refusals(proposals: list[Proposal]) -> None:
    """Who said "not for me" after the run is not named: that is between nobody and her."""
    people = {pk for one in proposals for pk in (one.mentor_id, one.mentee_id)}
    picks = Pick.objects.filter(rank=None, participant__in=people)
    refused = set(picks.values_list("participant_id", "partner_id"))
    for one in proposals:
        if {(one.mentor_id, one.mentee_id), (one.mentee_id, one.mentor_id)} & refused:
            raise NotAllowed(_("People have chosen otherwise since this draft. Run the matching again."))


def _excluded_in(proposals: list[Proposal]) -> set[tuple[int, int]]:
    people = {one.person_id for proposal in proposals for one in (proposal.mentor, proposal.mentee)}
    rows = Exclusion.objects.filter(Q(person__in=people) & Q(other__in=people))
    return set(rows.values_list("person_id", "other_id"))
