"""Who belongs to an organization, and in which role."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from mentoring.actions import audit
from mentoring.actions.invitation_limits import INVITED, INVITED_AGAIN, check_may_invite, check_may_resend
from mentoring.actions.users import confirm_address
from mentoring.actors import Actor
from mentoring.enums import Role
from mentoring.mail.links import link_mark, signed_url
from mentoring.mail.outbox import Recipient, queue_mail
from mentoring.models import Membership, Organization, OutgoingMessage, PartedLogin, Person, User
from mentoring.queries.contacts import mail_context
from mentoring.queries.leaving import may_make_owners, person_who_left
from mentoring.queries.locks import lock_organization, locked
from mentoring.queries.mails import about_membership
from mentoring.queries.members import lock_member
from mentoring.queries.users import user_of
from mentoring.rules import NotAllowed, normalize_email

RESEND_AFTER = timedelta(minutes=1)


class Invitation(NamedTuple):
    membership: Membership
    is_new: bool


def invite_member(
    *, organization: Organization, email: str, role: Role, name: str = "", now: datetime, by: Actor
) -> Invitation:
    """Give somebody a role and mail the way in. Sent twice, the form invites once.

    Whether the address has an account somewhere shows in nothing: neither in what is said nor in the mail.
    """
    _check_owner_role(role, by)
    address = normalize_email(email)
    user = _user_for(address)
    if PartedLogin.objects.filter(user=user, email=address).exists():
        raise NotAllowed(
            _(
                "%(email)s still opens the log-in of somebody who had it before. Only they can change that: "
                "invite another address."
            )
            % {"email": email}
        )
    known = Membership.objects.filter(user=user).first()
    _check_here(user, known)
    if known and (known.joined_at or known.role != role):
        raise NotAllowed(
            _("%(person)s is in this organization already, as %(role)s. You can change the role below.")
            % {"person": known.name or address, "role": known.get_role_display()}
        )
    if known:
        return Invitation(known, is_new=False)
    check_may_invite(by=by)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                user=user, name=name, invited_email=address, role=role, invited_by_id=by.user_id
            )
    except IntegrityError:  # the same form, sent twice at once
        return Invitation(Membership.objects.get(user=user), is_new=False)
    audit.record(INVITED, membership, by=by, email=address, role=role)
    _mail_invitation(organization, membership, now, by)
    return Invitation(membership, is_new=True)


def _user_for(email: str) -> User:
    """A login without a name: that one its owner gives themselves."""
    user = user_of(email)
    if user is None:
        try:
            with transaction.atomic():
                return User.objects.create_user(email, None)
        except IntegrityError:
            user = User.objects.get(email=email)
    return user


def resend_invitation(
    *, organization: Organization, membership: Membership, now: datetime, by: Actor
) -> bool:
    """Mail the way in once more; at most once a minute, so that a double click is one mail. Answers whether
    this call did."""
    lock_organization()
    membership = locked(membership)
    _check_here(membership.user, membership)
    if membership.joined_at:
        raise NotAllowed(_("%(person)s has joined already.") % {"person": membership.called})
    newest = OutgoingMessage.objects.filter(kind="invite_member", thread=_thread(membership))
    if newest.filter(send_after__gt=now - RESEND_AFTER).exists():
        return False
    check_may_resend(membership=membership, by=by)
    audit.record(INVITED_AGAIN, membership, by=by)
    _mail_invitation(organization, membership, now, by)
    return True


def _thread(membership: Membership) -> str:
    return f"membership:{membership.pk}"


def _mail_invitation(organization: Organization, membership: Membership, now: datetime, by: Actor) -> None:
    """In the organization's language and time: what the login itself prefers is not its business yet."""
    user = membership.user
    url = signed_url(
        "invitation", "invitation", organization.pk, m=membership.pk, u=user.pk, k=link_mark(user.email)
    )
    to = Recipient(
        email=membership.invited_email,
        name=membership.name,
        language=organization.language,
        time_zone=organization.time_zone,
    )
    queue_mail(
        "invite_member",
        to=to,
        context=mail_context(organization, membership=membership, url=url, invited_by=_name_of(by)),
        idempotency_key=f"invite_member:{membership.pk}:{now:%Y%m%d%H%M%S}",
        send_after=now,
        about=about_membership(membership),
        thread=_thread(membership),
    )


