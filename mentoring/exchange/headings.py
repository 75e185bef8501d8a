"""A heading of a file as words, however a system spells it: `workEmail`, `WORK_EMAIL`,
`Work E-Mail* (required)` and `employee/work/email` all say "work email"."""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

# Where one word ends and the next begins without a space: workEmail, HRStatus, Level2Name.
HUMPS = re.compile(
    r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})|(?<=[A-Za-z]{2})(?=\d)|(?<=\d)(?=[A-Za-z]{2})"
)
# What templates add to tell people how to fill a column in.
DECORATION = re.compile(
    r"[*†‡:]+"
    r"|\b(?:required|mandatory|optional|read[ -]?only|pflichtfeld|obligatoire|obligatorio|obbligatorio)\b",
    re.IGNORECASE,
)
BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>")
STEPS = re.compile(r"[/.:|>\\]+")
# What a path may begin with and still be about this person's work: not "home", not "manager".
HARMLESS_STEPS = frozenset(
    [
        "basic", "data", "details", "employee", "employees", "employment", "general", "info", "information",
        "internal", "job", "legal", "name", "person", "position", "profile", "root", "staff", "user", "wd",
        "work", "worker", "workers",
    ]
)  # fmt: skip


@lru_cache(maxsize=4096)
def folded(heading: str) -> str:
    """Spelling without case, accents and punctuation: `E-Mail_Address ` and `email address` are one."""
    text = _without_accents(unicodedata.normalize("NFKD", heading.replace("ß", "ss")).casefold())
    text = re.sub(r"\be[\s-]?mail\b", "email", text).replace("#", " number ").replace("%", " percent ")
    return " ".join(re.sub(r"[^\w]+|_", " ", text).split())


@lru_cache(maxsize=4096)
def in_words(heading: str) -> str:
    """As `folded`, with words that are written as one taken apart: `dateOfBirth` is "date of birth"."""
    return folded(HUMPS.sub(" ", _without_accents(unicodedata.normalize("NFKD", heading))))


def _without_accents(decomposed: str) -> str:
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def squeezed(text: str) -> str:
    """Without spaces, for what is written in one word or in several: "employeeid", "employee id"."""
    return text.replace(" ", "")


@lru_cache(maxsize=4096)
def spellings(heading: str) -> tuple[str, ...]:
    """What a heading may be called, squeezed: the whole first, then without what decorates it, then without
    brackets, then the last step of a path. Never what stands in brackets alone: "Manager [name]"."""
    outside = BRACKETS.sub(" ", heading)
    texts = [DECORATION.sub(" ", outside)]
    *earlier, last = [step for step in STEPS.split(outside) if step.strip()] or [""]
    if earlier and all(set(in_words(step).split()) <= HARMLESS_STEPS for step in earlier):
        texts.append(last)
    loose = tuple(squeezed(in_words(text)) for text in texts)
    return tuple(dict.fromkeys(text for text in whole_spellings(heading) + loose if text))


def whole_spellings(heading: str) -> tuple[str, ...]:
    """All of a heading, and all of it but what decorates it; nothing that tells is left out."""
    return tuple(squeezed(in_words(text)) for text in (heading, DECORATION.sub(" ", heading)))


def taken_apart(word: str, vocabulary: Collection[str]) -> list[str]:
    """The words of which one long word consists ("annualsalary": annual, salary), the fewest; [] if it is not
    made of the vocabulary's words alone."""
    best: list[list[str] | None] = [[], *[None] * len(word)]
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 24), end):
            before = best[start]
            if before is not None and word[start:end] in vocabulary:
                now = best[end]
                if now is None or len(before) + 1 < len(now):
                    best[end] = [*before, word[start:end]]
    return best[-1] or []
