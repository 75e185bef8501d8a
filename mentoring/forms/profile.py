from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.enums import Theme
from mentoring.forms.editing import EditForm
from mentoring.forms.fields import LanguageField, LineField, TimeZoneField
from mentoring.models import User


class PreferencesForm(EditForm):
    name = LineField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    time_zone = TimeZoneField(required=False, empty=_("As my organization"))
    language = LanguageField(required=False, empty=_("As my browser"))
    theme = forms.ChoiceField(label=_("Appearance"), choices=Theme.choices, widget=forms.RadioSelect)
    quiet_optional = True

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data, initial={name: getattr(user, name) for name in self.base_fields})
        self.carry_shown()
