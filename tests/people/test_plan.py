import csv
import datetime as dt
import time
from collections import Counter

import pytest

from mentoring.people.draft import name_of, split_name
from tests.people.rosters import known, plan_of, reasons
from tests.realdata import FOLDER, needs

HEAD = "Employee ID,First Name,Last Name,Work Email,Status\n"


def test_plan_tells_new_changed_unchanged_and_left():
    amara = {"employee_id": "E1", "first_name": "Amara", "last_name": "Osei", "email": "amara@x.example"}
    jun = {"employee_id": "E2", "first_name": "Jun", "last_name": "Park", "email": "jun@x.example"}
    gone = {"employee_id": "E4", "first_name": "Old", "last_name": "Hand", "email": "old@x.example"}
    plan = plan_of(
        HEAD
        + "E1,Amara,Osei,amara@x.example,Active\n"
        + "E2,Jun,Park,jun@x.example,Terminated\n"
        + "E3,Noor,Lopez,NOOR@X.example,Full-Time\n"
        + "E5,Ana,Ruiz,ana@x.example,Left\n",
        known(1, **amara),
        known(2, **jun),
        known(4, **gone),
    )
    assert plan.counts() == {
        "rows": 4,
        "new": 2,
        "changed": 1,
        "unchanged": 1,
        "left": 2,
        "absent": 1,
        "errors": 0,
        "bad_rows": 0,
    }
    assert plan.changed[0].changes == [("status", "active", "left"), ("left_on", None, dt.date(2026, 11, 22))]
    assert plan.new[0].values["email"] == "noor@x.example"


def test_plan_of_leavers_who_stay_left_changes_nothing():
    person = known(1, employee_id="E1", first_name="A", last_name="B", email="a@x.example", status="left")
    plan = plan_of(HEAD + "E1,A,B,a@x.example,Terminated\n", person)
    assert (plan.unchanged, plan.left) == (1, 0)


def test_plan_of_somebody_who_comes_back():
    person = known(1, employee_id="E1", email="a@x.example", status="left", left_on=dt.date(2025, 1, 1))
    plan = plan_of("Employee ID,Status\nE1,Active\n", person)
    assert plan.changed[0].changes == [
        ("status", "left", "active"),
        ("left_on", dt.date(2025, 1, 1), None),
    ]


def test_plan_recognizes_by_address_who_has_no_id_yet():
    plan = plan_of(HEAD + "E1,Tara,Brandt,TARA@x.example,Active\n", known(7, email="tara@x.example"))
    assert (len(plan.new), plan.changed[0].known.id) == (0, 7)
    assert ("employee_id", None, "E1") in plan.changed[0].changes


def test_plan_refuses_an_address_that_belongs_to_somebody_else():
    person = known(7, employee_id="E9", email="tara@x.example", first_name="Tara", last_name="Brandt")
    plan = plan_of(HEAD + "E1,Tara,Brandt,tara@x.example,Active\n", person)
    assert reasons(plan) == [
        (
            2,
            "Work Email",
            "tara@x.example",
            "is the address of Tara Brandt on the roster (employee ID E9), who is not in the file",
        )
    ]


def test_plan_lets_two_people_swap_addresses():
    plan = plan_of(
        "Employee ID,Work Email\nE1,b@x.example\nE2,a@x.example\n",
        known(1, employee_id="E1", email="a@x.example"),
        known(2, employee_id="E2", email="b@x.example"),
    )
    assert (len(plan.changed), plan.errors) == (2, [])


def test_plan_refuses_an_address_whose_holder_keeps_it_by_a_bad_row():
    plan = plan_of(
        "Employee ID,Work Email,Hire Date\nE1,b@x.example,nonsense\nE2,a@x.example,2020-01-01\n",
        known(1, employee_id="E1", email="a@x.example", first_name="Ana"),
        known(2, employee_id="E2", email="b@x.example"),
    )
    assert [(line, reason) for line, _column, _value, reason in reasons(plan)] == [
        (2, "is not a date that the rest of the column's format can read"),
        (3, "is the address of Ana, whose row 2 is not correct"),
    ]


def test_plan_of_many_who_wait_for_each_others_address():
    """Everybody gets the next one's address and the last row is bad: nobody is looked at twice."""
    number, began = 20_000, time.process_time()
    rows = [f"E{n},m{n + 1}@x.example,\n" for n in range(number - 1)] + [f"E{number - 1},,nonsense\n"]
    roster = [known(n + 1, employee_id=f"E{n}", email=f"m{n}@x.example") for n in range(number)]
    plan = plan_of("Employee ID,Work Email,Hire Date\n" + "".join(rows), *roster)
    assert time.process_time() - began < 40
    assert [problem.line for problem in plan.errors] == list(range(2, number + 2))
    assert reasons(plan)[0][3] == "is the address of m2@x.example, whose row 3 is not correct"


