"""Columns that an import keeps or leaves out: unknown ones only when ticked, sensitive ones with a reason;
and those kept so far, shown once and removed by a button."""

from typing import Any

import pytest
from django.test import Client

from mentoring.actions.columns import keep_column, remove_column, take_column_out
from mentoring.actions.roster_imports import apply_import, choose_mapping
from mentoring.jobs import JobCancelled
from mentoring.models import AuditEvent, ColumnMapping, ColumnRemoval, KeptColumn, Person
from mentoring.queries.columns import kept_columns, undecided_columns
from mentoring.rules import NotAllowed
from tests.cast import Cast
from tests.people.test_sensitive import TODAY

FILE = (
    "employeeId,First Name,Last Name,Work Email,Cost Center,dateOfBirth,Custom 3\n"
    "E70,Ana,Ruiz,ana@northwind.example,CC-2,1990-05-06,Married\n"
    "E71,Uma,Rao,uma@northwind.example,CC-3,1978-01-02,Single\n"
)
BIRTH, CUSTOM = "dateOfBirth", "Custom 3"


@pytest.fixture
def champion(northwind: Cast, sign_in: Any) -> Client:
    return sign_in(northwind.champion)


@pytest.fixture
def kept(northwind: Cast):
    """As an import of last year kept it: without a reason, and in a remembered mapping."""
    with northwind.scope():
        Person.objects.filter(employee_id__in=["E1", "E2"]).update(
            attributes={BIRTH: "1978-01-02", "Cost Center": "CC-1"}
        )
        mapping = {"ID": "employee_id", BIRTH: "attribute", "Cost Center": "attribute"}
        ColumnMapping.objects.create(kind="roster", name="Nightly", signature="x", mapping=mapping)


def attributes() -> dict[str, dict[str, str]]:
    return dict(Person.objects.exclude(attributes={}).values_list("employee_id", "attributes"))


def events(*actions: str) -> list[dict[str, Any]]:
    return list(AuditEvent.objects.filter(action__in=actions).order_by("pk").values_list("data", flat=True))


def test_look_leaves_out_what_it_does_not_know_and_shows_no_sensitive_cell(northwind: Cast, start: Any):
    found = start(FILE)
    assert found.mapping == {
        "employeeId": "employee_id",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Work Email": "email",
    }
    assert found.sensitive == {BIRTH: "birth", CUSTOM: "family"}
    assert found.report["samples"][BIRTH] == found.report["samples"][CUSTOM] == []
    assert found.report["samples"]["Cost Center"] == ["CC-2", "CC-3"]


def test_choose_mapping_keeps_a_sensitive_column_only_with_a_reason(northwind: Cast, checked: Any):
    with pytest.raises(NotAllowed, match='"Custom 3" looks sensitive'):
        checked(FILE, keep=[CUSTOM], reasons={CUSTOM: "  "})
    found = checked(
        FILE + "E72,Tom,Fry,tom@northwind.example,,,\n",
        keep=["Cost Center", CUSTOM],
        reasons={CUSTOM: "Pairs of parents", BIRTH: "unused"},
    )
    with northwind.scope():
        assert dict(KeptColumn.objects.values_list("name", "reason")) == {CUSTOM: "Pairs of parents"}
        assert events("roster_import.mapped")[-1] == {
            "mapping": found.mapping,
            "sensitive_kept": {CUSTOM: "Pairs of parents"},
        }


def test_a_sensitive_column_needs_its_reason_for_whatever_it_is_mapped_to(northwind: Cast, start: Any):
    found = start(FILE)
    mapping = found.mapping | {CUSTOM: "unit"}
    with northwind.scope(), pytest.raises(NotAllowed, match='"Custom 3" looks sensitive'):
        choose_mapping(roster_import=found, mapping=mapping, day_first=True, by=northwind.by)


def test_the_next_file_keeps_it_without_being_asked_until_the_reason_is_taken_back(
    northwind: Cast, checked: Any, start: Any, run_tasks: Any
):
    checked(FILE, keep=[CUSTOM], reasons={CUSTOM: "Pairs of parents"})
    again = start(FILE + "E72,Tom,Fry,tom@northwind.example,,,\n")
    assert again.mapping[CUSTOM] == "attribute"
    with northwind.scope():
        KeptColumn.objects.all().delete()
    assert CUSTOM not in start(FILE + "E73,Ida,Berg,ida@northwind.example,,,\n").mapping


