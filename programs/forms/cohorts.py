from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from programs.enums import CohortStatus
from programs.models import Cohort
from programs.rules import DATES, EDITABLE, add_months, check_dates
from programs.templates_catalog.base import ProgramTemplate

OWN = "own"
LENGTHS = [("6", _("6 months")), ("12", _("12 months")), (OWN, _("Until a day of my choice"))]
MINUTES = (30, 45, 60, 90)


def day_field(**options: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options)


class CohortForm(forms.Form):
    """Name, dates and meeting length; `dates` holds the four days once it is valid."""

    name = forms.CharField(
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

    def __init__(self, data: Any, *, today: date, cohort: Cohort | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.today, self.cohort = today, cohort
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
        for name in set(DATES) - EDITABLE[CohortStatus(cohort.status)]:
            self.fields[name].disabled = True
            self.fields[name].help_text = _("Fixed in the phase “%(phase)s”.") % {
                "phase": cohort.get_status_display()
            }

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
        return data

    @property
    def dates(self) -> dict[str, date]:
        return {name: self.cleaned_data[name] for name in DATES}


def initial_for(template: ProgramTemplate | None, *, today: date) -> dict[str, Any]:
    """Dates that work: three weeks to enrol, one to match."""
    starts_on = today + timedelta(days=28)
    months = str(template.months) if template else "6"
    return {
        "name": date_format(starts_on, "F Y"),
        "enroll_from": today,
        "enroll_until": today + timedelta(days=21),
        "starts_on": starts_on,
        "length": months if months in dict(LENGTHS) else "6",
        "meeting_minutes": template.meeting_minutes if template else 45,
    }