def test_plan_names_all_rows_of_duplicates():
    plan = plan_of(
        HEAD
        + "E1,A,A,a@x.example,Active\n"
        + "e1,B,B,b@x.example,Active\n"
        + "E3,C,C,A@X.EXAMPLE,Active\n"
        + "E4,D,D,d@x.example,Active\n"
    )
    assert reasons(plan) == [
        (2, "Employee ID", "E1", "is also in row 3"),
        (2, "Work Email", "a@x.example", "is also in row 4"),
        (3, "Employee ID", "e1", "is also in row 2"),
        (4, "Work Email", "a@x.example", "is also in row 2"),
    ]
    assert [draft.line for draft in plan.new] == [5]


def test_plan_collects_every_bad_cell_with_its_place():
    plan = plan_of(
        "Employee ID,Work Email,Status,Level,Time Zone,Hire Date\n"
        "E1,not an address,Sleeping,high,Mars,soon\n"
        ",,Active,3,Europe/Berlin,2020-01-01\n"
    )
    assert reasons(plan) == [
        (2, "Hire Date", "soon", "is not a date that the rest of the column's format can read"),
        (2, "Level", "high", "has no number; a level is a number such as 3"),
        (2, "Status", "Sleeping", 'is not a known status; use "Active" or "Left"'),
        (2, "Time Zone", "Mars", 'is not a known time zone; use a name such as "Europe/Berlin"'),
        (2, "Work Email", "not an address", "is not an e-mail address"),
        (3, "", "", "has neither an employee ID nor an e-mail"),
    ]


def test_plan_refuses_a_row_with_more_cells_than_headings():
    plan = plan_of("Employee ID,First Name,Last Name\nE1,Osei, Amara,x\n")
    assert reasons(plan) == [
        (2, "", "", "has 1 more cell than the heading row; is a separator inside a text?")
    ]


def test_plan_keeps_identity_and_empties_the_rest_where_a_cell_is_empty():
    person = known(
        1, employee_id="E1", first_name="Amara", email="a@x.example", title="Analyst", unit="Data", level=3
    )
    plan = plan_of("Employee ID,First Name,Work Email,Title,Unit,Level,Status\nE1,,,,Data,,\n", person)
    assert plan.changed[0].changes == [("title", "Analyst", ""), ("level", 3, None)]


def test_plan_leaves_what_the_file_does_not_have():
    person = known(1, employee_id="E1", title="Analyst", manager_id=9, attributes={"FTE": "100"})
    plan = plan_of("Employee ID,Last Name\nE1,\n", person, known(9, employee_id="E9"))
    assert plan.unchanged == 1


def test_plan_keeps_further_attributes():
    mapping = {"Employee ID": "employee_id", "Name": "full_name", "Cost Center": "attribute"}
    plan = plan_of(
        "Employee ID,Name,Cost Center\nE1,Ana Ruiz,CC-2\nE2,Jun Park,CC-3\n",
        known(1, employee_id="E1", first_name="Ana", last_name="Ruiz", attributes={"Cost Center": "CC-1"}),
        mapping=mapping,
    )
    assert plan.changed[0].changes == [("attributes.Cost Center", "CC-1", "CC-2")]
    assert plan.new[0].attributes == {"Cost Center": "CC-3"}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("Amara Osei,", ("Amara", "Osei")),
        ('"Osei, Amara",', ("Amara", "Osei")),
        ("Ana Maria Ruiz (E7),", ("Ana Maria", "Ruiz")),
        ("Cher,", ("Cher", "")),
        ("Amara Osei,Ama", ("Ama", "Osei")),
    ],
)
def test_plan_reads_names(cells: str, expected: tuple[str, str]):
    plan = plan_of(f"Employee ID,Name,Preferred Name\nE1,{cells}\n")
    assert (plan.new[0].values["first_name"], plan.new[0].values["last_name"]) == expected


def test_plan_makes_a_leaver_of_a_last_day_in_the_past():
    plan = plan_of(
        "Employee ID,Status,Termination Date\nE1,Active,2026-11-21\nE2,Active,2026-12-31\nE3,Terminated,\n"
    )
    assert [draft.values["status"] for draft in plan.new] == ["left", "active", "left"]


