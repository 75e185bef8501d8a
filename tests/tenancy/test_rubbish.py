"""Rubbish in addresses, queries and forms, for every URL there is and every one to come: an answer for the
user, never a broken page. What PostgreSQL refuses: NUL in text, and numbers that no column can hold."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.db import transaction
from django.test import Client

from programs.enums import CohortStatus
from programs.models import Cohort
from tests.cast import Cast
from tests.tenancy.ids import ids_of, mentor_user
from tests.tenancy.test_urls import ROUTES, WORDS, Route

TOO_BIG = "99999999999999999999"
RUBBISH = ("a\0b", TOO_BIG, "-1", "9999-12-31", "NaN", "\u202e\U0001f600\ufffe", "x" * 20_000)
OTHER = {"token": "e30:a:b", "box": "northwind", "message_id": 1}
# Read by views outside a form.
LOOSE_KEYS = {"choose", "cohort", "other", "page", "person", "plan", "run", "sponsor", "tab"}


class Forms(HTMLParser):
    """The POST forms of a page: (action, the values that stand in them)."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.fields: dict[str, str] | None = None
        self.select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.fields = {} if given.get("method") == "post" else None
            if self.fields is not None:
                self.found.append((given.get("action", ""), self.fields))
        elif self.fields is not None:
            self._take(tag, given, self.fields)

    def _take(self, tag: str, given: dict[str, str], fields: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "select":
            self.select = name
        elif tag == "option" and ("selected" in given or not fields.get(self.select)):
            fields[self.select] = given.get("value", "")
        elif tag in ("input", "button", "textarea") and name and name != "csrfmiddlewaretoken":
            fields.setdefault(name, given.get("value", "on" if given.get("type") == "checkbox" else ""))


def answer(client: Client, method: str, url: str, data: Any = None, **more: Any) -> Any:
    """The response; whatever it changed is undone, its deferred constraints checked."""
    client.raise_request_exception = False
    with transaction.atomic():
        response = getattr(client, method)(url, data, **more)
        transaction.set_rollback(True)
    return response


def query_keys() -> list[str]:
    def below(form: Any) -> Iterator[Any]:
        yield form
        for other in form.__subclasses__():
            yield from below(other)

    found = {name for form in below(forms.Form) for name in getattr(form, "base_fields", {})}
    return sorted(found | LOOSE_KEYS)


@pytest.fixture
def browsers(northwind: Cast, sign_in: Any, settings: Any) -> dict[str, Client]:
    """Who gets furthest, by the guard's kind."""
    settings.DEMO = True
    owner, mentor = sign_in(northwind.owner), sign_in(mentor_user(northwind))
    members = {"participant": mentor, "member": owner, "invited": mentor}
    return members | {"signed_in": owner, "public": owner, "signed": Client()}


def test_numbers_too_big_are_404(northwind: Cast, browsers: dict[str, Client]) -> None:
    ids = {**ids_of(northwind), **WORDS, **OTHER}
    numbers = [
        (route, argument)
        for route in ROUTES
        for argument in route.arguments
        if argument not in ("organization", "token", "box", *WORDS)
    ]
    wrong = {}
    for route, argument in numbers:
        url = route.url(ids, **{argument: TOO_BIG})
        codes = {answer(browsers[route.guard.kind], method, url).status_code for method in ("get", "post")}
        if not codes <= {404, 405}:
            wrong[url] = codes
    assert len(numbers) > 40
    assert wrong == {}


@pytest.mark.parametrize("rubbish", RUBBISH[:4])
def test_rubbish_in_queries_breaks_no_page(
    northwind: Cast, browsers: dict[str, Client], rubbish: str
) -> None:
    ids = {**ids_of(northwind), **WORDS, **OTHER}
    query = urlencode(dict.fromkeys(query_keys(), rubbish))
    broken = []
    for route in ROUTES:
        headers = {"hx-request": "true"} if rubbish == TOO_BIG else {}
        response = answer(browsers[route.guard.kind], "get", f"{route.url(ids)}?{query}", headers=headers)
        if response.status_code >= 500:
            broken.append(route.path)
    assert broken == []


def forms_of(route: Route, client: Client, ids: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    url = route.url(ids)
    page = answer(client, "get", url)
    if page.status_code == 200 and page["Content-Type"].startswith("text/html"):
        for action, fields in Forms(page.content.decode()).found:
            if "logout" not in action:
                yield action or url, fields


def tries_of(fields: dict[str, str]) -> Iterator[dict[str, str]]:
    """Each field alone with what PostgreSQL refuses, or with a day too late; then all of them too long."""
    for name, value in fields.items():
        yield {**fields, name: "9999-12-31" if value[4:5] == "-" else RUBBISH[0]}
    yield dict.fromkeys(fields, TOO_BIG)
    yield dict.fromkeys(fields, RUBBISH[-1])


def test_rubbish_in_forms_breaks_no_page(
    northwind: Cast, browsers: dict[str, Client], sent_tasks: Any
) -> None:
    ids = {**ids_of(northwind), **WORDS, **OTHER}
    broken, seen = [], set()
    for status in (CohortStatus.ENROLLING, CohortStatus.RUNNING, CohortStatus.MATCHING):
        with northwind.scope():
            Cohort.objects.update(status=status)
        for route in ROUTES:
            client = browsers[route.guard.kind]
            for action, fields in list(forms_of(route, client, ids)):
                if (action, *fields) not in seen:
                    seen.add((action, *fields))
                    codes = [answer(client, "post", action, data).status_code for data in tries_of(fields)]
                    broken += [(action, code) for code in codes if code >= 500]
    assert len(seen) > 15
    assert broken == []


@pytest.mark.parametrize(
    "page", ["signup", "login", "login/code", "password/reset", "confirm-email", "reauthenticate"]
)
def test_rubbish_in_account_pages(page: str, client: Client, db: None, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    names = ("login", "email", "password", "password1", "name", "code", "action", "next")
    names += ("organization_name", "organization_slug", "time_zone")
    url = f"/accounts/{page}/"
    tries = [dict.fromkeys(names, rubbish) for rubbish in RUBBISH]
    tries += [{**dict.fromkeys(names, "ada@x.example"), name: RUBBISH[0]} for name in names]
    codes = {answer(client, "post", url, data).status_code for data in tries}
    assert {code for code in codes if code >= 500} == set()


def test_bodies_of_another_kind(northwind: Cast, browsers: dict[str, Client]) -> None:
    """A body of JSON, or one that says it has parts and has none, is an empty form."""
    url, owner = "/o/northwind/members/invite/", browsers["member"]
    for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain", "multipart/form-data"):
        response = answer(owner, "post", url, b'{"email": "a@b.example"}', content_type=kind)
        assert (kind, response.status_code) in {(kind, 200), (kind, 400), (kind, 422)}
