import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import pytest

from mentoring.actions.imports import cancel_import
from mentoring.actions.roster_imports import apply_import, choose_mapping, start_import
from mentoring.actors import Actor
from mentoring.enums import JobStatus
from mentoring.models import AuditEvent, ColumnMapping, Person, RosterImport, StoredFile
from mentoring.rules import NotAllowed
from tests.cast import Cast
from tests.exchange.files import xlsx_bytes
from tests.realdata import FOLDER, needs

HEAD = "Employee ID,First Name,Last Name,Work Email,Status,Manager ID,Hire Date,Cost Center\n"
ROWS = (
    "E2,Amara,Osei,AMARA.OSEI@northwind.example,Active,E1,2020-05-01,CC-1\n"
    "E3,Henrik,Lund,henrik.lund@northwind.example,Terminated,E1,2001-02-03,CC-2\n"
    "E70,Ana,Ruiz,ana.ruiz@northwind.example,Active,E71,2024-01-15,CC-2\n"
    "E71,Uma,Rao,uma.rao@northwind.example,Active,E72,2023-01-15,\n"
    "E72,Tom,Fry,tom.fry@northwind.example,Active,,2022-01-15,\n"
)


@pytest.fixture
def applied(northwind: Cast, checked: Any, run_tasks: Any):
    def apply(content: str | bytes, *, skip_bad_rows: bool = False, keep: Sequence[str] = ()) -> RosterImport:
        found = checked(content, keep=keep)

        def approve() -> None:
            with northwind.scope():
                apply_import(roster_import=found, skip_bad_rows=skip_bad_rows, by=northwind.by)

        run_tasks(approve)
        with northwind.scope():
            return RosterImport.objects.get(pk=found.pk)

    return apply


def roster() -> dict[str, tuple[str, str, str | None]]:
    people = Person.objects.select_related("manager").order_by("employee_id")
    return {p.employee_id: (p.name, p.status, p.manager and p.manager.employee_id) for p in people}


def test_start_import_guesses_the_columns(northwind: Cast, start: Any):
    found = start(HEAD + ROWS)
    assert found.mapping == {
        "Employee ID": "employee_id",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Work Email": "email",
        "Status": "status",
        "Manager ID": "manager_id",
        "Hire Date": "hired_on",
    }
    assert found.report["samples"]["Cost Center"] == ["CC-1", "CC-2"]
    assert (found.phase, found.status) == ("map", JobStatus.DONE)


