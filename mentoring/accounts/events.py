"""What allauth and Django tell of sign-ins and credentials, for the account log and the mails about changes.
These are their signals; between our own apps there are none."""

from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social
from allauth.usersessions import signals as usersessions
from django.contrib.auth import signals as django_auth
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from mentoring.actions.account_log import record_account_event
from mentoring.actions.users import drop_credentials, list_session
from mentoring.enums import AccountEventKind
from mentoring.middleware import begin_session
from mentoring.queries.members import memberships_of
from mentoring.tenancy.permissions import is_organizer
from mentoring.visitors import Visitor

ON = {
    Authenticator.Type.TOTP: AccountEventKind.SECOND_STEP_ON,
    Authenticator.Type.RECOVERY_CODES: AccountEventKind.RECOVERY_CODES_MADE,
}


def tell(kind: AccountEventKind, request: HttpRequest, user: Any, **data: Any) -> None:
    record_account_event(kind, user=user, visitor=Visitor.of(request), **data)


@receiver(django_auth.user_logged_in)
def limit_session(request: HttpRequest, user: Any, **signal: Any) -> None:
    organizes = any(is_organizer(membership.role) for membership in memberships_of(user))
    begin_session(request.session, organizer=organizes)


# They would write down the key of the cookie.
account.user_logged_in.disconnect(usersessions.on_user_logged_in)
for changed in (account.password_changed, account.password_set):
    changed.disconnect(usersessions.on_password_changed)


@receiver([account.user_logged_in, account.password_changed, account.password_set])
def keep_on_list(request: HttpRequest, user: Any, **signal: Any) -> None:
    list_session(
        user=user,
        session_key=request.session.session_key or "",
        visitor=Visitor.of(request),
        now=timezone.now(),
    )


@receiver(account.user_logged_in)
def tell_sign_in(request: HttpRequest, user: Any, **signal: Any) -> None:
    records = get_authentication_records(request, user)
    tell(AccountEventKind.SIGNED_IN, request, user, by=[record["method"] for record in records])


@receiver(account.user_signed_up)
def tell_sign_up(request: HttpRequest, user: Any, **signal: Any) -> None:
    tell(AccountEventKind.SIGNED_UP, request, user)


@receiver(account.user_logged_out)
def tell_sign_out(request: HttpRequest, user: Any, **signal: Any) -> None:
    if user is not None:
        tell(AccountEventKind.SIGNED_OUT, request, user)


@receiver(account.authentication_step_completed)
def tell_confirmation(request: HttpRequest, user: Any, method: str, **signal: Any) -> None:
    if signal.get("reauthenticated"):
        tell(AccountEventKind.CONFIRMED, request, user, by=[method])


@receiver([account.password_changed, account.password_set, account.password_reset])
def tell_password(request: HttpRequest, user: Any, **signal: Any) -> None:
    tell(AccountEventKind.PASSWORD_CHANGED, request, user)


@receiver(account.email_added)
def tell_address_added(request: HttpRequest, user: Any, email_address: EmailAddress, **signal: Any) -> None:
    tell(AccountEventKind.ADDRESS_ADDED, request, user, address=email_address.email)
    context = {"added_email": email_address.email}
    get_adapter().send_notification_mail("account/email/email_added", user, context)


@receiver(account.email_changed)
def tell_address_changed(
    request: HttpRequest,
    user: Any,
    from_email_address: EmailAddress | None,
    to_email_address: EmailAddress,
    **signal: Any,
) -> None:
    before = from_email_address.email if from_email_address else ""
    tell(AccountEventKind.ADDRESS_CHANGED, request, user, before=before, now=to_email_address.email)


@receiver(account.email_removed)
def tell_address_removed(request: HttpRequest, user: Any, email_address: EmailAddress, **signal: Any) -> None:
    tell(AccountEventKind.ADDRESS_REMOVED, request, user, address=email_address.email)


@receiver(account.email_confirmed)
def forget_password_of_stranger(request: HttpRequest, email_address: EmailAddress, **signal: Any) -> None:
    """By signing in with a code, and not with that of their own sign-up, the owner of an address takes over
    an account that a stranger may have opened with it, password, second factor and all."""
    records = get_authentication_records(request, email_address.user)
    if records and records[-1].get("method") == "code":
        drop_credentials(user=email_address.user)


@receiver([mfa.authenticator_added, mfa.authenticator_reset])
def tell_second_step_on(request: HttpRequest, user: Any, authenticator: Authenticator, **signal: Any) -> None:
    tell(ON[Authenticator.Type(authenticator.type)], request, user)


@receiver(mfa.authenticator_removed)
def tell_second_step_off(
    request: HttpRequest, user: Any, authenticator: Authenticator, **signal: Any
) -> None:
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:  # they go with it
        tell(AccountEventKind.SECOND_STEP_OFF, request, user)


@receiver(mfa.authentication_failed)
def tell_second_step_failed(request: HttpRequest, user: Any, **signal: Any) -> None:
    tell(AccountEventKind.SECOND_STEP_FAILED, request, user)


@receiver(social.social_account_added)
def tell_connected(request: HttpRequest, sociallogin: Any, **signal: Any) -> None:
    tell(AccountEventKind.CONNECTION_ADDED, request, sociallogin.user, provider=sociallogin.account.provider)


@receiver(social.social_account_removed)
def tell_disconnected(request: HttpRequest, socialaccount: Any, **signal: Any) -> None:
    tell(AccountEventKind.CONNECTION_REMOVED, request, socialaccount.user, provider=socialaccount.provider)
