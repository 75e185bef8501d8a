"""A user's own open sessions, of both kinds, and what their account log says."""

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from mentoring.models import AccountEvent, LinkSession, User
from mentoring.queries.members import memberships_of
from mentoring.sealed_sessions import SessionStore
from mentoring.sealing import stored_key
from mentoring.tenancy.scoping import organization_scope
from mentoring.visitors import device_of

PAGE_SIZE = 50


@dataclass(frozen=True)
class OpenSession:
    """`key` is what the form that ends it sends. `organization`: of one that a link from a mail opened."""

    key: str
    device: str
    ip: str
    opened_at: datetime
    seen_at: datetime | None = None
    current: bool = False
    organization: str = ""


def open_sessions(user: User, *, session_key: str, now: datetime) -> list[OpenSession]:
    """The one in hand first, then the newest."""
    signed_in = [
        OpenSession(
            key=f"session:{session.pk}",
            device=device_of(session.user_agent),
            ip=session.ip,
            opened_at=session.created_at,
            seen_at=session.last_seen_at,
            current=session.session_key == stored_key(session_key),
        )
        for session in _signed_in(user, now)
    ]
    by_both_ways = [*signed_in, *_link_sessions(user, now)]
    return sorted(by_both_ways, key=lambda session: (session.current, session.opened_at), reverse=True)


def _signed_in(user: User, now: datetime) -> list[UserSession]:
    """Those that are not over, and whose password and round (`User.session_round`) are still the user's."""
    listed = UserSession.objects.filter(user=user)
    stored = Session.objects.filter(pk__in=listed.values("session_key"), expire_date__gt=now)
    hashes = {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}
    decode = SessionStore().decode
    good = {row.pk for row in stored if decode(row.session_data).get(HASH_SESSION_KEY) in hashes}
    return [session for session in listed if session.session_key in good]


def _link_sessions(user: User, now: datetime) -> list[OpenSession]:
    links = []
    for membership in memberships_of(user):
        with organization_scope(membership.organization_id):
            for link in LinkSession.objects.filter(person__user=user, until__gt=now):
                links.append(
                    OpenSession(
                        key=f"link:{membership.organization_id}:{link.pk}",
                        device=device_of(link.user_agent),
                        ip=link.ip or "",
                        opened_at=link.opened_at,
                        organization=membership.organization.name,
                    )
                )
    return links


def account_events_of(user: User) -> QuerySet[AccountEvent]:
    """Newest first. A try with a wrong password is in it, too: it was made with their address."""
    return AccountEvent.objects.filter(user_id=user.pk)


def account_events_found(*, email: str, since: datetime | None) -> QuerySet[AccountEvent]:
    """For the operator: of one address, or of everybody."""
    events = AccountEvent.objects.all()
    if email:
        users = User.objects.filter(email=email).values_list("pk", flat=True)
        events = events.filter(Q(email=email) | Q(user_id__in=list(users)))
    return events.filter(at__gte=since) if since else events
