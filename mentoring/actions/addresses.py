"""A person's address has changed: log-in, links, sessions and mail that waits follow the person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import F

from mentoring import registries
from mentoring.actions import audit
from mentoring.actions.users import drop_credentials, end_link_sessions, end_sessions
from mentoring.actors import Actor
from mentoring.enums import Role
from mentoring.mail.forwarding import forward_mail
from mentoring.mail.outbox import Recipient, queue_messages, render_message
from mentoring.models import Membership, Organization, OutgoingMessage, PartedLogin, Person, User
from mentoring.people.addresses import Fate, Move, shown
from mentoring.queries.contacts import mail_context, organization_contact
from mentoring.rules import unreachable_address
from mentoring.tenancy.scoping import current_organization_id


def move_addresses(*, moves: Sequence[Move], now: datetime, by: Actor) -> None:
    """Do what the roster's new addresses mean; the people themselves are written already, and the fates of
    their log-ins settled (`people.addresses`). Links and the sessions they opened end with the address."""
    if not moves:
        return
    ids = [move.person_id for move in moves]
    Person.objects.filter(pk__in=ids).update(link_epoch=F("link_epoch") + 1)
    end_link_sessions(people=ids)
    people = Person.objects.select_related("user").in_bulk(ids)
    _move_logins(moves, people)
    heard = set(OutgoingMessage.objects.filter(person__in=ids).values_list("person_id", flat=True))
    organization = Organization.objects.get(pk=current_organization_id())
    concerned = [move for move in moves if move.login or move.person_id in heard]
    for move in concerned:
        person = people[move.person_id]
        forward_mail(person, old=move.old)
        facts = {"old": move.old, "new": move.new, "login": shown(move).value}
        audit.record("person.address_changed", person, by=by, **facts)
    _tell([move for move in concerned if not move.left], people, organization, now)
    moved = [people[move.person_id] for move in concerned if move.new and not move.left]
    for hear in registries.address_listeners:
        hear(moved, now, by)


def _move_logins(moves: Sequence[Move], people: dict[int, Person]) -> None:
    """First everybody leaves the old address, then arrives at the new one: two may swap theirs."""
    for move in moves:
        user = people[move.person_id].user
        if user is None or move.fate in (Fate.NONE, Fate.STAYS):
            continue
        if move.shared and move.fate != Fate.FOLLOWS:
            PartedLogin.objects.get_or_create(user=user, email=move.old)
        else:
            _leave_address(user, move)
    for move in moves:
        person = people[move.person_id]
        if person.user is None or move.login is None:
            continue
        if move.fate == Fate.FOLLOWS:
            _arrive(person.user, move.new)
            Membership.objects.filter(user=person.user).update(invited_email=move.new)
        elif move.fate == Fate.STAYS and not move.shared:
            EmailAddress.objects.filter(user=person.user, email=move.old).delete()
        elif move.fate == Fate.PARTS:
            _part(person, move)
        elif move.fate == Fate.JOINS:
            _join(person, move)


def _leave_address(user: User, move: Move) -> None:
    end_sessions(users=[user.pk])
    if user.email == move.old:
        user.email = unreachable_address(user.pk)
        user.save(update_fields=["email"])
    if (
        move.fate == Fate.FOLLOWS
        and EmailAddress.objects.filter(user=user, email=move.new, verified=True).exists()
    ):
        EmailAddress.objects.filter(user=user, email=move.old).delete()
        return
    # Nobody has shown yet that the new address is theirs: until then no other one may open this log-in, or
    # who had it could take a stranger's invitation to the new address.
    EmailAddress.objects.filter(user=user).delete()
    if move.fate != Fate.FOLLOWS:
        drop_credentials(user=user)


def _arrive(user: User, email: str) -> None:
    """The address counts as confirmed once somebody who reads its mail has come in (`confirm_address`)."""
    user.email = email
    user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=user).update(primary=False)
    EmailAddress.objects.update_or_create(user=user, email=email, defaults={"primary": True})


def _part(person: Person, move: Move) -> None:
    """The log-in stays with the other organizations, which know nothing of it; what it was here becomes a
    new one's."""
    old, fresh = person.user, None
    if move.new and move.owner is None:
        fresh = User.objects.create_user(move.new)
        _arrive(fresh, move.new)
    _set_user(person, fresh)
    memberships = Membership.objects.filter(user=old)
    if fresh is not None:
        memberships.update(user=fresh, invited_email=move.new)
    elif not move.left:
        memberships.filter(role=Role.PARTICIPANT).delete()


def _join(person: Person, move: Move) -> None:
    """The person's log-in is the one that stands at the new address. Who has not come in here yet is invited
    with it, and tied to the person once they come (`link_person`)."""
    assert move.owner is not None
    old, owner = person.user, move.owner
    _set_user(person, User.objects.get(pk=owner.user_id) if owner.joined else None)
    memberships = Membership.objects.filter(user=old)
    if owner.member:
        memberships.delete()
    else:
        memberships.update(user=owner.user_id, invited_email=move.new, joined_at=None)


def _set_user(person: Person, user: User | None) -> None:
    person.user = user
    person.save(update_fields=["user"])


def _tell(
    moves: Sequence[Move], people: dict[int, Person], organization: Organization, now: datetime
) -> None:
    """The old address is told nothing of the person nor of the new one: somebody else may read it by now."""
    messages = []
    contact = organization_contact(organization)
    for move in moves:
        person = people[move.person_id]
        to = Recipient.of_person(person, organization)
        context = mail_context(
            organization,
            contact=contact,
            person=person,
            signs_in=move.fate not in (Fate.NONE, Fate.CLOSES),
        )
        key = f"{person.pk}:{person.link_epoch}"
        letters: list[tuple[str, Recipient, dict[str, Any]]] = []
        if move.old:
            stranger = Recipient(move.old, language=to.language, time_zone=to.time_zone)
            letters.append(("address_left", stranger, {"about": {"person": person.pk, "email": move.old}}))
        if move.new:
            newest = {"thread": f"address_new:{person.pk}", "sequence": person.link_epoch}
            letters.append(("address_new", to, newest))
        messages += [
            render_message(
                kind, to=reader, context=context, idempotency_key=f"{kind}:{key}", send_after=now, **parts
            )
            for kind, reader, parts in letters
        ]
    if messages:
        queue_messages(messages)
