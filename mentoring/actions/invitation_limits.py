"""How many invitations to become a member may go out: of one member, of one organization, to one person.

Counted in the audit log, which nobody can shorten, and by its clock: inviting, removing and inviting again
counts twice.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import ngettext_lazy

from mentoring.actors import Actor
from mentoring.models import AuditEvent, Membership
from mentoring.queries.locks import lock_organization
from mentoring.rules import NotAllowed

INVITED, INVITED_AGAIN = "member.invited", "member.invited_again"
DAY = timedelta(days=1)


def check_may_invite(*, by: Actor) -> None:
    _check_today(by)
    if Membership.objects.filter(joined_at=None).count() >= settings.INVITATIONS_OPEN:
        raise NotAllowed(
            ngettext_lazy(
                "%(number)s invitation waits for an answer, and no more can be open at a time. "
                "Remove who will not come, then invite others.",
                "%(number)s invitations wait for an answer, and no more can be open at a time. "
                "Remove who will not come, then invite others.",
                settings.INVITATIONS_OPEN,
            )
            % {"number": settings.INVITATIONS_OPEN}
        )


def check_may_resend(*, membership: Membership, by: Actor) -> None:
    _check_today(by)
    again = _since_yesterday(INVITED_AGAIN).filter(
        object_type=membership._meta.label_lower, object_id=membership.pk
    )
    if again.count() >= settings.INVITATION_RESENDS:
        raise NotAllowed(
            ngettext_lazy(
                "This invitation went out again %(number)s time within a day. Try again tomorrow.",
                "This invitation went out again %(number)s times within a day. Try again tomorrow.",
                settings.INVITATION_RESENDS,
            )
            % {"number": settings.INVITATION_RESENDS}
        )


def _check_today(by: Actor) -> None:
    lock_organization()  # two at once are counted
    sent = _since_yesterday(INVITED, INVITED_AGAIN)
    if by.user_id and sent.filter(user_id=by.user_id).count() >= settings.INVITATIONS_PER_MEMBER:
        raise NotAllowed(
            ngettext_lazy(
                "You have sent %(number)s invitation within a day, and more are not possible. "
                "Try again tomorrow, or ask another admin.",
                "You have sent %(number)s invitations within a day, and more are not possible. "
                "Try again tomorrow, or ask another admin.",
                settings.INVITATIONS_PER_MEMBER,
            )
            % {"number": settings.INVITATIONS_PER_MEMBER}
        )
    if sent.count() >= settings.INVITATIONS_PER_ORGANIZATION:
        raise NotAllowed(
            ngettext_lazy(
                "Your organization has sent %(number)s invitation within a day, and more are not possible. "
                "Try again tomorrow.",
                "Your organization has sent %(number)s invitations within a day, and more are not possible. "
                "Try again tomorrow.",
                settings.INVITATIONS_PER_ORGANIZATION,
            )
            % {"number": settings.INVITATIONS_PER_ORGANIZATION}
        )


def _since_yesterday(*actions: str) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(action__in=actions, at__gt=Now() - DAY)
