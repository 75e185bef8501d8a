from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from mentoring.forms.editing import EditForm
from mentoring.forms.fields import LineField
from programs.enums import CohortStatus, MatchingMode
from programs.models import Cohort
from programs.rules import (
    CHOOSING,
    DATES,
    EDITABLE,
    PHASED,
    PICKS_AT_MOST,
    add_months,
    check_choosing,
    check_dates,
)
from programs.templates_catalog.base import ProgramTemplate

OWN = "own"
LENGTHS = [("6", _("6 months")), ("12", _("12 months")), (OWN, _("Until a day of my choice"))]
MINUTES = (30, 45, 60, 90)
DETAILS = ("name", "meeting_minutes", *CHOOSING, "mentees_first", "late_until")


def day_field(**options: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options)


class CohortForm(EditForm):
    """Name, dates, meeting length and who decides on pairs. Once it is valid, `dates` holds the four days
    and `details` everything else."""

    name = LineField(
        label=_("Name"), max_length=120, help_text=_("Participants read it, for example “Spring 2027”.")
    )
    enroll_from = day_field(
        label=_("Enrolment opens"), help_text=_("The first day on which you invite people.")
    )
    enroll_until = day_field(
        label=_("Enrolment closes"), help_text=_("The last day on which people can join and answer.")
    )
    starts_on = day_field(label=_("First day"), help_text=_("From here on pairs meet."))
    length = forms.ChoiceField(label=_("It lasts"), choices=LENGTHS, widget=forms.RadioSelect)
    ends_on = day_field(
        label=_("Last day"), required=False, help_text=_("Only if you chose a day of your own above.")
    )
    meeting_minutes = forms.TypedChoiceField(
        label=_("Length of a meeting"),
        coerce=int,
        choices=[(minutes, _("%(minutes)s minutes") % {"minutes": minutes}) for minutes in MINUTES],
    )

    matching_mode = forms.ChoiceField(
        label=_("Who decides who meets whom?"), choices=MatchingMode.choices, widget=forms.RadioSelect
    )
    choose_until = day_field(
        label=_("Last day to choose"),
        required=False,
        help_text=_("If people choose: they can from the end of enrolment until the end of this day."),
    )
    picks_at_most = forms.IntegerField(
        label=_("Picks for each"),
        min_value=1,
        max_value=PICKS_AT_MOST,
        help_text=_("How many partners each may name, in order."),
    )
    mentees_first = forms.BooleanField(
        label=_("Mentees enrol first"),
        required=False,
        help_text=_(
            "You publish what mentees want to learn, without names, and invite mentors who can show it."
        ),
    )

    late_until = day_field(
        label=_("Late joiners until"),
        required=False,
        help_text=_("You can invite people until then; they are matched with whoever is free."),
    )

    def __init__(self, data: Any, *, today: date, cohort: Cohort | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.today, self.cohort = today, cohort
        if cohort is None or cohort.status != CohortStatus.RUNNING:
            del self.fields["late_until"]
        if cohort:
            self._for_editing(cohort)

    def _for_editing(self, cohort: Cohort) -> None:
        del self.fields["length"]
        self.fields["ends_on"].required = True
        self.fields["ends_on"].help_text = ""
        self.initial = {name: getattr(cohort, name) for name in self.fields}
        minutes = cohort.meeting_minutes
        if minutes not in MINUTES:
            self.fields["meeting_minutes"].choices += [(minutes, minutes)]  # type: ignore[attr-defined]
        for name in (PHASED & self.fields.keys()) - EDITABLE[CohortStatus(cohort.status)]:
            self.fields[name].disabled = True
            self.fields[name].help_text = _("Fixed in the phase “%(phase)s”.") % {
                "phase": cohort.get_status_display()
            }
        self.carry_shown()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        length = data.pop("length", OWN)
        if length and length != OWN and data.get("starts_on"):
            try:
                data["ends_on"] = add_months(data["starts_on"], int(length))
            except (OverflowError, ValueError):  # the year 9999 has no next one
                self.add_error("starts_on", _("This day is too far away."))
        if not self.cohort and length == OWN and not data.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", _("Choose the last day."))
        if all(data.get(name) for name in DATES):
            wrong = check_dates(
                {name: data[name] for name in DATES}, today=self.today, new=self.cohort is None
            )
            for name, message in wrong.items():
                field = "length" if name == "ends_on" and length != OWN else name
                self.add_error(field, message)  # type: ignore[arg-type]
        if all(data.get(name) for name in ("enroll_until", "starts_on", "matching_mode", "picks_at_most")):
            self._clean_choosing(data)
        if data.get("late_until") and data.get("ends_on") and data["late_until"] > data["ends_on"]:
            self.add_error("late_until", _("The cohort is over by then. Choose an earlier day."))
        return data

    def _clean_choosing(self, data: dict[str, Any]) -> None:
        if data["matching_mode"] == MatchingMode.ASSIGNED:
            data["choose_until"] = None
        wrong = check_choosing(
            data["matching_mode"],
            data.get("choose_until"),
            data["picks_at_most"],
            enroll_until=data["enroll_until"],
            starts_on=data["starts_on"],
        )
        for name, message in wrong.items():
            if name not in self.errors:
                self.add_error(name, message)  # type: ignore[arg-type]

    @property
    def dates(self) -> dict[str, date]:
        return {name: self.cleaned_data[name] for name in DATES}

    @property
    def details(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in DETAILS if name in self.fields}


def initial_for(template: ProgramTemplate | None, *, today: date) -> dict[str, Any]:
    """Dates that work: three weeks to enrol, one to choose and match."""
    starts_on = today + timedelta(days=28)
    months = str(template.months) if template else "6"
    return {
        "name": date_format(starts_on, "F Y"),
        "enroll_from": today,
        "enroll_until": today + timedelta(days=21),
        "starts_on": starts_on,
        "matching_mode": MatchingMode.ASSIGNED,
        "choose_until": today + timedelta(days=26),
        "picks_at_most": 3,
        "length": months if months in dict(LENGTHS) else "6",
        "meeting_minutes": template.meeting_minutes if template else 45,
    }
