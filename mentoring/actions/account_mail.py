from datetime import datetime, timedelta

from django.conf import settings

from mentoring.enums import MessageReason, MessageStatus
from mentoring.models import AccountMessage

KEPT = timedelta(days=30)


def forget_account_mail(*, now: datetime) -> int:
    """Drop what waited for longer than its kind is of use, without what it said; and delete rows that nobody
    will ask for. What was sent is forgotten when it is sent. Answers how many were dropped."""
    late = AccountMessage.objects.filter(status=MessageStatus.QUEUED, useful_until__lte=now)
    dropped = late.update(
        status=MessageStatus.DROPPED, reason=MessageReason.LATE, subject="", text="", html=""
    )
    if not settings.ACCOUNT_MAIL_KEPT:
        AccountMessage.objects.filter(created_at__lt=now - KEPT).delete()
    return dropped
