"""What the README, the sign-in page and the pictures say of the demo: checked while it is made, so that a
day on which the story does not come out fails there, with the promise that is broken."""

from collections.abc import Iterator
from datetime import date, datetime

from matching.enums import Choosing, RequestStatus, RunPurpose
from matching.models import MatchRun
from matching.queries.picks import without_picks
from matching.queries.requests import received_by, self_made, sent_by
from matching.queries.seats import choosing_now
from mentoring.enums import MessageStatus, Role
from mentoring.models import Membership, Organization, OutgoingMessage
from mentoring.queries.columns import undecided_columns
from mentoring.queries.outbox import UNDELIVERED
from mentoring.rules import today_in
from mentoring.tenancy.scoping import organization_scope
from outcomes.demo.people import SENSITIVE_COLUMN
from programs.enums import CohortStatus, MatchingMode, PairRole, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant, Rest
from programs.queries.pairs import pairs_of
from programs.rules import choosing_is_open, enrolment_is_open, mentors_wait, month_number
from sessions.enums import MeetingStatus
from sessions.models import Meeting

Promise = tuple[str, bool]
NORTHWIND = {
    "owner@northwind.example": Role.OWNER,
    "champion@northwind.example": Role.CHAMPION,
    "mentor@northwind.example": Role.PARTICIPANT,
    "mentee@northwind.example": Role.PARTICIPANT,
    "overseer@northwind.example": Role.OVERSEER,
}
FABRIKAM = {"champion@fabrikam.example": Role.OWNER}


class PromiseBroken(Exception):
    """The demo's story did not come out as it is told; the message names what is missing."""


def check_northwind(organization: Organization, now: datetime) -> None:
    with organization_scope(organization):
        today = today_in(organization.time_zone, now)
        _check(
            organization,
            now,
            _accounts(NORTHWIND),
            _cohorts(today),
            _cast(organization, now),
            _columns(today),
        )


def check_fabrikam(organization: Organization, now: datetime) -> None:
    with organization_scope(organization):
        today = today_in(organization.time_zone, now)
        _check(organization, now, _accounts(FABRIKAM), _running("First cohort", 2, today))


def _check(organization: Organization, now: datetime, *promises: Iterator[Promise]) -> None:
    broken = [words for some in promises for words, is_kept in some if not is_kept]
    if broken:
        raise PromiseBroken(f"{organization} at {now.isoformat()} is not as promised: {'; '.join(broken)}")


def _accounts(roles: dict[str, Role]) -> Iterator[Promise]:
    for email, role in roles.items():
        memberships = Membership.objects.filter(
            user__email=email, user__emailaddress__verified=True, role=role
        )
        yield f"{email} can sign in as {role.label}", memberships.exists()


def _cohorts(today: date) -> Iterator[Promise]:
    """Northwind has a cohort in every state."""
    pilot, spring, summer, asking = (
        Cohort.objects.select_related("organization", "program").get(name=name)
        for name in ("Pilot year", "Spring cohort", "Summer cohort", "First round")
    )
    yield "Pilot year is over", pilot.status == CohortStatus.CLOSED and pilot.ends_on < today
    completed = Pair.objects.filter(cohort=pilot, status=PairStatus.COMPLETED)
    held = Meeting.objects.filter(pair__cohort=pilot, status=MeetingStatus.HELD)
    yield "Pilot year has pairs that met to its end", completed.exists() and held.exists()
    yield "two mentors of the Pilot year take a break", Rest.objects.filter(until__gt=today).count() == 2
    yield from _running("Autumn cohort", 3, today)
    lost = OutgoingMessage.objects.filter(UNDELIVERED).values_list(
        "status", "person__participations__cohort__name"
    )
    autumn = [status for status, cohort in lost if cohort == "Autumn cohort"]
    yield "one mail did not arrive, to somebody of the Autumn cohort", autumn == [MessageStatus.FAILED]
    ended = Pair.objects.filter(cohort__name="Autumn cohort", status=PairStatus.ENDED)
    yield "two pairs of the Autumn cohort have ended early", ended.count() == 2
    yield "people choose in the Spring cohort", _people_choose(spring, MatchingMode.HYBRID, today)
    yield "some of the Spring cohort have not chosen yet", without_picks(spring).exists()
    drafts = MatchRun.objects.filter(cohort=spring, purpose=RunPurpose.DRAFT)
    draft = drafts.filter(adopted_at__isnull=False).first()
    yield (
        "Spring cohort has a draft with pairs, and people without one",
        draft is not None and draft.proposals.exists() and draft.unmatched.exists(),
    )
    what_if = MatchRun.objects.filter(cohort=spring, purpose=RunPurpose.WHAT_IF)
    yield "Spring cohort has a what-if to compare the draft with", what_if.exists()
    joined = Participant.objects.filter(cohort=summer, status=ParticipantStatus.JOINED)
    yield "enrolment of the Summer cohort is open", enrolment_is_open(summer, today)
    yield "mentees of the Summer cohort have enrolled first", mentors_wait(summer) and joined.exists()
    yield "people ask each other in the First round", _people_choose(asking, MatchingMode.CHOOSE, today)
    yield "some of the First round are pairs already", self_made(asking).pairs > 0
    yield "First round belongs to another program", asking.program_id != spring.program_id


