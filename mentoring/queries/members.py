from django.db.models import Case, IntegerField, QuerySet, Value, When

from mentoring.enums import Role
from mentoring.models import Membership, User
from mentoring.queries.search import words_in
from mentoring.tenancy.scoping import across_organizations

PAGE_SIZE = 25


def memberships_of(user: User) -> list[Membership]:
    """Where a user can go, by the organization's name: not where her membership is suspended."""
    return [membership for membership in all_memberships_of(user) if membership.suspended_at is None]


def all_memberships_of(user: User) -> list[Membership]:
    """PostgreSQL shows her her own ones only."""
    with across_organizations(reason="a user's own memberships, to choose an organization", user_id=user.pk):
        memberships = Membership.objects.filter(user=user).select_related("organization")
        return sorted(memberships, key=lambda membership: membership.organization.name.lower())


_RANK = Case(
    *(When(role=role, then=Value(place)) for place, role in enumerate(Role)), output_field=IntegerField()
)


def members() -> QuerySet[Membership]:
    """Those who run things first, in the order of the roles: participants can be thousands."""
    found = Membership.objects.select_related("user", "invited_by")
    return found.order_by(_RANK, "user__name", "user__email")


def members_found(*, q: str = "", role: str = "") -> QuerySet[Membership]:
    found = members()
    if role:
        found = found.filter(role=role)
    return found.filter(words_in(q, ("user__name", "user__email")))


def member_of(pk: int) -> Membership | None:
    return members().filter(pk=pk).first()


def invited_member(pk: int, user_id: int) -> Membership | None:
    """Of an invitation's link; None once the member was removed."""
    return members().filter(pk=pk, user_id=user_id).first()
