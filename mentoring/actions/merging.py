"""Two entries of the roster are one person."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from mentoring import registries
from mentoring.actions import audit
from mentoring.actions.addresses import move_addresses
from mentoring.actions.leaving import bring_back, bring_people_back
from mentoring.actions.people_by_hand import Entry, may_end, save_person
from mentoring.actors import Actor
from mentoring.enums import PersonStatus, Role
from mentoring.mail.forwarding import forward_mail
from mentoring.models import Membership, Person
from mentoring.people.addresses import Move, settle_moves
from mentoring.queries.locks import lock_organization
from mentoring.queries.logins import LoginBook
from mentoring.rules import NotAllowed, normalize_email


def refusals(kept: Person, double: Person, by: Actor) -> list[str]:
    """Why the two cannot be merged, or not yet."""
    reasons = [
        _("%(name)s has a role here. Only somebody who manages members can merge them.") % {"name": person}
        for person in (kept, double)
        if not may_end(person, by)
    ]
    logins = [person.user for person in (kept, double) if person.user]
    if len(set(logins)) == 2:
        roles = Membership.objects.filter(user__in=logins).exclude(role=Role.PARTICIPANT)
        reasons += [
            _("Both sign in, and %(member)s has a role here. Take that log-in off the members first.")
            % {"member": membership.user}
            for membership in roles.select_related("user")
        ]
    return reasons + [text for part in registries.merge_parts for text in part.refusals(kept, double)]


def what_moves(kept: Person, double: Person) -> list[str]:
    """What the double brings along."""
    sentences = [text for part in registries.merge_parts for text in part.moves(kept, double)]
    if number := double.reports.count():
        sentences.append(
            _("%(number)d people who report to the duplicate will report to the entry that stays.")
            % {"number": number}
        )
    if kept.user and double.user and kept.user != double.user:
        sentences.append(_("Both sign in: the log-in with the address you choose stays, the other one ends."))
    elif double.user:
        sentences.append(_("The log-in comes along."))
    return sentences


@transaction.atomic
def merge_people(*, kept: Person, double: Person, entry: Entry, now: datetime, by: Actor) -> Person:
    """Everything that hangs on the double hangs on the one who stays, with the chosen values. The double is
    no more, and its links open nothing."""
    lock_organization()
    locked = Person.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    both = {person.pk: person for person in locked.filter(pk__in=(kept.pk, double.pk)).order_by("pk")}
    if len(both) != 2:
        raise NotAllowed(_("These two are one already."))
    kept, double = both[kept.pk], both[double.pk]
    if reasons := refusals(kept, double, by):
        raise NotAllowed(" ".join(reasons))
    name, number = double.name, double.employee_id or ""
    _settle_login(kept, double, normalize_email(str(entry.values["email"])), now, by)
    for part in registries.merge_parts:
        part.merge(kept, double, by)
    _move_rows(kept, double)
    if kept.status == PersonStatus.LEFT and double.status == PersonStatus.ACTIVE:
        bring_back(person=kept, now=now, by=by)
    saved = save_person(entry=entry, person=kept, now=now, by=by)
    if saved.status == PersonStatus.ACTIVE:  # a leaver's log-in may have come along
        bring_people_back([saved.pk], now=now, by=by)
    audit.record("person.merged", saved, by=by, double=double.pk, name=name, employee_id=number)
    double.delete()
    forward_mail(saved, old=saved.email)
    return saved


def _settle_login(kept: Person, double: Person, email: str, now: datetime, by: Actor) -> None:
    """One log-in stays: the one that the chosen address opens, else the first there is. The double lets go of
    its ID and address, so that they can be chosen."""
    theirs = normalize_email(double.email)
    if double.user == kept.user:
        double.user = None
    elif double.user and (kept.user is None or (theirs == email and theirs != normalize_email(kept.email))):
        kept.user, double.user = double.user, kept.user
        kept.email, double.email = double.email, kept.email
    loser, old = double.user, normalize_email(double.email)
    double.email, double.employee_id = "", None
    double.save(update_fields=["email", "employee_id", "user"])
    kept.link_epoch += 1
    kept.save(update_fields=["email", "user", "link_epoch"])
    if old and old != email:
        moves = [Move(double.pk, double.name, old, "")]
        settle_moves(moves, LoginBook(by))
        move_addresses(moves=moves, now=now, by=by)
    if loser:
        Membership.objects.filter(user=loser).delete()


def _move_rows(kept: Person, double: Person) -> None:
    """Every row of every app that names the double."""
    for relation in Person._meta.related_objects:
        model: Any = relation.related_model
        rows = model.objects.filter(**{relation.field.name: double})
        if model is Person:
            rows = rows.exclude(pk=kept.pk)
        rows.update(**{relation.field.name: kept})
