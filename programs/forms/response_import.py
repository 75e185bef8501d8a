from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.people.mapping import is_sensitive
from programs.enums import PairRole
from programs.questions import QuestionnaireDefinition
from programs.response_import.columns import PERSON, PERSON_COLUMNS, QUESTION


class ResponseUploadForm(forms.Form):
    quiet_optional = True
    role = forms.ChoiceField(
        label=_("Who answered?"),
        choices=[(PairRole.MENTOR.value, _("Mentors")), (PairRole.MENTEE.value, _("Mentees"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who answered: mentors or mentees.")},
    )
    file = forms.FileField(
        label=_("File"),
        required=False,  # `require_upload` says what is wrong: too large is not the same as missing
        help_text=_("CSV or Excel (.xlsx), as your form tool exports it: one row a person. Up to 50 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )


class ResponseMappingForm(forms.Form):
    """One choice for every column of the file; the view shows them as rows of a table."""

    name = forms.CharField(
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
        definition: QuestionnaireDefinition,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.headers = headers
        choices: list[Any] = [
            ("", _("Leave out")),
            (_("The person"), [(PERSON + key, column.label) for key, column in PERSON_COLUMNS.items()]),
        ]
        choices += [
            (section or _("Questions"), [(QUESTION + q.key, q.label) for q in questions])
            for section, questions in definition.sections
        ]
        for index, header in enumerate(headers):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=_("Meaning of %(name)s") % {"name": header},
                required=False,
                choices=choices,
                initial=mapping.get(header, ""),
            )

    def rows(self, samples: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
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
