"""People by what a champion types, and by id: of the roster, and of one cohort."""

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from matching.queries.inputs import ready
from mentoring.models import Person
from mentoring.queries.search import NAMES, names_of, words_in
from programs.models import Cohort, Participant

FOUND_AT_MOST = 6

Found = TypeVar("Found", bound=Model)


def people_named(text: str) -> list[Person]:
    """Who of the roster is meant; an employee ID is as good as an e-mail address."""
    text = text.strip()
    exact = Q(email__iexact=text) | Q(employee_id=text)
    return _meant(Person.objects.all(), text, exact, NAMES, ("last_name", "first_name", "id"))


def partners_named(cohort: Cohort, text: str, *, roles: Iterable[str]) -> list[Participant]:
    """Who of a cohort's people that are considered is meant."""
    text = text.strip()
    there = ready(cohort).filter(role__in=list(roles)).select_related("person")
    order = ("person__last_name", "person__first_name", "id")
    return _meant(there, text, Q(person__email__iexact=text), names_of("person"), order)


def _meant(
    there: QuerySet[Found], text: str, exact: Q, names: Iterable[str], order: Iterable[str]
) -> list[Found]:
    """`exact` is one person, else all whose name or address has every word; an exact full name comes before
    a part of one."""
    if not text:
        return []
    one = list(there.filter(exact)[:2])
    if len(one) == 1:
        return one
    people = list(there.filter(words_in(text, names)).order_by(*order)[: FOUND_AT_MOST * 5])
    same = [found for found in people if str(getattr(found, "person", found)).casefold() == text.casefold()]
    return (same or people)[:FOUND_AT_MOST]


def people_by_id(participant_ids: Iterable[int]) -> dict[int, Participant]:
    return Participant.objects.select_related("person").in_bulk(set(participant_ids))


def participant_names(participant_ids: Iterable[int]) -> dict[int, str]:
    return {pk: one.person.name for pk, one in people_by_id(participant_ids).items()}


def pair_names(ids: tuple[int, int]) -> dict[str, str]:
    """Mentor and mentee, for a sentence that names both."""
    names = participant_names(ids)
    return {"mentor": names.get(ids[0], ""), "mentee": names.get(ids[1], "")}


def ids_named(cohort_id: int, words: str) -> set[int]:
    """Participants of a cohort who have all of these words in name or address."""
    found = Participant.objects.filter(words_in(words, names_of("person")), cohort=cohort_id)
    return set(found.values_list("pk", flat=True))


def names_in_order(cohort_id: int) -> dict[int, str]:
    """Everybody of a cohort by participant, in the order of their names."""
    rows = Participant.objects.filter(cohort=cohort_id).select_related("person")
    return {one.pk: one.person.name for one in rows.order_by("person__last_name", "person__first_name", "id")}
