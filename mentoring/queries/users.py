from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q, QuerySet

from mentoring.models import LinkSession, User
from mentoring.rules import normalize_email


def user_of(email: str) -> User | None:
    """Whose address this is: who has confirmed it (also as a further address), else who only claims it."""
    address = normalize_email(email)
    confirmed = EmailAddress.objects.filter(email=address, verified=True).values("user")
    # One query whether there is anybody or not: who measures the time of an answer learns nothing.
    users = User.objects.filter(Q(pk__in=confirmed) | Q(email=address))
    return users.alias(has_it=Q(pk__in=confirmed)).order_by("-has_it").first()


def look_for_nobody(times: int) -> None:
    """So many queries as allauth makes about an account, where there is none: that costs the same time."""
    for _ in range(times):
        User.objects.filter(pk=0).first()


def has_confirmed(user: User) -> bool:
    """Has this user ever shown that an address is theirs?"""
    return EmailAddress.objects.filter(user=user, verified=True).exists()


def unconfirmed_users(*, since: datetime) -> QuerySet[User]:
    """Who signed up before `since`, was mailed a code, and never came in. Invited people have a link."""
    addresses = EmailAddress.objects.filter(user=OuterRef("pk"))
    never_came_in = User.objects.filter(last_login=None, date_joined__lt=since)
    return never_came_in.filter(Exists(addresses)).exclude(Exists(addresses.filter(verified=True)))


def link_session_stands(pk: int, person_id: int, now: datetime) -> bool:
    """Whether a session that a link opened for this person is still good; nobody has ended it."""
    return LinkSession.objects.filter(pk=pk, person_id=person_id, until__gt=now).exists()
