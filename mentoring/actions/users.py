from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction

from mentoring.enums import Role
from mentoring.models import Membership, Organization, User
from mentoring.queries.members import memberships_of
from mentoring.queries.users import has_confirmed, unconfirmed_users
from mentoring.tenancy.scoping import across_organizations, organization_scope

# So long may a sign-up wait for its code before its organization's address is free again.
CONFIRM_WITHIN = timedelta(days=3)


def confirm_address(*, user: User) -> None:
    """Who reads the mail of this address has come in, by its link or its code.

    If nobody had confirmed the address before, whoever signed up with it may have been a stranger who waits
    for its owner: the password of then stops working, on whatever device, and so do other addresses.
    """
    if has_confirmed(user):
        return
    user.set_unusable_password()
    user.save(update_fields=["password"])
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def forget_unconfirmed(*, now: datetime) -> int:
    """Delete sign-ups that nobody confirmed, with the organizations they made: an address must not stay
    taken by somebody who mistyped hers, or never meant it. Answers how many."""
    forgotten = 0
    for user in unconfirmed_users(since=now - CONFIRM_WITHIN):
        forgotten += forget_sign_up(user)
    return forgotten


@transaction.atomic
def forget_sign_up(user: User) -> bool:
    """Not who was invited or has come in meanwhile: then others rely on the address."""
    if has_confirmed(user):
        return False
    own = memberships_of(user)
    if any(membership.role != Role.OWNER or membership.invited_by_id for membership in own):
        return False
    for membership in own:
        with organization_scope(membership.organization_id):
            if Membership.objects.count() > 1:
                return False
            Organization.objects.get(pk=membership.organization_id).delete()
    with across_organizations(reason="deleting a user asks for her own memberships", user_id=user.pk):
        user.delete()
    return True
