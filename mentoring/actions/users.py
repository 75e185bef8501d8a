from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F

from mentoring.enums import Role
from mentoring.models import LinkSession, Membership, Organization, Person, User
from mentoring.queries.members import all_memberships_of, memberships_of
from mentoring.queries.users import has_confirmed, unconfirmed_users
from mentoring.sealed_sessions import SessionStore
from mentoring.sealing import stored_key
from mentoring.tenancy.scoping import across_organizations, organization_scope
from mentoring.visitors import Visitor

# So long may a sign-up wait for its code before its organization's address is free again.
CONFIRM_WITHIN = timedelta(days=3)


def end_sessions(*, users: Collection[int]) -> None:
    """Sign these users out everywhere they signed in, without a look into other organizations."""
    User.objects.filter(pk__in=users).update(session_round=F("session_round") + 1)
    UserSession.objects.filter(user__in=users).delete()


@transaction.atomic
def end_user_sessions(*, user: User) -> None:
    """End every session of a user at once, on whatever device: those signed in to, also by ways that kept no
    list of them, and those that links in their mails opened. Codes and reset links not used yet end, too."""
    end_sessions(users=[user.pk])
    user.refresh_from_db(fields=["session_round"])
    for membership in memberships_of(user):
        with organization_scope(membership.organization_id):
            end_link_sessions(people=Person.objects.filter(user=user))


def list_session(*, user: User, session_key: str, visitor: Visitor, now: datetime) -> None:
    """Put a session on the list of its user's, or say from where it was used now."""
    used = {
        "user": user,
        "ip": visitor.ip or "0.0.0.0",
        "user_agent": visitor.user_agent,
        "last_seen_at": now,
    }
    UserSession.objects.update_or_create(
        session_key=stored_key(session_key), defaults=used, create_defaults=used | {"created_at": now}
    )


def end_session(*, user: User, key: str) -> bool:
    """End one of a user's own sessions, by its key in `queries.sessions`; False if it was over before."""
    kind, *ids = key.split(":")
    if not ids or not all(part.isdecimal() and len(part) < 19 for part in ids):
        return False
    if kind == "session":
        session = UserSession.objects.filter(user=user, pk=ids[0]).first()
        if session:
            SessionStore().delete_stored(session.session_key)
            session.delete()
        return session is not None
    organization_ids = [membership.organization_id for membership in memberships_of(user)]
    if len(ids) != 2 or int(ids[0]) not in organization_ids:
        return False
    with organization_scope(int(ids[0])):
        return bool(LinkSession.objects.filter(person__user=user, pk=ids[1]).delete()[0])


def open_link_session(
    *, person: Person, known: list[int], visitor: Visitor, now: datetime, until: datetime
) -> LinkSession:
    """A link opened this browser for a person; `known` are the rows that the browser holds already."""
    held = LinkSession.objects.filter(pk__in=known, person=person).first()
    link_session = held or LinkSession(person=person, opened_at=now)
    link_session.until, link_session.ip, link_session.user_agent = until, visitor.ip, visitor.user_agent
    link_session.save()
    return link_session


def end_link_sessions(*, people: Iterable[Person | int]) -> None:
    """End the sessions that links to these people opened, inside the scope of their organization."""
    LinkSession.objects.filter(person__in=people).delete()


def forget_user_sessions() -> None:
    """Take sessions that are over off the lists of those who held them."""
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def forget_link_sessions(*, now: datetime) -> None:
    """Delete those of one organization that are over."""
    LinkSession.objects.filter(until__lt=now).delete()


def confirm_address(*, user: User) -> None:
    """Who reads the mail of this address has come in, by its link or its code.

    If nobody had confirmed the address before, whoever signed up with it may have been a stranger who waits
    for its owner: the password and second factor of then stop working, on whatever device, and so do other
    addresses.
    """
    if has_confirmed(user):
        return
    drop_credentials(user=user)
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def drop_credentials(*, user: User) -> None:
    """Password and second factor end: who reads the mail of the address comes in, and nobody else."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()


def forget_unconfirmed(*, now: datetime) -> int:
    """Delete sign-ups that nobody confirmed, with the organizations they made: an address must not stay
    taken by somebody who mistyped theirs, or never meant it. Answers how many."""
    forgotten = 0
    for user in unconfirmed_users(since=now - CONFIRM_WITHIN):
        forgotten += forget_sign_up(user)
    return forgotten


@transaction.atomic
def forget_sign_up(user: User) -> bool:
    """Not who was invited or has come in meanwhile: then others rely on the address."""
    if has_confirmed(user):
        return False
    memberships = all_memberships_of(user)
    if any(membership.role != Role.OWNER or membership.invited_by_id for membership in memberships):
        return False
    for membership in memberships:
        with organization_scope(membership.organization_id):
            if Membership.objects.count() > 1:
                return False
            Organization.objects.get(pk=membership.organization_id).delete()
    with across_organizations(reason="deleting a user asks for their own memberships", user_id=user.pk):
        user.delete()
    return True
