import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentoring.exchange.refusals import BadValue
from mentoring.people.dates import date_reader, detect_date_format, proven_order

DAY = dt.date(2026, 3, 5)


@pytest.mark.parametrize(
    ("values", "key"),
    [
        (["2026-03-05", "2026-03-31T00:00:00Z"], "iso"),
        (["20260305"], "iso"),
        (["05/03/2026", "31/03/2026"], "dmy"),
        (["03/05/2026", "03/31/2026"], "mdy"),
        (["05.03.2026", "31.3.26"], "dmy"),
        (["5-Mar-26", "31-Mar-2026"], "named"),
        (["Mar 5, 2026"], "named"),
        (["46086", "46112"], "serial"),
        ([46086, 46112.0], "serial"),
        ([dt.datetime(2026, 3, 5)], "cell"),
    ],
)
def test_detect_and_read(values: list[object], key: str):
    found = detect_date_format(values)
    assert (found.key, found.certain) == (key, True)
    assert date_reader(found)(values[0]) == DAY


@pytest.mark.parametrize("day_first", [True, False])
def test_detect_without_evidence_follows_the_habit(day_first: bool):
    found = detect_date_format(["03/04/2026", "05/06/2026", ""], day_first=day_first)
    assert (found.key, found.certain) == ("dmy" if day_first else "mdy", False)


def test_detect_shows_its_evidence():
    found = detect_date_format(["03/04/2026", "31/08/2016"], day_first=False)
    assert (found.key, found.evidence) == ("dmy", "31/08/2016")


def test_detect_of_an_empty_column():
    assert detect_date_format(["", None]) is None


@pytest.mark.parametrize("text", ["31/02/2026", "2026-13-01", "soon", "5-Foo-2026", "0001-01-01"])
def test_read_refuses(text: str):
    with pytest.raises(BadValue):
        date_reader(detect_date_format(["31/03/2026"]))(text)


@pytest.mark.parametrize("value", ["", None, "00/00/0000", " - "])
def test_read_nothing(value: object):
    assert date_reader(None)(value) is None


@given(
    st.lists(st.dates(dt.date(1950, 1, 1), dt.date(2049, 12, 31)), min_size=1).filter(
        lambda days: any(day.day > 12 for day in days)
    ),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%d", "%d-%b-%Y", "%d.%m.%y", "%B %d, %Y"]),
)
def test_every_column_with_a_late_day_is_read_back(days: list[dt.date], format: str):
    cells = [day.strftime(format) for day in days]
    read = date_reader(detect_date_format(cells, day_first=False))
    assert [read(cell) for cell in cells] == days


@pytest.mark.parametrize(
    "cell",
    ["9999-12-31", "31.12.9999", "99/99/9999", "99991231", "NULL", "N/A", "unbefristet", "-", "1900-01-01"],
)
def test_a_cell_that_says_there_is_no_date(cell: str):
    assert date_reader(None)(cell) is None


@pytest.mark.parametrize("date", [dt.date(9999, 12, 31), dt.datetime(1899, 12, 30), dt.date(1900, 1, 1)])
def test_a_date_cell_that_says_there_is_no_date(date: dt.date):
    assert date_reader(None)(date) is None


def test_proven_order_is_of_the_whole_file():
    assert proven_order([["03/04/2026"], ["31/03/2026", ""]]) is True
    assert proven_order([["03/04/2026"], ["03/31/2026"]]) is False
    assert proven_order([["03/04/2026"], ["2026-03-31"]]) is None
    assert proven_order([["31/03/2026"], ["03/31/2026"]]) is None
