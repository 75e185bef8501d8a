from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.enums import RulingKind
from mentoring.forms.fields import LineField
from programs.enums import PairRole

PLACE_WORDS = {"unit": _("Unit"), "region": _("Region")}


class _Filter(forms.Form):
    """Search and filters of a list. What is not a choice is ignored: old links still open."""

    quiet_optional = True
    q = LineField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name or e-mail")}),
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.prepare()
        self.is_valid()

    def prepare(self) -> None:
        """Where choices come from the data."""

    def value(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")


class _RunFilter(_Filter):
    tab = LineField(required=False, max_length=20, widget=forms.HiddenInput)
    run = LineField(required=False, max_length=10, widget=forms.HiddenInput)


class PairFilterForm(_RunFilter):
    """`places`: units and regions that can be chosen, by attribute; `picks`: whether picks counted; `based`:
    whether there is a draft before this one to compare with."""

    shown = forms.ChoiceField(label=_("Show"), required=False)
    place = forms.ChoiceField(label=_("Unit or region"), required=False)
    sort = LineField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(
        self, data: Any, *, places: Mapping[str, list[str]], picks: bool = False, based: bool = False
    ) -> None:
        self.base_choices = [
            ("", _("All pairs")),
            ("low", _("Score under 50")),
            ("nothing", _("Nothing to learn")),
            ("kept", _("Kept")),
            ("override", _("A rule overridden")),
        ]
        if based:
            self.base_choices += [
                ("new", _("Other than in the draft before")),
                ("by_hand", _("Changed by hand")),
            ]
        if picks:
            self.base_choices += [("both", _("Picked by both")), ("one", _("Picked by one"))]
        self.places = [
            (PLACE_WORDS[attribute], [(f"{attribute}:{value}", value) for value in values])
            for attribute, values in places.items()
        ]
        super().__init__(data)

    def prepare(self) -> None:
        shown, place = self.fields["shown"], self.fields["place"]
        assert isinstance(shown, forms.ChoiceField)
        assert isinstance(place, forms.ChoiceField)
        shown.choices = self.base_choices
        place.choices = [("", _("Everywhere")), *self.places]
        if not self.places:
            del self.fields["place"]

    @property
    def active(self) -> bool:
        return bool(self.value("q") or self.value("shown") or self.value("place"))


class RulingFilterForm(_Filter):
    said = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("All")),
            (RulingKind.KEEP.value, _("Kept")),
            (RulingKind.NEVER.value, _("Never")),
            ("override", _("A rule overridden")),
        ],
    )

    @property
    def active(self) -> bool:
        return bool(self.value("q") or self.value("said"))


class CompareFilterForm(_Filter):
    """Of two runs: whose view of the pairs that differ, and which of them."""

    first = LineField(required=False, max_length=10, widget=forms.HiddenInput)
    second = LineField(required=False, max_length=10, widget=forms.HiddenInput)
    role = forms.ChoiceField(
        label=_("Seen by"),
        required=False,
        choices=[("", _("Mentees")), (PairRole.MENTOR.value, _("Mentors"))],
    )
    shown = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("All changes")),
            ("gains", _("Who gains")),
            ("loses", _("Who loses")),
            ("placed", _("Only in the second")),
            ("alone", _("Only in the first")),
        ],
    )
    sort = LineField(required=False, max_length=20, widget=forms.HiddenInput)

    @property
    def active(self) -> bool:
        return bool(self.value("q") or self.value("shown"))


class UnmatchedFilterForm(_RunFilter):
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("Both")), *PairRole.choices])

    @property
    def active(self) -> bool:
        return bool(self.value("q") or self.value("role"))


class ExclusionFilterForm(_Filter):
    @property
    def active(self) -> bool:
        return bool(self.value("q"))


class NameSearchForm(_Filter):
    """Finding a suggestion by name."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["q"].widget.attrs["placeholder"] = _("Name")


class WithoutPicksForm(_Filter):
    role = forms.ChoiceField(
        label=_("Role"), required=False, choices=[("", _("Both roles")), *PairRole.choices]
    )

    @property
    def active(self) -> bool:
        return bool(self.value("q") or self.value("role"))
