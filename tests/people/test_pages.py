import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.test.utils import CaptureQueriesContext

from mentoring.models import Person, RosterImport
from tests.cast import Cast

PEOPLE = "/o/northwind/people/"
ROSTER = b"Employee ID,Name,Work Email,Gender\nE70,Ana Ruiz,ana@northwind.example,x\nE71,Uma Rao,nonsense,x\n"


@pytest.fixture
def champion(northwind: Cast, sign_in: Any) -> Client:
    return sign_in(northwind.champion)


def upload(client: Client, content: bytes = ROSTER, name: str = "roster.csv") -> Any:
    return client.post(f"{PEOPLE}import/", {"file": SimpleUploadedFile(name, content)})


@pytest.fixture
def read(run_tasks: Any):
    """`read(client, content)`: upload a file and have a worker look at it; the address of the import."""

    def uploaded(client: Client, content: bytes = ROSTER) -> str:
        responses: list[Any] = []
        run_tasks(lambda: responses.append(upload(client, content)))
        assert responses[0].status_code == 302
        return str(responses[0].url)

    return uploaded


def names(response: Any) -> list[str]:
    return [person.name for person in response.context["page"].object_list]


def test_people_list_shows_everybody_by_name(champion: Client):
    assert names(champion.get(PEOPLE)) == ["Grace Kim", "Henrik Lund", "Amara Osei", "Jun Park"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=amara+analyst", ["Amara Osei"]),
        ("q=E3", ["Henrik Lund"]),
        ("q=100%25", []),
        ("location=Oslo", ["Henrik Lund"]),
        ("level=6&sort=-name", ["Henrik Lund", "Grace Kim"]),
        ("status=left", []),
        ("sort=location", ["Grace Kim", "Amara Osei", "Henrik Lund", "Jun Park"]),
        ("sort=-level", ["Grace Kim", "Henrik Lund", "Amara Osei", "Jun Park"]),
        ("location=Atlantis&sort=password&page=99", ["Grace Kim", "Henrik Lund", "Amara Osei", "Jun Park"]),
    ],
)
def test_people_list_searches_filters_and_sorts(champion: Client, query: str, expected: list[str]):
    assert names(champion.get(f"{PEOPLE}?{query}")) == expected


def test_people_list_shows_no_other_tenant(champion: Client, fabrikam: Cast):
    assert len(names(champion.get(PEOPLE))) == 4


def test_people_list_as_fragment(champion: Client):
    response = champion.get(PEOPLE, headers={"HX-Request": "true"})
    assert response.content.decode().strip().startswith('<section class="card" id="people"')


def test_people_list_costs_the_same_queries_for_more_people(
    northwind: Cast, champion: Client, django_assert_num_queries: Any
):
    with CaptureQueriesContext(
        connection,
    ) as few:
        champion.get(PEOPLE)
    with northwind.scope():
        boss = northwind.people["boss"]
        for number in range(20):
            Person.objects.create(employee_id=f"X{number}", last_name=f"N{number}", manager=boss)
    with django_assert_num_queries(len(few)):
        assert len(names(champion.get(PEOPLE))) == 24


def test_person_page(northwind: Cast, champion: Client):
    page = champion.get(f"{PEOPLE}{northwind.people['boss'].pk}/")
    assert [person.name for person in page.context["reports"]] == ["Amara Osei"]
    assert page.context["reports_number"] == 1
    assert names(champion.get(f"{PEOPLE}?manager={northwind.people['boss'].pk}")) == ["Amara Osei"]
    assert ("Job title", "Chief HR Officer") in [(str(k), v) for k, v in page.context["facts"]]


@pytest.mark.parametrize("path", ["", "import/"])
def test_people_pages_are_for_champions(northwind: Cast, fabrikam: Cast, sign_in: Any, path: str):
    assert sign_in(northwind.overseer).get(PEOPLE + path).status_code == 403
    assert sign_in(fabrikam.champion).get(PEOPLE + path).status_code == 404


def test_person_of_another_tenant_is_not_found(northwind: Cast, fabrikam: Cast, champion: Client):
    assert champion.get(f"{PEOPLE}{fabrikam.people['boss'].pk}/").status_code == 404


def test_import_in_four_steps(northwind: Cast, champion: Client, run_tasks: Any, read: Any):
    here = read(champion)
    assert champion.get(here).url == f"{here}columns/"
    columns = champion.get(f"{here}columns/")
    assert [row["sensitive"] for row in columns.context["rows"]] == ["", "", "", "gender or orientation"]
    chosen = {"column_0": "employee_id", "column_1": "full_name", "column_2": "email", "day_first": "1"}
    assert run_tasks(lambda: champion.post(f"{here}columns/", chosen)) == ["mentoring.run_roster_import"]
    check = champion.get(here)
    assert "is not an e-mail address" in check.content.decode()
    errors = champion.get(f"{here}errors.csv")
    assert errors.content.decode("utf-8-sig").splitlines()[1:] == [
        "3,Work Email,nonsense,is not an e-mail address"
    ]

    run_tasks(lambda: champion.post(f"{here}apply/", {"skip_bad_rows": "on"}))
    done = champion.get(here).content.decode()
    assert "1 new, 0 changed, 0 unchanged" in done
    assert "1 of 2 rows were skipped" in done
    with northwind.scope():
        assert Person.objects.filter(employee_id__in=["E70", "E71"]).count() == 1
    assert [item.file.name for item in champion.get(f"{PEOPLE}import/").context["page"]] == ["roster.csv"]


