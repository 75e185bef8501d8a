"""One pair and its meetings, as its two people see them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from mentoring.enums import PersonStatus
from mentoring.models import Organization, Person
from programs.enums import ParticipantStatus
from programs.models import Pair, Participant
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from sessions.times import TwoClocks

PEOPLE = ("mentor__person", "mentee__person")
WITH_PEOPLE = ("organization", "cohort__program__champion__user", *PEOPLE)


@dataclass(frozen=True)
class Side:
    """A pair from one of its two people's point of view."""

    pair: Pair
    participant: Participant
    partner: Participant

    @property
    def person(self) -> Person:
        return self.participant.person

    @property
    def organization(self) -> Organization:
        return self.pair.organization

    @property
    def has_left(self) -> bool:
        """Whether the pair ended because this side left the organization."""
        return self.pair.left == self.participant.role

    @property
    def my_zone(self) -> str:
        return self.person.zone(self.organization)

    @property
    def their_zone(self) -> str:
        return self.partner.person.zone(self.organization)

    @property
    def reasons(self) -> list[str]:
        """Why the two were matched, in the sentences meant for this role."""
        return list(self.pair.reasons.get(self.participant.role) or [])

    def clocks(self, starts_at: datetime, minutes: int) -> TwoClocks:
        return TwoClocks(starts_at, minutes, self.my_zone, self.their_zone)


def sides(pair: Pair) -> tuple[Side, Side]:
    return Side(pair, pair.mentor, pair.mentee), Side(pair, pair.mentee, pair.mentor)


def side_of(pair: Pair, participant_id: int) -> Side | None:
    """The pair as this participant sees it; None for somebody who is not one of the two."""
    return next((side for side in sides(pair) if side.participant.pk == participant_id), None)


def pairs_of(participant: Participant) -> QuerySet[Pair]:
    mine = Q(mentor=participant) | Q(mentee=participant)
    return Pair.objects.filter(mine).select_related(*WITH_PEOPLE).order_by("-published_at", "pk")


def meetings_of(pair: Pair) -> list[Meeting]:
    return list(Meeting.objects.filter(pair=pair).order_by("starts_at", "pk"))


def ordinal_of(meeting: Meeting, meetings: list[Meeting]) -> int:
    """Which meeting of the pair this is, counting those that took or will take place."""
    counted = (MeetingStatus.PLANNED, MeetingStatus.HELD)
    return 1 + sum(
        other.status in counted and other.pk != meeting.pk and other.starts_at < meeting.starts_at
        for other in meetings
    )


def find_meeting(pair: Pair, meeting_id: int) -> Meeting | None:
    return Meeting.objects.filter(pair=pair, pk=meeting_id).first()


def takes_part(participant: Participant) -> bool:
    return participant.status == ParticipantStatus.JOINED and participant.person.status == PersonStatus.ACTIVE
