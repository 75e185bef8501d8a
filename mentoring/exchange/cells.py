"""The cells of a list, whatever the kind of its file. Without Django, as the process that reads files."""

import datetime as dt
import unicodedata

NO_RESULT = "#NO-RESULT!"
JOINERS = "\u200c\u200d"


def cell_text(value: object) -> str:
    """What a person sees in the cell: 42 for the number 42.0, 2026-03-01 for a date."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if value.isalnum() else _tidy(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    return _tidy(str(value))


def _tidy(text: str) -> str:
    """White space in order, and without what cannot be seen; but joiners stay inside scripts that are written
    with them, of which they are a part: a Persian name without its is another."""
    if not text.isprintable():
        text = "".join(
            c if c.isprintable() or c.isspace() or (c in JOINERS and _needs_joiner(text, place)) else ""
            for place, c in enumerate(text)
        )
    return " ".join(text.split())


def _needs_joiner(text: str, place: int) -> bool:
    """Between two letters from the Arabic block on, the Indic ones included."""
    return 0 < place < len(text) - 1 and all(
        text[at] >= "\u0600" and unicodedata.category(text[at])[0] in "LM" for at in (place - 1, place + 1)
    )


def column_letter(index: int) -> str:
    """A, B, ... Z, AA: how a spreadsheet names the column at this index, counted from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
