"""What a pair's page shows, prepared: one query for the meetings, everything else comes with the pair."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from programs.enums import CohortStatus, PairStatus
from sessions.agenda import Text, agenda_of, agenda_title
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from sessions.queries.meetings import Side, meetings_of, ordinal_of
from sessions.times import TwoClocks

TONES = {
    MeetingStatus.PLANNED: "info",
    MeetingStatus.HELD: "success",
    MeetingStatus.MISSED: "warning",
    MeetingStatus.CANCELLED: "neutral",
}


@dataclass(frozen=True)
class Line:
    """One meeting as a line of the list. `waiting`: it began and nobody has said yet how it went."""

    meeting: Meeting
    clocks: TwoClocks
    title: str
    waiting: bool
    ahead: bool

    @property
    def tone(self) -> str:
        return "warning" if self.waiting else TONES[MeetingStatus(self.meeting.status)]

    @property
    def counts(self) -> bool:
        return self.meeting.status in (MeetingStatus.PLANNED, MeetingStatus.HELD)

    @property
    def answered(self) -> bool:
        return self.meeting.status in (MeetingStatus.HELD, MeetingStatus.MISSED)


@dataclass(frozen=True)
class PairPage:
    side: Side
    lines: list[Line]
    next: Line | None
    agenda: Sequence[Text] = field(default_factory=list)

    @property
    def waiting(self) -> list[Line]:
        return [line for line in self.lines if line.waiting]

    @property
    def seen(self) -> int:
        """The highest number shown: a form that says so notices what the partner planned since."""
        return max((line.meeting.number for line in self.lines), default=0)

    @property
    def last(self) -> Meeting | None:
        return self.lines[-1].meeting if self.lines else None

    @property
    def held(self) -> int:
        return sum(line.meeting.status == MeetingStatus.HELD for line in self.lines)

    @property
    def open(self) -> bool:
        """Whether the pair can plan and answer at all."""
        pair = self.side.pair
        return pair.status == PairStatus.ACTIVE and pair.cohort.status != CohortStatus.CLOSED


def line_of(side: Side, meeting: Meeting, meetings: list[Meeting], now: datetime) -> Line:
    planned = meeting.status == MeetingStatus.PLANNED
    ahead = planned and meeting.starts_at + timedelta(minutes=meeting.minutes) > now
    return Line(
        meeting=meeting,
        clocks=side.clocks(meeting.starts_at, meeting.minutes),
        title=agenda_title(ordinal_of(meeting, meetings)),
        waiting=planned and meeting.starts_at <= now,
        ahead=ahead,
    )


def pair_page(side: Side, *, now: datetime) -> PairPage:
    meetings = meetings_of(side.pair)
    lines = [line_of(side, meeting, meetings, now) for meeting in meetings]
    upcoming = next((line for line in lines if line.ahead), None)
    agenda: Sequence[Text] = []
    if upcoming:
        template = side.pair.cohort.program.template_key
        agenda = agenda_of(ordinal_of(upcoming.meeting, meetings), template)
    return PairPage(side, lines, upcoming, agenda)
