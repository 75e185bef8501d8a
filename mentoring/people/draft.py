"""Rows of a file as drafts of people: cells cleaned, dates read by their column's format, all errors
collected."""

import datetime as dt
from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from mentoring.enums import PersonStatus
from mentoring.exchange.cells import cell_text
from mentoring.exchange.headings import folded
from mentoring.exchange.refusals import BadValue
from mentoring.exchange.tables import Row, Table
from mentoring.people.columns import COLUMNS, DATES, EXTRA, MANAGER_KEYS
from mentoring.people.dates import DateFormat, date_reader, detect_date_format, proven_order
from mentoring.people.words import NO_MANAGER, SUFFIXES, time_zone_of_place
from mentoring.rules import NotAllowed, normalize_email

FIELDS = (
    "employee_id",
    "email",
    "first_name",
    "last_name",
    "status",
    "title",
    "level",
    "unit",
    "job_family",
    "location",
    "country",
    "region",
    "time_zone",
    "language",
    "hired_on",
    "left_on",
)
PLACE = {name: index for index, name in enumerate(FIELDS)}
UNIQUE_CELLS = {"employee_id", "email", "full_name", "first_name", "last_name", *MANAGER_KEYS}
CACHE_SIZE = 5000
ATTRIBUTE_LIMIT = 500
PROGRESS_STEP = 1000


PROBLEMS_AT_MOST = 100_000


def check_number(problems: Sized) -> None:
    """So many are one mistake, and more of them than anybody reads or a worker should hold."""
    if len(problems) > PROBLEMS_AT_MOST:
        raise NotAllowed(
            _(
                "The file has more than %(number)s errors. See whether the columns are mapped to what they "
                "hold, and leave out those that are not needed."
            )
            % {"number": f"{PROBLEMS_AT_MOST:,}"}
        )


class Problem(NamedTuple):
    """One reason why one row is not imported, at the line and column where a spreadsheet shows it."""

    line: int
    column: str
    value: str
    reason: str
    kind: str = "value"


@dataclass(slots=True)
class Known:
    """A person on the roster as the plan needs them: `values` in the order of FIELDS."""

    id: int
    manager_id: int | None
    values: tuple[Any, ...]
    attributes: dict[str, str]

    def get(self, name: str) -> Any:
        return self.values[PLACE[name]]

    @property
    def address(self) -> str:
        return normalize_email(self.get("email"))


@dataclass(slots=True)
class Draft:
    """A row of the file. `values` holds only mapped columns; `manager` is set once managers are resolved.
    `takes_from` is a leaver whose address this row gets; a leaver's own row in the file gives it up."""

    line: int
    values: dict[str, Any]
    attributes: dict[str, str]
    manager_key: str = ""
    manager_text: str = ""
    pk: int | None = None
    manager: "Draft | Known | None" = field(default=None, repr=False)
    known: Known | None = field(default=None, repr=False)
    changes: list[tuple[str, Any, Any]] = field(default_factory=list)
    legal_first_name: str = ""
    takes_from: Known | None = field(default=None, repr=False)
    gives_up_address: bool = False

    def get(self, name: str) -> Any:
        """The value as it will be: of the file, else of the roster."""
        value = self.values.get(name)
        if name == "email" and self.gives_up_address:
            return ""
        if value in (None, "") and self.known is not None:
            return self.known.get(name)
        return value


def name_of(person: Draft | Known) -> str:
    full = f"{person.get('first_name') or ''} {person.get('last_name') or ''}".strip()
    return full or person.get("email") or person.get("employee_id") or ""


@dataclass
class Reading:
    """What reading a file gave: drafts of every row, good or bad, and what is wrong with the bad ones."""

    drafts: list[Draft]
    problems: list[Problem]
    formats: dict[str, DateFormat]
    guessed_zones: int = 0
    leave_later: int = 0
    bad_lines: set[int] = field(default_factory=set)


Progress = Callable[[int], None]


def read_drafts(
    table: Table,
    mapping: Mapping[str, str],
    *,
    today: dt.date,
    day_first: bool,
    progress: Progress | None = None,
) -> Reading:
    """Walk the file once. A bad cell is a problem, never an end."""
    reader = _RowReader(table, mapping)
    drafts = []
    for count, row in enumerate(table.rows(), start=1):
        drafts.append(reader.draft(row))
        if count % PROGRESS_STEP == 0:
            check_number(reader.problems)
            if progress:
                progress(count)
    reading = Reading(drafts, reader.problems, {})
    dates = [key for key in DATES if key in reader.header_of]
    proven = proven_order([draft.values.get(key) for draft in drafts] for key in dates)
    for key in dates:
        _read_dates(reading, key, reader.header_of[key], day_first=day_first, proven=proven)
    reading.bad_lines = {problem.line for problem in reading.problems}
    for draft in drafts:
        finish_draft(draft, reading, today)
    return reading


