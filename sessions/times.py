"""A moment on two people's clocks, worded when it is read: in the language that is active then."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from mentoring.templatetags.upward import place_of


@dataclass(frozen=True)
class TwoClocks:
    """When a meeting is, for one side (`mine`) and for the other (`theirs`); both are zone names."""

    starts_at: datetime
    minutes: int
    mine: str
    theirs: str

    @property
    def local(self) -> datetime:
        return self.starts_at.astimezone(ZoneInfo(self.mine))

    @property
    def other(self) -> datetime:
        return self.starts_at.astimezone(ZoneInfo(self.theirs))

    @property
    def day(self) -> str:
        return formats.date_format(self.local, "l j F Y")

    @property
    def short_day(self) -> str:
        return formats.date_format(self.local, "D j F")

    @property
    def start(self) -> str:
        return formats.date_format(self.local, "H:i")

    @property
    def end(self) -> str:
        # Added in UTC: across a change of the clocks an hour is still an hour.
        end = self.starts_at + timedelta(minutes=self.minutes)
        return formats.date_format(end.astimezone(ZoneInfo(self.mine)), "H:i")

    @property
    def place(self) -> str:
        return place_of(ZoneInfo(self.mine))

    @property
    def partner(self) -> str:
        """ "09:00 in Lagos", with the day where it is another one there; empty if the clocks agree."""
        here, there = self.local, self.other
        if here.replace(tzinfo=None) == there.replace(tzinfo=None):
            return ""
        style = "H:i" if here.date() == there.date() else "l H:i"
        return _("%(time)s in %(place)s") % {
            "time": formats.date_format(there, style),
            "place": place_of(ZoneInfo(self.theirs)),
        }

    @property
    def partner_short(self) -> str:
        here, there = self.local, self.other
        if here.replace(tzinfo=None) == there.replace(tzinfo=None):
            return ""
        style = "H:i" if here.date() == there.date() else "D H:i"
        return f"{formats.date_format(there, style)} {place_of(ZoneInfo(self.theirs))}"


def difference(now: datetime, mine: str, theirs: str) -> timedelta:
    """How far their clocks are ahead of mine at this moment (behind: negative)."""
    here, there = (now.astimezone(ZoneInfo(name)).utcoffset() or timedelta() for name in (mine, theirs))
    return there - here
