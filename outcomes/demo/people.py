"""240 people of Northwind over six sites, with a reporting line; and a smaller Fabrikam."""

from datetime import date, timedelta
from random import Random

from mentoring.models import Person
from outcomes.demo.sites import SITES, Site

UNITS = {
    "Engineering": (
        "Chief Technology Officer",
        "Engineering Director",
        "Engineering Manager",
        "Software Engineer",
    ),
    "Finance": ("Chief Financial Officer", "Finance Director", "Controller", "Financial Analyst"),
    "Sales": ("Chief Commercial Officer", "Sales Director", "Account Manager", "Sales Associate"),
    "Marketing": ("Chief Marketing Officer", "Brand Director", "Campaign Manager", "Content Designer"),
    "Operations": ("Chief Operating Officer", "Plant Director", "Shift Manager", "Process Technician"),
    "People": ("Chief HR Officer", "Talent Director", "HR Business Partner", "HR Coordinator"),
    "Legal": ("General Counsel", "Compliance Director", "Senior Counsel", "Paralegal"),
}
FIRST = """
Amara Henrik Jun Maria Leo Priya Sofia Ken Noor Grace Ingrid Lars Astrid Magnus Freya Jonas Lena
Felix Mara Emeka Adaeze Chidi Ngozi Tunde Yemi Arjun Divya Kavya Rohan Meera Vikram Emily Marcus
Olivia Ethan Hannah Caleb Beatriz Thiago Camila Rafael Larissa Mateus Nils Solveig Anton Greta
Moritz Ifeoma Bola Ananya Sanjay Nora Tobias Elif Samir Yara Mina
""".split()  # noqa: SIM905
LAST = """
Osei Lund Park Costa Braun Nair Rossi Adeyemi Haddad Kim Berg Hansen Dahl Solberg Weber Fischer
Schulz Wagner Okafor Balogun Eze Adebayo Iyer Rao Menon Patel Sharma Reddy Carter Brooks Nguyen
Murphy Silva Souza Almeida Ferreira Lima Rocha Johansen Nygaard Keller Vogel Obi Danjuma Bhat
Kulkarni Alvarez Novak Sato Moreau Aydin
""".split()  # noqa: SIM905
LEVEL_NAMES = {5: 1, 4: 2, 3: 3, 2: 3, 1: 3}


def _names(random: Random, number: int) -> list[tuple[str, str]]:
    everyone = [(first, last) for first in FIRST for last in LAST]
    return random.sample(everyone, number)


def _title(unit: str, level: int) -> str:
    title = UNITS[unit][LEVEL_NAMES.get(level, 0)]
    return {2: title, 1: f"Junior {title}", 3: f"Senior {title}"}.get(level, title)


# An import of last year kept it; the pages of people ask whether it shall stay.
SENSITIVE_COLUMN = "Age group"
AGE_GROUPS = {7: "55-64", 6: "45-54", 5: "45-54", 4: "35-44", 3: "35-44", 2: "25-34", 1: "18-24"}


def make_people(slug: str, number: int, *, today: date, seed: int) -> list[Person]:
    """Save `number` people with one reporting line from the chief executive down. Level 6 and 5 lead."""
    random = Random(seed)
    names = _names(random, number)
    units = list(UNITS)
    people: list[Person] = []

    def add(level: int, title: str, unit: str, manager: Person | None, site: Site) -> Person:
        first, last = names[len(people)]
        years = {7: 14, 6: 11, 5: 9, 4: 7, 3: 5, 2: 3, 1: 1}[level]
        person = Person(
            employee_id=f"N{1000 + len(people)}",
            email=_address(first, last, slug),
            first_name=first,
            last_name=last,
            title=title,
            level=level,
            unit=unit,
            location=site.city,
            country=site.country,
            region=site.region,
            time_zone=site.time_zone,
            hired_on=today - timedelta(days=365 * years + random.randrange(300)),
            manager=manager,
            attributes={"Cost center": f"CC-{110 + 10 * units.index(unit)}" if unit in units else "CC-100"}
            | {SENSITIVE_COLUMN: AGE_GROUPS[level]},
        )
        people.append(person)
        return person

    chief = add(7, "Chief Executive Officer", "Executive Office", None, SITES[0])
    heads = {
        unit: add(6, UNITS[unit][0], unit, chief, SITES[index % len(SITES)])
        for index, unit in enumerate(units)
    }
    directors = [
        add(5, _title(unit, 5), unit, heads[unit], site)
        for unit in units
        for site in random.sample(SITES, 3 if number > 100 else 1)
    ]
    managers = [
        add(4, _title(director.unit, 4), director.unit, director, random.choice(SITES))
        for director in directors
        for _ in range(2 if number > 100 else 1)
    ]
    while len(people) < number:
        manager = random.choice(managers)
        level = random.choices((1, 2, 3), (45, 35, 20))[0]
        site = next(site for site in SITES if site.city == manager.location)
        add(
            level,
            _title(manager.unit, level),
            manager.unit,
            manager,
            random.choice([site, random.choice(SITES)]),
        )
    # A manager must have an id before their reports are saved: level by level, most senior first.
    for level in range(7, 0, -1):
        Person.objects.bulk_create(person for person in people if person.level == level)
    return people


def _address(first: str, last: str, slug: str) -> str:
    plain = f"{first}.{last}".lower()
    return f"{plain}@{slug}.example"