class _RowReader:
    """Cleans cells, remembering what repeats: a roster has many rows and few locations."""

    def __init__(self, table: Table, mapping: Mapping[str, str]) -> None:
        places = {header: index for index, header in enumerate(table.headers)}
        chosen = [
            (places[header], header, key) for header, key in mapping.items() if key and header in places
        ]
        self.columns = [(index, header, COLUMNS[key]) for index, header, key in chosen if key != EXTRA]
        self.extras = [(index, header) for index, header, key in chosen if key == EXTRA]
        self.header_of = {key: header for _index, header, key in chosen if key != EXTRA}
        self.caches: dict[str, dict[Any, Any]] = {
            key: {} for _i, _h, key in chosen if key not in UNIQUE_CELLS
        }
        self.shared: dict[tuple[str, ...], dict[str, str]] = {}
        self.problems: list[Problem] = []

    def draft(self, row: Row) -> Draft:
        values: dict[str, Any] = {}
        for index, header, column in self.columns:
            cell = row.values[index]
            try:
                values[column.key] = self._clean(column, cell)
            except BadValue as error:
                self.problems.append(Problem(row.line, header, cell_text(cell)[:120], str(error)))
        if row.complaint:
            self.problems.append(Problem(row.line, "", "", row.complaint))
        return self._with_manager(Draft(row.line, values, self._attributes(row)))

    def _clean(self, column: Any, cell: object) -> Any:
        cache = self.caches.get(column.key)
        if cache is None or isinstance(cell, float):
            return column.clean(cell)
        key = (type(cell), cell)
        if key not in cache:
            value = column.clean(cell)
            if len(cache) < CACHE_SIZE:
                cache[key] = value
            return value
        return cache[key]

    def _attributes(self, row: Row) -> dict[str, str]:
        """Equal attributes are one dictionary for all rows; nobody changes it."""
        texts = tuple(cell_text(row.values[index])[:ATTRIBUTE_LIMIT] for index, _header in self.extras)
        found = self.shared.get(texts)
        if found is None:
            found = {header: text for (_index, header), text in zip(self.extras, texts, strict=True)}
            if len(self.shared) < CACHE_SIZE:
                self.shared[texts] = found
        return found

    @staticmethod
    def _with_manager(draft: Draft) -> Draft:
        for key in MANAGER_KEYS:
            text = draft.values.pop(key, "")
            if text and folded(text) not in NO_MANAGER and not draft.manager_text:
                draft.manager_key, draft.manager_text = key, text
        return draft


def _read_dates(reading: Reading, key: str, header: str, *, day_first: bool, proven: bool | None) -> None:
    cells = (draft.values.get(key) for draft in reading.drafts)
    order = day_first if proven is None else proven
    detected = detect_date_format(cells, day_first=order, proven=proven is not None)
    if detected is not None:
        reading.formats[header] = detected
    read = date_reader(detected)
    cache: dict[Any, dt.date | None] = {}
    for draft in reading.drafts:
        cell = draft.values.get(key)
        try:
            if cell not in cache:
                cache[cell] = read(cell)
            draft.values[key] = cache[cell]
        except BadValue as error:
            draft.values.pop(key)
            reading.problems.append(Problem(draft.line, header, cell_text(cell)[:120], str(error)))


def finish_draft(draft: Draft, reading: Reading, today: dt.date) -> None:
    """What several columns say together: names, a leaver by date, a time zone by place."""
    values = draft.values
    full, preferred = values.pop("full_name", ""), values.pop("preferred_name", "")
    if full and not values.get("first_name") and not values.get("last_name"):
        values["first_name"], values["last_name"] = split_name(full)
    draft.legal_first_name = values.get("first_name") or ""
    if preferred:
        values["first_name"] = preferred.removesuffix(values.get("last_name") or "\0").strip() or preferred
    if last_day := values.get("left_on"):
        reading.leave_later += last_day > today
        values["status"] = (PersonStatus.LEFT if last_day <= today else PersonStatus.ACTIVE).value
    if (
        not values.get("time_zone")
        and values.get("location")
        and (zone := time_zone_of_place(values["location"]))
    ):
        values["time_zone"] = zone
        reading.guessed_zones += 1
    if "employee_id" in values and not values["employee_id"]:
        values["employee_id"] = None
    if not values.get("employee_id") and not values.get("email") and draft.line not in reading.bad_lines:
        reading.problems.append(
            Problem(draft.line, "", name_of(draft), _("has neither an employee ID nor an e-mail"), "identity")
        )


def split_name(full: str) -> tuple[str, str]:
    """("Amara", "Osei") of "Amara Osei" and of "Osei, Amara"; a note in brackets is no name, and a suffix
    ("Osei Jr., Amara", "Amara Osei, PhD") stays with the last name."""
    full = full.split("(")[0].strip() or full
    parts = [part.strip() for part in full.split(",") if part.strip()]
    suffixes = [part for part in parts[1:] if _is_suffix(part)]
    names = [part for part in parts if part not in suffixes] or [full]
    if len(names) > 1:
        first, last = " ".join(names[1:]), names[0]
    else:
        words = names[0].split()
        while len(words) > 2 and _is_suffix(words[-1]):
            suffixes.insert(0, words.pop())
        first, last = (" ".join(words[:-1]), words[-1]) if len(words) > 1 else (names[0], "")
    last = " ".join([last, *suffixes]) if last else last
    return first[:100], last[:100]


def _is_suffix(text: str) -> bool:
    words = text.replace(".", "").casefold().split()
    return bool(words) and SUFFIXES.issuperset(words)
