"""Small runs of the benchmarks on the test database, and what the documents promise to name."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import get_resolver

from benchmarks import harness, matching_aims, matching_core, matching_run, pages, reminders, shots
from benchmarks.__main__ import BENCHMARKS
from benchmarks.harness import Row

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


@pytest.fixture(autouse=True)
def _no_planner_statistics(monkeypatch: pytest.MonkeyPatch) -> None:
    """ANALYZE waits for the test's own transaction."""
    for module in (matching_run, reminders, pages):
        monkeypatch.setattr(module, "settle", lambda: None)


def values(rows: list[Row]) -> dict[str, float]:
    return {row.figure: row.value for row in rows}


def test_matching_core_proves_its_results() -> None:
    found = values(matching_core.run(20))
    assert (found["pairs"], found["results not proven best"]) == (20, 0)


def test_matching_aims_hold() -> None:
    assert values(matching_aims.run(20))["answers that do not hold"] == 0


@pytest.mark.django_db(transaction=True)
def test_matching_run_stores_proposals(sent_tasks: list[Any]) -> None:
    found = values(matching_run.run(10))
    assert found["proposals stored"] >= 9


@pytest.mark.django_db
def test_reminders_are_planned_once(sent_tasks: list[Any]) -> None:
    found = values(reminders.run(10))
    assert found["a reminder is due to every pair: mails written"] > 10
    assert found["nothing new is due: mails written"] == 0


@pytest.mark.django_db(transaction=True)
def test_pages_need_no_more_statements_for_more_rows(sent_tasks: list[Any]) -> None:
    few, many = pages.two_sizes()
    more = {page.label: many.statements(page) - few.statements(page) for page in pages.ALL_PAGES}
    assert {label: number for label, number in more.items() if number > 0} == {}


@pytest.mark.parametrize("shot", shots.SHOTS, ids=lambda shot: shot.name)
def test_every_picture_has_its_route(shot: shots.Shot) -> None:
    assert shot.route in get_resolver().reverse_dict


def test_a_benchmark_is_a_module_with_run() -> None:
    assert {name for name in BENCHMARKS if not (ROOT / "benchmarks" / f"{name}.py").exists()} == set()


def test_table_says_whether_a_target_is_met() -> None:
    rows = [("import", Row("memory", 612.4, "MB", at_most=500)), ("import", Row("time", 0.25, "s"))]
    assert harness.table(rows).splitlines() == [
        "| Benchmark | Figure | Value | Unit | Target              |",
        "| --------- | ------ | ----: | ---- | ------------------- |",
        "| import    | memory |   612 | MB   | at most 500: missed |",
        "| import    | time   |  0.25 | s    |                     |",
    ]


def test_the_environment_of_a_running_demo_is_needed(tmp_path: Path) -> None:
    (tmp_path / "engines.json").write_text(json.dumps({"DATABASE_URL": "postgresql://somebody"}))
    with pytest.raises(shots.ShotsError, match="Another command uses"):
        shots._environment(tmp_path)


def read_variables() -> set[str]:
    """Names in `os.environ.get("X")`, `flag("X")` of the settings, and in the deployment's files."""
    found: set[Any] = set()
    for call in ast.walk(ast.parse((ROOT / "mentoring" / "settings.py").read_text())):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"os.environ.get", "flag"}:
            found |= {argument.value for argument in call.args[:1] if isinstance(argument, ast.Constant)}
    for name in ("docker-compose.yml", "deploy/entrypoint.sh", "deploy/gunicorn.py"):
        text = (ROOT / name).read_text()
        found |= set(re.findall(r"\$\{([A-Z][A-Z_]+)", text))
        found |= set(re.findall(r"environ\.get\(['\"]([A-Z_]+)", text))
    return found


def test_every_setting_is_named_in_the_readme() -> None:
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", README))
    assert read_variables() - named == set()


def test_the_readme_names_no_setting_that_is_gone() -> None:
    tables = README[README.index("## Configuration") : README.index("Of `make`")]
    first_cells = [line.split("|")[1] for line in tables.splitlines() if line.startswith("| `")]
    named = {name for cell in first_cells for name in re.findall(r"`([A-Z][A-Z_]+)`", cell)}
    assert named - read_variables() == set()


def test_links_between_documents_lead_somewhere() -> None:
    missing = []
    for document in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text()):
            if not target.startswith("http") and not (document.parent / target).exists():
                missing.append((document.name, target))
    assert missing == []
