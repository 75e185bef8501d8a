from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.actions.rulings import NOTE_LENGTH
from matching.actions.runs import SEATS_AT_MOST
from mentoring.forms.fields import LineField

SEATS = [(number, str(number) if number else _("none")) for number in range(SEATS_AT_MOST + 1)]


class WhatIfForm(forms.Form):
    """What a trial run is called, and extra seats that only it counts with."""

    note = LineField(
        label=_("What do you want to know?"),
        max_length=NOTE_LENGTH,
        help_text=_("In a few words: you find it again by them. “Regions count twice”"),
    )
    mentor_seats = forms.TypedChoiceField(label=_("More mentees for each mentor"), choices=SEATS, coerce=int)
    mentee_seats = forms.TypedChoiceField(label=_("More mentors for each mentee"), choices=SEATS, coerce=int)

    def __init__(self, data: Any, *, seats: Mapping[str, int], note: str = "") -> None:
        initial: dict[str, Any] = {f"{role}_seats": number for role, number in seats.items()}
        initial["note"] = note
        super().__init__(data, initial=initial)

    def seats(self) -> dict[str, int]:
        return {role: self.cleaned_data[f"{role}_seats"] for role in ("mentor", "mentee")}
