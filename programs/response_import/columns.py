"""The columns of a form export that say who answered; all others are questions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from mentoring.exchange.columns import Column, clean_text
from mentoring.exchange.headings import folded
from mentoring.people.columns import COLUMNS as ROSTER_COLUMNS
from programs.enums import PairRole

PERSON, QUESTION = "person:", "question:"

# Form tools add these of their own; "ID" is the number of the answer there, not of the person.
ALIASES = {
    "email": ("Username", "Your e-mail", "E-mail address", "Respondent email", "Respondent"),
    "full_name": ("Your name", "Respondent name"),
    "title": ("Your job title", "What is your job title?"),
    "unit": ("Service line", "Business line", "Your department", "Practice"),
    "country": ("Your country", "Which country do you work in?"),
    "region": ("Your region",),
    "location": ("Your location", "Where are you based?"),
}
# What a person who is known already gets only where the roster says nothing.
FACTS = ("title", "unit", "job_family", "location", "country", "region")
TAKEN = ("email", "full_name", "first_name", "last_name", *FACTS)
ROLE_WORDS: Mapping[str, PairRole] = {
    "mentor": PairRole.MENTOR,
    "mentors": PairRole.MENTOR,
    "mentorin": PairRole.MENTOR,
    "mentee": PairRole.MENTEE,
    "mentees": PairRole.MENTEE,
}
ROLE = Column("role", _("Role in the program"), ("Mentor or mentee", "Program role"), clean_text)


def _columns() -> tuple[Column, ...]:
    """The roster's columns with the form tools' headings. "Role" is the role in the program here."""
    found = []
    for key in TAKEN:
        column = ROSTER_COLUMNS[key]
        aliases = tuple(a for a in (*ALIASES.get(key, ()), *column.aliases) if a not in ("Role", "ID"))
        found.append(replace(column, aliases=aliases, required=key == "email"))
    return (*found, ROLE)


PERSON_COLUMNS: dict[str, Column] = {column.key: column for column in _columns()}


def role_of(text: str) -> PairRole | None:
    return ROLE_WORDS.get(folded(text))


def looks_like_roles(samples: Sequence[str]) -> bool:
    """A column "Role" may hold job titles: it says who is a mentor only if its cells do."""
    return bool(samples) and all(role_of(sample) for sample in samples)
