from typing import Any

from django.utils.translation import gettext_lazy as _

from mentoring.forms.editing import EditForm
from mentoring.forms.fields import AddressField, LanguageField, LineField, TimeZoneField
from mentoring.models import Organization


class OrganizationForm(EditForm):
    name = LineField(label=_("Name"), max_length=120)
    time_zone = TimeZoneField(
        help_text=_("For reminders and dates of people whose own time zone is not in the roster.")
    )
    language = LanguageField(help_text=_("For people who have chosen none."))
    contact_name = LineField(
        label=_("Contact for participants"),
        max_length=120,
        required=False,
        help_text=_("A person, not a department. Shown on every page and in every mail."),
    )
    contact_email = AddressField(label=_("Contact's e-mail"), required=False)

    def __init__(self, data: Any, *, organization: Organization) -> None:
        super().__init__(data, initial={name: getattr(organization, name) for name in self.base_fields})
        self.carry_shown()
