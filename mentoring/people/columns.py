"""The columns of a roster. What other systems call them is in `headings.toml`."""

import re
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentoring.exchange.columns import Column, clean_text
from mentoring.exchange.refusals import BadValue
from mentoring.people.words import clean_level, clean_status, clean_time_zone
from mentoring.rules import check_address

SIMPLE_EMAIL = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]{2,})+$"
)
LANGUAGES = {
    "english": "en",
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "francais": "fr",
    "spanish": "es",
} | {
    "italian": "it",
    "portuguese": "pt",
    "polish": "pl",
    "dutch": "nl",
}


def clean_email(value: object) -> str:
    """Addresses in lower case: systems and people disagree about capitals."""
    text = clean_text(value, limit=254).lower().removeprefix("mailto:")
    if not text or SIMPLE_EMAIL.match(text):
        return text
    try:
        check_address(text)
    except ValidationError:
        raise BadValue(_("is not an e-mail address")) from None
    return text


def clean_language(value: object) -> str:
    text = clean_text(value, limit=40).replace("_", "-")
    return LANGUAGES.get(text.casefold(), text[:10])


def raw(value: object) -> object:
    """Dates stay as they are until the whole column has shown its format."""
    return value


name_text = partial(clean_text, limit=100)
short_text = partial(clean_text, limit=150)


HEADINGS: dict[str, str] = tomllib.loads(
    Path(__file__).with_name("headings.toml").read_text(encoding="utf-8")
)


def column(key: str, label: Any, cleaner: Callable[[object], object], help: Any = "") -> Column:
    return Column(key, label, tuple(" ".join(HEADINGS[key].split()).split("; ")), cleaner, help=help)


ROSTER = (
    column(
        "employee_id",
        gettext_lazy("Employee ID"),
        cleaner=partial(clean_text, limit=64),
        help=gettext_lazy("What later imports go by."),
    ),
    column("email", gettext_lazy("Work e-mail"), cleaner=clean_email),
    column("first_name", gettext_lazy("First name"), cleaner=name_text),
    column("last_name", gettext_lazy("Last name"), cleaner=name_text),
    column(
        "preferred_name",
        gettext_lazy("Preferred first name"),
        cleaner=name_text,
        help=gettext_lazy("Used in place of the first name where it is filled."),
    ),
    column(
        "full_name",
        gettext_lazy("Full name"),
        cleaner=partial(clean_text, limit=200),
        help=gettext_lazy('"Amara Osei" or "Osei, Amara"; used where there are no first and last names.'),
    ),
    column(
        "status",
        gettext_lazy("Status"),
        cleaner=clean_status,
        help=gettext_lazy("Leavers come as a status: Terminated, Left, Inactive."),
    ),
    column("title", gettext_lazy("Job title"), cleaner=short_text),
    column("level", gettext_lazy("Management level"), cleaner=clean_level),
    column(
        "unit",
        gettext_lazy("Unit"),
        cleaner=short_text,
        help=gettext_lazy("Department, service line or organization."),
    ),
    column("job_family", gettext_lazy("Job family"), cleaner=short_text),
    column("location", gettext_lazy("Location"), cleaner=short_text),
    column("country", gettext_lazy("Country"), cleaner=name_text),
    column("region", gettext_lazy("Region"), cleaner=name_text),
    column(
        "time_zone",
        gettext_lazy("Time zone"),
        cleaner=clean_time_zone,
        help=gettext_lazy("Where it is missing, the location's time zone is used."),
    ),
    column("language", gettext_lazy("Language"), cleaner=clean_language),
    column("hired_on", gettext_lazy("Hire date"), cleaner=raw),
    column(
        "left_on",
        gettext_lazy("Left on"),
        cleaner=raw,
        help=gettext_lazy("A date in the past makes a leaver, whatever the status says."),
    ),
    column("manager_id", gettext_lazy("Manager's employee ID"), cleaner=partial(clean_text, limit=64)),
    column("manager_email", gettext_lazy("Manager's e-mail"), cleaner=clean_email),
    column(
        "manager_name",
        gettext_lazy("Manager's name"),
        cleaner=partial(clean_text, limit=200),
        help=gettext_lazy("A name that several people share is an error: the import never guesses."),
    ),
)
COLUMNS = {column.key: column for column in ROSTER}
DATES = ("hired_on", "left_on")
MANAGER_KEYS = ("manager_id", "manager_email", "manager_name")
EXTRA = "attribute"
