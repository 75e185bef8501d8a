from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.enums import Theme
from mentoring.forms.fields import LanguageField, TimeZoneField


class PreferencesForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    time_zone = TimeZoneField(required=False, empty=_("As my organization"))
    language = LanguageField(required=False, empty=_("As my browser"))
    theme = forms.ChoiceField(label=_("Appearance"), choices=Theme.choices, widget=forms.RadioSelect)
    quiet_optional = True
