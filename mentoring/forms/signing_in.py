"""allauth's forms in our words, without its placeholders: a label says enough and stays."""

from typing import Any

from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mentoring.forms.fields import validate_address
from mentoring.models import User
from mentoring.passwords import MAX_LENGTH
from mentoring.queries.users import look_for_nobody, user_of
from mentoring.rules import normalize_email

WORDS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "code": _("Code"),
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("New password again"),
}


# Before anything costly is done with it: hashing a password of megabytes takes a processor for itself.
not_too_long = MaxLengthValidator(
    MAX_LENGTH,
    _("A password has at most %(limit_value)s letters."),
)


def password_help() -> str:
    """What makes a good one, instead of a list of all that is checked: a refusal names its own reason."""
    return _("At least %(length)s characters: three or four words that nobody would put together, say.") % {
        "length": settings.PASSWORD_MIN_LENGTH
    }


class OurWords:
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = WORDS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            if name == "password1":
                field.help_text = password_help()
            if isinstance(field.widget, forms.PasswordInput):
                field.validators.append(not_too_long)
            if isinstance(field, forms.EmailField):
                field.validators.append(validate_address)


class LoginForm(OurWords, allauth.LoginForm):
    pass


class SignupForm(OurWords, allauth.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("Password")


class AddEmailForm(OurWords, allauth.AddEmailForm):
    pass


class ChangePasswordForm(OurWords, allauth.ChangePasswordForm):
    pass


class SetPasswordForm(OurWords, allauth.SetPasswordForm):
    pass


class FindsUser:
    """Asks for an address and looks up whose it is, with one query whether it is anybody's or nobody's."""

    cleaned_data: dict[str, Any]
    user: User | None = None

    def find_user(self) -> str:
        email = normalize_email(self.cleaned_data["email"])
        user = user_of(email)
        self.user = user if user and user.is_active else None
        return email


class ResetPasswordForm(FindsUser, OurWords, allauth.ResetPasswordForm):
    def clean_email(self) -> str:
        email = self.find_user()
        self.users = [self.user] if self.user else []
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> Any:
        if not self.users:  # what making a link for an account looks up
            look_for_nobody(2)
        return super().save(request, **kwargs)


class ResetPasswordKeyForm(OurWords, allauth.ResetPasswordKeyForm):
    pass


class RequestLoginCodeForm(FindsUser, OurWords, allauth.RequestLoginCodeForm):
    def clean_email(self) -> str:
        email = self.find_user()
        self._user = self.user
        adapter, request = get_adapter(), context.request
        key = adapter._get_login_attempts_cache_key(request, email=email)  # one for all their addresses
        if not ratelimit.consume(request, action="request_login_code", key=key):
            raise adapter.validation_error("too_many_login_attempts")
        return email


class ReauthenticateForm(OurWords, allauth.ReauthenticateForm):
    pass


class ConfirmCodeForm(OurWords, allauth.BaseConfirmCodeForm):
    pass
