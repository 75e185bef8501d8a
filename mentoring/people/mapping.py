"""Which heading of a file means which column: guessed, remembered by the set of headings, checked."""

from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext as _

from mentoring.exchange.headings import spellings
from mentoring.exchange.mappings import chosen_twice, not_in_file, without_full_name
from mentoring.people.columns import COLUMNS, EXTRA, MANAGER_KEYS, ROSTER
from mentoring.people.sensitive import sensitive_heading

MANAGER_ALONE = frozenset({"manager", "supervisor", "reportsto"})


def guess_mapping(headers: Sequence[str], sensitive: Collection[str] = ()) -> dict[str, str]:
    """{heading: column key}. Each key once: the heading that stands earliest among the aliases wins.
    What is not recognized, or is sensitive, is left out."""
    by_name = headings_by_spelling([header for header in headers if header not in sensitive])
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


def headings_by_spelling(headers: Sequence[str]) -> dict[str, str]:
    """{spelling: heading}. Where two headings may be called the same, the plainer one is meant, then the
    first."""
    ranked = sorted(
        (rank, place, spelling, header)
        for place, header in enumerate(headers)
        if sensitive_heading(header) is None
        for rank, spelling in enumerate(spellings(header))
    )
    found: dict[str, str] = {}
    for _rank, _place, spelling, header in ranked:
        found.setdefault(spelling, header)
    return found


def _settle_manager(headers: Sequence[str], mapping: dict[str, str]) -> None:
    """A heading that only says "Manager" holds anything: names are read as IDs and addresses too."""
    for header in headers:
        alone = not MANAGER_ALONE.isdisjoint(spellings(header))
        if alone and header not in mapping:
            if not set(MANAGER_KEYS) & set(mapping.values()):
                mapping[header] = "manager_name"
        elif alone and mapping.get(header) == "manager_id":
            mapping[header] = "manager_name" if "manager_name" not in mapping.values() else "manager_id"


def mapping_problems(
    headers: Sequence[str], mapping: Mapping[str, str], *, unexplained: Collection[str] = ()
) -> list[str]:
    """What keeps this mapping from being used, in words for the person who chose it. `unexplained` are the
    sensitive columns that nobody gave a reason for."""
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
        _('"%(name)s" looks sensitive. Leave it out, or say why it is needed.') % {"name": header}
        for header, key in present.items()
        if key and header in unexplained
    ]
    return [*problems, *not_in_file(mapping, headers)]
