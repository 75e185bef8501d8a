from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.enums import Rule
from matching.models import Criterion, HardRule
from matching.queries.people import people_named
from matching.rules import WEIGHT_AT_MOST
from mentoring.models import Person

WEIGHT_WORDS = {0: _("0 · ignore"), 1: _("1 · a little"), 3: _("3"), 5: _("5 · most")}
WEIGHTS = [(number, WEIGHT_WORDS.get(number, str(number))) for number in range(WEIGHT_AT_MOST + 1)]


class SettingsForm(forms.Form):
    """One weight per criterion and one switch per rule; field names are `weight-<key>` and `rule-<rule>`."""

    def __init__(
        self, data: Any, *, criteria: Iterable[Criterion], rules: Mapping[str, HardRule], **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.criteria = list(criteria)
        for one in self.criteria:
            self.fields[f"weight-{one.key}"] = forms.TypedChoiceField(
                label=one.label, choices=WEIGHTS, coerce=int, initial=one.weight
            )
        for rule, row in rules.items():
            self.fields[f"rule-{rule}"] = forms.BooleanField(
                label=Rule(rule).label, required=False, initial=row.enabled
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.criteria and not self.errors and not any(self.weights().values()):
            raise forms.ValidationError(
                _("Give at least one criterion a weight over 0: otherwise all pairs score the same.")
            )
        return cleaned

    def weights(self) -> dict[str, int]:
        return self._named("weight-")

    def rules(self) -> dict[str, bool]:
        return self._named("rule-")

    def _named(self, prefix: str) -> dict[str, Any]:
        return {
            name.removeprefix(prefix): value
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix)
        }


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
