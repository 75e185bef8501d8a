"""Who leaves, with which log-in, and whom that leaves in charge."""

from collections.abc import Collection
from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from mentoring.enums import PersonStatus, Role
from mentoring.models import Membership, Person, User
from mentoring.rules import normalize_email
from mentoring.tenancy.permissions import ROLE_PERMISSIONS, Permission

# Who can bring in others: without one of them nobody could ever again.
IN_CHARGE = tuple(role for role, rights in ROLE_PERMISSIONS.items() if Permission.MANAGE_MEMBERS in rights)


def memberships_of_people(people: Collection[int]) -> QuerySet[Membership]:
    """Of the log-ins that are these people's, and of those that only have their address: somebody who was
    a member before the roster was imported."""
    roster = Person.objects.filter(pk__in=people)
    tied = roster.exclude(user=None).values("user")
    unknown = roster.filter(user=None).exclude(email="")
    addresses = [normalize_email(address) for address in unknown.values_list("email", flat=True)]
    if not addresses:
        return Membership.objects.filter(user__in=tied)
    confirmed = EmailAddress.objects.filter(email__in=addresses, verified=True).values("user")
    by_address = Q(user__email__in=addresses) | Q(user__in=confirmed)
    somebody_elses = Exists(Person.objects.filter(user=OuterRef("user")))
    return Membership.objects.filter(Q(user__in=tied) | (by_address & ~somebody_elses))


def in_charge() -> QuerySet[Membership]:
    """Members who can bring in others, those with the highest role in front."""
    members = Membership.objects.filter(role__in=IN_CHARGE, joined_at__isnull=False, suspended_at=None)
    return members.order_by("-role", "pk")  # "owner" before "admin"


def has_owner() -> bool:
    """Whether an owner is here who has not left: one may have been kept as the last in charge."""
    return in_charge().filter(role=Role.OWNER).exclude(_person_left()).exists()


def may_make_owners(membership: Membership) -> bool:
    """Owners; and admins once every owner has left."""
    if membership.suspended_at or membership.role not in IN_CHARGE:
        return False
    return membership.role == Role.OWNER or not has_owner()


def open_memberships_of_leavers() -> QuerySet[Membership]:
    """Members who have left by the roster and are not suspended."""
    return Membership.objects.filter(_person_left(), suspended_at=None)


def _person_left() -> Any:
    """True for members whom the roster knows, by log-in or address, as people who have left."""
    tied = Person.objects.filter(user=OuterRef("user"))
    by_address = people_at(address=OuterRef("user__email")).filter(user=None)
    left, active = (
        Exists(tied.filter(status=status)) | Exists(by_address.filter(status=status))
        for status in (PersonStatus.LEFT, PersonStatus.ACTIVE)
    )
    return left & ~active


def people_at(**address: Any) -> QuerySet[Person]:
    """Looked up by `address`, in small letters, in the way in which the index on it is used."""
    return Person.objects.exclude(email="").annotate(address=Lower("email")).filter(**address)


def left_in_charge() -> QuerySet[Membership]:
    """Members with more than a participant's role who have left: suspended, or kept as the last in charge."""
    left = Q(suspended_at__isnull=False) | Q(_person_left())
    members = Membership.objects.exclude(role=Role.PARTICIPANT).filter(left)
    return members.select_related("user").order_by("pk")


def kept_in_charge() -> Membership | None:
    """Who has left and is a member still, as the last in charge."""
    members = list(in_charge().annotate(gone=_person_left()).select_related("user"))
    return members[0] if members and all(member.gone for member in members) else None


def left_with_address(email: str) -> bool:
    """Whether this is the address of somebody who has left, and of nobody who is here."""
    if not email:
        return False
    address = normalize_email(email)
    statuses = set(people_at(address=address).values_list("status", flat=True))
    suspended = Membership.objects.filter(user__email=address, suspended_at__isnull=False)
    return PersonStatus.ACTIVE not in statuses and (bool(statuses) or suspended.exists())


def person_who_left(user: User) -> Person | None:
    """The person of the roster who has left, if this user is nobody else on it."""
    by_address = people_at(address=user.email).filter(user=None)
    people = [*Person.objects.filter(user=user)[:10], *by_address[:1]]
    left = [person for person in people if person.status == PersonStatus.LEFT]
    return left[0] if left and len(left) == len(people) else None


def people_due_to_leave(today: date) -> QuerySet[Person]:
    """Those whose last day, said beforehand, has come."""
    return Person.objects.filter(status=PersonStatus.ACTIVE, left_on__lte=today).order_by("pk")
