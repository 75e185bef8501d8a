"""Mails that follow from where a participant or pair stands: invitation, nudges, introduction.

They are rules and not calls, so that an invitation of thousands is planned by a worker in batches, and a
mail that was not planned because the broker was down is found by the scheduler's next round.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from mentoring.enums import PersonStatus
from mentoring.mail.context import mail_context
from mentoring.mail.outbox import Recipient
from mentoring.mail.reminders import Reminder
from mentoring.models import Organization
from programs.enums import CohortStatus, PairRole, PairStatus, ParticipantStatus
from programs.guards import participant_url
from programs.models import Pair, Participant
from programs.queries.cohorts import contact_of
from programs.queries.pairs import pairs
from programs.queries.participants import participants, shared_answers
from programs.rules import months_between, today_in

PLANNED_WITHIN = timedelta(days=14)
NUDGE_AFTER = timedelta(days=4)
NUDGE_WITHIN = timedelta(days=7)
LAST_CALL = timedelta(days=3)
CHUNK = 250
T = TypeVar("T")


def invitations(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """Everybody who was invited in the last two weeks and neither joined nor declined: at once."""
    today = today_in(organization.time_zone, now)
    waiting = _reachable(participants()).filter(
        status=ParticipantStatus.INVITED,
        invited_at__gt=now - PLANNED_WITHIN,
        cohort__status=CohortStatus.ENROLLING,
        cohort__enroll_until__gte=today,
    )
    for participant in waiting.iterator(chunk_size=CHUNK):
        assert participant.invited_at
        yield Reminder(
            object_key=f"participant:{participant.pk}:{participant.invited_at:%Y%m%d%H%M%S}",
            due_on=participant.invited_at.date(),
            kind="invitation",
            to=Recipient.of_person(participant.person, organization),
            context=partial(_enrolment_context, organization, participant),
            reply_to=contact_of(participant.cohort.program)["email"],
            at_once=True,
        )


def enrolment_nudges(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """Who was invited and has not joined, or joined and has not answered: once after four days, and once
    three days before enrolment closes. The first is left out when the last call is due anyway."""
    today = today_in(organization.time_zone, now)
    open_cases = _reachable(participants()).filter(
        Q(status=ParticipantStatus.INVITED) | Q(status=ParticipantStatus.JOINED, answered_at=None),
        cohort__status=CohortStatus.ENROLLING,
        cohort__enroll_until__gte=today,
        invited_at__lte=now - NUDGE_AFTER,
    )
    for participant in open_cases.iterator(chunk_size=CHUNK):
        assert participant.invited_at
        last_call = participant.cohort.enroll_until - LAST_CALL
        due_on = (
            last_call
            if today >= last_call
            else today_in(organization.time_zone, participant.invited_at + NUDGE_AFTER)
        )
        if today < last_call and now - participant.invited_at > NUDGE_AFTER + NUDGE_WITHIN:
            continue
        yield Reminder(
            object_key=f"participant:{participant.pk}",
            due_on=due_on,
            kind="enrolment_nudge",
            to=Recipient.of_person(participant.person, organization),
            context=partial(_enrolment_context, organization, participant, last_call=today >= last_call),
            reply_to=contact_of(participant.cohort.program)["email"],
        )


def introductions(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """Both sides of every pair published in the last two weeks: at once."""
    published = pairs().filter(
        status=PairStatus.ACTIVE,
        published_at__gt=now - PLANNED_WITHIN,
        cohort__status=CohortStatus.RUNNING,
    )
    for chunk in _chunks(published.order_by("pk")):
        answers = shared_answers([pk for pair in chunk for pk in (pair.mentor_id, pair.mentee_id)])
        for pair in chunk:
            for me, partner in ((pair.mentor, pair.mentee), (pair.mentee, pair.mentor)):
                if me.person.email and me.person.status == PersonStatus.ACTIVE:
                    yield _introduction(organization, pair, me, partner, answers.get(partner.pk, {}))


def _introduction(
    organization: Organization, pair: Pair, me: Participant, partner: Participant, answers: dict[str, str]
) -> Reminder:
    program = pair.cohort.program
    return Reminder(
        object_key=f"pair:{pair.pk}:{me.role}",
        due_on=pair.published_at.date(),
        kind="introduction",
        to=Recipient.of_person(me.person, organization),
        context=lambda: mail_context(
            organization,
            contact=contact_of(program),
            program=program,
            cohort=pair.cohort,
            partner=partner.person,
            leads=me.role == PairRole.MENTOR,
            reasons=pair.reasons.get(me.role, []),
            introduction=answers.get("introduction", ""),
            learning_question=answers.get("learning_question", ""),
            url=participant_url(me, "pair", pair_id=pair.pk),
        ),
        reply_to=contact_of(program)["email"],
        at_once=True,
    )


def _enrolment_context(organization: Organization, participant: Participant, **more: Any) -> dict[str, Any]:
    cohort = participant.cohort
    joined = participant.status == ParticipantStatus.JOINED
    return mail_context(
        organization,
        contact=contact_of(cohort.program),
        program=cohort.program,
        cohort=cohort,
        participant=participant,
        as_mentor=participant.role == PairRole.MENTOR,
        joined=joined,
        months=months_between(cohort.starts_on, cohort.ends_on),
        url=participant_url(participant, "questionnaire" if joined else "join"),
        **more,
    )


def _reachable(found: QuerySet[Participant]) -> QuerySet[Participant]:
    return found.filter(person__status=PersonStatus.ACTIVE).exclude(person__email="").order_by("pk")


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
