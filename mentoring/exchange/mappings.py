"""What a mapping {heading: meaning} must keep to, whatever the file is about."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from mentoring.exchange.headings import folded


def signature(headers: Sequence[str]) -> str:
    """The same export of next month has the same headings, in whatever order."""
    return hashlib.sha256("\n".join(sorted(folded(header) for header in headers)).encode()).hexdigest()


def without_full_name(mapping: dict[str, str], prefix: str = "") -> dict[str, str]:
    """First and last name say it better than the full one beside them."""
    if not {f"{prefix}first_name", f"{prefix}last_name"} <= set(mapping.values()):
        return mapping
    return {header: key for header, key in mapping.items() if key != f"{prefix}full_name"}


def chosen_twice(mapping: Mapping[str, str], key: str, label: Any) -> Iterable[str]:
    """What is wrong if several columns mean the same."""
    names = [header for header, chosen in mapping.items() if chosen == key]
    if len(names) > 1:
        yield _('"%(label)s" is chosen for several columns: %(names)s. Keep one.') % {
            "label": label,
            "names": ", ".join(names),
        }


def not_in_file(mapping: Mapping[str, str], headers: Sequence[str]) -> Iterable[str]:
    """What is wrong if the mapping names columns that the file does not have."""
    if missing := [header for header in mapping if header not in headers]:
        yield _("The file has no column named %(names)s.") % {"names": ", ".join(missing)}
