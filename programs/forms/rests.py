from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from programs.rules import rest_ends

ISO = "%Y-%m-%d"
HALF_A_YEAR, A_YEAR = 6, 12


class RestForm(forms.Form):
    """How long a break is: until the first day of a month."""

    until = forms.DateField(label=_("Ask me again from"), input_formats=[ISO], widget=forms.Select)

    def __init__(self, data: Any = None, *, today: date) -> None:
        months = rest_ends(today)
        super().__init__(data, initial={"until": months[HALF_A_YEAR - 1]}, auto_id="rest_%s")
        self.fields["until"].widget.choices = [(day, date_format(day, "F Y")) for day in months]  # type: ignore[attr-defined]


def rest_choices(today: date) -> list[tuple[date | str, str]]:
    """What somebody who declines is offered; the first one is no break."""
    months = rest_ends(today)
    half, year = months[HALF_A_YEAR - 1], months[A_YEAR - 1]
    return [
        ("", str(_("For the next cohort"))),
        (half, _("Not before %(month)s, in six months") % {"month": date_format(half, "F Y")}),
        (year, _("Not before %(month)s, in a year") % {"month": date_format(year, "F Y")}),
    ]
