"""Every reference to a person, a participant, a pair or a membership: what becomes of it when somebody
leaves is said here, and nowhere else is there one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from matching.enums import RequestStatus, RulingKind
from matching.models import PairRequest, Pick, Ruling, SuggestionList, SuggestionRun
from matching.queries.inputs import ready
from mentoring.actions.leaving import mark_left
from mentoring.enums import JobStatus, MessageStatus, Role
from mentoring.models import LinkSession, Membership, OutgoingMessage, Person, User
from programs.enums import PairStatus, ParticipantStatus
from programs.models import Pair, Participant, Program
from programs.queries.cohorts import contact_of
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from tests.cast import NOW, PASSWORD, Cast

OF = (Person, Membership, Participant, Pair)
# What would go on if nobody ended it: more than nothing before somebody leaves, nothing after.
ENDS: dict[str, Callable[[Person], QuerySet[Any]]] = {
    "mentoring.OutgoingMessage.person": lambda one: OutgoingMessage.objects.filter(
        person=one, status=MessageStatus.QUEUED
    ).exclude(calendar_method="CANCEL"),
    "mentoring.LinkSession.person": lambda one: LinkSession.objects.filter(person=one),
    "programs.Participant.person": lambda one: Participant.objects.filter(
        person=one, status__in=(ParticipantStatus.INVITED, ParticipantStatus.JOINED)
    ),
    "programs.Pair.mentor": lambda one: Pair.objects.filter(mentor__person=one, status=PairStatus.ACTIVE),
    "programs.Pair.mentee": lambda one: Pair.objects.filter(mentee__person=one, status=PairStatus.ACTIVE),
    "mentoring_sessions.Meeting.pair": lambda one: Meeting.objects.filter(
        Q(pair__mentor__person=one) | Q(pair__mentee__person=one),
        status=MeetingStatus.PLANNED,
        starts_at__gt=NOW,
    ),
    "matching.Pick.participant": lambda one: Pick.objects.filter(participant__person=one, rank__isnull=False),
    "matching.Pick.partner": lambda one: Pick.objects.filter(partner__person=one, rank__isnull=False),
    "matching.PairRequest.sender": lambda one: PairRequest.objects.filter(
        sender__person=one, status=RequestStatus.OPEN
    ),
    "matching.PairRequest.receiver": lambda one: PairRequest.objects.filter(
        receiver__person=one, status=RequestStatus.OPEN
    ),
    "matching.SuggestionList.participant": lambda one: SuggestionList.objects.filter(participant__person=one),
    "matching.Ruling.mentor": lambda one: Ruling.objects.filter(mentor__person=one, kind=RulingKind.KEEP),
    "matching.Ruling.mentee": lambda one: Ruling.objects.filter(mentee__person=one, kind=RulingKind.KEEP),
}
STAYS = {
    "mentoring.Person.manager": "HR's own statement; an import says who the new manager is, and notes it",
    "programs.Rest.person": "a wish of hers that holds when she comes back",
    "programs.Program.sponsor": "named on the home page with a successor to choose; her words are not shown",
    "programs.Program.champion": "named on the home page; others answer participants meanwhile",
    "programs.Program.deputy": "named on the home page; stands in for nobody meanwhile",
    "programs.Response.participant": "what was answered; whoever does not take part is read by no run",
    "mentoring_sessions.Meeting.planned_by": "history of a meeting, which ends with its pair",
    "mentoring_sessions.Meeting.answered_by": "history of a meeting that was",
    "matching.Exclusion.person": "protects somebody, also if she comes back; not listed meanwhile",
    "matching.Exclusion.other": "as the other side",
    "matching.Proposal.mentor": "a draft as it was found: cannot be published, and offers its repair",
    "matching.Proposal.mentee": "as the other side",
    "matching.Unmatched.participant": "a draft as it was found",
    "matching.MatchInquiry.mentor": "an answer about a draft as it was found",
    "matching.MatchInquiry.mentee": "as the other side",
}


def references() -> set[str]:
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.is_relation and field.related_model in OF
    }


def test_every_reference_ends_or_stays_for_a_reason() -> None:
    assert references() == ENDS.keys() | STAYS.keys()
    assert not ENDS.keys() & STAYS.keys()


def in_everything(cast: Cast) -> Person:
    """The mentor of the pair, who is mentee with another, with one of everything that could go on."""
    person, cohort, other = cast.people["mentor"], cast.cohort, cast.mentee
    user = User.objects.create_user(person.email, PASSWORD, name=person.name)
    member = Membership.objects.create(user=user, role=Role.CHAMPION, joined_at=NOW)
    person.user = user
    person.save()
    Program.objects.update(champion=member, sponsor=person)
    spare = Participant.objects.create(
        cohort=cohort, person=cast.people["spare"], role="mentor", status="joined", answered_at=NOW
    )
    Participant.objects.filter(cohort=cohort).update(answered_at=NOW)
    second = type(cohort).objects.create(
        program=cast.program,
        name="Second",
        status="running",
        enroll_from=cohort.enroll_from,
        enroll_until=cohort.enroll_until,
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
    )
    mine = Participant.objects.create(cohort=second, person=person, role="mentee", status="joined")
    theirs = Participant.objects.create(
        cohort=second, person=cast.people["spare"], role="mentor", status="joined"
    )
    Pair.objects.create(cohort=second, mentor=theirs, mentee=mine, published_at=NOW)
    Meeting.objects.create(
        pair=cast.pair, number=1, starts_at=NOW + timedelta(days=2), minutes=45, planned_by=cast.mentor
    )
    run = SuggestionRun.objects.create(cohort=cohort, status=JobStatus.DONE)
    SuggestionList.objects.create(run=run, participant=cast.mentor, partners=[other.pk], scores=[90])
    for one, two in ((cast.mentor, other), (other, cast.mentor)):
        Pick.objects.create(participant=one, partner=two, rank=1)
        PairRequest.objects.create(
            cohort=cohort, sender=one, receiver=two, sent_at=NOW, expires_at=NOW + timedelta(days=3)
        )
    Ruling.objects.create(cohort=cohort, mentor=cast.mentor, mentee=other, kind=RulingKind.KEEP)
    Ruling.objects.create(cohort=second, mentor=theirs, mentee=mine, kind=RulingKind.KEEP)
    OutgoingMessage.objects.create(
        kind="plan_a_meeting", to_email=person.email, person=person, idempotency_key="waits"
    )
    LinkSession.objects.create(person=person, opened_at=NOW, until=NOW + timedelta(hours=12))
    assert spare.pk
    return person


def test_what_ends_has_ended(northwind: Cast) -> None:
    with northwind.scope():
        person = in_everything(northwind)
        before = {name: of(person).count() for name, of in ENDS.items()}
        assert [name for name, number in before.items() if not number] == []
        mark_left(person=person, now=NOW, by=northwind.by)
        after = {name: of(person).count() for name, of in ENDS.items()}
        assert after == dict.fromkeys(ENDS, 0)
        assert Membership.objects.get(user=person.user).suspended_at == NOW
        assert not ready(northwind.cohort).filter(person=person).exists()
        program = Program.objects.get(pk=northwind.program.pk)
        assert contact_of(program)["email"] == northwind.champion.email  # the organization's contact
