"""The account log: what happens to a login, wherever it belongs."""

from typing import Any

from django.db import transaction

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.enums import CREDENTIAL_CHANGES, AccountEventKind
from mentoring.models import AccountEvent, User
from mentoring.queries.members import memberships_of
from mentoring.rules import normalize_email
from mentoring.tenancy.permissions import is_organizer
from mentoring.tenancy.scoping import organization_scope
from mentoring.visitors import Visitor


@transaction.atomic
def record_account_event(
    kind: AccountEventKind, *, user: User | None, email: str = "", visitor: Visitor, **data: Any
) -> AccountEvent:
    """Write it down, with who and from where; what organizers changed, in their organizations' logs too."""
    event = AccountEvent.objects.create(
        kind=kind,
        user_id=user.pk if user else None,
        email=normalize_email(email or (user.email if user else ""))[:254].replace("\0", ""),
        ip=visitor.ip,
        user_agent=visitor.user_agent,
        data=data,
    )
    if user and kind in CREDENTIAL_CHANGES:
        _tell_organizations(kind, user)
    return event


def _tell_organizations(kind: AccountEventKind, user: User) -> None:
    for membership in memberships_of(user):
        if membership.joined_at and is_organizer(membership.role):
            with organization_scope(membership.organization_id):
                label = membership.called
                audit.record(f"account.{kind}", membership, by=Actor.of_user(user), label=label)
