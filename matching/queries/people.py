"""Finding one person of the roster by what a champion types."""

from django.db.models import Q

from mentoring.models import Person
from mentoring.queries.search import NAMES, words_in

FOUND_AT_MOST = 6


def people_named(text: str, *, limit: int = FOUND_AT_MOST) -> list[Person]:
    """Who is meant: an exact e-mail address or employee ID is one person, else all whose name or address
    has every word; an exact full name comes before a part of one."""
    text = text.strip()
    exact = list(Person.objects.filter(Q(email__iexact=text) | Q(employee_id=text))[:limit]) if text else []
    if len(exact) == 1 or not text:
        return exact
    found = Person.objects.filter(words_in(text, NAMES))
    people = list(found.order_by("last_name", "first_name", "id")[: limit * 5])
    same = [person for person in people if person.name.casefold() == text.casefold()]
    return (same or people)[:limit]