def test_kept_columns_names_those_to_decide_about_first(northwind: Cast, kept: None):
    with northwind.scope():
        found = [
            (column.name, column.people, column.kind, column.undecided) for column in kept_columns(TODAY)
        ]
        assert found == [(BIRTH, 2, "birth", True), ("Cost Center", 2, "", False)]
        assert undecided_columns(TODAY) == [BIRTH]
        keep_column(name=BIRTH, reason="Agreed with the works council", by=northwind.by)
        assert undecided_columns(TODAY) == []
        assert events("column.kept") == [{"column": BIRTH, "reason": "Agreed with the works council"}]


def test_remove_column_takes_it_out_of_people_and_of_remembered_mappings(
    northwind: Cast, fabrikam: Cast, kept: None, run_tasks: Any
):
    with fabrikam.scope():
        Person.objects.filter(employee_id="E1").update(attributes={BIRTH: "1980-01-02"})
        before = attributes()

    def remove() -> None:
        with northwind.scope():
            remove_column(name=BIRTH, by=northwind.by)
            remove_column(name=BIRTH, by=northwind.by)
            assert next((column.name, column.leaving) for column in kept_columns(TODAY)) == (BIRTH, True)

    assert run_tasks(remove) == ["mentoring.remove_column"]
    with northwind.scope():
        assert attributes() == {"E1": {"Cost Center": "CC-1"}, "E2": {"Cost Center": "CC-1"}}
        remembered = ColumnMapping.objects.get(name="Nightly").mapping
        assert remembered == {"ID": "employee_id", "Cost Center": "attribute"}
        assert events("column.removal_asked", "column.removed") == [
            {"column": BIRTH},
            {"column": BIRTH, "people": 2},
        ]
    with fabrikam.scope():
        assert attributes() == before != {}


def test_an_import_that_waits_does_not_bring_a_removed_column_back(
    northwind: Cast, checked: Any, run_tasks: Any
):
    found = checked(FILE, keep=["Cost Center", CUSTOM], reasons={CUSTOM: "Pairs of parents"})

    def remove_then_apply() -> None:
        with northwind.scope():
            remove_column(name=CUSTOM, by=northwind.by)
            apply_import(roster_import=found, skip_bad_rows=False, by=northwind.by)

    run_tasks(remove_then_apply)
    with northwind.scope():
        assert attributes() == {"E70": {"Cost Center": "CC-2"}, "E71": {"Cost Center": "CC-3"}}


def test_take_column_out_of_a_cancelled_removal_changes_nothing(northwind: Cast, kept: None):
    with northwind.scope():
        removal = ColumnRemoval.objects.create(name=BIRTH, status="running", cancel_requested=True)
        before = attributes()
    with pytest.raises(JobCancelled):
        take_column_out(removal)
    with northwind.scope():
        assert attributes() == before


def test_pages_show_it_once_and_remove_it(northwind: Cast, champion: Client, kept: None, run_tasks: Any):
    people = "/o/northwind/people/"
    shown = f'{BIRTH}\n    <a href="{people}columns/">'
    for page in (people, f"{people}import/"):
        assert shown in champion.get(page).content.decode()
    assert champion.post(f"{people}columns/keep/", {"column": BIRTH, "reason": " "}).status_code == 422
    assert champion.post(f"{people}columns/remove/", {"column": "First Name"}).status_code == 404
    run_tasks(lambda: champion.post(f"{people}columns/remove/", {"column": BIRTH}))
    assert shown not in champion.get(people).content.decode()
    assert "Cost Center" in champion.get(f"{people}columns/").content.decode()


def test_mapping_page_asks_for_the_reason_beside_the_column(northwind: Cast, champion: Client, start: Any):
    found = start(FILE)
    here = f"/o/northwind/people/imports/{found.pk}/columns/"
    page = champion.get(here)
    assert [row["sensitive"] for row in page.context["rows"]] == [
        "",
        "",
        "",
        "",
        "",
        "age or birth",
        "family",
    ]
    assert "1990-05-06" not in page.content.decode()
    assert "Married" not in page.content.decode()
    chosen = {"column_0": "employee_id", "column_1": "first_name", "column_2": "last_name", "day_first": "1"}
    answer = champion.post(here, chosen | {"column_6": "attribute"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"reason_6": ["Say why it is needed, or leave the column out."]}
    assert champion.post(here, chosen | {"column_6": "attribute", "reason_6": "Parents"}).status_code == 302
