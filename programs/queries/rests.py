"""Who is on a break today, and until when."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from mentoring.models import Person
from programs.models import Rest


def rests_on(today: date) -> QuerySet[Rest]:
    """The breaks that last: on its last day (`until`) one is over."""
    return Rest.objects.filter(until__gt=today)


def rest_of(person: Person, today: date) -> Rest | None:
    return rests_on(today).filter(person=person).first()


def on_break(today: date, person: str = "person") -> Exists:
    """True for rows whose person (the field of that name) is on a break."""
    return Exists(rests_on(today).filter(person=OuterRef(person)))


def rests_until(today: date, person: str = "person") -> Subquery:
    """The day such a person can be invited again, else nothing."""
    return Subquery(rests_on(today).filter(person=OuterRef(person)).values("until")[:1])
