"""Lists, numbers and labels as they stand within a sentence."""

from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _

NAMED_AT_MOST = 4


def listed(names: Sequence[str]) -> str:
    """A, B and C; beyond a few "A, B, C, D and 3 more"."""
    shown, more = list(names[:NAMED_AT_MOST]), len(names) - NAMED_AT_MOST
    if more > 0:
        return _("%(names)s and %(number)s more") % {"names": ", ".join(shown), "number": more}
    if len(shown) < 2:
        return "".join(shown)
    return _("%(names)s and %(last)s") % {"names": ", ".join(shown[:-1]), "last": shown[-1]}


def grouped(number: int) -> str:
    """A number as the figures of a page are written: 3,000."""
    return number_format(number, force_grouping=True)


def within_a_sentence(label: str) -> str:
    """A label that begins as a word does, small: "similar ways of working", and "AI" as it is."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
