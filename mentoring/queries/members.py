from django.db.models import QuerySet

from mentoring.models import Membership, Organization, User
from mentoring.tenancy.scoping import across_organizations


def organizations_of(user: User) -> list[Organization]:
    """The organizations a user is a member of, by name. PostgreSQL shows her her own memberships only."""
    with across_organizations(reason="a user's own memberships, to choose an organization", user_id=user.pk):
        memberships = Membership.objects.filter(user=user).select_related("organization")
        return sorted(
            (m.organization for m in memberships), key=lambda organization: organization.name.lower()
        )


def members() -> QuerySet[Membership]:
    return Membership.objects.select_related("user", "invited_by").order_by("user__name", "user__email")
