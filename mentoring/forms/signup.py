"""Sign-up makes a user, an organization and its owner in one step."""

from typing import Any

from django import forms
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mentoring.actions.organizations import create_organization
from mentoring.actions.users import CONFIRM_WITHIN
from mentoring.forms.fields import GuessedTimeZoneField, LineField
from mentoring.models import Organization, User
from mentoring.rules import RESERVED_SLUGS, SLUG

HELD = "held_address"


def hold_address(request: HttpRequest, slug: str) -> None:
    """Somebody signed up with an e-mail address that has an account, and is told nothing of it. Nor must the
    organization's address tell: it is taken for as long as an unconfirmed sign-up would take it."""
    cache.set(f"slug:{slug}", True, CONFIRM_WITHIN.total_seconds())
    request.session[HELD] = slug


def release_address(request: HttpRequest) -> None:
    if slug := request.session.pop(HELD, ""):
        cache.delete(f"slug:{slug}")


def is_taken(slug: str) -> bool:
    return (
        slug in RESERVED_SLUGS
        or bool(cache.get(f"slug:{slug}"))
        or Organization.objects.filter(slug=slug).exists()
    )


class OrganizationFields(forms.Form):
    organization_name = LineField(label=_("Organization"), max_length=120)
    organization_slug = LineField(
        label=_("Address"),
        max_length=50,
        help_text=_("Lower-case letters, digits and hyphens. Your pages will be under /o/your-address/."),
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "data-slug-from": "id_organization_name"}
        ),
    )
    time_zone = GuessedTimeZoneField()

    def clean_organization_slug(self) -> str:
        slug = self.cleaned_data["organization_slug"].strip().lower()
        if not SLUG.match(slug):
            raise forms.ValidationError(
                _("Use lower-case letters, digits and hyphens only, for example “northwind”.")
            )
        if is_taken(slug):
            raise forms.ValidationError(
                _("“%(slug)s” is taken. Choose another address."), params={"slug": slug}
            )
        return slug

    def create(self, owner: User) -> Organization:
        data = self.cleaned_data
        return create_organization(
            name=data["organization_name"],
            slug=data["organization_slug"],
            owner=owner,
            time_zone=data["time_zone"],
            language=get_language() or "en",
        )


class OrganizationSignupForm(OrganizationFields):
    """The part that allauth's sign-up form is mixed with (ACCOUNT_SIGNUP_FORM_CLASS)."""

    name = LineField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ["name", "email", "password1", "organization_name", "organization_slug", "time_zone"]

    def signup(self, request: Any, user: User) -> None:
        """`NotAllowed` (the address was taken meanwhile) goes up to the view, which undoes the user."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        self.create(user)
