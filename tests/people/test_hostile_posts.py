"""Uploads and mappings as no browser sends them: each gets a page, none of them an error of ours."""

import time
from typing import Any

import pytest
from django.test import Client

from mentoring.models import RosterImport, StoredFile
from tests.cast import Cast
from tests.exchange.files import xlsx_bytes

UPLOAD = "/o/northwind/people/import/"
LINE = "a-line-between-parts"
LIST = b"Employee ID,Name\nE70,Ana Ruiz\n"


@pytest.fixture
def champion(northwind: Cast, sign_in: Any) -> Any:
    return sign_in(northwind.champion)


def part(head: str, content: bytes = b"") -> bytes:
    return f"--{LINE}\r\n{head}\r\n\r\n".encode() + content + b"\r\n"


def file_part(name: str, content: bytes = LIST) -> bytes:
    return part(f'Content-Disposition: form-data; name="file"; filename="{name}"', content)


def send(client: Client, body: bytes, kind: str = f"multipart/form-data; boundary={LINE}") -> Any:
    client.raise_request_exception = False
    return client.generic("POST", UPLOAD, body + f"--{LINE}--\r\n".encode(), content_type=kind)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\people.csv", "people.csv"),
        ("a\0b\u202e\u0007.csv", "ab.csv"),
        ("&#10;x&lt;b&gt;.csv", "x<b>.csv"),
        ("x" * 700 + ".csv", "x" * 196 + ".csv"),
        ("=cmd|' /c calc'!A0", "c calc'!A0"),
    ],
)
def test_name_of_a_file_is_one_harmless_line(
    northwind: Cast, champion: Client, sent_tasks: list[Any], name: str, kept: str
) -> None:
    response = send(champion, file_part(name))
    assert response.status_code == 302
    with northwind.scope():
        assert StoredFile.objects.get().name == kept
    assert champion.get(response.url).status_code == 200


@pytest.mark.parametrize("name", ["", ".", "..", "/", "\0"])
def test_file_without_a_name_is_no_file(champion: Client, name: str) -> None:
    response = send(champion, file_part(name))
    assert (response.status_code, "Choose a file first." in response.content.decode()) == (422, True)


REFUSED = {
    "many small parts": part("X: y") * 200_000,
    "many fields": b"".join(part(f'Content-Disposition: form-data; name="a{n}"', b"1") for n in range(5000)),
    "a head without end": f"--{LINE}\r\n".encode() + b"x" * 1_000_000,
    "a head of many lines": f"--{LINE}\r\n".encode() + b"X: y\r\n" * 100_000,
    "a field of megabytes": part('Content-Disposition: form-data; name="a"', b"x" * 5_000_000),
    "no part at all": b"x" * 1_000_000,
    "many files": file_part("people.csv") * 200,
    "base64 that is none": part(
        'Content-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Transfer-Encoding: base64',
        b"a" * 5,
    ),
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_form_that_no_browser_sends_is_refused_quickly(
    northwind: Cast, champion: Client, body: bytes
) -> None:
    began = time.process_time()
    response = send(champion, body)
    assert response.status_code in {400, 413, 422}
    assert "Something went wrong on our side" not in response.content.decode()
    assert time.process_time() - began < 20
    with northwind.scope():
        assert StoredFile.objects.count() == 0


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=" + "b" * 5000,
        "multipart/form-data; boundary=\xff",
        f"multipart/form-data; boundary={LINE}; charset=utf-7",
        f"multipart/form-data; boundary={LINE}; charset=nonsense",
        "application/json",
        "",
    ],
)
def test_form_of_another_kind_is_refused(champion: Client, kind: str) -> None:
    response = send(champion, part('Content-Disposition: form-data; name="a"', b"1"), kind)
    assert response.status_code in {400, 422}


def mapping_page_of(client: Client, run_tasks: Any, headings: list[str]) -> str:
    answers: list[Any] = []
    content = xlsx_bytes([headings, ["x"] * len(headings)])
    run_tasks(lambda: answers.append(send(client, file_part("wide.xlsx", content))))
    return str(client.get(answers[0].url).url)


def test_mapping_of_the_widest_file_is_a_page(champion: Client, run_tasks: Any) -> None:
    headings = [f"{n:03} " + "heading " * 100 for n in range(400)]
    page = mapping_page_of(champion, run_tasks, headings)
    began = time.process_time()
    response = champion.get(page)
    assert time.process_time() - began < 20
    assert response.content.decode().count(' name="column_') == 400


HOSTILE: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a meaning that is none": {"column_0": "password"},
    "columns that are none": {"column_400": "email", "column_-1": "email", "column_99999999999": "email"},
    "all the same": {f"column_{n}": "email" for n in range(3)},
    "several for one": {"column_0": ["email", "employee_id", "x"]},
    "a NUL": {"column_0": "em\0ail", "name": "a\0b"},
    "a list": {"column_0": "['email']"},
    "a long name": {"column_0": "email", "name": "x" * 100_000},
    "another order of dates": {"column_0": "email", "day_first": "x"},
    "thousands": {f"column_{n}": "email" for n in range(1900)},
    "more than a form has": {f"column_{n}": "email" for n in range(5000)},
}


@pytest.mark.parametrize("posted", HOSTILE.values(), ids=HOSTILE.keys())
def test_mapping_that_no_browser_sends_is_refused(
    northwind: Cast, champion: Client, run_tasks: Any, posted: dict[str, Any]
) -> None:
    mapping_page = mapping_page_of(champion, run_tasks, ["ID", "Name", "Place"])
    champion.raise_request_exception = False
    began = time.process_time()
    response = champion.post(mapping_page, posted)
    assert response.status_code in {400, 422}
    assert time.process_time() - began < 20
    with northwind.scope():
        found = RosterImport.objects.get()
        assert (found.phase, found.status) == ("map", "done")
    assert champion.get(mapping_page).status_code == 200
