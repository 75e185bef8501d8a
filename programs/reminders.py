"""Mails that follow from where a participant or pair stands: invitation, nudges, introduction.

They are rules and not calls, so that an invitation of thousands is planned by a worker in batches, and a
mail that was not planned because the broker was down is found by the scheduler's next round.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import models as db
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from mentoring.batches import batches
from mentoring.enums import PersonStatus
from mentoring.mail.outbox import Recipient
from mentoring.mail.reminders import Reminder, ReminderRule, reminder_key
from mentoring.models import Organization, OutgoingMessage
from mentoring.queries.contacts import mail_context
from mentoring.rules import today_in
from programs.enums import OVER_EARLY, CohortStatus, PairRole, PairStatus, ParticipantStatus
from programs.guards import participant_url
from programs.models import Cohort, Pair, Participant
from programs.queries.cohorts import contact_of
from programs.queries.mails import (
    about_enrolment,
    about_pair,
    about_waitlist,
    enrolment_ends,
    pair_sequence,
    pair_thread,
)
from programs.queries.needs import needs_of
from programs.queries.pairs import pairs
from programs.queries.participants import has_pair, participants, shared_answers
from programs.queries.rests import on_break
from programs.rules import months_of

PLANNED_WITHIN = timedelta(days=14)
NUDGE_AFTER = timedelta(days=4)
NUDGE_WITHIN = timedelta(days=7)
LAST_CALL = timedelta(days=3)
WAITLIST_AFTER = timedelta(hours=12)  # time to take a publication back, or to find somebody a partner
BATCH = 250
NEEDS_NAMED = 5


@dataclass(frozen=True)
class Case:
    """What tells one mail of a rule from the others: about what, for which day, to which address."""

    object_key: str
    due_on: date
    email: str


def invitations(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """Everybody who was invited in the last two weeks, neither joined nor declined and is not on a break:
    at once."""
    today = today_in(organization.time_zone, now)
    waiting = (
        _reachable(participants())
        .filter(
            ~on_break(today),
            status=ParticipantStatus.INVITED,
            invited_at__gt=now - PLANNED_WITHIN,
        )
        .filter(_enrolling(today))
    )
    cases = {
        pk: Case(f"participant:{pk}:{at:%Y%m%d%H%M%S}", at.date(), email)
        for pk, at, email in waiting.values_list("pk", "invited_at", "person__email")
        if at
    }
    wanted: dict[int, list[str]] = {}
    for participant in _missing("invitation", cases, participants()):
        cohort, topics = participant.cohort, []
        if participant.role == PairRole.MENTOR and cohort.needs_published_at:
            topics = wanted.get(cohort.pk) or needs_of(cohort).top(NEEDS_NAMED)
            wanted[cohort.pk] = topics
        case = cases[participant.pk]
        yield _enrolment_mail(organization, participant, "invitation", case, at_once=True, needs=topics)


def enrolment_nudges(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """Who was invited and has not joined, or joined and has not answered: once after four days, and once
    three days before enrolment closes. The first is left out when the last call is due anyway. Nobody is
    asked for a yes who is on a break."""
    today = today_in(organization.time_zone, now)
    open_cases = (
        _reachable(participants())
        .filter(
            Q(~on_break(today), status=ParticipantStatus.INVITED)
            | Q(status=ParticipantStatus.JOINED, answered_at=None),
            invited_at__lte=now - NUDGE_AFTER,
        )
        .filter(_enrolling(today))
    )
    last: dict[int, Case] = {}
    first: dict[int, Case] = {}
    ends = db.Case(
        db.When(cohort__status=CohortStatus.RUNNING, then="cohort__late_until"),
        default="cohort__enroll_until",
    )
    found = open_cases.annotate(ends=ends).values_list("pk", "invited_at", "person__email", "ends")
    for pk, at, email, enrol_by in found:
        assert at  # filtered above
        last_call = enrol_by - LAST_CALL
        if today >= last_call:
            last[pk] = Case(f"participant:{pk}", last_call, email)
        elif now - at <= NUDGE_AFTER + NUDGE_WITHIN:
            nudged = today_in(organization.time_zone, at + NUDGE_AFTER)
            first[pk] = Case(f"participant:{pk}", nudged, email)
    for cases, is_last in ((first, False), (last, True)):
        for participant in _missing("enrolment_nudge", cases, participants()):
            case = cases[participant.pk]
            yield _enrolment_mail(organization, participant, "enrolment_nudge", case, last_call=is_last)


def _enrolling(today: date) -> Q:
    """Participants who can join today; late ones only if they were invited after pairs were published."""
    return Q(cohort__status=CohortStatus.ENROLLING, cohort__enroll_until__gte=today) | Q(
        cohort__status=CohortStatus.RUNNING,
        cohort__late_until__gte=today,
        invited_at__gt=F("cohort__published_at"),
    )


def introductions(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """Both sides of every pair published in the last two weeks: at once."""
    published = pairs().filter(
        status=PairStatus.ACTIVE,
        published_at__gt=now - PLANNED_WITHIN,
        cohort__status__in=(CohortStatus.MATCHING, CohortStatus.RUNNING),
        mentor__person__status=PersonStatus.ACTIVE,
        mentee__person__status=PersonStatus.ACTIVE,
    )
    unplanned: set[int] = set()
    for role in PairRole:
        side = f"{role.value}__person__"
        reachable = published.exclude(**{side + "email": ""})
        cases = {
            pk: Case(_pair_key(pk, role, times), at.date(), email)
            for pk, at, times, email in reachable.values_list(
                "pk", "published_at", "publications", side + "email"
            )
        }
        unplanned.update(_unplanned("introduction", cases))
    for chunk in batches(sorted(unplanned), BATCH):
        found = list(pairs().filter(pk__in=chunk).order_by("pk"))
        answers = shared_answers([pk for pair in found for pk in (pair.mentor_id, pair.mentee_id)])
        for pair in found:
            for me, partner in ((pair.mentor, pair.mentee), (pair.mentee, pair.mentor)):
                if me.person.email and me.person.status == PersonStatus.ACTIVE:
                    yield _introduction(organization, pair, me, partner, answers.get(partner.pk, {}))


def _pair_key(pair_id: int, role: str, publications: int) -> str:
    """A pair that was taken back and published again is introduced again."""
    return f"pair:{pair_id}:{role}" + (f":{publications}" if publications > 1 else "")


def pairs_over(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """Both sides of a pair that ended early, or was taken back, in the last two weeks: at once."""
    over = pairs().filter(status__in=OVER_EARLY, ended_at__gt=now - PLANNED_WITHIN)
    over = over.exclude(cohort__status=CohortStatus.CLOSED)
    for pair in over.order_by("pk").iterator(chunk_size=BATCH):
        for me, partner in ((pair.mentor, pair.mentee), (pair.mentee, pair.mentor)):
            if me.person.email and me.person.status == PersonStatus.ACTIVE and pair.ended_at:
                yield Reminder(
                    object_key=_pair_key(pair.pk, me.role, pair.publications),
                    due_on=pair.ended_at.date(),
                    kind="pair_over",
                    to=Recipient.of_person(me.person, organization),
                    context=partial(
                        _enrolment_context,
                        organization,
                        me,
                        cohort=pair.cohort,
                        page="participant",
                        partner=partner.person,
                        retracted=pair.status == PairStatus.RETRACTED,
                        left=bool(pair.left),
                    ),
                    reply_to=contact_of(pair.cohort.program)["email"],
                    about=about_pair(pair),
                    thread=pair_thread(pair, me),
                    sequence=pair_sequence(pair),
                    at_once=True,
                )


def waitlisted(organization: Organization, now: datetime) -> Iterator[Reminder]:
    """Who was left without a partner when pairs were published, in the last two weeks: the next morning.
    Not whose partner left: they have been told."""
    partner_left = Pair.objects.filter(
        Q(mentor=OuterRef("pk")) | Q(mentee=OuterRef("pk")), ended_at=OuterRef("waitlisted_at")
    ).exclude(left="")
    left = _reachable(participants()).filter(
        ~Exists(partner_left),
        ~has_pair(),
        status=ParticipantStatus.JOINED,
        waitlisted_at__gt=now - PLANNED_WITHIN,
        waitlisted_at__lte=now - WAITLIST_AFTER,
        cohort__status=CohortStatus.RUNNING,
    )
    cases = {
        pk: Case(f"participant:{pk}", at.date(), email)
        for pk, at, email in left.values_list("pk", "waitlisted_at", "person__email")
        if at
    }
    for participant in _missing("waitlist", cases, participants()):
        case = cases[participant.pk]
        yield _mail(
            organization,
            participant,
            "waitlist",
            case,
            context=partial(_enrolment_context, organization, participant, page="participant"),
            about=about_waitlist(participant),
        )


def _introduction(
    organization: Organization, pair: Pair, me: Participant, partner: Participant, answers: dict[str, str]
) -> Reminder:
    program = pair.cohort.program
    return Reminder(
        object_key=_pair_key(pair.pk, me.role, pair.publications),
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
        about=about_pair(pair),
        thread=pair_thread(pair, me),
        sequence=pair_sequence(pair),
        at_once=True,
    )


def _enrolment_mail(
    organization: Organization,
    participant: Participant,
    kind: str,
    case: Case,
    *,
    at_once: bool = False,
    **more: Any,
) -> Reminder:
    return _mail(
        organization,
        participant,
        kind,
        case,
        context=partial(_enrolment_context, organization, participant, **more),
        about=about_enrolment(participant),
        useful_until=enrolment_ends(participant, organization.time_zone),
        at_once=at_once,
    )


def _mail(
    organization: Organization, participant: Participant, kind: str, case: Case, **more: Any
) -> Reminder:
    return Reminder(
        object_key=case.object_key,
        due_on=case.due_on,
        kind=kind,
        to=Recipient.of_person(participant.person, organization),
        reply_to=contact_of(participant.cohort.program)["email"],
        **more,
    )


def _enrolment_context(
    organization: Organization,
    participant: Participant,
    *,
    cohort: Cohort | None = None,
    page: str = "",
    **more: Any,
) -> dict[str, Any]:
    cohort = cohort or participant.cohort
    joined = participant.status == ParticipantStatus.JOINED
    return mail_context(
        organization,
        contact=contact_of(cohort.program),
        program=cohort.program,
        cohort=cohort,
        participant=participant,
        as_mentor=participant.role == PairRole.MENTOR,
        joined=joined,
        months=len(months_of(cohort.starts_on, cohort.ends_on)),
        url=participant_url(participant, page or ("questionnaire" if joined else "join")),
        **more,
    )


def _reachable(found: QuerySet[Participant]) -> QuerySet[Participant]:
    return found.filter(person__status=PersonStatus.ACTIVE).exclude(person__email="").order_by("pk")


def _unplanned(rule: str, cases: Mapping[int, Case]) -> Iterator[int]:
    """Those of the cases whose mail does not stand in the outbox yet. The outbox would drop a second one
    anyway; this spares a cohort of thousands from being loaded at each of the scheduler's rounds."""
    for chunk in batches(cases.items(), BATCH):
        keys = {reminder_key(rule, case.object_key, case.due_on, case.email): pk for pk, case in chunk}
        known = OutgoingMessage.objects.filter(idempotency_key__in=keys)
        for key in known.values_list("idempotency_key", flat=True):
            del keys[key]
        yield from keys.values()


def _missing(rule: str, cases: Mapping[int, Case], found: QuerySet[Participant]) -> Iterator[Participant]:
    for chunk in batches(_unplanned(rule, cases), BATCH):
        yield from found.filter(pk__in=chunk).order_by("pk")


RULES = (
    ReminderRule("invitation", invitations),
    ReminderRule("enrolment_nudge", enrolment_nudges),
    ReminderRule("introduction", introductions),
    ReminderRule("pair_over", pairs_over),
    ReminderRule("waitlist", waitlisted),
)
