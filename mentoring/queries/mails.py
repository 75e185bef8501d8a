"""The platform's kinds of mail: how long each is of use, and what is looked at before it goes out."""

from datetime import datetime, timedelta

from allauth.account import app_settings as allauth
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mentoring.enums import MessageReason
from mentoring.mail.kinds import About, MailKind, Useful
from mentoring.models import Membership, Person

READING = timedelta(minutes=1)  # a code that arrives in its last minute is of no use


def about_membership(membership: Membership) -> About:
    return {"membership": membership.pk, "role": membership.role, "email": membership.invited_email}


def _check_member_invitation(about: About, now: datetime) -> MessageReason | None:
    found = Membership.objects.filter(pk=about["membership"], role=about["role"], joined_at=None)
    return None if found.filter(invited_email=about["email"]).exists() else MessageReason.OUTDATED


def _check_address_left(about: About, now: datetime) -> MessageReason | None:
    """Not to who has got the address back meanwhile."""
    back = Person.objects.filter(pk=about["person"], email__iexact=about["email"])
    return MessageReason.OUTDATED if back.exists() else None


ACCOUNT_CHANGES = (
    "email_added",
    "email_changed",
    "email_deleted",
    "password_changed",
    "password_reset",
    "password_set",
    "recovery_codes_generated",
    "totp_activated",
    "totp_deactivated",
)
KINDS = (
    MailKind(
        "invite_member",
        _("Invitation of a member"),
        timedelta(days=settings.SIGNED_LINK_DAYS),
        _check_member_invitation,
    ),
    *(
        MailKind(key, _("Code to sign in"), timedelta(seconds=allauth.LOGIN_BY_CODE_TIMEOUT) - READING)
        for key in ("login_code", "confirmation_code")
    ),
    *(
        MailKind(
            key,
            _("Code to confirm an address"),
            timedelta(seconds=allauth.EMAIL_VERIFICATION_BY_CODE_TIMEOUT) - READING,
        )
        for key in ("email_confirmation", "email_confirmation_signup")
    ),
    MailKind(
        "password_reset_key", _("Link to a new password"), timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    ),
    MailKind("address_left", _("An address is no longer used"), Useful.ALWAYS, _check_address_left),
    MailKind("address_new", _("Mail comes to a new address"), Useful.ALWAYS),
    MailKind("account_already_exists", _("There is an account already"), Useful.ALWAYS),
    MailKind("sign_up_invitation", _("Invitation to set up an organization"), Useful.ALWAYS),
    MailKind("sign_up_not_invited", _("Signing up needs an invitation"), timedelta(days=2)),
    *(MailKind(key, _("A change of one's account"), Useful.ALWAYS) for key in ACCOUNT_CHANGES),
)
