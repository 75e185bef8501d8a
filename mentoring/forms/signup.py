"""Sign-up makes a user, an organization and its owner in one step."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.actions.organizations import create_organization
from mentoring.models import Organization, User
from mentoring.rules import RESERVED_SLUGS, SLUG, NotAllowed


class OrganizationSignupForm(forms.Form):
    """The part that allauth's sign-up form is mixed with (ACCOUNT_SIGNUP_FORM_CLASS)."""

    name = forms.CharField(label=_("Your name"), max_length=120)
    organization_name = forms.CharField(label=_("Organization"), max_length=120)
    organization_slug = forms.CharField(
        label=_("Address"),
        max_length=50,
        help_text=_("Lower-case letters, digits and hyphens. Your pages will be under /o/your-address/."),
    )
    field_order = ["name", "email", "password1", "organization_name", "organization_slug"]

    def clean_organization_slug(self) -> str:
        slug = self.cleaned_data["organization_slug"].strip().lower()
        if not SLUG.match(slug):
            raise forms.ValidationError(
                _("Use lower-case letters, digits and hyphens only, for example “northwind”.")
            )
        if slug in RESERVED_SLUGS or Organization.objects.filter(slug=slug).exists():
            raise forms.ValidationError(
                _("“%(slug)s” is taken. Choose another address."), params={"slug": slug}
            )
        return slug

    def signup(self, request: Any, user: User) -> None:
        data = self.cleaned_data
        user.name = data["name"]
        user.save(update_fields=["name"])
        try:
            create_organization(name=data["organization_name"], slug=data["organization_slug"], owner=user)
        except NotAllowed as refusal:
            raise forms.ValidationError(str(refusal)) from None
