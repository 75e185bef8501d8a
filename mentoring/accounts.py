from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.dispatch import receiver
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mentoring.mail.outbox import queue_account_mail, render_text


class AccountAdapter(DefaultAccountAdapter):
    """allauth's mail goes through our outbox: nothing is sent inside a request."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("This e-mail address and password do not go together."),
        "email_taken": _("There is an account with this e-mail address already."),
        "incorrect_code": _("This code is not right, or too old."),
        "incorrect_password": _("This is not your password."),
        "rate_limited": _("That was a bit much at once. Wait a minute and try again."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The text of a mail is its source (templates/account/email/); its HTML twin is made from it."""
        context = {"email": email, "current_site": get_current_site(self.request), **context}
        message = self.render_mail(template_prefix, email, context)
        shown = {
            "subject": str(message.subject),
            "base_url": settings.BASE_URL,
            "recipient": {"email": email, "language": get_language()},
            "body": str(message.body),
            "parts": mail_parts(str(message.body), str(context.get("code") or "")),
        }
        queue_account_mail(
            to_email=email,
            subject=str(message.subject),
            text=render_text("emails/account.txt", shown),
            html=render_to_string("emails/account.html", shown),
            kind=template_prefix.rpartition("/")[2],
        )

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """We have no user names."""


@receiver(email_confirmed)
def forget_password_of_stranger(request: HttpRequest, email_address: EmailAddress, **signal: Any) -> None:
    """By signing in with a code, and not with the code of her own sign-up, the owner of an address takes over
    an account that a stranger may have opened with it, password and all."""
    user = email_address.user
    records = get_authentication_records(request, user)
    if records and records[-1].get("method") == "code":
        user.set_unusable_password()
        user.save(update_fields=["password"])


def mail_parts(body: str, code: str) -> list[tuple[str, str]]:
    """A text mail's paragraphs and what each is: a "code", a "link" standing alone, or "text"."""
    paragraphs = [paragraph.strip() for paragraph in body.split("\n\n") if paragraph.strip()]
    return [(_kind_of(paragraph, code), paragraph) for paragraph in paragraphs]


def _kind_of(paragraph: str, code: str) -> str:
    if code and paragraph == code:
        return "code"
    is_link = paragraph.startswith(("http://", "https://")) and len(paragraph.split()) == 1
    return "link" if is_link else "text"
