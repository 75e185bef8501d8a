"""When a pair may meet, and what may become of a meeting. Pure: no tables, no clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentoring.rules import NotAllowed
from sessions.enums import MeetingStatus

MEETING_TRANSITIONS: dict[MeetingStatus, frozenset[MeetingStatus]] = {
    MeetingStatus.PLANNED: frozenset({MeetingStatus.HELD, MeetingStatus.MISSED, MeetingStatus.CANCELLED}),
    MeetingStatus.HELD: frozenset({MeetingStatus.PLANNED, MeetingStatus.MISSED}),
    MeetingStatus.MISSED: frozenset({MeetingStatus.PLANNED, MeetingStatus.HELD}),
    MeetingStatus.CANCELLED: frozenset(),
}
REFUSALS = {
    MeetingStatus.PLANNED: gettext_lazy("There is nothing to undo: nobody has said yet whether you met."),
    MeetingStatus.HELD: gettext_lazy("You have already said that this meeting took place."),
    MeetingStatus.MISSED: gettext_lazy("You have already said that this meeting did not happen."),
    MeetingStatus.CANCELLED: gettext_lazy("This meeting was cancelled. Plan a new one instead."),
}
MINUTES_AT_LEAST = 10
MINUTES_AT_MOST = 480
GETTING_TO_KNOW = 2  # a pair's first meetings have no goal yet
ASK_FOR = timedelta(days=14)


def require_transition(old: str, new: MeetingStatus) -> None:
    if new not in MEETING_TRANSITIONS[MeetingStatus(old)]:
        raise NotAllowed(REFUSALS[MeetingStatus(old)])


def check_plan(
    *, starts_at: datetime, minutes: int, now: datetime, starts_on: date, ends_on: date, time_zone: str
) -> None:
    """Raise `NotAllowed` unless a meeting may be planned (or moved) to this moment and length."""
    if not MINUTES_AT_LEAST <= minutes <= MINUTES_AT_MOST:
        raise NotAllowed(_("A meeting takes between 10 minutes and 8 hours."))
    day = starts_at.astimezone(ZoneInfo(time_zone or "UTC")).date()
    if day < starts_on:
        raise NotAllowed(
            _("Your program starts on %(day)s. Choose that day or a later one.")
            % {"day": day_text(starts_on)}
        )
    if day > ends_on:
        raise NotAllowed(
            _("Your program ends on %(day)s. Choose that day or an earlier one.") % {"day": day_text(ends_on)}
        )
    if starts_at <= now:
        raise NotAllowed(_("This moment has already passed. Choose a later one."))


def day_text(day: date) -> str:
    return formats.date_format(day, "j F Y")


class ClockJump(NotAllowed):
    """A local time that the clocks skip, or run through twice. `twice` asks which of the two is meant."""

    def __init__(self, message: str, *, twice: bool):
        super().__init__(message)
        self.twice = twice


def moment_of(day: date, clock: time, zone: ZoneInfo, *, second: bool | None = None) -> datetime:
    """The UTC moment of a local day and time. Raises `ClockJump` where it names none, or two and `second`
    does not say which."""
    early, late = (datetime.combine(day, clock, zone).replace(fold=fold) for fold in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    words = {"time": f"{clock:%H:%M}", "day": day_text(day)}
    if early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != early.replace(tzinfo=None):
        raise ClockJump(
            _("There is no %(time)s on %(day)s: the clocks go forward then. Choose another time.") % words,
            twice=False,
        )
    if second is None:
        raise ClockJump(
            _("%(time)s comes twice on %(day)s, because the clocks go back. Say which one you mean.") % words,
            twice=True,
        )
    return (late if second else early).astimezone(UTC)
