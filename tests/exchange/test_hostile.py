"""Whatever is uploaded, the reader answers with rows or with a refusal, never with another error."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from mentoring.exchange.refusals import Refused
from tests.exchange.files import table_of, xlsx_bytes

WORKBOOK = xlsx_bytes([["ID", "Name"], *([f"E{i}", "Noor"] for i in range(30))])


def read(content: bytes) -> None:
    with contextlib.suppress(Refused):
        for row in table_of(content).rows():
            assert all("\0" not in str(value) for value in row.values)


@given(st.binary(max_size=3000))
def test_any_bytes(content: bytes):
    read(content)


@given(
    st.text(alphabet='aé,;\t|"\r\n\0=\ufeff @', max_size=300), st.sampled_from(["utf-8", "utf-16", "cp1252"])
)
def test_any_text(text: str, encoding: str):
    read(text.encode(encoding, errors="replace"))


@given(st.integers(0, len(WORKBOOK) - 1), st.binary(min_size=1, max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_damage_to_a_workbook(place: int, damage: bytes):
    read(WORKBOOK[:place] + damage + WORKBOOK[place + len(damage) :])


@given(st.integers(0, len(WORKBOOK)))
@settings(max_examples=50, deadline=None)
def test_any_part_of_a_workbook(length: int):
    read(WORKBOOK[:length])
