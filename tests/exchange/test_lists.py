import pytest

from mentoring.exchange.cells import cell_text
from mentoring.exchange.reading.lists import told_apart
from tests.exchange.files import table_of


def test_told_apart():
    assert told_apart(["Name", "Team", "name", "", "", "Name"]) == [
        "Name",
        "Team",
        "name (2)",
        "",
        "",
        "Name (3)",
    ]
    assert told_apart(["Name", "Name (2)", "Name"]) == ["Name", "Name (2)", "Name (3)"]


def test_the_same_heading_twice_is_two_columns():
    table = table_of("ID,Mail,Mail\n1,a@x.example,b@x.example\n")
    assert table.headers == ["ID", "Mail", "Mail (2)"]
    assert [row.values for row in table.rows()] == [("1", "a@x.example", "b@x.example")]


def test_a_row_of_blanks_is_no_row():
    blanks = "\u00a0,\u200b, \n"
    assert len(list(table_of(f"ID,Mail,Name\n1,a@x.example,Ana\n{blanks}").rows())) == 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("क्\u200dष", "क्\u200dष"),
        ("Ana\u200d Ruiz\u200b", "Ana Ruiz"),
        ("\u200cAna", "Ana"),
        ("\ufeff\u00a0", ""),
    ],
)
def test_cell_text_keeps_joiners_where_a_script_needs_them(text: str, kept: str):
    assert cell_text(text) == kept
