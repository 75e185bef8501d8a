from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.rules import NotAllowed, today_in
from programs.enums import CohortStatus, PairStatus, ParticipantStatus, QuestionnaireStatus
from programs.models import Cohort, Pair, Participant, Program, Questionnaire
from programs.queries.needs import needs_of
from programs.rules import DATES, EDITABLE, PHASED, check_choosing, check_cohort_transition, check_dates


def create_cohort(
    *,
    program: Program,
    name: str,
    dates: Mapping[str, date],
    meeting_minutes: int,
    by: Actor,
    now: datetime,
    **choosing: Any,
) -> Cohort:
    """A new run of a program, as a draft. `dates` has the four of `rules.DATES`, `choosing` who decides on
    pairs and how (`rules.CHOOSING`, `mentees_first`); without it the champion does."""
    cohort = Cohort(program=program, name=name, meeting_minutes=meeting_minutes, **dates, **choosing)
    _refuse_wrong_dates(cohort, today=today_in(program.organization.time_zone, now), new=True)
    _save(cohort)
    audit.record("cohort.created", cohort, by=by, **_days(cohort))
    return cohort


def update_cohort(*, cohort: Cohort, by: Actor, now: datetime, **changes: object) -> bool:
    """Change name, meeting length, dates, or who decides on pairs; what may still change depends on the
    phase (`rules.EDITABLE`). Answers whether anything changed."""
    cohort = lock_cohort(cohort)
    changed = [name for name, value in changes.items() if getattr(cohort, name) != value]
    editable = EDITABLE[CohortStatus(cohort.status)]
    fixed = [name for name in changed if name in PHASED and name not in editable]
    if fixed or (changed and cohort.status == CohortStatus.CLOSED):
        raise NotAllowed(_("This can no longer be changed in the phase “%(phase)s”.") % _phase(cohort))
    if not changed:
        return False
    for name in changed:
        setattr(cohort, name, changes[name])
    _refuse_wrong_dates(cohort, today=today_in(cohort.organization.time_zone, now), new=False)
    _save(cohort, changed)
    audit.record("cohort.changed", cohort, by=by, fields=changed, **_days(cohort))
    return True


def open_enrolment(*, cohort: Cohort, by: Actor, now: datetime) -> Cohort:
    """Draft -> enrolling, or back from matching for late joiners: people can be invited and can join."""
    cohort = lock_cohort(cohort)
    check_cohort_transition(cohort.status, CohortStatus.ENROLLING)
    if cohort.enroll_until < today_in(cohort.organization.time_zone, now):
        raise NotAllowed(_("The last day of enrolment has passed. Choose a later one first."))
    published = Questionnaire.objects.filter(
        program_id=cohort.program_id, status=QuestionnaireStatus.PUBLISHED
    )
    if published.count() < 2:
        raise NotAllowed(_("Publish both questionnaires of the program first."))
    cohort.opened_at = cohort.opened_at or now
    return _move(cohort, CohortStatus.ENROLLING, by=by)


def close_enrolment(*, cohort: Cohort, by: Actor) -> Cohort:
    """Enrolling -> matching: nobody can join any more. Needs at least one of each role."""
    cohort = lock_cohort(cohort)
    if cohort.status == CohortStatus.RUNNING:
        raise NotAllowed(_("Pairs are published. Take them back on the Match page, then match again."))
    check_cohort_transition(cohort.status, CohortStatus.MATCHING)
    joined = Participant.objects.filter(cohort=cohort, status=ParticipantStatus.JOINED)
    if joined.values("role").distinct().count() < 2:
        raise NotAllowed(_("Matching needs at least one mentor and one mentee who joined."))
    return _move(cohort, CohortStatus.MATCHING, by=by)


def publish_needs(*, cohort: Cohort, by: Actor, now: datetime) -> bool:
    """Let mentors read what mentees want to learn, without names; from then on mentors can be invited.
    Twice is once: answers whether this call did it."""
    cohort = lock_cohort(cohort)
    if not cohort.mentees_first:
        raise NotAllowed(_("In this cohort mentors and mentees enrol at the same time."))
    if cohort.status != CohortStatus.ENROLLING:
        raise NotAllowed(_("What mentees want to learn is published while enrolment is open."))
    if cohort.needs_published_at:
        return False
    if not needs_of(cohort).topics:
        raise NotAllowed(_("No mentee has said yet what to learn. Wait for the first answers."))
    cohort.needs_published_at = now
    cohort.save(update_fields=["needs_published_at"])
    audit.record("cohort.needs_published", cohort, by=by)
    return True


def start_cohort(*, cohort: Cohort, by: Actor, now: datetime) -> Cohort:
    """Matching -> running, as part of publishing pairs (`actions.pairs.create_pairs`)."""
    cohort = lock_cohort(cohort)
    check_cohort_transition(cohort.status, CohortStatus.RUNNING)
    cohort.published_at = now
    return _move(cohort, CohortStatus.RUNNING, by=by)


def resume_matching(*, cohort: Cohort, by: Actor) -> Cohort:
    """Running -> matching, as part of taking a publication back (`actions.pairs.retract_pairs`)."""
    cohort = lock_cohort(cohort)
    check_cohort_transition(cohort.status, CohortStatus.MATCHING)
    cohort.published_at = None
    return _move(cohort, CohortStatus.MATCHING, by=by)


def close_cohort(*, cohort: Cohort, by: Actor, now: datetime) -> Cohort:
    """Running -> closed: pairs that are still active have completed."""
    cohort = lock_cohort(cohort)
    check_cohort_transition(cohort.status, CohortStatus.CLOSED)
    active = Pair.objects.filter(cohort=cohort, status=PairStatus.ACTIVE)
    completed = active.update(status=PairStatus.COMPLETED, ended_at=now)
    cohort.closed_at = now
    return _move(cohort, CohortStatus.CLOSED, by=by, completed_pairs=completed)


def lock_cohort(cohort: Cohort) -> Cohort:
    """The row as it is now, held until the transaction ends: phase changes happen one after the other."""
    return (
        Cohort.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organization")
        .get(pk=cohort.pk)
    )


def _move(cohort: Cohort, to: CohortStatus, *, by: Actor, **data: Any) -> Cohort:
    before, cohort.status = cohort.status, to
    cohort.save(update_fields=["status", "opened_at", "published_at", "closed_at"])
    audit.record("cohort.phase_changed", cohort, by=by, **{"from": before, "to": to.value}, **data)
    return cohort


def _refuse_wrong_dates(cohort: Cohort, *, today: date, new: bool) -> None:
    wrong = check_dates({name: getattr(cohort, name) for name in DATES}, today=today, new=new)
    wrong |= check_choosing(
        cohort.matching_mode,
        cohort.choose_until,
        cohort.picks_at_most,
        enroll_until=cohort.enroll_until,
        starts_on=cohort.starts_on,
    )
    if wrong:
        raise NotAllowed(next(iter(wrong.values())))


def _save(cohort: Cohort, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            cohort.save(update_fields=fields)
    except IntegrityError:
        raise NotAllowed(
            _("This program already has a cohort called “%(name)s”. Choose another name.")
            % {"name": cohort.name}
        ) from None


def _days(cohort: Cohort) -> dict[str, str]:
    return {name: getattr(cohort, name).isoformat() for name in DATES}


def _phase(cohort: Cohort) -> dict[str, str]:
    return {"phase": cohort.get_status_display()}
