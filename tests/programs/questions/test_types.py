"""Every type: what goes in comes out the same, by the form, by the columns and by a file."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from mentoring.exchange.refusals import BadValue
from programs.enums import QuestionType
from programs.questions import TYPES, Feature, choice_key, clean, export
from programs.questions.cleaning import as_text, number_text, split_labels
from programs.questions.definitions import folded_label, with_choices
from programs.questions.fields import AnswerField
from tests.programs.answering import TOOLS, a_question

SINGLE = a_question(QuestionType.SINGLE_CHOICE, *TOOLS)
SEVERAL = a_question(QuestionType.SEVERAL_CHOICES, *TOOLS, max_choices=4)
SCALE = a_question(QuestionType.SCALE, min=0, max=10)
SHORT = a_question(QuestionType.SHORT_TEXT, max_length=20)
LONG = a_question(QuestionType.LONG_TEXT, max_length=100)
NUMBER = a_question(QuestionType.NUMBER, min=0, max=60)
KEYS = [choice.key for choice in SEVERAL.choices]
labels = st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=40)


def stored_and_read(question: Any, value: Any) -> Any:
    spec = TYPES[question.type]
    return spec.read(question, spec.store(value))


def test_table_has_every_type() -> None:
    assert set(TYPES) == set(QuestionType)


def test_features_by_type() -> None:
    assert {kind.value: spec.feature for kind, spec in TYPES.items()} == {
        "single_choice": Feature.CHOICES,
        "several_choices": Feature.CHOICES,
        "scale": Feature.NUMBER,
        "short_text": Feature.NONE,
        "long_text": Feature.NONE,
        "number": Feature.NUMBER,
    }


def test_choice_keys_tell_signs_apart() -> None:
    assert KEYS == [
        "c",
        "c-plus-plus",
        "c-sharp",
        "hybrid-some-remote-leans-heavy-to-in-person",
        "word-and-more",
    ]


@given(st.lists(labels, unique_by=folded_label, max_size=12))
def test_with_choices_keeps_every_label_under_its_own_key(found: list[str]) -> None:
    found = [label for label in found if folded_label(label)]
    question = with_choices(a_question(QuestionType.SEVERAL_CHOICES), found)
    assert [choice.label for choice in question.choices] == found
    assert len(question.labels) == len(found)
    assert all(0 < len(key) <= 80 for key in question.labels)
    assert with_choices(question, found) == question


@given(labels)
def test_choice_key_is_a_slug(label: str) -> None:
    key = choice_key(label)
    assert 0 < len(key) <= 80
    assert key == choice_key(label)


@given(st.lists(st.sampled_from(KEYS), max_size=4))
def test_several_choices_come_back_in_order(chosen: list[str]) -> None:
    value = clean(SEVERAL, chosen)
    assert value == (tuple(key for key in KEYS if key in chosen) or None)
    assert stored_and_read(SEVERAL, value) == value
    assert clean(SEVERAL, list(reversed(chosen)) * 2) == value


@given(st.sampled_from([None, *KEYS]))
def test_single_choice_comes_back(key: str | None) -> None:
    assert stored_and_read(SINGLE, clean(SINGLE, key)) == key


@given(st.decimals(min_value=0, max_value=60, places=2))
def test_number_comes_back_by_columns_and_by_file(number: Decimal) -> None:
    question = a_question(QuestionType.NUMBER, min=0, max=60, step="0.01")
    value = clean(question, str(number))
    assert value == number
    assert stored_and_read(question, value) == number
    assert clean(question, export(question, value)) == number


@given(st.integers(0, 10))
def test_scale_comes_back(step: int) -> None:
    assert clean(SCALE, str(step)) == step
    assert stored_and_read(SCALE, step) == step
    assert clean(SCALE, float(step)) == step


@given(st.text(max_size=100))
def test_long_text_comes_back_and_is_stable(text: str) -> None:
    value = clean(LONG, text)
    assert clean(LONG, value) == value
    assert stored_and_read(LONG, value) == value
    assert value is None or ("\0" not in value and value == value.strip())


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("21.0", 21), (21.0, 21), ("7", 7), (" 3 ", 3), ("21,0", 21), ("+4", 4), ("", None), (None, None)],
)
def test_number_is_read(raw: Any, expected: Any) -> None:
    assert clean(NUMBER, raw) == expected


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("NaN", "is not a number; write it in digits, such as 21 or 7.5"),
        (float("nan"), "is not a number; write it in digits, such as 21 or 7.5"),
        (float("inf"), "is not a number; write it in digits, such as 21 or 7.5"),
        ("1e9", "is not a number; write it in digits, such as 21 or 7.5"),
        ("1,000", "is not a number; write it in digits, such as 21 or 7.5"),
        ("٢١", "is not a number; write it in digits, such as 21 or 7.5"),
        ("9" * 50_000, "is not a number; write it in digits, such as 21 or 7.5"),
        ("-1", "must be from 0 to 60"),
        ("60.5", "must be from 0 to 60"),
        ("7.5", "must be a whole number"),
        (["1", "2"], "takes one value"),
    ],
)
def test_number_is_refused(raw: Any, reason: str) -> None:
    with pytest.raises(BadValue, match="^" + reason.replace(".", r"\.") + "$"):
        clean(NUMBER, raw)


@pytest.mark.parametrize(
    ("question", "raw", "reason"),
    [
        (SINGLE, "cobol", "is not among the choices of this question; reload the page to see them"),
        (SEVERAL, ["c", "41"], "is not among the choices of this question; reload the page to see them"),
        (SEVERAL, KEYS, "takes 4 choices at most (5 are chosen)"),
        (SCALE, "11", "must be a whole number from 0 to 10"),
        (SCALE, "2.5", "must be a whole number from 0 to 10"),
        (SHORT, "x" * 21, "is 21 characters long; up to 20 are kept. Shorten it a little."),
        (LONG, "x" * 5_000_000, "is 100,000 characters long; up to 100 are kept. Shorten it a little."),
    ],
)
def test_bad_answer_is_refused(question: Any, raw: Any, reason: str) -> None:
    with pytest.raises(BadValue) as refused:
        clean(question, raw)
    assert str(refused.value) == reason


def test_control_characters_are_dropped() -> None:
    assert clean(LONG, "a\0b\x1bc\r\nd") == "abc\nd"
    assert clean(SHORT, "a\r\n b") == "a b"
    assert as_text("\0") == ""


def test_number_text_has_no_needless_zeros() -> None:
    assert [number_text(Decimal(n)) for n in ("21.0000", "100", "7.5000", "0.0000", "-0")] == [
        "21",
        "100",
        "7.5",
        "0",
        "0",
    ]


def test_field_says_what_is_wrong_in_a_sentence() -> None:
    with pytest.raises(ValidationError) as error:
        AnswerField(NUMBER).clean("61")
    assert error.value.messages == ["Your answer must be from 0 to 60."]
    with pytest.raises(ValidationError) as error:
        AnswerField(SEVERAL, required=True).clean([])
    assert error.value.messages == ["This question needs an answer."]


KNOWN = {folded_label(label) for label in TOOLS}


@pytest.mark.parametrize(
    ("cell", "separator", "expected"),
    [
        ("C;C++;C#", ";", ["C", "C++", "C#"]),
        ("C;", ";", ["C"]),
        ("C, Hybrid (some remote, leans heavy to in-person), C#", ",", ["C", TOOLS[3], "C#"]),
        ("C;Word; and more;C#", ";", ["C", "Word; and more", "C#"]),
        ("Slack (public channels, not work), C", ",", ["Slack (public channels, not work)", "C"]),
        ("Odd (never closed, C", ",", ["Odd (never closed", "C"]),
        ("", ";", []),
        (" ; ;", ";", []),
    ],
)
def test_split_labels(cell: str, separator: str, expected: list[str]) -> None:
    assert split_labels(cell, separator, KNOWN) == expected


@given(st.lists(st.sampled_from(TOOLS), unique=True))
def test_exported_choices_are_split_again(chosen: list[str]) -> None:
    keys = SEVERAL.keys_by_label
    cell = export(
        a_question(QuestionType.SEVERAL_CHOICES, *TOOLS), tuple(keys[folded_label(c)] for c in chosen)
    )
    assert split_labels(cell, ";", KNOWN) == chosen