def test_import_shows_progress_while_it_waits(champion: Client, read: Any, sent_tasks: list[Any]):
    here = read(champion)
    chosen = {"column_0": "employee_id", "column_1": "full_name", "day_first": "1"}
    assert champion.post(f"{here}columns/", chosen, follow=False).url == here
    assert 'data-hx-trigger="load delay:1s"' in champion.get(here).content.decode()
    fragment = champion.get(here, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    champion.post(f"{here}cancel/")
    ended = champion.get(here, headers={"HX-Request": "true"})
    assert (ended.status_code, ended["HX-Refresh"]) == (204, "true")
    assert "Cancelled. Nothing has been changed." in champion.get(here).content.decode()


def test_upload_is_read_by_a_worker_while_the_page_waits(
    northwind: Cast, champion: Client, run_tasks: Any, sent_tasks: list[Any]
):
    here = upload(champion).url
    page = champion.get(here).content.decode()
    assert 'data-hx-trigger="load delay:1s"' in page
    assert '<meta http-equiv="refresh" content="3">' in page
    assert champion.get(f"{here}columns/").url == here
    sent_tasks.append((RosterImport.TASK, (northwind.organization.pk, int(here.split("/")[-2]))))
    run_tasks()
    done = champion.get(here, headers={"HX-Request": "true"})
    assert (done.status_code, done["HX-Refresh"]) == (204, "true")
    assert champion.get(here).url == f"{here}columns/"


def test_upload_that_is_stopped_while_it_waits(northwind: Cast, champion: Client, sent_tasks: list[Any]):
    here = upload(champion).url
    champion.post(f"{here}cancel/")
    page = champion.get(here).content.decode()
    assert "Cancelled. Nothing has been changed." in page
    assert "Choose another file" in page
    assert "Back to the columns" not in page
    with northwind.scope():
        assert bytes(RosterImport.objects.get().file.content) == b""


def test_upload_sent_twice_is_one_import(northwind: Cast, champion: Client, read: Any):
    here = read(champion)
    assert upload(champion).url == here
    assert upload(champion, ROSTER + b"E72,Tom Fry,tom@northwind.example,x\n").url != here


def test_upload_while_three_files_wait(
    northwind: Cast, fabrikam: Cast, champion: Client, sign_in: Any, sent_tasks: list[Any]
):
    for number in range(3):
        assert upload(champion, ROSTER + b"\n" * number).status_code == 302
    fourth = upload(champion, ROSTER + b"\n" * 3)
    assert fourth.status_code == 422
    assert "3 files are being worked on already." in fourth.content.decode()
    response = sign_in(fabrikam.champion).post(
        "/o/fabrikam/people/import/", {"file": SimpleUploadedFile("roster.csv", ROSTER)}
    )
    assert response.status_code == 302


def test_import_with_a_mapping_that_tells_nobody_apart(champion: Client, read: Any):
    response = champion.post(f"{read(champion)}columns/", {"column_1": "full_name", "day_first": "1"})
    assert response.status_code == 422
    assert "people are told apart by it" in response.content.decode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04 not really", "This is a ZIP archive or damaged"),
        (bytes(range(256)) * 100, "it holds binary data"),
    ],
)
def test_upload_of_what_is_no_list_says_why(
    northwind: Cast, champion: Client, read: Any, content: bytes, message: str
):
    here = read(champion, content)
    page = champion.get(here).content.decode()
    assert message in page
    assert "Choose another file" in page
    assert champion.get(f"{here}columns/").url == here
    assert "Not read" in champion.get(f"{PEOPLE}import/").content.decode()


def test_upload_of_an_empty_file(northwind: Cast, champion: Client):
    response = upload(champion, b"")
    assert (response.status_code, "The file is empty" in response.content.decode()) == (422, True)
    with northwind.scope():
        assert RosterImport.objects.count() == 0


def test_upload_without_a_file(champion: Client):
    response = champion.post(f"{PEOPLE}import/")
    assert (response.status_code, "Choose a file first." in response.content.decode()) == (422, True)


def test_upload_over_the_limit_is_read_past(champion: Client, settings: Any):
    settings.UPLOAD_LIMIT_BYTES = 100_000
    for size in (100_001, 400_000):
        response = upload(champion, b"x," * (size // 2 + 1))
        assert response.status_code == 422
        assert "up to 97.7\xa0KB can be read" in response.content.decode()


def test_upload_whose_end_the_web_server_dropped_gets_the_same_page(champion: Client, settings: Any):
    """Of a body announced far over the limit only the beginning reaches the page (mentoring/serving.py)."""
    form = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("roster.csv", b"x," * 200_000)})
    settings.UPLOAD_LIMIT_BYTES = 100_000
    response = champion.generic(
        "POST",
        f"{PEOPLE}import/",
        CONTENT_TYPE=MULTIPART_CONTENT,
        CONTENT_LENGTH=str(len(form)),
        **{"wsgi.input": io.BytesIO(form[:65_536])},
    )
    assert response.status_code == 422
    assert "up to 97.7\xa0KB can be read" in response.content.decode()


@pytest.mark.parametrize("path", ["imports/{}/", "imports/{}/columns/", "imports/{}/errors.csv"])
def test_import_of_another_tenant_is_not_found(northwind: Cast, fabrikam: Cast, sign_in: Any, path: str):
    pk = upload(sign_in(northwind.champion)).url.split("/")[-2]
    other = sign_in(fabrikam.champion)
    assert other.get(PEOPLE + path.format(pk)).status_code == 404
    assert other.get("/o/fabrikam/people/" + path.format(pk)).status_code == 404
