import time

import pytest

from mentoring.people import draft
from mentoring.people import managers as resolving
from mentoring.people.draft import name_of
from mentoring.rules import NotAllowed
from tests.people.rosters import known, plan_of, reasons

HEAD = "Employee ID,Name,Work Email,Job Title,Location,Manager\n"


def managers(plan) -> dict[str, str]:
    return {draft.values["employee_id"]: name_of(draft.manager) for draft in plan.new if draft.manager}


def test_manager_by_id_address_and_name():
    plan = plan_of(
        HEAD
        + "E1,Grace Kim,grace@x.example,,,\n"
        + "E2,Ana Ruiz,ana@x.example,,,E1\n"
        + "E3,Jun Park,jun@x.example,,,GRACE@x.example\n"
        + 'E4,Noor Lopez,noor@x.example,,,"Kim, Grace"\n'
        + "E5,Tom Fry,tom@x.example,,,grace  kim\n"
        + "E6,Uma Rao,uma@x.example,,,Grace Kim (E1)\n"
    )
    assert managers(plan) == dict.fromkeys(("E2", "E3", "E4", "E5", "E6"), "Grace Kim")


def test_manager_who_is_on_the_roster_and_not_in_the_file():
    boss = known(9, employee_id="E9", first_name="Grace", last_name="Kim")
    plan = plan_of(HEAD + "E1,Ana Ruiz,a@x.example,,,Grace Kim\n", boss)
    assert plan.new[0].manager is boss


def test_manager_whose_name_several_people_have_is_an_error_with_candidates():
    plan = plan_of(
        HEAD
        + "E1,Grace Kim,g1@x.example,CFO,Oslo,\n"
        + "E2,Grace Kim,g2@x.example,Analyst,Lagos,\n"
        + "E3,Ana Ruiz,ana@x.example,,,Grace Kim\n",
        known(9, employee_id="E9", first_name="Grace", last_name="Kim", status="left"),
    )
    assert reasons(plan) == [
        (
            4,
            "Manager",
            "Grace Kim",
            (
                "is the name of 3 people: Grace Kim (E1, CFO, Oslo); Grace Kim (E2, Analyst, Lagos); "
                "Grace Kim (E9, left). Use the manager's employee ID or e-mail."
            ),
        )
    ]


def test_manager_who_is_not_known():
    plan = plan_of(HEAD + "E1,Ana Ruiz,a@x.example,,,Nobody Here\n")
    assert reasons(plan) == [(2, "Manager", "Nobody Here", "is not in the file nor on the roster")]


def test_manager_who_is_the_person():
    plan = plan_of(HEAD + "E1,Ana Ruiz,a@x.example,,,E1\n")
    assert reasons(plan) == [(2, "Manager", "E1", "is the same person; leave the cell empty at the top")]


def test_circle_of_managers_is_named_in_each_of_its_rows():
    plan = plan_of(
        HEAD
        + "E1,Ana Ruiz,a@x.example,,,E3\n"
        + "E2,Jun Park,b@x.example,,,E1\n"
        + "E3,Tom Fry,c@x.example,,,E2\n"
        + "E4,Uma Rao,d@x.example,,,E3\n"
    )
    circle = "closes a circle of managers: Ana Ruiz → Tom Fry → Jun Park → Ana Ruiz"
    assert [(line, value, reason) for line, _column, value, reason in reasons(plan)] == [
        (2, "E3", circle),
        (3, "E1", circle),
        (4, "E2", circle),
    ]


def test_circle_through_somebody_who_is_not_in_the_file():
    plan = plan_of(
        HEAD + "E1,Ana Ruiz,a@x.example,,,E2\n",
        known(1, employee_id="E1", first_name="Ana", last_name="Ruiz", email="a@x.example"),
        known(2, employee_id="E2", first_name="Jun", last_name="Park", manager_id=1),
    )
    assert [reason for *_place, reason in reasons(plan)] == [
        "closes a circle of managers: Ana Ruiz → Jun Park → Ana Ruiz"
    ]


def test_person_whose_managers_row_is_bad_comes_without_a_manager():
    plan = plan_of(
        "Employee ID,Name,Level,Manager ID\nE1,Grace Kim,high,\nE2,Ana Ruiz,2,E1\n",
    )
    assert [(draft.values["employee_id"], draft.manager) for draft in plan.new] == [("E2", None)]
    assert plan.notes == ["1 person comes without a manager while the manager's row is not correct."]


def test_manager_change_is_shown_as_people():
    ana = known(1, employee_id="E1", first_name="Ana", manager_id=2)
    grace, jun = known(2, employee_id="E2", first_name="Grace"), known(3, employee_id="E3", first_name="Jun")
    plan = plan_of("Employee ID,Manager ID\nE1,E3\n", ana, grace, jun)
    assert plan.changed[0].changes == [("manager", grace, jun)]


def test_ten_thousand_people_in_one_chain_are_no_circle_but_too_deep():
    rows = "".join(f"E{i},N{i},,,,{f'E{i - 1}' if i else ''}\n" for i in range(10_000))
    kinds = [problem.kind for problem in plan_of(HEAD + rows).errors]
    assert kinds == ["levels"] * (10_000 - resolving.LEVELS_AT_MOST)


def test_managers_of_a_roster_in_which_all_have_one_name():
    """Nobody is compared with everybody: that would take minutes of a worker."""
    began = time.process_time()
    plan = plan_of(HEAD + "".join(f"E{n},Grace Kim,,,,Grace Kim\n" for n in range(50_000)))
    assert time.process_time() - began < 40
    assert {problem.reason.partition(":")[0] for problem in plan.errors} == {"is the name of 49999 people"}
    assert plan.errors[0].reason.count("Grace Kim (") == resolving.SHOWN_CANDIDATES
    assert plan.errors[-1].reason.count("Grace Kim (") == 1


def test_manager_too_many_levels_up():
    deep = resolving.LEVELS_AT_MOST + 2
    rows = [f"E{n},Person {n},,,,{f'E{n - 1}' if n else ''}\n" for n in range(deep)]
    for text in (rows, rows[::-1]):
        assert sorted((e.value, e.reason) for e in plan_of(HEAD + "".join(text)).errors) == [
            ("E100", "is more than 99 levels below the top"),
            ("E99", "is more than 99 levels below the top"),
        ]
    top = known(9, employee_id="E0", first_name="Person", last_name="0")
    assert len(plan_of(HEAD + "".join(rows[1:]), top).errors) == 2


def test_more_errors_than_a_worker_should_hold(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(draft, "PROBLEMS_AT_MOST", 10)
    rows = [f"E{n},Person {n},,,,somebody\n" for n in range(11)]
    assert len(plan_of(HEAD + "".join(rows[:10])).errors) == 10
    with pytest.raises(NotAllowed, match="more than 10 errors"):
        plan_of(HEAD + "".join(rows))
    monkeypatch.setattr(draft, "PROGRESS_STEP", 5)
    with pytest.raises(NotAllowed, match="more than 10 errors"):
        plan_of(HEAD + "".join(f"E{n},Person {n},no address,,,\n" for n in range(20)))