def _columns(today: date) -> Iterator[Promise]:
    undecided = undecided_columns(today)
    yield "a column that looks sensitive waits for a decision", undecided == [SENSITIVE_COLUMN]


def _people_choose(cohort: Cohort, mode: MatchingMode, today: date) -> bool:
    return cohort.matching_mode == mode and choosing_is_open(cohort, today)


def _running(name: str, month: int, today: date) -> Iterator[Promise]:
    cohort = Cohort.objects.get(name=name)
    in_month, _of = month_number(cohort.starts_on, cohort.ends_on, today)
    runs = cohort.status == CohortStatus.RUNNING and cohort.starts_on <= today <= cohort.ends_on
    yield f"{name} runs and is in month {month}", runs and in_month == month
    meetings = Meeting.objects.filter(pair__cohort=cohort)
    yield f"pairs of {name} have met", meetings.filter(status=MeetingStatus.HELD).exists()
    yield f"pairs of {name} will meet", meetings.filter(status=MeetingStatus.PLANNED).exists()


def _cast(organization: Organization, now: datetime) -> Iterator[Promise]:
    """What the table of accounts says of the mentor and the mentee."""

    def of(cohort: str, role: PairRole) -> Participant:
        rows = Participant.objects.select_related("person", "cohort__organization")
        return rows.get(cohort__name=cohort, role=role, person__email=f"{role}@northwind.example")

    mentor, mentee = (of("Autumn cohort", role) for role in PairRole)
    pair = Pair.objects.filter(mentor=mentor, mentee=mentee, status=PairStatus.ACTIVE).first()
    yield "the mentor and the mentee are a pair", pair is not None
    yield "the mentor and the mentee have no other partner in it", pairs_of(mentor).count() == 1
    held = Meeting.objects.filter(pair=pair, status=MeetingStatus.HELD)
    yield "the mentor and the mentee have met", held.exists()
    planned = Meeting.objects.filter(pair=pair, status=MeetingStatus.PLANNED, starts_at__gt=now)
    yield "the mentor and the mentee will meet again", planned.exists()
    for role in PairRole:
        chooser = of("Spring cohort", role)
        state = choosing_now(chooser, organization.time_zone, now)
        yield f"the {role} chooses whom to meet next", state == Choosing.OPEN
        yield f"the {role} has not chosen yet", without_picks(chooser.cohort).filter(pk=chooser.pk).exists()
    receiver, waiting = (of("First round", role) for role in PairRole)
    yield "the mentor has been asked by somebody", bool(received_by(receiver, now))
    open_now = [
        request
        for request in sent_by(waiting)
        if request.status == RequestStatus.OPEN and request.expires_at > now
    ]
    yield "the mentee waits for an answer", bool(open_now)
