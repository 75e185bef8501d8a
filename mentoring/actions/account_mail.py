from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from mentoring.enums import MessageStatus
from mentoring.models import AccountMessage

# These open something, for a while; other mail about an account tells what happened, and may be late.
CODES = ("login_code", "email_confirmation", "email_confirmation_signup", "confirmation_code")
LINKS = ("password_reset_key",)
KEPT = timedelta(days=30)


def forget_account_mail(*, now: datetime) -> int:
    """Give up what waited for longer than it is good for, without what it said; and delete rows that nobody
    will ask for. What was sent is forgotten when it is sent. Answers how many were given up."""
    codes = now - timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
    links = now - timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    waiting = AccountMessage.objects.filter(status__in=[MessageStatus.QUEUED, MessageStatus.SENDING])
    too_old = waiting.filter(
        Q(kind__in=CODES, created_at__lt=codes) | Q(kind__in=LINKS, created_at__lt=links)
    )
    given_up = too_old.update(
        status=MessageStatus.FAILED, error="Too old to be of use.", subject="", text="", html=""
    )
    if not settings.ACCOUNT_MAIL_KEPT:
        AccountMessage.objects.filter(created_at__lt=now - KEPT).delete()
    return given_up
