"""Breaks: somebody says that they sit out for a while, and nobody invites them until then."""

from datetime import date, datetime

from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.models import Person
from mentoring.rules import today_in
from programs.models import Rest
from programs.rules import check_rest


def take_rest(*, person: Person, until: date, by: Actor, now: datetime) -> Rest:
    """The person takes a break from all programs of the organization, or changes how long theirs is.
    Invitations that wait for their answer stay open, but nobody reminds them of those."""
    check_rest(until, today_in(person.organization.time_zone, now))
    _lock(person)
    rest = Rest.objects.filter(person=person).first() or Rest(person=person)
    if rest.until == until:
        return rest
    rest.until = until
    rest.save()
    audit.record("person.rest_taken", person, by=by, until=until.isoformat())
    return rest


def end_rest(*, person: Person, by: Actor, now: datetime) -> bool:
    """The person can be invited again from now on. Without a break there is nothing to end; answers whether
    there was one."""
    _lock(person)
    found = Rest.objects.filter(person=person)
    lasts = found.filter(until__gt=today_in(person.organization.time_zone, now)).exists()
    found.delete()
    if lasts:
        audit.record("person.rest_ended", person, by=by)
    return lasts


def _lock(person: Person) -> None:
    """Two presses follow each other. Invitations, which only refer to the person, need not wait."""
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
