import datetime as dt
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from mentoring.forms.editing import EditForm
from mentoring.forms.fields import LineField
from mentoring.rules import NotAllowed
from mentoring.templatetags.upward import place_of
from sessions.models import Meeting
from sessions.queries.meetings import Side
from sessions.rules import ClockJump, check_plan, moment_of

PRESETS = (30, 45, 60)
OFFICE = range(9, 17)
DAYS_AHEAD = 3


class MeetingForm(EditForm):
    """When and where, entered in the person's own time zone. `cleaned_data["starts_at"]` is the moment."""

    date = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput(attrs={"type": "time", "step": "300"}, format="%H:%M")
    )
    which = forms.ChoiceField(
        label=_("Which of the two?"),
        choices=[("first", _("the first, before the clocks go back")), ("second", _("the second, after"))],
        widget=forms.RadioSelect,
        required=False,
    )
    minutes = forms.TypedChoiceField(label=_("Length"), coerce=int)
    place = LineField(
        label=_("Place or link"),
        max_length=300,
        required=False,
        help_text=_("A room, a café, or the link of a video call."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, side: Side, now: datetime, moving: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.side, self.now = side, now
        self.zone = ZoneInfo(side.my_zone)
        self.fields["time"].help_text = _("%(place)s time") % {"place": place_of(self.zone)}
        first, last = planning_days(side, now)
        self.fields["date"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}
        lengths = {*PRESETS, side.pair.cohort.meeting_minutes, self._own_length()} - {0}
        self.fields["minutes"].choices = [(minutes, length_text(minutes)) for minutes in sorted(lengths)]  # type: ignore[attr-defined]
        if "which" not in self.data:
            self.fields["which"].widget = forms.HiddenInput()
        if moving:
            self.carry_shown()

    def _own_length(self) -> int:
        return int(self.initial.get("minutes") or 0)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("date") and found.get("time"):
            try:
                found["starts_at"] = self._moment(found["date"], found["time"], found.get("which") or "")
                self._check(found)
            except ClockJump as jump:
                if jump.twice:
                    self.fields["which"].widget = forms.RadioSelect(choices=self.fields["which"].choices)  # type: ignore[attr-defined]
                self.add_error("time", str(jump))
            except NotAllowed as refusal:
                self.add_error("date", str(refusal))
        return found

    def _moment(self, day: dt.date, clock: dt.time, which: str) -> datetime:
        return moment_of(day, clock, self.zone, second=(which == "second") if which else None)

    def _check(self, found: dict[str, Any]) -> None:
        cohort = self.side.pair.cohort
        check_plan(
            starts_at=found["starts_at"],
            minutes=found.get("minutes") or cohort.meeting_minutes,
            now=self.now,
            starts_on=cohort.starts_on,
            ends_on=cohort.ends_on,
            time_zone=self.side.organization.time_zone,
        )


class ClocksForm(forms.Form):
    """What is typed so far, for the line that shows the partner's time."""

    date = forms.DateField()
    time = forms.TimeField()


class MeetingFilterForm(forms.Form):
    q = LineField(
        label=_("Search"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name or e-mail")}),
    )
    show = forms.ChoiceField(label=_("Show"), required=False)
    sort = LineField(required=False, widget=forms.HiddenInput)
    quiet_optional = True

    def __init__(self, *args: Any, monthly: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, Any]] = [("", _("All pairs"))]
        if monthly:
            choices += [("not_met", _("Not met this month")), ("met", _("Met this month"))]
        choices.append(("nothing_planned", _("Nothing planned")))
        self.fields["show"].choices = choices  # type: ignore[attr-defined]


def length_text(minutes: int) -> str:
    return ngettext("%(minutes)s minute", "%(minutes)s minutes", minutes) % {"minutes": minutes}


def planning_days(side: Side, now: datetime) -> tuple[date, date]:
    """The first and the last day that a meeting can be planned for."""
    cohort = side.pair.cohort
    today = now.astimezone(ZoneInfo(side.my_zone)).date()
    return min(max(today, cohort.starts_on), cohort.ends_on), cohort.ends_on


def suggestion(side: Side, now: datetime, last: Meeting | None = None) -> dict[str, Any]:
    """A start for the form: some working days ahead, at an hour that is office time for both if there is
    one; length and place as last time."""
    first, until = planning_days(side, now)
    day = first + timedelta(days=DAYS_AHEAD)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    day = min(day, until)
    return {
        "date": day,
        "time": time(_shared_hour(day, side)),
        "minutes": last.minutes if last else side.pair.cohort.meeting_minutes,
        "place": last.place if last else "",
    }


def _shared_hour(day: date, side: Side) -> int:
    mine, theirs = ZoneInfo(side.my_zone), ZoneInfo(side.their_zone)
    shared = [
        hour for hour in OFFICE if datetime.combine(day, time(hour), mine).astimezone(theirs).hour in OFFICE
    ]
    return min(shared, key=lambda hour: abs(hour - 10), default=10)


def prefilled(side: Side, meeting: Meeting) -> dict[str, Any]:
    local = meeting.starts_at.astimezone(ZoneInfo(side.my_zone))
    return {
        "date": local.date(),
        "time": local.time(),
        "minutes": meeting.minutes,
        "place": meeting.place,
        "which": "second" if local.fold else "",
    }