def test_start_import_with_an_empty_file_leaves_nothing(northwind: Cast, start: Any):
    with pytest.raises(NotAllowed, match="The file is empty"):
        start("")
    with northwind.scope():
        assert (RosterImport.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_start_import_with_an_unreadable_file_tells_why_and_forgets_it(northwind: Cast, start: Any):
    found = start(bytes(range(256)) * 40)
    assert (found.phase, found.status, found.was_read) == ("look", JobStatus.FAILED, False)
    assert found.error == "This is not a list: it holds binary data. Export the list as CSV or XLSX."
    assert (bytes(found.file.content), found.file.size) == (b"", 10_240)
    with northwind.scope(), pytest.raises(NotAllowed, match="could not be read"):
        choose_mapping(roster_import=found, mapping={"A": "employee_id"}, day_first=True, by=northwind.by)


def test_check_changes_nothing_and_reports(northwind: Cast, checked: Any):
    with northwind.scope():
        before = roster()
    found = checked(HEAD + ROWS)
    assert (found.phase, found.status, found.applied_at) == ("check", JobStatus.DONE, None)
    assert found.counts == {
        "rows": 5,
        "new": 3,
        "changed": 2,
        "unchanged": 0,
        "left": 1,
        "absent": 2,
        "errors": 0,
        "bad_rows": 0,
    }
    assert [item["name"] for item in found.report["sample_changed"]] == ["Amara Osei", "Henrik Lund"]
    with northwind.scope():
        assert roster() == before


def test_apply_import_writes_people_with_managers(northwind: Cast, applied: Any):
    found = applied(HEAD + ROWS, keep=["Cost Center"])
    assert found.applied_at is not None
    with northwind.scope():
        assert roster() == {
            "E1": ("Grace Kim", "active", None),
            "E2": ("Amara Osei", "active", "E1"),
            "E3": ("Henrik Lund", "left", "E1"),
            "E4": ("Jun Park", "active", None),
            "E70": ("Ana Ruiz", "active", "E71"),
            "E71": ("Uma Rao", "active", "E72"),
            "E72": ("Tom Fry", "active", None),
        }
        amara = Person.objects.get(employee_id="E2")
        assert amara.attributes == {"Cost Center": "CC-1"}
        assert amara.hired_on == dt.date(2020, 5, 1)
        assert (amara.title, amara.time_zone) == ("Analyst", "Africa/Lagos")
        actions = AuditEvent.objects.filter(action__in=["people.imported", "roster_import.approved"])
        assert sorted(actions.values_list("action", "by")) == [
            ("people.imported", "champion@northwind.example"),
            ("roster_import.approved", "champion@northwind.example"),
        ]


def test_apply_import_twice_changes_nothing_more(northwind: Cast, applied: Any):
    applied(HEAD + ROWS)
    with northwind.scope():
        before = roster()
    assert applied(HEAD + ROWS).counts["unchanged"] == 5
    with northwind.scope():
        assert roster() == before


def test_apply_import_keeps_the_other_tenant(northwind: Cast, fabrikam: Cast, applied: Any):
    with fabrikam.scope():
        before = roster()
    applied(HEAD + ROWS)
    with fabrikam.scope():
        assert roster() == before


def test_apply_import_with_errors_needs_the_word(northwind: Cast, checked: Any):
    found = checked(HEAD + "E70,Ana,Ruiz,nonsense,Active,,,\nE71,Uma,Rao,uma@x.example,Active,,,\n")
    with northwind.scope(), pytest.raises(NotAllowed, match="The file has errors"):
        apply_import(roster_import=found, skip_bad_rows=False, by=northwind.by)


def test_apply_import_skips_bad_rows_on_request(northwind: Cast, applied: Any):
    found = applied(
        HEAD + "E70,Ana,Ruiz,nonsense,Active,,,\nE71,Uma,Rao,uma@x.example,Active,E70,,\n", skip_bad_rows=True
    )
    assert (found.counts["new"], found.counts["bad_rows"]) == (1, 1)
    with northwind.scope():
        assert roster()["E71"] == ("Uma Rao", "active", None)
        assert not Person.objects.filter(employee_id="E70").exists()


def test_apply_import_lets_people_swap_addresses(northwind: Cast, applied: Any):
    applied("Employee ID,Work Email\nE2,henrik.lund@northwind.example\nE3,amara.osei@northwind.example\n")
    with northwind.scope():
        addresses = dict(Person.objects.values_list("employee_id", "email"))
    assert (addresses["E2"], addresses["E3"]) == (
        "henrik.lund@northwind.example",
        "amara.osei@northwind.example",
    )


def test_apply_import_gives_an_id_to_who_was_known_by_address(northwind: Cast, applied: Any):
    with northwind.scope():
        person = Person.objects.create(email="tara@northwind.example", first_name="Tara")
    found = applied("Employee ID,Work Email\nE90,Tara@northwind.example\n")
    assert (found.counts["new"], found.counts["changed"]) == (0, 1)
    with northwind.scope():
        assert Person.objects.get(pk=person.pk).employee_id == "E90"


def test_apply_import_after_the_roster_changed_is_refused(northwind: Cast, checked: Any, run_tasks: Any):
    found = checked("Employee ID,Work Email\nE90,tara@northwind.example\n")

    def approve() -> None:
        with northwind.scope():
            Person.objects.create(employee_id="E91", email="tara@northwind.example")
            apply_import(roster_import=found, skip_bad_rows=False, by=northwind.by)

    run_tasks(approve)
    with northwind.scope():
        found = RosterImport.objects.get(pk=found.pk)
        assert (found.status, found.applied_at) == (JobStatus.FAILED, None)
        assert found.error.startswith("The roster has changed since the check")
        assert not Person.objects.filter(employee_id="E90").exists()


def test_apply_import_that_fails_half_way_undoes_everything(
    northwind: Cast, checked: Any, run_tasks: Any, monkeypatch: pytest.MonkeyPatch
):
    found = checked(HEAD + ROWS)
    with northwind.scope():
        before = roster()

    def fail(**kwargs: Any) -> None:
        raise RuntimeError("the audit log is full")

    monkeypatch.setattr("mentoring.tasks.people.record_applied", fail)

    def approve() -> None:
        with northwind.scope():
            apply_import(roster_import=found, skip_bad_rows=False, by=northwind.by)

    run_tasks(approve)
    with northwind.scope():
        assert roster() == before
        assert RosterImport.objects.get(pk=found.pk).status == JobStatus.FAILED


def test_cancel_import_that_waits(northwind: Cast, start: Any, sent_tasks: list[Any]):
    found = start(HEAD + ROWS)
    with northwind.scope():
        choose_mapping(roster_import=found, mapping=found.mapping, day_first=True, by=northwind.by)
        cancel_import(found=found, by=northwind.by)
        assert RosterImport.objects.get(pk=found.pk).status == JobStatus.CANCELLED


def test_cancel_import_that_runs_undoes_it(northwind: Cast, checked: Any, run_tasks: Any):
    found = checked(HEAD + ROWS)
    with northwind.scope():
        before = roster()

    def approve_and_cancel() -> None:
        with northwind.scope():
            apply_import(roster_import=found, skip_bad_rows=False, by=northwind.by)
            RosterImport.objects.filter(pk=found.pk).update(cancel_requested=True)

    run_tasks(approve_and_cancel)
    with northwind.scope():
        assert roster() == before
        assert RosterImport.objects.get(pk=found.pk).status == JobStatus.CANCELLED


def test_cancel_import_that_is_applied_is_refused(northwind: Cast, applied: Any):
    found = applied(HEAD + ROWS)
    with northwind.scope(), pytest.raises(NotAllowed, match="already applied"):
        cancel_import(found=found, by=northwind.by)


def test_mapping_is_remembered_by_the_headings(northwind: Cast, fabrikam: Cast, start: Any, run_tasks: Any):
    found = start("Nr,Who,Post\nE70,Ana Ruiz,Analyst\n")
    mapping = {"Nr": "employee_id", "Who": "full_name", "Post": "title"}

    def choose() -> None:
        with northwind.scope():
            choose_mapping(
                roster_import=found, mapping=mapping, day_first=True, name="Night drop", by=northwind.by
            )

    run_tasks(choose)
    again = start("post,NR,Who\nLead,E70,Ana Ruiz\n")
    assert again.report["remembered"] == "Night drop"
    with fabrikam.scope():
        assert ColumnMapping.objects.count() == 0


def test_choose_mapping_without_anything_to_tell_people_apart(northwind: Cast, start: Any):
    found = start("Nr,Who\nE70,Ana Ruiz\n")
    with northwind.scope(), pytest.raises(NotAllowed, match="people are told apart by it"):
        choose_mapping(roster_import=found, mapping={"Who": "full_name"}, day_first=True, by=northwind.by)


def test_import_of_a_workbook(northwind: Cast, applied: Any):
    content = xlsx_bytes(
        [["Employee ID", "Name", "Hire Date", "Level"], [80, "Ana Ruiz", dt.datetime(2020, 1, 31), 3]]
    )
    applied(content)
    with northwind.scope():
        ana = Person.objects.get(employee_id="80")
        assert (ana.name, ana.hired_on, ana.level) == ("Ana Ruiz", dt.date(2020, 1, 31), 3)


def test_errors_are_kept_as_a_file_with_formulas_neutralized(northwind: Cast, checked: Any):
    found = checked("Employee ID,Work Email\nE70,=cmd()\n")
    with northwind.scope():
        file = StoredFile.objects.get(pk=found.report["errors_file"])
    assert bytes(file.content).decode("utf-8-sig") == (
        "Row,Column,Value,What is wrong\r\n2,Work Email,'=cmd(),is not an e-mail address\r\n"
    )


def test_report_is_plain_json(northwind: Cast, checked: Any):
    found = checked(HEAD + ROWS)
    assert json.loads(json.dumps(found.report)) == found.report


@needs("roster_workday_style.csv")
def test_import_of_a_workday_export(northwind: Cast, applied: Any):
    with northwind.scope():
        before = Person.objects.count()
    found = applied((FOLDER / "roster_workday_style.csv").read_bytes())
    assert (found.counts["new"], found.counts["left"]) == (1470, 237)
    with northwind.scope():
        assert Person.objects.count() - before == 1470
        assert Person.objects.filter(status="left").count() == 237
        assert Person.objects.filter(manager=None).count() - 3 == 1


def test_start_import_forgets_the_files_of_old_imports(
    northwind: Cast, fabrikam: Cast, start: Any, run_tasks: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("mentoring.actions.imports.FILES_KEPT", 2)
    first, second, third = (start(HEAD + ROWS, name) for name in ("a.csv", "b.csv", "c.csv"))
    with northwind.scope():
        sizes = [len(StoredFile.objects.get(pk=found.file_id).content) for found in (first, second, third)]
    assert sizes == [0, len(HEAD + ROWS), len(HEAD + ROWS)]

    def choose() -> None:
        with northwind.scope():
            choose_mapping(roster_import=first, mapping=first.mapping, day_first=True, by=northwind.by)

    run_tasks(choose)
    with northwind.scope():
        error = RosterImport.objects.get(pk=first.pk).error
    assert error == "The file of this import is no longer kept. Upload it again."


def test_start_import_by_the_system_has_no_user(northwind: Cast):
    with northwind.scope():
        found = start_import(
            name="x.csv",
            content=(HEAD + ROWS).encode(),
            organization=northwind.organization,
            by=Actor.system("import_people"),
        )
    assert found.created_by_id is None


def test_two_who_map_at_once_follow_each_other(northwind: Cast, run_tasks: Any) -> None:
    started: list[int] = []

    def start() -> None:
        with northwind.scope():
            content = (HEAD + ROWS).encode()
            made = start_import(
                name="x.csv", content=content, organization=northwind.organization, by=northwind.by
            )
            started.append(made.pk)

    run_tasks(start)
    with northwind.scope():
        first, second = (RosterImport.objects.get(pk=started[0]) for _ in range(2))
        choose_mapping(roster_import=first, mapping=first.mapping, day_first=True, by=northwind.by)
        with pytest.raises(NotAllowed, match="being worked on"):
            choose_mapping(roster_import=second, mapping=second.mapping, day_first=True, by=northwind.by)
        found = RosterImport.objects.get(pk=started[0])
    assert (found.status, found.phase) == ("queued", "check")
