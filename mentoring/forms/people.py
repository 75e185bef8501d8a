from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.enums import PersonStatus
from mentoring.people.columns import EXTRA, ROSTER
from mentoring.people.mapping import is_sensitive


class PeopleFilterForm(forms.Form):
    """Search and filters of the people list. What is not a choice is ignored: old links still open."""

    quiet_optional = True
    q = forms.CharField(
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
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

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


class RosterUploadForm(forms.Form):
    quiet_optional = True
    file = forms.FileField(
        label=_("File"),
        required=False,  # `require_upload` says what is wrong: too large is not the same as missing
        help_text=_("CSV or Excel (.xlsx), as your HR system exports it. Up to 50 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )


class MappingForm(forms.Form):
    """One choice for every column of the file; the view shows them as rows of a table."""

    day_first = forms.TypedChoiceField(
        label=_("Dates such as 03/04/2026"),
        choices=[("1", _("3 April (day first)")), ("0", _("March 4 (month first)"))],
        coerce=lambda value: value == "1",
        help_text=_("Only needed where no date of a column tells day from month."),
    )
    name = forms.CharField(
        label=_("Remember as"),
        max_length=120,
        required=False,
        help_text=_("The next file with these columns is mapped by itself."),
    )

    def __init__(self, data: Any, *, headers: list[str], mapping: dict[str, str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.headers = headers
        for index, header in enumerate(headers):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=_("Meaning of %(name)s") % {"name": header},
                required=False,
                choices=self.choices_for(header),
                initial=mapping.get(header, ""),
            )

    @staticmethod
    def choices_for(header: str) -> list[Any]:
        further = [("", _("Leave out"))]
        if not is_sensitive(header):
            further.append((EXTRA, _("Keep as a further attribute")))
        return [*further, (_("Roster"), [(column.key, column.label) for column in ROSTER])]

    def rows(self, samples: dict[str, list[str]]) -> list[dict[str, Any]]:
        return [
            {
                "header": header,
                "samples": samples.get(header, []),
                "field": self[f"column_{index}"],
                "sensitive": is_sensitive(header),
            }
            for index, header in enumerate(self.headers)
        ]

    def mapping(self) -> dict[str, str]:
        return {
            header: self.cleaned_data[f"column_{index}"]
            for index, header in enumerate(self.headers)
            if self.cleaned_data.get(f"column_{index}")
        }
