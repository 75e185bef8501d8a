"""What leaving means for members: access, sessions and waiting mail end; the row stays, with its role."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import Q

from mentoring.actions import audit
from mentoring.actions.users import end_link_sessions, end_sessions
from mentoring.actors import Actor
from mentoring.enums import MessageReason, MessageStatus, PersonStatus
from mentoring.models import Membership, OutgoingMessage, Person, User
from mentoring.queries.leaving import (
    in_charge,
    memberships_of_people,
    open_memberships_of_leavers,
    people_at,
)


def suspend_members(people: list[int], by: Actor, now: datetime) -> None:
    """Access and sessions end, and what waits to be sent to these people is dropped."""
    memberships = list(memberships_of_people(people).filter(suspended_at=None).select_related("user"))
    _drop_mail(people, [membership.user.email for membership in memberships])
    end_link_sessions(people=people)
    kept = {membership.pk for membership in last_in_charge(memberships)}
    going = [membership for membership in memberships if membership.pk not in kept]
    if not going:
        return
    Membership.objects.filter(pk__in=[membership.pk for membership in going]).update(suspended_at=now)
    for membership in going:
        audit.record("member.suspended", membership, by=by, role=membership.role)
    end_sessions(users=[membership.user_id for membership in going])


def suspended_roles(people: list[int], now: datetime) -> Counter[str]:
    return Counter(memberships_of_people(people).filter(suspended_at=None).values_list("role", flat=True))


def last_in_charge(leaving: Iterable[Membership]) -> list[Membership]:
    """The one of them who stays a member, because else nobody could bring in others any more: the home page
    says so until somebody else is in charge. Usually nobody."""
    going = {membership.pk for membership in leaving}
    in_office = list(in_charge().select_for_update(of=("self",), no_key=True)) if going else []
    return in_office[:1] if in_office and all(membership.pk in going for membership in in_office) else []


def overlooked_members() -> list[int]:
    """People who have left by the roster and are members still, other than the last in charge."""
    memberships = list(open_memberships_of_leavers())
    kept = {membership.pk for membership in last_in_charge(memberships)}
    users = User.objects.filter(pk__in=[member.user_id for member in memberships if member.pk not in kept])
    if not users:
        return []
    tied = Person.objects.filter(user__in=users, status=PersonStatus.LEFT)
    by_address = people_at(address__in=[user.email for user in users])
    left = by_address.filter(user=None, status=PersonStatus.LEFT)
    return [*tied.values_list("pk", flat=True), *left.values_list("pk", flat=True)]


def concerned_members() -> set[int]:
    """People with a log-in or the address of one, and those whom a mail waits for."""
    users = Membership.objects.values("user")
    confirmed = EmailAddress.objects.filter(verified=True, user__in=users).values("email")
    by_main_address = people_at(address__in=User.objects.filter(pk__in=users).values("email"))
    tied = Person.objects.filter(user__in=users).values_list("pk", flat=True)
    by_address = by_main_address.values_list("pk", flat=True)
    by_further = people_at(address__in=confirmed).values_list("pk", flat=True)
    waiting = OutgoingMessage.objects.filter(status=MessageStatus.QUEUED, person__isnull=False)
    return {*tied, *by_address, *by_further, *waiting.values_list("person", flat=True)}


def _drop_mail(people: list[int], addresses: list[str]) -> None:
    """But for cancellations: a private calendar should not keep a meeting that is off."""
    theirs = Q(person__in=people) | Q(person=None, to_email__in=addresses)
    waiting = OutgoingMessage.objects.filter(theirs, status=MessageStatus.QUEUED)
    waiting.exclude(calendar_method="CANCEL").update(status=MessageStatus.DROPPED, reason=MessageReason.LEFT)