def _name_of(by: Actor) -> str:
    inviter = Membership.objects.select_related("user").filter(user_id=by.user_id).first()
    return inviter.called if inviter else ""


def accept_invitation(*, membership: Membership, now: datetime, by: Actor) -> Membership:
    """An invited person came in. Their first two pages may come at once: that is one joining. Whom nobody
    named here is called as they call themselves, from then on."""
    if not membership.name and membership.user.name:
        membership.name = membership.user.name
        membership.save(update_fields=["name"])
    if Membership.objects.filter(pk=membership.pk, joined_at=None).update(joined_at=now):
        audit.record("member.joined", membership, by=by, role=membership.role)
    membership.joined_at = membership.joined_at or now
    link_person(user=membership.user)
    return membership


def open_account(*, membership: Membership, name: str, now: datetime, by: Actor) -> Membership:
    """An invited person came in for the first time, by the link of their mail: the address is theirs."""
    user = membership.user
    user.name = membership.name = name
    user.save(update_fields=["name"])
    membership.save(update_fields=["name"])
    confirm_address(user=user)
    return accept_invitation(membership=membership, now=now, by=by)


def link_person(*, user: User) -> None:
    """Tie the login to the person of the roster at the same address: their participations become theirs. Not
    where the address has gone to somebody else since (`PartedLogin`)."""
    if PartedLogin.objects.filter(user=user, email=user.email).exists():
        return
    people = Person.objects.annotate(address=Lower("email")).filter(address=user.email, user=None)
    people.update(user=user)


def change_role(*, membership: Membership, role: Role, by: Actor) -> bool:
    """Only an owner makes owners or changes one, and the last owner stays. Answers whether it changed."""
    membership = lock_member(membership)
    if membership.role == role:
        return False
    _check_here(membership.user, membership)
    _check_owner_role(role, by)
    _check_owner_role(membership.role, by)
    if membership.role == Role.OWNER:
        _check_not_last_owner(membership)
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    audit.record("member.role_changed", membership, by=by, email=membership.address, before=before, role=role)
    return True


def remove_member(*, membership: Membership, by: Actor) -> None:
    """Take somebody's access away at once. The login itself stays: it may belong elsewhere too."""
    membership = lock_member(membership)
    _check_owner_role(membership.role, by)
    if membership.role == Role.OWNER:
        _check_not_last_owner(membership)
    audit.record("member.removed", membership, by=by, email=membership.address, role=membership.role)
    try:
        with transaction.atomic():
            membership.delete()
    except ProtectedError as error:
        things = ", ".join(sorted(map(str, error.protected_objects))[:5])
        raise NotAllowed(
            _("%(person)s is still in charge of %(things)s. Name somebody else there first.")
            % {"person": membership.called, "things": things}
        ) from None


def _check_here(user: User, membership: Membership | None) -> None:
    """Access of somebody who has left would end again at once."""
    if (membership and membership.suspended_at) or person_who_left(user):
        raise NotAllowed(
            _("%(person)s has left, by the roster. If that is wrong, correct it under People first.")
            % {"person": user}
        )


def _check_owner_role(role: str, by: Actor) -> None:
    """The system and commands may; of the members, those who `may_make_owners`."""
    if role != Role.OWNER or by.user_id is None:
        return
    mine = Membership.objects.filter(user_id=by.user_id).first()
    if mine is None or not may_make_owners(mine):
        raise NotAllowed(_("Only an owner can make, change or remove an owner."))


def _check_not_last_owner(membership: Membership) -> None:
    """The owners are held (`lock_member`): two who remove each other at once must not both succeed."""
    owners = Membership.objects.filter(role=Role.OWNER)
    if not any(owner.joined_at and not owner.suspended_at and owner.pk != membership.pk for owner in owners):
        raise NotAllowed(_("An organization needs an owner. Make somebody else owner first."))
