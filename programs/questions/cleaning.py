"""Cleaners: what somebody typed, ticked or exported becomes a value, or a `BadValue` that says why not."""

import re
from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mentoring.exchange.refusals import BadValue
from programs.questions.definitions import QuestionDefinition, Value, folded_label

NUMBER = re.compile(r"[+-]?\d{1,10}([.,]\d{1,4}0*)?", re.ASCII)
SHORT_TEXT_LENGTH = 300
LONG_TEXT_LENGTH = 5000
RAW_LIMIT = 100_000


def as_text(raw: object) -> str:
    """Printable text with plain line ends: PostgreSQL keeps no NUL, and nobody means a control character."""
    if raw is None:
        return ""
    if isinstance(raw, list | tuple | set | frozenset):
        raise BadValue(_("takes one value"))
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        raw = int(raw)
    text = str(raw)[:RAW_LIMIT].replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c.isprintable() or c in "\n\t").strip()


def clean_short_text(question: QuestionDefinition, raw: object) -> Value:
    return _within_length(question, " ".join(as_text(raw).split()), SHORT_TEXT_LENGTH)


def clean_long_text(question: QuestionDefinition, raw: object) -> Value:
    return _within_length(question, as_text(raw), LONG_TEXT_LENGTH)


def _within_length(question: QuestionDefinition, text: str, default: int) -> str | None:
    limit = int(question.settings.get("max_length", default))
    if len(text) > limit:
        raise BadValue(
            _("is %(length)s characters long; up to %(limit)s are kept. Shorten it a little.")
            % {"length": f"{len(text):,}", "limit": f"{limit:,}"}
        )
    return text or None


def as_number(raw: object) -> Decimal | None:
    """A plain decimal number. "21,5" is read as 21.5; "1,000" could be two numbers and is refused."""
    if isinstance(raw, float):
        raw = format(raw, ".4f") if abs(raw) < 1e10 else "?"
    if isinstance(raw, Decimal):
        raw = format(raw, "f")
    text = as_text(raw)
    if not text:
        return None
    if not NUMBER.fullmatch(text) or re.fullmatch(r"[+-]?\d+,\d{3}", text):
        raise BadValue(_("is not a number; write it in digits, such as 21 or 7.5"))
    return Decimal(text.replace(",", "."))


def clean_number(question: QuestionDefinition, raw: object) -> Value:
    number = as_number(raw)
    if number is None:
        return None
    low, high = _bound(question, "min"), _bound(question, "max")
    if (low is not None and number < low) or (high is not None and number > high):
        raise BadValue(range_text(low, high))
    step = Decimal(str(question.settings.get("step", 1)))
    if step and (number - (low or 0)) % step:
        if step == 1:
            raise BadValue(_("must be a whole number"))
        raise BadValue(_("must be in steps of %(step)s") % {"step": number_text(step)})
    return number


def clean_scale(question: QuestionDefinition, raw: object) -> Value:
    number = as_number(raw)
    if number is None:
        return None
    low, high = scale_ends(question)
    if number != number.to_integral_value() or not low <= number <= high:
        raise BadValue(_("must be a whole number from %(low)d to %(high)d") % {"low": low, "high": high})
    return int(number)


def scale_ends(question: QuestionDefinition) -> tuple[int, int]:
    return int(question.settings.get("min", 1)), int(question.settings.get("max", 5))


def _bound(question: QuestionDefinition, name: str) -> Decimal | None:
    value = question.settings.get(name)
    return None if value is None else Decimal(str(value))


def range_text(low: Decimal | None, high: Decimal | None) -> str:
    if low is None:
        return _("must be at most %(high)s") % {"high": number_text(high)}
    if high is None:
        return _("must be at least %(low)s") % {"low": number_text(low)}
    return _("must be from %(low)s to %(high)s") % {"low": number_text(low), "high": number_text(high)}


def number_text(number: Decimal | None) -> str:
    """A number without the zeros that its column adds: 21, 7.5."""
    return "" if number is None else format(number.normalize() + 0, "f")


def clean_single_choice(question: QuestionDefinition, raw: object) -> Value:
    text = as_text(raw)
    if not text:
        return None
    return _known_choice(question, text)


def clean_several_choices(question: QuestionDefinition, raw: object) -> Value:
    """Keys in the questionnaire's order, each once."""
    texts = raw if isinstance(raw, list | tuple | set | frozenset) else [raw]
    chosen = {_known_choice(question, text) for item in texts if (text := as_text(item))}
    limit = question.settings.get("max_choices")
    if limit and len(chosen) > int(limit):
        raise BadValue(
            ngettext("takes %(limit)d choice at most", "takes %(limit)d choices at most", int(limit))
            % {"limit": int(limit)}
            + " "
            + _("(%(count)d are chosen)") % {"count": len(chosen)}
        )
    return tuple(choice.key for choice in question.choices if choice.key in chosen) or None


def _known_choice(question: QuestionDefinition, text: str) -> str:
    if text not in question.labels:
        raise BadValue(_("is not among the choices of this question; reload the page to see them"))
    return text


# Reading cells of a file: choices come as labels.


def split_labels(text: str, separator: str, known: Iterable[str] = ()) -> list[str]:
    """The labels joined in one cell. A label may hold the separator itself: known labels win, and nothing
    is split inside parentheses."""
    known = set(known)
    if folded_label(text) in known:
        return [text.strip()]
    tokens, labels, start = text.split(separator), [], 0
    while start < len(tokens):
        end = _end_of_label(tokens, start, separator, known)
        if label := separator.join(tokens[start:end]).strip():
            labels.append(label)
        start = end
    return labels


def _end_of_label(tokens: list[str], start: int, separator: str, known: set[str]) -> int:
    for end in range(min(len(tokens), start + 8), start, -1):
        if folded_label(separator.join(tokens[start:end])) in known:
            return end
    end = start + 1
    while end < len(tokens) and _open_parentheses(separator.join(tokens[start:end])):
        end += 1
    return end if not _open_parentheses(separator.join(tokens[start:end])) else start + 1


def _open_parentheses(text: str) -> bool:
    return text.count("(") > text.count(")")
