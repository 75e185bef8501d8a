from allauth.account.forms import ChangeEmailForm
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.core import context
from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.models import User
from mentoring.queries.members import memberships_of
from mentoring.queries.users import has_confirmed


class ChangeAddressForm(ChangeEmailForm):
    """Who signs up may correct an address that was mistyped, while nobody else relies on it: once an
    organization has invited the address, or its owner has come in, the account must not move away."""

    def clean_email(self) -> str:
        process = EmailVerificationProcess.resume(context.request)
        if process and process.user and relied_on(process.user):
            raise forms.ValidationError(
                _("This address can no longer be changed here. Sign in with a code instead.")
            )
        return str(super().clean_email())


def relied_on(user: User) -> bool:
    return has_confirmed(user) or any(one.joined_at is None for one in memberships_of(user))
