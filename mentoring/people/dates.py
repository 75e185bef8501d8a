"""Dates of a column. 03/04/2026 is April in London and March in Chicago: the column as a whole decides."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentoring.exchange.refusals import BadValue

EXCEL_EPOCH = dt.date(1899, 12, 30)
FIRST_YEAR, LAST_YEAR = 1900, 2100
# How systems write that there is no date: a word, the end of time, or the beginning of a computer's.
NO_DATE = frozenset(
    [
        "null", "none", "nil", "n/a", "na", "n.a.", "nan", "nat", "-", "--", "–", "—", "?", "tbd", "open",
        "open end", "open-ended", "ongoing", "current", "present", "indefinite", "permanent", "never",
        "unlimited", "unbefristet", "offen", "k.a.", "keine", "keines", "entfällt", "heute",
        "indéterminé", "indeterminée", "sans objet", "s.o.", "aucun", "aucune", "cdi", "indefinido",
        "sin fecha", "ninguno", "ninguna", "indeterminato", "nessuna", "nessuno", "indeterminado",
        "nenhum", "nenhuma", "sem data", "onbepaald", "geen", "n.v.t.", "(blank)", "(leer)",
    ]
)  # fmt: skip
NO_END = 2099
NO_BEGINNING = (dt.date(1899, 12, 30), dt.date(1899, 12, 31), dt.date(1900, 1, 1), dt.date(1970, 1, 1))
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero gennaio",
            "feb february februar fevrier février febrero febbraio",
            "mar march märz marz mrz mars marzo",
            "apr april avril abril aprile",
            "may mai mayo maggio",
            "jun june juni juin junio giugno",
            "jul july juli juillet julio luglio",
            "aug august août aout agosto",
            "sep sept september septembre septiembre settembre",
            "oct october okt oktober octobre octubre ottobre",
            "nov november novembre noviembre",
            "dec december dez dezember décembre decembre diciembre dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?|Z|[+-]\d{2}:?\d{2})?)?$"
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + TIME)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
PARTS = re.compile(r"(\d{1,2})([/.\- ])(\d{1,2})\2(\d{4}|\d{2})" + TIME)
NAMED = re.compile(r"(\d{1,2})\.?[-/ ]([^\W\d_]{3,10})\.?[-/ ,]+(\d{4}|\d{2})" + TIME)
NAMED_FIRST = re.compile(r"([^\W\d_]{3,10})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})" + TIME)
SERIAL = re.compile(r"\d{4,5}(?:\.\d+)?$")


@dataclass(frozen=True)
class DateFormat:
    """How the dates of one column are read. `certain` is false where the organization's habit decided."""

    key: str
    label: Any
    certain: bool = True
    evidence: str = ""


LABELS = {
    "iso": gettext_lazy("year-month-day (2026-03-31)"),
    "dmy": gettext_lazy("day/month/year (31/03/2026)"),
    "mdy": gettext_lazy("month/day/year (03/31/2026)"),
    "named": gettext_lazy("day-month name-year (31-Mar-2026)"),
    "serial": gettext_lazy("Excel's day number (46112)"),
    "cell": gettext_lazy("date cells of the spreadsheet"),
}


def detect_date_format(
    values: Iterable[object], *, day_first: bool = True, proven: bool = False
) -> DateFormat | None:
    """The format of a column, by all its values. One value with a day over 12 settles day or month first;
    where none does, `day_first` decides: what another column of the file has `proven`, else the
    organization's habit, and then the answer says that it is not certain."""
    shapes: Counter[str] = Counter()
    proof: dict[str, str] = {}
    for value in values:
        shape = _shape(value)
        if shape == "parts":
            key = _settles(str(value).strip())
            if key:
                shapes[key] += 1
                proof.setdefault(key, str(value).strip())
        if shape:
            shapes[shape] += 1
    if not shapes:
        return None
    if not shapes["parts"]:
        key = shapes.most_common(1)[0][0]
        return DateFormat(key, LABELS[key])
    if shapes["dmy"] or shapes["mdy"]:
        key = "dmy" if shapes["dmy"] >= shapes["mdy"] else "mdy"
        return DateFormat(key, LABELS[key], evidence=proof[key])
    key = "dmy" if day_first else "mdy"
    usual = shapes.most_common(1)[0][0]
    label = LABELS[key] if usual == "parts" else f"{LABELS[usual]}, {LABELS[key]}"
    return DateFormat(key, label, certain=proven)


