from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from programs.enums import PairRole


class _Filter(forms.Form):
    """Search and filters of a list. What is not a choice is ignored: old links still open."""

    quiet_optional = True
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name or e-mail")}),
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.is_valid()

    def value(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")


class _RunFilter(_Filter):
    tab = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    run = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)


class PairFilterForm(_RunFilter):
    shown = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("All pairs")),
            ("low", _("Score under 50")),
            ("nothing", _("Nothing to learn")),
            ("kept", _("Kept")),
        ],
    )
    sort = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

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
