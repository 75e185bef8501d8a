"""Which heading of a file means which column: guessed, remembered by the set of headings, checked."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from mentoring.exchange.columns import folded
from mentoring.exchange.mappings import chosen_twice, not_in_file, without_full_name
from mentoring.people.columns import COLUMNS, EXTRA, MANAGER_KEYS, ROSTER, SENSITIVE

NOT_SENSITIVE = frozenset({"pay grade", "personal number", "salary grade", "compensation grade", "time zone"})


def is_sensitive(heading: str) -> bool:
    """Columns that an import leaves out: special categories need consent, pay and home need no mentoring."""
    words = folded(heading)
    return words not in NOT_SENSITIVE and not _known(words) and bool(SENSITIVE & set(words.split()))


def _known(words: str) -> bool:
    return any(words in column.names() for column in ROSTER)


def guess_mapping(headers: Sequence[str]) -> dict[str, str]:
    """{heading: column key}. Each key once: the heading that stands earliest among the aliases wins."""
    by_name = {folded(header): header for header in reversed(headers)}
    mapping: dict[str, str] = {}
    for column in ROSTER:
        for name in column.names():
            header = by_name.get(name)
            if header is not None and header not in mapping:
                mapping[header] = column.key
                break
    _settle_manager(headers, mapping)
    mapping = without_full_name(mapping)
    return {header: mapping[header] for header in headers if header in mapping}


def _settle_manager(headers: Sequence[str], mapping: dict[str, str]) -> None:
    """A heading that only says "Manager" holds anything: names are read as IDs and addresses too."""
    for header in headers:
        if folded(header) in ("manager", "supervisor", "reports to") and header not in mapping:
            if not set(MANAGER_KEYS) & set(mapping.values()):
                mapping[header] = "manager_name"
        elif mapping.get(header) == "manager_id" and folded(header) == "manager":
            mapping[header] = "manager_name" if "manager_name" not in mapping.values() else "manager_id"


def extra_headers(headers: Sequence[str], mapping: Mapping[str, str]) -> list[str]:
    """Headings that nothing was found for and that may be kept as further attributes."""
    return [header for header in headers if header not in mapping and not is_sensitive(header)]


def mapping_problems(headers: Sequence[str], mapping: Mapping[str, str]) -> list[str]:
    """What keeps this mapping from being used, in words for the person who chose it."""
    problems = []
    present = {header: key for header, key in mapping.items() if header in headers}
    used = [key for key in present.values() if key and key != EXTRA]
    for key in dict.fromkeys(used):
        if key not in COLUMNS:
            problems.append(_('"%(key)s" is not a column of the roster.') % {"key": key})
        else:
            problems += chosen_twice(present, key, COLUMNS[key].label)
    if not {"employee_id", "email"} & set(used):
        problems.append(
            _("Choose a column for the employee ID or for the work e-mail: people are told apart by it.")
        )
    if not {"first_name", "last_name", "full_name", "email"} & set(used):
        problems.append(_("Choose a column for the names."))
    problems += [
        _('"%(name)s" is left out: such facts are given voluntarily, with consent.') % {"name": header}
        for header, key in mapping.items()
        if key == EXTRA and is_sensitive(header)
    ]
    return [*problems, *not_in_file(mapping, headers)]