def proven_order(columns: Iterable[Iterable[object]]) -> bool | None:
    """Whether the file writes the day first: by every column in which a date proves it. None where nothing
    does, or where columns prove both."""
    proofs = {key for values in columns for value in values if (key := _settles(str(value or "").strip()))}
    return None if len(proofs) != 1 else proofs == {"dmy"}


def _shape(value: object) -> str:
    if is_no_date(value):
        return ""
    if isinstance(value, dt.date):
        return "cell"
    if isinstance(value, int | float):
        return "serial"
    text = str(value or "").strip()
    if ISO.match(text) or COMPACT.match(text):
        return "iso"
    if (match := PARTS.match(text)) is not None:
        return "parts" if match else ""
    if NAMED.match(text) or NAMED_FIRST.match(text):
        return "named"
    return "serial" if SERIAL.match(text) else ""


def is_no_date(value: object) -> bool:
    """A cell that says that there is no date: "NULL", "unbefristet", 9999-12-31, 1900-01-01."""
    if isinstance(value, dt.date):
        date = value.date() if isinstance(value, dt.datetime) else value
        return date.year >= NO_END or date in NO_BEGINNING
    text = str(value if value is not None else "").strip().casefold()
    return text in NO_DATE or bool(re.match(r"(9999|2999)\D|.*\D(9999|2999)$|(9999|2999)\d{4}$", text))


def _settles(text: str) -> str:
    match = PARTS.match(text)
    first, second = (int(match[1]), int(match[3])) if match else (0, 0)
    if first > 12 and second <= 12:
        return "dmy"
    if second > 12 and first <= 12:
        return "mdy"
    return ""


def date_reader(format: DateFormat | None) -> Callable[[object], dt.date | None]:
    """A cleaner for the cells of a column of this format. Unmistakable other forms (ISO, a date cell)
    pass too."""
    month_first = format is not None and format.key == "mdy"

    def read(value: object) -> dt.date | None:
        if value is None or value == "" or is_no_date(value):
            return None
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        date = _read(str(value).strip(), month_first)
        if is_no_date(date):
            return None
        if date is not None and not FIRST_YEAR <= date.year <= LAST_YEAR:
            raise BadValue(_("is not a likely date"))
        return date

    return read


def _read(text: str, month_first: bool) -> dt.date | None:
    if not text or set(text) <= set("0/-. "):
        return None
    try:
        if match := ISO.match(text) or COMPACT.match(text):
            return dt.date(int(match[1]), int(match[2]), int(match[3]))
        if match := PARTS.match(text):
            first, second, year = int(match[1]), int(match[3]), _year(match[4])
            return dt.date(year, first, second) if month_first else dt.date(year, second, first)
        if match := NAMED.match(text):
            return dt.date(_year(match[3]), MONTHS[match[2].casefold()], int(match[1]))
        if match := NAMED_FIRST.match(text):
            return dt.date(int(match[3]), MONTHS[match[1].casefold()], int(match[2]))
        if SERIAL.match(text):
            return EXCEL_EPOCH + dt.timedelta(days=int(float(text)))
    except (ValueError, KeyError):
        pass
    raise BadValue(_("is not a date that the rest of the column's format can read"))


def _year(text: str) -> int:
    """A two-figure year belongs to this century up to 2049: hire dates, not birthdays."""
    year = int(text)
    return year if year >= 100 else year + (2000 if year < 50 else 1900)