def test_plan_takes_the_time_zone_from_the_place():
    plan = plan_of("Employee ID,Location\nE1,Krakow\nE2,US - Austin\nE3,Nowhere\n")
    zones = [draft.values.get("time_zone") for draft in plan.new]
    assert zones == ["Europe/Warsaw", "America/Chicago", None]
    assert plan.notes == ["The time zones of 2 people are taken from their location."]


def test_plan_says_when_dates_are_not_certain():
    plan = plan_of("Employee ID,Hire Date\nE1,03/04/2020\n", day_first=False)
    assert plan.new[0].values["hired_on"] == dt.date(2020, 3, 4)
    assert plan.notes == [
        'No date in "Hire Date" tells day from month. Please check: read as month/day/year (03/31/2026).'
    ]


def test_plan_refuses_a_spreadsheet_error():
    plan = plan_of("Employee ID,Title\nE1,#REF!\n")
    assert reasons(plan) == [(2, "Title", "#REF!", "is an error of the spreadsheet; correct its formula")]


def test_plan_keeps_a_cell_that_begins_with_an_equals_sign_as_text():
    plan = plan_of("Employee ID,Title\nE1,=1+1\n")
    assert plan.new[0].values["title"] == "=1+1"


@needs("roster_workday_style.csv")
def test_plan_of_a_workday_export():
    plan = plan_of((FOLDER / "roster_workday_style.csv").read_bytes())
    counts = plan.counts()
    assert (counts["new"], counts["left"], counts["errors"]) == (1470, 237, 0)
    assert sum(draft.manager is not None for draft in plan.new) == 1469


@needs("roster_bamboohr_style.csv")
def test_plan_of_a_bamboohr_export_names_every_ambiguous_manager():
    plan = plan_of((FOLDER / "roster_bamboohr_style.csv").read_bytes())
    assert {problem.kind for problem in plan.errors} == {"ambiguous manager"}
    # The truth from the file itself: every row whose manager's name several people have.
    text = (FOLDER / "roster_bamboohr_style.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    names = Counter(f"{row['First Name']} {row['Last Name']}" for row in rows)
    ambiguous = {line: row for line, row in enumerate(rows, start=2) if names[row["Reporting to"]] > 1}
    assert {problem.line for problem in plan.errors} == set(ambiguous)
    for problem in plan.errors:
        row = ambiguous[problem.line]
        others = names[problem.value] - (f"{row['First Name']} {row['Last Name']}" == problem.value)
        assert problem.reason.count(f"{problem.value} (E") == others
    assert plan.formats["Hire Date"].key == "dmy"
    assert {name_of(draft) for draft in plan.new} <= set(names)


@pytest.mark.parametrize(
    ("full", "names"),
    [
        ("Amara Osei", ("Amara", "Osei")),
        ("Osei, Amara", ("Amara", "Osei")),
        ("Osei Jr., Amara", ("Amara", "Osei Jr.")),
        ("Osei, Jr., Amara", ("Amara", "Osei Jr.")),
        ("Amara Osei, PhD", ("Amara", "Osei PhD")),
        ("Amara Osei III", ("Amara", "Osei III")),
        ("Amara Ama Osei (she/her)", ("Amara Ama", "Osei")),
        ("Jack Yun Ma", ("Jack Yun", "Ma")),
        ("Osei", ("Osei", "")),
    ],
)
def test_split_name(full: str, names: tuple[str, str]):
    assert split_name(full) == names


@pytest.mark.parametrize("nobody", ["NO_MANAGER", "N/A", "none", "-", "NULL", "Not applicable"])
def test_plan_reads_nobody_as_no_manager(nobody: str):
    plan = plan_of(f"Employee ID,Name,Manager\nE1,Ana Ruiz,{nobody}\n")
    assert reasons(plan) == []
    assert plan.new[0].manager is None


def test_plan_reads_the_days_of_a_file_in_one_order():
    plan = plan_of(
        "Employee ID,Name,Hire Date,End Date\nE1,Ana Ruiz,03/04/2020,31.12.9999\nE2,Jo Li,31/01/2020,\n"
    )
    assert [draft.values["hired_on"] for draft in plan.new] == [dt.date(2020, 4, 3), dt.date(2020, 1, 31)]
    assert [draft.values["left_on"] for draft in plan.new] == [None, None]
    plan = plan_of("Employee ID,Name,Hire Date,End Date\nE1,Ana Ruiz,03/04/2020,06/30/2027\n", day_first=True)
    assert plan.new[0].values["hired_on"] == dt.date(2020, 3, 4)
