from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.forms.people import PersonField
from mentoring.forms.fields import LineField


class ExclusionForm(forms.Form):
    person = PersonField(label=_("One person"))
    other = PersonField(label=_("The other person"))
    note = LineField(
        label=_("Note"),
        required=False,
        max_length=300,
        help_text=_("Only program champions and admins see it."),
    )

    def __init__(self, data: Any, *, people_url: str) -> None:
        super().__init__(data)
        for field in self.fields.values():
            if isinstance(field, PersonField):
                field.suggest_from(people_url)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("person") and cleaned.get("person") == cleaned.get("other"):
            self.add_error("other", _("Choose two different people."))
        return cleaned
