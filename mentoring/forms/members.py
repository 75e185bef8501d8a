from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.enums import Role
from mentoring.forms.editing import EditForm
from mentoring.forms.fields import AddressField, LineField

ROLE_HELP: dict[str, Any] = {
    Role.OWNER: _("Everything, and may name other owners."),
    Role.ADMIN: _("Everything: members, settings, people, programs, exports, audit log."),
    Role.CHAMPION: _("Runs programs: people, invitations, pairing, reports, exports."),
    Role.OVERSEER: _("Sees how programs do. Changes nothing."),
    Role.PARTICIPANT: _("Takes part as mentor or mentee, and sees only what is theirs."),
}


def role_choices(*, owner: bool) -> list[tuple[str, str]]:
    """Roles that somebody may give, each with what it means; only an owner gives the first."""
    roles = [role for role in Role if owner or role != Role.OWNER]
    return [(role, f"{role.label}: {ROLE_HELP[role]}") for role in roles]


class RoleForm(EditForm):
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, owner: bool, editing: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(owner=owner)  # type: ignore[attr-defined]
        if editing:
            self.carry_shown()


class InviteForm(RoleForm):
    email = AddressField(label=_("E-mail"), max_length=254)
    name = LineField(
        label=_("Name"), max_length=120, required=False, help_text=_("Used to greet the person in the mail.")
    )
    field_order = ["email", "name", "role"]


class MemberFilter(forms.Form):
    q = LineField(label=_("Search"), required=False, widget=forms.SearchInput)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All roles")), *Role.choices])
    quiet_optional = True


class JoinForm(forms.Form):
    name = LineField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
