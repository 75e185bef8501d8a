"""How allauth works here: its mail goes through our outbox, its limits and links are ours."""

import time
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.models import EmailAddress
from allauth.account.signals import user_logged_in
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mentoring.accounts.addresses import limit_key
from mentoring.actions.account_log import record_account_event
from mentoring.enums import AccountEventKind
from mentoring.hosts import our_hosts, own_host
from mentoring.jobs import enqueue
from mentoring.mail.outbox import queue_account_mail, render_text
from mentoring.queries.sign_up import TURNED_AWAY, sign_up_is_closed
from mentoring.queries.users import look_for_nobody, user_of
from mentoring.rules import check_address
from mentoring.sealing import seal, unseal
from mentoring.visitors import Visitor, device_of

CODE_ROUND = "code_round"
# allauth asks for these where an address has no account. Nobody is mailed, but the same work is done.
UNKNOWN_ACCOUNT = "account/email/unknown_account"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("This e-mail address and password do not go together."),
        "email_taken": _("There is an account with this e-mail address already."),
        "incorrect_code": _("This code is not right, or too old."),
        "incorrect_password": _("This is not your password."),
        "rate_limited": _("That was a bit much at once. Wait a minute and try again."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox: nothing is sent inside a request. To an address that has no account nothing goes
        out, and it takes as long as if it did."""
        if template_prefix == UNKNOWN_ACCOUNT:
            rehearse_mail(email)
        else:
            with transaction.atomic():
                queue_rendered_mail(template_prefix, email, context)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return not sign_up_is_closed()

    def send_account_already_exists_mail(self, email: str) -> None:
        """Whoever is turned away saw the same pages as everybody else; only their mail tells them."""
        if self.request.session.get(TURNED_AWAY):
            self.send_mail("account/email/sign_up_not_invited", email, {})
        else:
            super().send_account_already_exists_mail(email)

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        remember_round(request, emailconfirmation.email_address.user)
        super().send_confirmation_mail(request, emailconfirmation, signup)

    def login(self, request: HttpRequest, user: Any) -> None:
        pk, asked_in = request.session.pop(CODE_ROUND, (None, None))
        if pk == user.pk and asked_in != user.session_round:
            messages.error(request, _("This code is not right, or too old."))
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """To every address of the account, also one that it has no longer: whoever changed something may
        read only some of them."""
        addresses = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
        agent = self.get_http_user_agent(self.request)
        context = {
            **(context or {}),
            "device": device_of(agent),
            "security_url": settings.BASE_URL + reverse("sessions"),
        }
        gone = {context.get("from_email"), context.get("deleted_email"), email} - {None}
        for address in sorted({*addresses, *gone} - {context.get("added_email")} or {user.email}):
            super().send_notification_mail(template_prefix, user, context, address)

    def clean_email(self, email: str) -> str:
        """For every form of allauth that takes an address."""
        check_address(email)
        return email

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """We have no user names."""

    # Guessing ------------------------------------------------------------------------------------------
    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return limit_key(credentials.get("email") or "")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            self._log(AccountEventKind.SIGN_IN_STOPPED, request, credentials)
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        signed_in = request.user.is_authenticated
        kind = AccountEventKind.CONFIRM_FAILED if signed_in else AccountEventKind.SIGN_IN_FAILED
        self._log(kind, request, credentials)

    def _log(self, kind: AccountEventKind, request: HttpRequest, credentials: dict[str, Any]) -> None:
        email = credentials.get("email") or ""
        user = user_of(email)
        if user:
            look_for_nobody(1)  # where there is none, allauth has looked in one table more
        record_account_event(kind, user=user, email=email, visitor=Visitor.of(request))

    # Addresses -----------------------------------------------------------------------------------------
    def is_safe_url(self, url: str) -> bool:
        """Where `next` may lead: our own pages, whatever host the request names."""
        return bool(url_has_allowed_host_and_scheme(url, our_hosts(), require_https=settings.HTTPS))

    # Once more before a change -------------------------------------------------------------------------
    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """allauth lets those through who have neither password nor second step. They are mailed a code."""
        request = self.request
        if not get_reauthentication_flows(request.user) and not confirmed_lately(request):
            raise ReauthenticationRequired
        return super().is_reauthentication_required(app=app, **kwargs)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        by_code = {
            "id": "code",
            "description": _("Mail me a code"),
            "url": reverse("reauthenticate_by_code"),
        }
        return super().get_reauthentication_methods(user) or ([by_code] if user.is_authenticated else [])


class MFAAdapter(DefaultMFAAdapter):
    """Keys of second steps and seeds of recovery codes are sealed in the database."""

    def encrypt(self, text: str) -> str:
        return seal("second step", text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal("second step", encrypted_text)

    def _get_site_name(self) -> str:
        return own_host()


def remember_round(request: HttpRequest, user: Any) -> None:
    """A code is good for the round of sessions in which it was asked for (`end_user_sessions`)."""
    request.session[CODE_ROUND] = (user.pk, user.session_round) if user else (None, None)


def sign_in(request: HttpRequest, user: Any, *, by: str) -> None:
    """By another door than allauth's: as it does, with a line in the log and in the list of sessions."""
    record_authentication(request, user, method=by)
    AccountAdapter(request).login(request, user)
    user_logged_in.send(sender=type(user), request=request, user=user)


def confirmed_lately(request: Any) -> bool:
    records = [r for r in get_authentication_records(request, request.user) if r.get("reauthenticated")]
    return bool(records) and time.time() - records[-1]["at"] < account_settings.REAUTHENTICATION_TIMEOUT


def queue_rendered_mail(template_prefix: str, email: str, context: dict[str, Any]) -> None:
    """The text of a mail is its source (templates/account/email/); its HTML twin is made from it."""
    context = {"email": email, **context}
    subject = " ".join(render_text(f"{template_prefix}_subject.txt", context).split())
    body = render_text(f"{template_prefix}_message.txt", context).strip()
    shown = {
        "subject": subject,
        "base_url": settings.BASE_URL,
        "recipient": {"email": email, "language": get_language()},
        "body": body,
        "parts": mail_parts(body, str(context.get("code") or "")),
    }
    queue_account_mail(
        to_email=email,
        subject=subject,
        text=render_text("emails/account.txt", shown),
        html=render_to_string("emails/account.html", shown),
        kind=template_prefix.rpartition("/")[2],
    )


def rehearse_mail(email: str) -> None:
    """All the work of a mail, and no mail: who measures how long a door takes learns nothing."""
    with transaction.atomic():
        queue_rendered_mail("account/email/login_code", email, {"code": "000-000"})
        transaction.set_rollback(True)
    enqueue("mentoring.send_account_mail")  # a worker looks, and finds nothing


def mail_parts(body: str, code: str) -> list[tuple[str, str]]:
    """A text mail's paragraphs and what each is: a "code", a "link" standing alone, or "text"."""
    paragraphs = [paragraph.strip() for paragraph in body.split("\n\n") if paragraph.strip()]
    return [(_kind_of(paragraph, code), paragraph) for paragraph in paragraphs]


def _kind_of(paragraph: str, code: str) -> str:
    if code and paragraph == code:
        return "code"
    is_link = paragraph.startswith(("http://", "https://")) and len(paragraph.split()) == 1
    return "link" if is_link else "text"
