"""The import end to end: actions and worker, pages, command, and the real files where they are."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from mentoring.models import AuditEvent, ColumnMapping, Person
from mentoring.rules import NotAllowed
from programs.actions.response_import import (
    apply_response_import,
    choose_response_mapping,
    start_response_import,
)
from programs.enums import PairRole
from programs.models import Answer, Participant, Questionnaire, Response, ResponseImport
from programs.queries.responses import features_of_cohort, latest_response, values_of
from tests.cast import Cast
from tests.programs.answering import definition, ready_to_answer
from tests.realdata import FOLDER, FORM_EXPORTS, needs

FILE = (
    "Email,Name,Country,Which tools can you show?,Where do you work?,How do you feel (0-10)?,Years of work\n"
    "New.Person@northwind.example,New Person,Ghana,C;C++,Remote,7.0,21.0\n"
    "amara.osei@northwind.example,Amara Osei,Nigeria,C#,In the office,,3\n"
)
UNKNOWN = FILE + "other@northwind.example,Other One,,Rust;C,Moon,1,2\n"
BAD = FILE + "henrik.lund@northwind.example,Henrik,,,,11,\n"

Run = Callable[..., list[str]]


@pytest.fixture
def cast(northwind: Cast, fabrikam: Cast) -> Cast:
    """Northwind's program has its questionnaires; so has Fabrikam's, with answers imported."""
    for one in (northwind, fabrikam):
        with one.scope():
            ready_to_answer(one)
    return northwind


def imported(cast: Cast, run_tasks: Run, text: str = FILE, **options: bool) -> ResponseImport:
    """Through all four steps; as far as they go."""

    def first() -> None:
        with cast.scope():
            start_response_import(
                cohort=cast.cohort,
                role=PairRole.MENTOR,
                name="answers.csv",
                content=text.encode(),
                by=cast.by,
            )

    def second() -> None:
        with cast.scope():
            found = ResponseImport.objects.select_related("cohort__program").latest("id")
            choose_response_mapping(response_import=found, mapping=found.mapping, by=cast.by)

    def third() -> None:
        with cast.scope():
            found = ResponseImport.objects.select_related("cohort__program").latest("id")
            given = {"add_choices": False, "skip_bad_rows": False} | options
            apply_response_import(response_import=found, by=cast.by, **given)

    run_tasks(first)
    run_tasks(second)
    if options.pop("apply", True):
        run_tasks(third)
    with cast.scope():
        return ResponseImport.objects.select_related("cohort__program").latest("id")


def state(cast: Cast) -> dict[str, Any]:
    """All that an import may change, ids included."""
    with cast.scope():
        return {
            "people": list(Person.objects.order_by("id").values()),
            "participants": list(Participant.objects.order_by("id").values()),
            "responses": list(Response.objects.order_by("id").values()),
            "answers": list(Answer.objects.order_by("id").values("id", "text", "number", "selected__choice")),
            "questionnaires": list(Questionnaire.objects.order_by("id").values()),
        }


def test_import_creates_people_participants_and_answers(cast: Cast, run_tasks: Run, fabrikam: Cast) -> None:
    elsewhere = state(fabrikam)
    done = imported(cast, run_tasks)
    assert (done.status, done.error) == ("done", "")
    assert {key: done.counts[key] for key in ("rows", "people_new", "people_known", "participants_new")} == {
        "rows": 2,
        "people_new": 1,
        "people_known": 1,
        "participants_new": 1,
    }
    with cast.scope():
        person = Person.objects.get(email="new.person@northwind.example")
        assert (person.first_name, person.last_name, person.country, person.employee_id) == (
            "New",
            "Person",
            "Ghana",
            None,
        )
        assert Person.objects.get(pk=cast.people["mentor"].pk).country == "Nigeria"
        participant = Participant.objects.get(person=person)
        assert (participant.role, participant.status) == ("mentor", "joined")
        assert participant.joined_at == participant.answered_at is not None
        assert values_of(latest_response(participant), definition(cast)) == {
            "tools": ("c", "c-plus-plus"),
            "place": "remote",
            "mood": 7,
            "years": 21,
        }
        assert values_of(latest_response(cast.mentor), definition(cast)) == {
            "tools": ("c-sharp",),
            "place": "office",
            "years": 3,
        }
        assert set(Response.objects.values_list("status", flat=True)) == {"submitted"}
        assert AuditEvent.objects.get(action="responses.imported").by == cast.champion.email
        assert ColumnMapping.objects.get().kind == "responses.mentor"
    assert state(fabrikam) == elsewhere


def test_importing_the_same_file_twice_changes_nothing(cast: Cast, run_tasks: Run) -> None:
    imported(cast, run_tasks, UNKNOWN, add_choices=True)
    before = state(cast)
    again = imported(cast, run_tasks, UNKNOWN, add_choices=True)
    assert (again.counts["unchanged"], again.counts["answers_written"]) == (3, 0)
    assert state(cast) == before


def test_import_with_unknown_choices_refused(cast: Cast, run_tasks: Run) -> None:
    before = state(cast)
    checked = imported(cast, run_tasks, UNKNOWN, apply=False)
    assert [(item["key"], item["choices"]) for item in checked.report["unknown"]] == [
        ("tools", [["Rust", 1]]),
        ("place", [["Moon", 1]]),
    ]
    counts = checked.counts
    assert (counts["choice_errors"], counts["errors"], counts["participants_new"]) == (2, 0, 2)
    with cast.scope(), pytest.raises(NotAllowed, match="has errors"):
        apply_response_import(response_import=checked, add_choices=False, skip_bad_rows=False, by=cast.by)
    assert state(cast) == before


def test_import_adds_unknown_choices_as_the_next_version(cast: Cast, run_tasks: Run) -> None:
    imported(cast, run_tasks)
    done = imported(cast, run_tasks, UNKNOWN, add_choices=True)
    assert done.counts["choices_added"] == 2
    with cast.scope():
        versions = Questionnaire.objects.filter(audience="mentor").order_by("version")
        assert list(versions.values_list("version", "status")) == [(1, "superseded"), (2, "published")]
        other = Participant.objects.get(person__email="other@northwind.example")
        assert values_of(latest_response(other), definition(cast))["tools"] == ("c", "rust")
        found = features_of_cohort(cast.cohort)[PairRole.MENTOR]
        assert found.choices["tools"][cast.mentor.pk] == ["c-sharp"]
        assert len(found.choices["tools"]) == 3


def test_import_over_answers_given_by_hand(cast: Cast, run_tasks: Run) -> None:
    from programs.actions.responses import save_answers

    with cast.scope():
        save_answers(participant=cast.mentor, values={"motto": "Mine", "mood": 2}, by=cast.by)
    imported(cast, run_tasks)
    with cast.scope():
        assert values_of(latest_response(cast.mentor), definition(cast)) == {
            "tools": ("c-sharp",),
            "place": "office",
            "motto": "Mine",
            "mood": 2,
            "years": 3,
        }


def test_import_with_an_error_changes_nothing_unless_bad_rows_are_skipped(cast: Cast, run_tasks: Run) -> None:
    before = state(cast)
    checked = imported(cast, run_tasks, BAD, apply=False)
    assert [error[:4] for error in checked.report["errors"]] == [
        [4, "Email", "henrik.lund@northwind.example", "takes part in this cohort as a mentee already"],
        [4, "How do you feel (0-10)?", "11", "must be a whole number from 0 to 10"],
    ]
    assert state(cast) == before
    imported(cast, run_tasks, BAD, skip_bad_rows=True)
    with cast.scope():
        assert Response.objects.count() == 2


def test_import_that_fails_midway_leaves_nothing(
    cast: Cast, run_tasks: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("disk full")

    before = state(cast)
    monkeypatch.setattr("programs.actions.import_answers.write_answers", fail)
    failed = imported(cast, run_tasks)
    assert (failed.status, failed.applied_at) == ("failed", None)
    assert state(cast) == before


def test_upload_of_rubbish(cast: Cast, run_tasks: Run, sign_in: Any) -> None:
    client: Client = sign_in(cast.champion)
    here = uploaded(cast, client, run_tasks, bytes(range(256)) * 20)
    html = client.get(here).content.decode()
    assert "it holds binary data" in html
    assert "Choose another file" in html
    with cast.scope():
        assert bytes(ResponseImport.objects.get().file.content) == b""


@pytest.mark.parametrize("status", ["running", "closed"])
def test_start_response_import_after_publication(cast: Cast, status: str) -> None:
    cast.cohort.status = status
    with cast.scope(), pytest.raises(NotAllowed, match="published"):
        start_response_import(
            cohort=cast.cohort,
            role=PairRole.MENTOR,
            name="x.csv",
            content=FILE.encode(),
            by=cast.by,
        )


# Pages.


def url(cast: Cast, name: str, *more: Any) -> str:
    return reverse(name, args=[cast.organization.slug, cast.cohort.pk, *more])


def uploaded(cast: Cast, client: Client, run_tasks: Run, content: bytes) -> str:
    """Upload a file and have a worker look at it; the address of the import."""
    responses: list[Any] = []

    def post() -> None:
        file = SimpleUploadedFile("answers.csv", content)
        responses.append(client.post(url(cast, "response_imports"), {"role": "mentor", "file": file}))

    run_tasks(post)
    return str(responses[0]["Location"])


def test_pages_from_upload_to_applied(cast: Cast, run_tasks: Run, sign_in: Any) -> None:
    client: Client = sign_in(cast.champion)
    here = uploaded(cast, client, run_tasks, UNKNOWN.encode())
    with cast.scope():
        pk = ResponseImport.objects.get().pk
    assert here == url(cast, "response_import", pk)
    response = client.get(here)
    assert response["Location"] == url(cast, "response_import_map", pk)
    html = client.get(response["Location"]).content.decode()
    assert '<option value="question:tools" selected>Which tools can you show?</option>' in html
    chosen = dict(enumerate(["person:email", "person:full_name", "", "question:tools", "question:place"]))
    posted = {f"column_{index}": target for index, target in chosen.items()}
    run_tasks(client.post, url(cast, "response_import_map", pk), posted | {"name": "Our form"})
    html = client.get(url(cast, "response_import", pk)).content.decode()
    assert "Choices the questionnaire does not know" in html
    assert "Rust <span" in html
    errors = client.get(url(cast, "response_import_errors", pk)).content.decode()
    assert "4,Where do you work?,Moon,is not among the choices of the question" in errors
    run_tasks(client.post, url(cast, "response_import_apply", pk), {"choices": "add"})
    html = client.get(url(cast, "response_import", pk)).content.decode()
    assert "6 answers of 3 people" in html
    assert "2 choices were added" in html
    assert "Applied" in client.get(url(cast, "response_imports")).content.decode()


def test_upload_without_a_file_or_role(cast: Cast, sign_in: Any) -> None:
    client: Client = sign_in(cast.champion)
    response = client.post(url(cast, "response_imports"), {"role": "mentor"})
    assert response.status_code == 422
    assert "Choose a file first." in response.content.decode()
    response = client.post(url(cast, "response_imports"), {})
    assert response.status_code == 422
    assert "Choose who answered" in response.content.decode()


def test_mapping_without_an_address_is_refused(cast: Cast, run_tasks: Run, sign_in: Any) -> None:
    client: Client = sign_in(cast.champion)
    here = uploaded(cast, client, run_tasks, FILE.encode())
    response = client.post(f"{here}columns/", {"column_3": "question:tools"})
    assert response.status_code == 422
    assert "Choose the column with the e-mail addresses" in response.content.decode()


def test_pages_for_others(cast: Cast, fabrikam: Cast, run_tasks: Run, sign_in: Any) -> None:
    pk = imported(cast, run_tasks, apply=False).pk
    names = ["response_import", "response_import_map", "response_import_errors"]
    for name in names:
        assert sign_in(fabrikam.champion).get(url(cast, name, pk)).status_code == 404
        assert sign_in(cast.overseer).get(url(cast, name, pk)).status_code == 403
    assert sign_in(cast.overseer).get(url(cast, "response_imports")).status_code == 403
    with fabrikam.scope():
        foreign = fabrikam.cohort.pk
    own = reverse("response_import", args=[cast.organization.slug, foreign, pk])
    assert sign_in(cast.champion).get(own).status_code == 404


# Command.


def command(*arguments: Any, **options: Any) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("import_responses", *map(str, arguments), stdout=out, **options)
    except CommandError as error:
        return error.returncode, str(error)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "answers.csv"
    found.write_text(UNKNOWN)
    return found


def test_command_checks_then_imports(cast: Cast, path: Path) -> None:
    before = state(cast)
    code, out = command("northwind", "Autumn 2026", path, "--role", "mentor", "--dry-run", "--json")
    result = json.loads(out)
    assert (code, result["applied"], result["unknown_choices"]) == (
        1,
        False,
        {"tools": {"Rust": 1}, "place": {"Moon": 1}},
    )
    assert [(e["line"], e["column"], e["value"]) for e in result["errors"]] == [
        (4, "Where do you work?", "Moon"),
        (4, "Which tools can you show?", "Rust"),
    ]
    assert command("northwind", cast.cohort.pk, path, "--role", "mentor")[0] == 1
    assert state(cast) == before
    code, out = command("northwind", cast.cohort.pk, path, "--role", "mentor", "--add-choices", "--json")
    assert (code, json.loads(out)["applied"]) == (0, True)
    with cast.scope():
        assert Response.objects.count() == 3
    code, out = command("northwind", cast.cohort.pk, path, "--role", "mentor", "--refuse-choices")
    assert (code, out.splitlines()[-1]) == (0, "Applied.")


@pytest.mark.parametrize(
    ("organization", "cohort", "mapping"),
    [
        ("nowhere", "Autumn 2026", None),
        ("northwind", "Spring", None),
        ("northwind", "Autumn 2026", "None such"),
    ],
)
def test_command_wrong_use(
    cast: Cast, path: Path, organization: str, cohort: str, mapping: str | None
) -> None:
    more = ["--mapping", mapping] if mapping else []
    assert command(organization, cohort, path, "--role", "mentor", *more)[0] == 2


def test_command_with_a_file_that_is_missing(cast: Cast, tmp_path: Path) -> None:
    assert command("northwind", "Autumn 2026", tmp_path / "none.csv", "--role", "mentor")[0] == 2


# The real files.


@pytest.fixture
def technology(northwind: Cast) -> Cast:
    from programs.actions.questionnaires import create_questionnaires_from_template, publish_questionnaire
    from programs.templates_catalog import CATALOGUE

    with northwind.scope():
        template = CATALOGUE["technology_skills"]
        for made in create_questionnaires_from_template(
            program=northwind.program, template=template, by=northwind.by
        ):
            publish_questionnaire(questionnaire=made, by=northwind.by)
        northwind.cohort.status = "enrolling"
        northwind.cohort.save()
        Participant.objects.all().update(status="withdrawn")
    return northwind


@needs(*FORM_EXPORTS)
def test_real_form_exports(technology: Cast) -> None:
    results = {}
    for role in ("mentor", "mentee"):
        file = FOLDER / f"form_export_{role}s.csv"
        arguments = ("northwind", technology.cohort.pk, file, "--role", role, "--add-choices", "--json")
        code, out = command(*arguments)
        results[role] = json.loads(out)
        assert (code, results[role]["errors"]) == (0, [])
        assert results[role]["left_out"] == ["ID"]
        again = json.loads(command(*arguments)[1])
        assert again["counts"]["unchanged"] == again["counts"]["rows"]
    assert [results[role]["counts"]["participants_new"] for role in results] == [276, 469]
    with technology.scope():
        found = features_of_cohort(technology.cohort)
        assert [len(found[role].participant_ids) for role in PairRole] == [276, 469]
        wants = set().union(*found[PairRole.MENTEE].choices["languages"].values())
        shows = set().union(*found[PairRole.MENTOR].choices["languages"].values())
        assert {"c-plus-plus", "c-sharp", "python"} <= wants & shows
        learners = set().union(*(found[PairRole.MENTEE].choices[key] for key in SKILLS))
        assert 469 - len(learners) == 188


SKILLS = [
    "languages",
    "databases",
    "platforms",
    "frameworks",
    "environments",
    "collaboration",
    "communication",
    "ai_models",
]
