"""Uploading a file and saying what its columns mean."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.forms.fields import LineField
from mentoring.people.columns import EXTRA, ROSTER
from mentoring.people.sensitive import Sensitive


def file_field(help_text: Any) -> forms.FileField:
    return forms.FileField(
        label=_("File"),
        required=False,  # `require_upload` says what is wrong: too large is not the same as missing
        help_text=help_text,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )


class RosterUploadForm(forms.Form):
    quiet_optional = True
    file = file_field(_("CSV or Excel (.xlsx), as your HR system exports it. Up to 50 MB."))


class ColumnsForm(forms.Form):
    """One choice for every column of the file; the view shows them as rows of a table."""

    name = LineField(
        label=_("Remember as"),
        max_length=120,
        required=False,
        help_text=_("The next file with these columns is mapped by itself."),
    )

    def __init__(
        self,
        data: Any,
        *,
        headers: Sequence[str],
        mapping: Mapping[str, str],
        sensitive: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.headers = headers
        self.sensitive = sensitive
        for index, header in enumerate(headers):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=_("Meaning of %(name)s") % {"name": header},
                required=False,
                choices=self.choices_for(header),
                initial=mapping.get(header, ""),
            )

    def choices_for(self, header: str) -> list[Any]:
        return [("", _("Leave out"))]

    def rows(self, samples: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
        return [
            {
                "header": header,
                "samples": samples.get(header, []),
                "field": self[f"column_{index}"],
                "sensitive": Sensitive(self.sensitive[header]).label if header in self.sensitive else "",
                "reason": self[f"reason_{index}"] if f"reason_{index}" in self.fields else None,
            }
            for index, header in enumerate(self.headers)
        ]

    def mapping(self) -> dict[str, str]:
        return {
            header: self.cleaned_data[f"column_{index}"]
            for index, header in enumerate(self.headers)
            if self.cleaned_data.get(f"column_{index}")
        }


class RosterColumnsForm(ColumnsForm):
    quiet_optional = True
    day_first = forms.TypedChoiceField(
        label=_("Dates such as 03/04/2026"),
        choices=[("1", _("3 April (day first)")), ("0", _("March 4 (month first)"))],
        coerce=lambda value: value == "1",
        help_text=_("Only needed where no date of a column tells day from month."),
    )

    def __init__(self, data: Any, *, reasons: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for index, header in enumerate(self.headers):
            if header in self.sensitive:
                self.fields[f"reason_{index}"] = LineField(
                    label=_("Why mentoring needs it"),
                    max_length=250,
                    required=False,
                    initial=reasons.get(header, ""),
                )

    def choices_for(self, header: str) -> list[Any]:
        return [
            *super().choices_for(header),
            (EXTRA, _("Keep as a further column")),
            (_("Roster"), [(column.key, column.label) for column in ROSTER]),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for index, reason in self._reasons():
            if cleaned.get(f"column_{index}") and not reason:
                self.add_error(f"reason_{index}", _("Say why it is needed, or leave the column out."))
        return cleaned

    def reasons(self) -> dict[str, str]:
        return {self.headers[index]: reason for index, reason in self._reasons()}

    def _reasons(self) -> list[tuple[int, str]]:
        names = [(index, f"reason_{index}") for index in range(len(self.headers))]
        return [(index, self.cleaned_data.get(name) or "") for index, name in names if name in self.fields]
