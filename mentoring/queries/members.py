from collections.abc import Iterable
from typing import Any

from django.db.models import Case, CharField, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from mentoring.enums import Role
from mentoring.models import Membership, User
from mentoring.queries.locks import locked
from mentoring.queries.search import words_in
from mentoring.tenancy.scoping import across_organizations

PAGE_SIZE = 25


def lock_member(membership: Membership) -> Membership:
    """The row as it is now, held with those of the owners and in one order: two owners who change each other
    follow each other."""
    rows = Membership.objects.filter(Q(pk=membership.pk) | Q(role=Role.OWNER)).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))
    return locked(membership)


def memberships_of(user: User) -> list[Membership]:
    """Where a user can go, by the organization's name: not where their membership is suspended."""
    return [membership for membership in all_memberships_of(user) if membership.suspended_at is None]


def all_memberships_of(user: User) -> list[Membership]:
    """PostgreSQL shows them their own ones only."""
    with across_organizations(reason="a user's own memberships, to choose an organization", user_id=user.pk):
        memberships = Membership.objects.filter(user=user).select_related("organization")
        return sorted(memberships, key=lambda membership: membership.organization.name.lower())


_RANK = Case(
    *(When(role=role, then=Value(place)) for place, role in enumerate(Role)), output_field=IntegerField()
)


# As `Membership.address`. A search must not find who has only been invited by their login's other address.
SHOWN_ADDRESS = Case(When(joined_at=None, then="invited_email"), default="user__email")


def members() -> QuerySet[Membership]:
    """Those who run things first, in the order of the roles: participants can be thousands."""
    rows = Membership.objects.select_related("user").annotate(shown_address=SHOWN_ADDRESS)
    return rows.order_by(_RANK, "name", "shown_address")


def members_found(*, q: str = "", role: str = "") -> QuerySet[Membership]:
    rows = members()
    if role:
        rows = rows.filter(role=role)
    return rows.filter(words_in(q, ("name", "shown_address")))


def member_of(pk: int) -> Membership | None:
    return members().filter(pk=pk).first()


def invited_member(pk: int, user_id: int) -> Membership | None:
    """Of an invitation's link; None once the member was removed."""
    return members().filter(pk=pk, user_id=user_id).first()


def names_of_users(pks: Iterable[int | None]) -> dict[int, str]:
    """How this organization calls these users, by the user's id; whoever is no member is missing."""
    memberships = Membership.objects.select_related("user").filter(user_id__in={pk for pk in pks if pk})
    return {membership.user_id: membership.called for membership in memberships}


def with_author(found: QuerySet[Any]) -> QuerySet[Any]:
    """Adds `author` to rows with `created_by`: how this organization calls that user, or None."""
    member = Membership.objects.filter(user=OuterRef("created_by")).annotate(
        called=Coalesce(NullIf("name", Value("")), "user__email", output_field=CharField())
    )
    former = Case(
        When(created_by=None, then=None), default=Value(_("A former member")), output_field=CharField()
    )
    return found.annotate(author=Coalesce(Subquery(member.values("called")[:1]), former))
