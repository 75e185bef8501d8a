from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from mentoring.forms.fields import LineField
from mentoring.queries.people import filter_choices
from programs.enums import PairRole, ParticipantStatus
from programs.forms.rests import ISO, rest_choices
from programs.rules import CAPACITY_AT_MOST, rest_ends

SEARCH = forms.TextInput(attrs={"type": "search", "placeholder": _("Name, e-mail or title")})
STATUSES = [
    ("", _("All")),
    ("unfinished", _("Not finished")),
    (ParticipantStatus.INVITED, _("No reply yet")),
    ("unanswered", _("Joined, questions open")),
    ("answered", _("Joined and answered")),
    (ParticipantStatus.JOINED, _("Joined")),
    (ParticipantStatus.DECLINED, _("Declined")),
    (ParticipantStatus.WITHDRAWN, _("Withdrawn")),
]


class FilterForm(forms.Form):
    """Filters of a list from request.GET. What is not a choice is ignored: old links still open."""

    quiet_optional = True

    def criteria(self) -> dict[str, Any]:
        self.is_valid()
        return dict(self.cleaned_data)

    def is_active(self) -> bool:
        return any(value not in ("", None) for value in self.criteria().values())


class ParticipantFilterForm(FilterForm):
    q = LineField(label=_("Search"), required=False, max_length=100, widget=SEARCH)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All")), *PairRole.choices])
    status = forms.ChoiceField(label=_("Status"), required=False, choices=STATUSES)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter_%s")


class PeopleToInviteForm(FilterForm):
    """Who of the roster; only attributes that the roster has are offered."""

    q = LineField(label=_("Search"), required=False, max_length=100, widget=SEARCH)
    region = forms.ChoiceField(label=_("Region"), required=False)
    location = forms.ChoiceField(label=_("Location"), required=False)
    unit = forms.ChoiceField(label=_("Unit"), required=False)
    level_from = forms.TypedChoiceField(label=_("Level from"), required=False, coerce=int, empty_value=None)
    level_to = forms.TypedChoiceField(label=_("Level to"), required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter_%s")
        found = filter_choices()
        for name, choices in [
            *((name, found[name]) for name in ("region", "location", "unit")),
            ("level_from", [(value, value) for value, _label in found["level"]]),
            ("level_to", [(value, value) for value, _label in found["level"]]),
        ]:
            if choices:
                self.fields[name].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]
            else:
                del self.fields[name]


class InviteForm(forms.Form):
    """In which role, and whom: those ticked (`ticked`, their ids), or everybody whom the filter finds."""

    role = forms.ChoiceField(
        label=_("Invite as"),
        choices=PairRole.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a role first: mentors or mentees.")},
    )
    who = forms.ChoiceField(choices=[("ticked", ""), ("all", "")])

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        ticked = data.getlist("person") if data is not None else []
        self.ticked = {int(pk) for pk in ticked if pk.isdecimal() and len(pk) < 19}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("who") == "ticked" and not self.ticked and not self.errors:
            self.add_error(None, _("Tick at least one person, or invite everybody who fits."))
        return data


class JoinForm(forms.Form):
    capacity = forms.TypedChoiceField(
        coerce=int,
        choices=[
            (number, ngettext_lazy("%(number)s person", "%(number)s people", number) % {"number": number})
            for number in range(1, CAPACITY_AT_MOST + 1)
        ],
        initial=1,
    )

    def __init__(self, data: Any, *, role: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["capacity"].label = (
            _("How many mentees can you take?")
            if role == PairRole.MENTOR
            else _("How many mentors would you like?")
        )


class DeclineForm(forms.Form):
    """Why, if they like to say; and whether we may ask again, unless they are on a break anyway."""

    reason = forms.CharField(
        label=_("Would you tell us why?"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only your program champion reads it."),
    )
    until = forms.DateField(
        label=_("May we ask you again?"), required=False, input_formats=[ISO], widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, today: date, resting: bool = False, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.offered = rest_ends(today)
        if resting:
            del self.fields["until"]
        else:
            self.fields["until"].widget.choices = rest_choices(today)  # type: ignore[attr-defined]

    def clean_until(self) -> date | None:
        """A month that has begun since the page was opened is no break, and their no counts all the same."""
        until: date | None = self.cleaned_data["until"]
        return until if until in self.offered else None


class EndPairForm(forms.Form):
    reason = forms.CharField(
        label=_("Why?"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For you and those who follow you. The two do not read it."),
    )
