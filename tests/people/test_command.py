import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from mentoring.models import ColumnMapping, Person, RosterImport
from tests.cast import Cast
from tests.realdata import FOLDER, needs

GOOD = "Employee ID,Name,Work Email\nE70,Ana Ruiz,ana@northwind.example\n"
BAD = GOOD + "E71,Uma Rao,nonsense\n"


@pytest.fixture
def write(tmp_path: Path):
    def written(text: str) -> Path:
        path = tmp_path / "roster.csv"
        path.write_text(text)
        return path

    return written


def run(*arguments: Any) -> tuple[int, str]:
    """(exit status, standard output) of the command."""
    out = StringIO()
    try:
        call_command("import_people", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def test_import_people(northwind: Cast, write: Any):
    status, text = run("northwind", write(GOOD))
    assert status == 0
    assert text.splitlines() == [
        "roster.csv: 1 rows, 1 new, 0 changed, 0 unchanged, 0 left, 0 rows with errors.",
        "4 people on the roster are not in the file and stay as they are.",
        "Applied.",
    ]
    with northwind.scope():
        assert Person.objects.filter(employee_id="E70").count() == 1
        assert RosterImport.objects.get().created_by is None


def test_import_people_as_json(northwind: Cast, write: Any):
    status, text = run("northwind", write(GOOD), "--json")
    answer = json.loads(text)
    assert (status, answer["applied"], answer["counts"]["new"], answer["errors"]) == (0, True, 1, [])


def test_import_people_dry_run(northwind: Cast, write: Any):
    status, text = run("northwind", write(GOOD), "--dry-run")
    assert (status, text.splitlines()[-1]) == (0, "Nothing was changed.")
    with northwind.scope():
        assert not Person.objects.filter(employee_id="E70").exists()


def test_import_people_with_errors(northwind: Cast, write: Any):
    status, text = run("northwind", write(BAD), "--json")
    answer = json.loads(text)
    assert (status, answer["applied"]) == (1, False)
    assert answer["errors"] == [
        {"line": 3, "column": "Work Email", "value": "nonsense", "reason": "is not an e-mail address"}
    ]
    with northwind.scope():
        assert not Person.objects.filter(employee_id="E70").exists()


def test_import_people_skipping_bad_rows(northwind: Cast, write: Any):
    status, text = run("northwind", write(BAD), "--skip-bad-rows")
    assert (status, text.splitlines()[-1]) == (0, "Applied.")
    with northwind.scope():
        assert list(Person.objects.filter(employee_id__gte="E70").values_list("employee_id", flat=True)) == [
            "E70"
        ]


def test_import_people_with_a_named_mapping(northwind: Cast, write: Any):
    with northwind.scope():
        ColumnMapping.objects.create(
            kind="roster",
            name="Night drop",
            signature="of other headings",
            mapping={"Nr": "employee_id", "Who": "full_name", "Old": "attribute"},
        )
    status, _text = run("northwind", write("Nr,Who,New\nE70,Ana Ruiz,x\n"), "--mapping", "night drop")
    with northwind.scope():
        assert (status, Person.objects.get(employee_id="E70").name) == (0, "Ana Ruiz")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nobody", "x.csv"), "There is no organization 'nobody'."),
        (("northwind", "/no/such/file.csv"), "/no/such/file.csv cannot be read: No such file or directory."),
    ],
)
def test_import_people_used_wrongly(northwind: Cast, arguments: tuple[str, ...], message: str):
    assert run(*arguments) == (2, message)


def test_import_people_with_an_unknown_mapping(northwind: Cast, write: Any):
    assert run("northwind", write(GOOD), "--mapping", "x") == (
        2,
        "There is no mapping 'x'. Remembered: none.",
    )


def test_import_people_with_an_unreadable_file(northwind: Cast, write: Any):
    status, text = run("northwind", write(""))
    assert (status, text) == (1, "The file is empty. Export it again and check that it holds rows.")


@needs("roster_bamboohr_style.csv")
def test_import_people_of_a_bamboohr_export(northwind: Cast):
    status, text = run("northwind", FOLDER / "roster_bamboohr_style.csv", "--dry-run", "--json")
    answer = json.loads(text)
    assert (status, len(answer["errors"])) == (1, answer["counts"]["errors"])
    assert {"is the name of" in error["reason"] for error in answer["errors"]} == {True}


def test_import_people_keeps_a_sensitive_column_only_with_its_reason(northwind: Cast, tmp_path: Any):
    file = tmp_path / "people.csv"
    file.write_text("Employee ID,Name,Team,Age\nE70,Ana Ruiz,Blue,31\n")
    status, text = run("northwind", file, "--json")
    assert (status, json.loads(text)["left_out"]) == (0, ["Age"])
    status, text = run("northwind", file, "--keep", "Age")
    assert status == 1
    status, text = run("northwind", file, "--keep", "Age", "--reason", "Age=Agreed with the works council")
    assert status == 0
    with northwind.scope():
        assert Person.objects.get(employee_id="E70").attributes == {"Age": "31"}
