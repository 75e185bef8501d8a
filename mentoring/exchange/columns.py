"""A column of a file as an object: how it is called, how its cells are read and how they are written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from mentoring.exchange.cells import NO_RESULT, cell_text
from mentoring.exchange.headings import in_words, squeezed
from mentoring.exchange.refusals import BadValue

SPREADSHEET_ERRORS = frozenset(
    ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"]
)


def clean_text(value: object, *, limit: int = 250) -> str:
    """Text of a cell with its white space in order; a spreadsheet's error is refused, not stored as text."""
    text = cell_text(value)
    if text.startswith("#"):
        refuse_spreadsheet_error(text)
    if len(text) > limit:
        raise BadValue(_("is longer than %(limit)d characters") % {"limit": limit})
    return text


def refuse_spreadsheet_error(text: str) -> None:
    if text == NO_RESULT:
        raise BadValue(_("is a formula without a saved result; open the file in Excel and save it again"))
    if text in SPREADSHEET_ERRORS:
        raise BadValue(_("is an error of the spreadsheet; correct its formula"))


@dataclass(frozen=True)
class Column:
    """One column of an import or export. `aliases` are headings of other systems, in any spelling."""

    key: str
    label: Any
    aliases: tuple[str, ...] = ()
    cleaner: Callable[[object], object] = clean_text
    required: bool = False
    exporter: Callable[[Any], object] | None = None
    help: Any = ""

    def clean(self, value: object) -> object:
        return self.cleaner(value)

    def export(self, item: Any) -> object:
        return self.exporter(item) if self.exporter else getattr(item, self.key, "")

    def names(self) -> list[str]:
        """What its heading may be, as `headings.spellings` writes it; earlier ones are more certain."""
        return [squeezed(in_words(name)) for name in (str(self.label), *self.aliases, self.key)]
