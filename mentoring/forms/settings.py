from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.forms.fields import LanguageField, TimeZoneField


class OrganizationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    time_zone = TimeZoneField(
        help_text=_("For reminders and dates of people whose own time zone is not in the roster.")
    )
    language = LanguageField(help_text=_("For people who have chosen none."))
    contact_name = forms.CharField(
        label=_("Contact for participants"),
        max_length=120,
        required=False,
        help_text=_("A person, not a department. Shown on every page and in every mail."),
    )
    contact_email = forms.EmailField(label=_("Contact's e-mail"), required=False)
