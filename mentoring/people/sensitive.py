"""What of a roster nobody needs for mentoring, and people give voluntarily or not at all: told by a column's
heading and by its cells, in English, German, French, Spanish, Italian, Portuguese and Dutch.

A suspicion costs a champion one sentence, a miss shows somebody's birthday to colleagues: in doubt it is
sensitive.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from mentoring.exchange.headings import folded, in_words, spellings, squeezed, taken_apart, whole_spellings
from mentoring.people.columns import ROSTER


class Sensitive(models.TextChoices):
    """What a column seems to tell about people."""

    BIRTH = "birth", _("age or birth")
    GENDER = "gender", _("gender or orientation")
    ORIGIN = "origin", _("origin or nationality")
    BELIEF = "belief", _("religion, union or politics")
    HEALTH = "health", _("health or disability")
    FAMILY = "family", _("family")
    PAY = "pay", _("pay")
    IDENTITY = "identity", _("identity papers, tax or bank")
    HOME = "home", _("home or private contact")
    RECORD = "record", _("performance or discipline")


LISTS: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("sensitive.toml").read_text(encoding="utf-8")
)


def _words(table: str, separator: str | None = None) -> dict[Sensitive, frozenset[str]]:
    """One table of the lists: by single words, or by what stands between separators."""
    texts = {key: " ".join(text.split()) for key, text in LISTS[table].items()}
    return {Sensitive(key): frozenset(text.split(separator)) for key, text in texts.items()}


def _list(name: str, separator: str | None = None) -> frozenset[str]:
    return frozenset(" ".join(LISTS["lists"][name].split()).split(separator))


KIND_OF_WORD = {word: kind for kind, words in _words("words").items() for word in words}
PHRASES, STEMS, CELLS = _words("phrases", "; "), _words("stems"), _words("cells", "; ")
UNTELLING, ORIGINS, NATIONALITIES = _list("untelling", "; "), _list("origins"), _list("nationalities")
VOCABULARY, LANGUAGES = _list("plain") | KIND_OF_WORD.keys(), _list("languages")


@cache
def _known() -> frozenset[str]:
    return frozenset(name for column in ROSTER for name in column.names())


@lru_cache(maxsize=4096)
def sensitive_heading(heading: str) -> Sensitive | None:
    """What a column seems to tell by its heading; None for what the roster has a place for, "Pay grade"."""
    if not _known().isdisjoint(whole_spellings(heading)):
        return None
    text = in_words(heading)
    words = [part for word in text.split() for part in (word, *taken_apart(word, VOCABULARY))]
    for word in words:
        if kind := KIND_OF_WORD.get(word):
            return kind
    padded, whole = f" {text} ", squeezed(text)
    for kind, phrases in PHRASES.items():
        if any(f" {phrase} " in padded or squeezed(phrase) in whole for phrase in phrases):
            return kind
    return next((kind for kind, stems in STEMS.items() if any(stem in whole for stem in stems)), None)


GENDER_LETTERS = ({"m", "f"}, {"m", "w"}, {"h", "f"}, {"h", "m"}, {"m", "v"})
STREETS = re.compile(
    r"^\d+[a-z]?,? [\w .'-]+ (street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|way|court|close)\b"
    r"|(straße|strasse|str\.|weg|gasse|platz|allee|straat|laan) ?\d+|^(rue|avenue|calle|via|rua|avenida) |"
    r"^\d+,? (bis |ter )?(rue|avenue|boulevard|allée|chemin)\b",
    re.IGNORECASE,
)  # fmt: skip
PRIVATE_DOMAINS = re.compile(
    r"@(gmail|googlemail|yahoo|hotmail|outlook|live|icloud|me|aol|gmx|web|t-online|proton|protonmail|orange|free|wanadoo"
    r"|libero|laposte|mail)\.(com|de|fr|it|es|net|me|co\.uk|ru|at|ch)$",
    re.IGNORECASE,
)
PAPERS = (
    re.compile(r"^[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,4})?$", re.IGNORECASE),  # IBAN
    re.compile(r"^\d{3}-\d{2}-\d{4}$"),  # US social security
    re.compile(r"^[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]$", re.IGNORECASE),  # UK national insurance
    re.compile(r"^756\.\d{4}\.\d{4}\.\d{2}$"),  # Swiss AHV
    re.compile(r"^\d{2} ?\d{6} ?[A-Z] ?\d{3}$", re.IGNORECASE),  # German social insurance
    re.compile(r"^[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]$", re.IGNORECASE),  # Italian tax code
    re.compile(r"^[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2}$"),  # French social security
    re.compile(r"^\d{3}\.\d{3}\.\d{3}-\d{2}$"),  # Brazilian CPF
)
MONEY = re.compile(
    r"^(?:[$€£¥₹]|USD|EUR|GBP|CHF|INR|R\$|kr)\s?\d[\d.,'\s]*[km]?$|^\d[\d.,'\s]*[km]?\s?(?:[$€£¥₹]|USD|EUR|GBP|CHF|INR|kr)$",
    re.IGNORECASE,
)  # fmt: skip
NUMBER = re.compile(r"^\d{1,3}([,.' ]\d{3})+([.,]\d{2})?$|^\d{4,7}([.,]\d{2})?$")
DATES = re.compile(
    r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?$"
    r"|^(\d{1,2})[-/. ](\d{1,2}|[A-Za-z]{3})[-/. ](\d{4}|\d{2})$"
)
OLD_ENOUGH, TOO_OLD = 16, 100  # years; nobody younger works, and everybody was hired later than born
MOST = 0.8  # of a column's different cells; the rest may be slips


def sensitive_columns(cells: Mapping[str, Collection[str]], *, today: dt.date) -> dict[str, str]:
    """Of the columns {heading: different cells}, those that look sensitive, with what they seem to tell."""
    kinds = {
        heading: sensitive_heading(heading) or sensitive_cells(texts, heading=heading, today=today)
        for heading, texts in cells.items()
    }
    return {heading: kind.value for heading, kind in kinds.items() if kind}


def sensitive_cells(cells: Collection[str], *, heading: str = "", today: dt.date) -> Sensitive | None:
    """What a column seems to tell by its cells, whatever stands above them. `cells` are different ones."""
    texts = [text for text in cells if text.strip()]
    if not texts:
        return None
    if kind := _told_in_words([folded(text) for text in texts]):
        return kind
    if any(_most(texts, paper.match) for paper in PAPERS):
        return Sensitive.IDENTITY
    if not _known().isdisjoint(spellings(heading)):
        return None
    words = [set(folded(text).split()) for text in texts]
    if _most(words, lambda some: bool(some & ORIGINS)):
        return Sensitive.ORIGIN
    if not LANGUAGES & set(in_words(heading).split()) and _most(
        words, lambda some: bool(some & NATIONALITIES)
    ):
        return Sensitive.ORIGIN
    if _most(texts, STREETS.search) or _most(texts, PRIVATE_DOMAINS.search):
        return Sensitive.HOME
    if _are_births(texts, today):
        return Sensitive.BIRTH
    return Sensitive.PAY if _is_money(texts) else None


def _most(items: Sequence[Any], test: Callable[[Any], Any]) -> bool:
    return sum(1 for item in items if test(item)) >= MOST * len(items)


def _told_in_words(words: Sequence[str]) -> Sensitive | None:
    letters = set(words)
    if len(letters) > 1 and any(
        letters <= pair | {"x", "d", "o", "u"} and pair <= letters for pair in GENDER_LETTERS
    ):
        return Sensitive.GENDER
    return next(
        (
            kind
            for kind, known in CELLS.items()
            if _most(words, known.__contains__) and any(word in known - UNTELLING for word in words)
        ),
        None,
    )


def _are_births(texts: Iterable[str], today: dt.date) -> bool:
    """Dates, or years, all of them so long ago that whoever came then would hardly work here."""
    years = []
    for text in texts:
        if match := DATES.match(text):
            year = int(match[1] or match[6])
            years.append(year if year > 99 else 1900 + year if year > today.year % 100 else 2000 + year)
        elif re.fullmatch(r"19\d\d|20\d\d", text):
            years.append(int(text))
        else:
            return False
    return all(OLD_ENOUGH <= today.year - year <= TOO_OLD for year in years)


def _is_money(texts: Sequence[str]) -> bool:
    if _most(texts, MONEY.match):
        return True
    if not _most(texts, NUMBER.match):
        return False
    amounts = [int(re.sub(r"\D", "", re.sub(r"[.,]\d{2}$", "", text)) or 0) for text in texts]
    written = any(re.search(r"\d[.,' ]\d", text) for text in texts)
    round_ones = len(texts) > 2 and all(amount % 50 == 0 for amount in amounts)
    return all(10_000 <= amount < 5_000_000 for amount in amounts) and (written or round_ones)
