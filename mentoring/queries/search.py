"""Search fields of lists: every word must be found, each in any of the columns."""

from collections.abc import Iterable

from django.db.models import Q

WORDS_AT_MOST = 6
NAMES = ("first_name", "last_name", "email")


def words_in(text: object, columns: Iterable[str]) -> Q:
    """The first words of a search. Nothing searched for finds everything."""
    columns = tuple(columns)
    found = Q()
    for word in str(text or "").split()[:WORDS_AT_MOST]:
        anywhere = Q()
        for column in columns:
            anywhere |= Q(**{f"{column}__icontains": word})
        found &= anywhere
    return found


def names_of(*people: str) -> list[str]:
    """The columns that name the people at the end of these paths ("mentor__person")."""
    return [f"{path}__{name}" for path in people for name in NAMES]
