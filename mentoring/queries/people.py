"""People of the roster: lists, one person's page, and everybody as the import's plan needs them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from mentoring.enums import PersonStatus
from mentoring.models import Organization, Person
from mentoring.people.draft import FIELDS, Known, split_name
from mentoring.queries.search import words_in

PAGE_SIZE = 25
DAY = "j M Y"
SEARCHED = ("first_name", "last_name", "email", "employee_id", "title")
FILTERS = ("region", "location", "unit", "level")
# Last, so that people without a level or hire date never stand on the first page.
SORTS: dict[str, tuple[Any, ...]] = {
    "name": ("last_name", "first_name", "id"),
    "title": ("title", "last_name", "first_name", "id"),
    "unit": ("unit", "last_name", "first_name", "id"),
    "location": ("location", "last_name", "first_name", "id"),
    "level": (F("level").asc(nulls_last=True), "last_name", "first_name", "id"),
    "hired": (F("hired_on").asc(nulls_last=True), "last_name", "first_name", "id"),
}
REVERSED: dict[str, tuple[Any, ...]] = {
    "level": (F("level").desc(nulls_last=True), "last_name", "first_name", "id"),
    "hired": (F("hired_on").desc(nulls_last=True), "last_name", "first_name", "id"),
}
DEFAULT_SORT = "name"


def people_found(criteria: dict[str, Any]) -> QuerySet[Person]:
    """People by search words and filters. Every word must be somewhere in name, address, ID or title."""
    people = Person.objects.select_related("manager")
    if status := criteria.get("status"):
        people = people.filter(status=status)
    for name in (*FILTERS, "manager"):
        if value := criteria.get(name):
            people = people.filter(**{name: value})
    people = people.filter(words_in(criteria.get("q"), SEARCHED))
    return people.order_by(*ordering(str(criteria.get("sort") or "")))


def ordering(sort: str) -> tuple[Any, ...]:
    """Only sorts that are offered; anything else is by name."""
    key = sort.removeprefix("-")
    if key not in SORTS:
        return SORTS[DEFAULT_SORT]
    if not sort.startswith("-"):
        return SORTS[key]
    return REVERSED.get(key) or (f"-{SORTS[key][0]}", *SORTS[key][1:])


def filter_choices() -> dict[str, list[tuple[str, str]]]:
    """What there is to filter by, with the number of active people."""
    choices: dict[str, list[tuple[str, str]]] = {}
    for name in FILTERS:
        empty = {name: None} if name == "level" else {name: ""}
        rows = (
            Person.objects.filter(status=PersonStatus.ACTIVE)
            .exclude(**empty)
            .values_list(name)
            .annotate(number=Count("id"))
            .order_by(name)[:500]
        )
        choices[name] = [(str(value), f"{value} ({number:,})") for value, number in rows]
    return choices


def person_of(pk: int, *, locked: bool = False) -> Person | None:
    people = Person.objects.select_related("manager", "user")
    if locked:
        people = people.select_for_update(of=("self",), no_key=True)
    return people.filter(pk=pk).first()


def namesakes(person: Person) -> QuerySet[Person]:
    """Others of the same name: who may be the same person twice."""
    if not (person.first_name or person.last_name):
        return Person.objects.none()
    same = {"first_name__iexact": person.first_name, "last_name__iexact": person.last_name}
    return Person.objects.filter(**same).exclude(pk=person.pk).order_by("status", "id")


def reports_of(person: Person) -> QuerySet[Person]:
    """Who works here and answers to this person, by name."""
    return person.reports.filter(status=PersonStatus.ACTIVE).order_by("last_name", "first_name", "id")


@dataclass(frozen=True)
class Headcount:
    """People on the roster, those who work here and those who have left."""

    total: int
    active: int

    @property
    def left(self) -> int:
        return self.total - self.active


def headcount() -> Headcount:
    counts = Person.objects.aggregate(
        total=Count("id"), active=Count("id", filter=Q(status=PersonStatus.ACTIVE))
    )
    return Headcount(counts["total"], counts["active"])


def facts_of(person: Person, organization: Organization) -> list[tuple[Any, Any]]:
    """A person's roster attributes for their page, empty ones left out."""
    facts: list[tuple[Any, Any]] = [
        (_("Employee ID"), person.employee_id),
        (_("E-mail"), person.email and format_html('<a href="mailto:{0}">{0}</a>', person.email)),
        (_("Job title"), person.title),
        (_("Management level"), person.level),
        (_("Unit"), person.unit),
        (_("Job family"), person.job_family),
        (_("Location"), person.location),
        (_("Country"), person.country),
        (_("Region"), person.region),
        (_("Time zone"), person.zone(organization)),
        (_("Language"), person.language),
        (_("Hire date"), person.hired_on and date_format(person.hired_on, DAY)),
        (
            _("Left on") if person.status == PersonStatus.LEFT else _("Leaves on"),
            person.left_on and date_format(person.left_on, DAY),
        ),
        *sorted(person.attributes.items()),
    ]
    return [(label, value) for label, value in facts if value not in (None, "")]


def known_people() -> list[Known]:
    """Everybody on the roster for the plan of an import, light enough for 100,000 people."""
    texts: dict[Any, Any] = {}
    shared_attributes: dict[Any, dict[str, str]] = {}
    people = []
    rows = Person.objects.order_by("id").values_list("id", "manager_id", "attributes", *FIELDS)
    for pk, manager_id, attributes, *values in rows.iterator(chunk_size=5000):
        shared = tuple(
            texts.setdefault(value, value) if index > 3 else value for index, value in enumerate(values)
        )
        attributes = shared_attributes.setdefault(tuple(attributes.items()), attributes)
        people.append(Known(pk, manager_id, shared, attributes))
    return people


def known_of(person: Person) -> Known:
    values = tuple(getattr(person, name) for name in FIELDS)
    return Known(person.pk, person.manager_id, values, person.attributes)


def known_around(person: Person | None, values: dict[str, Any], manager: str) -> list[Known]:
    """Those on the roster whom the checks of one person's values have to know: the person, who has the same
    ID or address, whoever the manager's cell may mean, and their managers up to the top."""
    first, last = split_name(manager)
    meant = Q(employee_id__iexact=manager) | Q(email__iexact=manager)
    meant |= Q(first_name__iexact=first, last_name__iexact=last)
    same = Q(pk=person.pk if person else 0)
    if values.get("employee_id"):
        same |= Q(employee_id__iexact=values["employee_id"])
    if values.get("email"):
        same |= Q(email__iexact=values["email"])
    people = {each.pk: each for each in Person.objects.filter(same | meant if manager else same)}
    while above := {each.manager_id for each in people.values() if each.manager_id} - people.keys():
        people |= Person.objects.in_bulk(above)
    return [known_of(each) for each in people.values()]
