"""Why a file is not read. Every message says what is wrong and what to do about it."""

from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _


class Refused(Exception):
    """The whole file is refused; the message is for the person who chose it."""


class BadValue(ValueError):
    """One cell is refused; the message is the reason shown beside its line and column."""


@dataclass(frozen=True)
class Limits:
    """What a file may be at most. Generous for a roster of a large company, small for a machine."""

    file_bytes: int = 50 * 1024 * 1024
    columns: int = 400
    rows: int = 250_000
    sheet_bytes: int = 600 * 1024 * 1024
    part_bytes: int = 80 * 1024 * 1024
    cell_characters: int = 32_767


def too_large_message(size: int, limits: Limits) -> str:
    return _(
        "The file is %(size)s; up to %(limit)s can be read. "
        "Leave out columns that are not needed, or split it into several files."
    ) % {"size": filesizeformat(size), "limit": filesizeformat(limits.file_bytes)}
