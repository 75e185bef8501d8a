"""Groups of the people of a cohort whose gap to everybody else can be closed."""

from collections import Counter

from django.db.models import Count
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from matching.core.disclosure import told_apart
from matching.queries.inputs import ready
from matching.rules import GROUPED, OPEN_ATTRIBUTES, parse_group
from programs.models import Cohort


def gap_groups(cohort: Cohort) -> dict[str, str]:
    """What can be chosen (`person:region=West Africa` -> "Region: West Africa"): groups of the roster that
    the report by groups would name, and beside which there is somebody. One query for each attribute."""
    found = {}
    for attribute in GROUPED:
        column = f"person__{attribute}"
        rows = ready(cohort).order_by().values_list(column).annotate(people=Count("id"))
        spelled: dict[str, Counter[str]] = {}
        for value, people in rows:
            spelled.setdefault(value.strip().casefold(), Counter())[value.strip()] += people
        everybody = sum(names.total() for names in spelled.values())
        sizes = {group: names.total() for group, names in spelled.items() if group}
        for group in sorted(told_apart(sizes, everybody)):
            if sizes[group] < everybody:
                key = f"person:{attribute}={max(spelled[group], key=lambda one: (spelled[group][one], one))}"
                found[key] = group_label(key)
    return found


def group_label(key: str) -> str:
    """ "Region: West Africa"."""
    attribute, value = parse_group(key)
    return _("%(attribute)s: %(value)s") % {
        "attribute": capfirst(str(OPEN_ATTRIBUTES[attribute])),
        "value": value,
    }
