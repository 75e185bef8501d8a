from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class PickForm(forms.Form):
    """`instead`: whose place in a full list is given away."""

    instead = forms.IntegerField(required=False, min_value=1)


class OrderForm(forms.Form):
    """The whole list, first choice first: `order` once for each."""

    order = forms.TypedMultipleChoiceField(coerce=int, required=True)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        ids = [value for value in data.getlist("order") if value.isdecimal() and len(value) < 19]
        self.fields["order"].choices = [(value, value) for value in ids]  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    to = forms.ChoiceField(choices=[("up", _("Up")), ("down", _("Down"))])

    @property
    def steps(self) -> int:
        return -1 if self.cleaned_data["to"] == "up" else 1
