from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.queries.people import people_named
from mentoring.models import Person


class PersonField(forms.CharField):
    """Somebody of the roster by e-mail address, employee ID or name; who is meant must be clear."""

    def clean(self, value: Any) -> Person:
        text = super().clean(value)
        found = people_named(text)
        if not found:
            raise forms.ValidationError(
                _("Nobody on the roster is called “%(text)s”. Try the e-mail address."), params={"text": text}
            )
        if len(found) > 1:
            which = ", ".join(f"{person.name} ({person.email or person.employee_id})" for person in found)
            raise forms.ValidationError(
                _("Several people fit “%(text)s”. Enter the e-mail address: %(which)s."),
                params={"text": text, "which": which},
            )
        return found[0]


def _person(label: Any) -> PersonField:
    attrs = {"list": "people-found", "autocomplete": "off"}
    return PersonField(label=label, max_length=254, widget=forms.TextInput(attrs=attrs))


class ExclusionForm(forms.Form):
    person = _person(_("One person"))
    other = _person(_("The other person"))
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=300,
        help_text=_("Only program champions and admins see it."),
    )

    def __init__(self, data: Any, *, people_url: str) -> None:
        super().__init__(data)
        for name in ("person", "other"):
            self.fields[name].widget.attrs |= {
                "data-hx-get": people_url,
                "data-hx-trigger": "input changed delay:300ms",
                "data-hx-target": "#people-found",
            }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("person") and cleaned.get("person") == cleaned.get("other"):
            self.add_error("other", _("Choose two different people."))
        return cleaned
