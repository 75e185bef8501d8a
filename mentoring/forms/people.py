from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.enums import PersonStatus
from mentoring.forms.fields import LineField


class PeopleFilterForm(forms.Form):
    """Search and filters of the people list. What is not a choice is ignored: old links still open."""

    quiet_optional = True
    q = LineField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name, e-mail, ID or title")}),
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("Everybody")), *PersonStatus.choices]
    )
    region = forms.ChoiceField(label=_("Region"), required=False)
    location = forms.ChoiceField(label=_("Location"), required=False)
    unit = forms.ChoiceField(label=_("Unit"), required=False)
    level = forms.ChoiceField(label=_("Level"), required=False)
    manager = forms.IntegerField(required=False, widget=forms.HiddenInput)
    sort = LineField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, choices: dict[str, list[tuple[str, str]]]) -> None:
        super().__init__(data, auto_id="filter_%s")
        for name, found in choices.items():
            if found:
                self.fields[name].choices = [("", _("All")), *found]  # type: ignore[attr-defined]
            else:
                del self.fields[name]

    def criteria(self) -> dict[str, Any]:
        self.is_valid()
        return dict(self.cleaned_data)

    def is_active(self) -> bool:
        return any(value for name, value in self.criteria().items() if name != "sort")
