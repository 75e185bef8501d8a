"""For every URL there is and every one to come: outsiders get 404, whoever they are and whatever they
guess; insiders get what ROLE_PERMISSIONS says. A new URL argument needs a row in tests/tenancy/ids.py."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from mentoring.enums import Role
from mentoring.models import Membership
from mentoring.tenancy.checks import FOREIGN_PREFIXES, every_view_is_guarded, routed_views
from mentoring.tenancy.guards import Guard
from mentoring.tenancy.permissions import role_has
from tests.cast import Cast
from tests.tenancy.ids import ids_of, mentor_user

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
# Arguments that are words of the product and not rows of a tenant.
WORDS = {"template": "goals_and_interests", "audience": "mentor", "key": "topics"}
# A page that answers something else to its own members when nothing is there yet: reason beside it.
EMPTY_IS_404: frozenset[str] = frozenset(
    {"roster_import_errors", "response_import_errors"}  # no errors, no file of them
)


@dataclass(frozen=True)
class Route:
    path: str
    name: str
    app: str
    guard: Guard

    @property
    def arguments(self) -> list[str]:
        return ARGUMENT.findall(self.path)

    def key(self, argument: str, ids: dict[str, Any]) -> str:
        return f"{self.app}.{argument}" if f"{self.app}.{argument}" in ids else argument

    def url(self, ids: dict[str, Any], **other: Any) -> str:
        """The address with these ids; `other` replaces single arguments."""

        def value(match: re.Match[str]) -> str:
            argument = match[1]
            if argument in other:
                return str(other[argument])
            key = self.key(argument, ids)
            assert key in ids, f"Give {self.app}.{argument} (of {self.path}) a row in tests/tenancy/ids.py."
            return str(ids[key])

        return "/" + ARGUMENT.sub(value, self.path)


ROUTES = [
    Route(path, entry.name or "", entry.callback.__module__.split(".")[0], entry.callback.guard)
    for path, entry in routed_views()
    if not entry.callback.__module__.startswith(FOREIGN_PREFIXES)
]
TENANT_ROUTES = [route for route in ROUTES if "organization" in route.arguments]
MEMBER_ROUTES = [route for route in TENANT_ROUTES if route.guard.kind == "member"]


def both(client: Client, url: str) -> set[int]:
    """The answers to GET and POST, without "method not allowed". A broken page is a 500 in the list."""
    client.raise_request_exception = False
    return {client.get(url).status_code, client.post(url).status_code} - {405}


def test_every_url_has_a_guard() -> None:
    assert every_view_is_guarded(None) == []
    assert len(TENANT_ROUTES) > 10
    assert {route.guard.kind for route in TENANT_ROUTES} <= {"member", "participant", "invited"}


def test_every_argument_has_a_row(northwind: Cast) -> None:
    ids = {**ids_of(northwind), **WORDS}
    assert [route.url(ids) for route in TENANT_ROUTES if "<" in route.url(ids)] == []


def test_outsider_gets_404_everywhere(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    ids = {**ids_of(northwind), **WORDS}
    for user in (fabrikam.champion, fabrikam.owner, mentor_user(fabrikam)):
        browser = sign_in(user)
        answers = {route.url(ids): both(browser, route.url(ids)) for route in TENANT_ROUTES}
        assert {url: codes for url, codes in answers.items() if codes != {404}} == {}


def test_unknown_organization_is_404(northwind: Cast, sign_in: Any) -> None:
    ids = {**ids_of(northwind), **WORDS, "organization": "nobody"}
    browser = sign_in(northwind.owner)
    answers = {route.url(ids): both(browser, route.url(ids)) for route in TENANT_ROUTES}
    assert {url: codes for url, codes in answers.items() if codes != {404}} == {}


def test_ids_of_another_organization_are_404(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    """On one's own slug: all ids foreign, and each one alone among one's own."""
    own, foreign = {**ids_of(fabrikam), **WORDS}, {**ids_of(northwind), **WORDS}
    owner, mentor = sign_in(fabrikam.owner), sign_in(mentor_user(fabrikam))
    wrong = {}
    for route in TENANT_ROUTES:
        arguments = [name for name in route.arguments if name != "organization" and name not in WORDS]
        replaced = {name: foreign[route.key(name, foreign)] for name in arguments}
        browser = owner if route.guard.kind == "member" else mentor
        mixtures = (
            [replaced] + [{name: replaced[name]} for name in arguments] if len(arguments) > 1 else [replaced]
        )
        for mixture in mixtures if arguments else []:
            url = route.url(own, **mixture)
            if (codes := both(browser, url)) != {404}:
                wrong[url] = codes
    assert wrong == {}


def test_own_pages_exist(northwind: Cast, sign_in: Any) -> None:
    """The ids used above are real: their owner's own pages exist."""
    ids = {**ids_of(northwind), **WORDS}
    browser = sign_in(northwind.owner)
    browser.raise_request_exception = False
    answers = {
        r.url(ids): browser.get(r.url(ids)).status_code for r in MEMBER_ROUTES if r.name not in EMPTY_IS_404
    }
    assert {url: code for url, code in answers.items() if code not in {200, 302, 405}} == {}


def test_anonymous_is_asked_to_sign_in(northwind: Cast, client: Client) -> None:
    ids = {**ids_of(northwind), **WORDS}
    guarded = [
        route for route in ROUTES if route.guard.kind in {"member", "participant", "signed_in", "invited"}
    ]
    for route in guarded:
        answers = [client.get(route.url(ids)), client.post(route.url(ids))]
        places = {
            answer.get("Location", "").partition("?")[0] for answer in answers if answer.status_code != 405
        }
        assert (route.path, places) == (route.path, {"/accounts/login/"})


@pytest.mark.parametrize("role", list(Role))
def test_insider_gets_what_the_table_says(role: Role, northwind: Cast, sign_in: Any) -> None:
    ids = {**ids_of(northwind), **WORDS}
    users = {
        Role.OWNER: northwind.owner,
        Role.CHAMPION: northwind.champion,
        Role.OVERSEER: northwind.overseer,
    }
    user = users.get(role) or northwind.overseer
    with northwind.scope():
        Membership.objects.filter(user=user).update(role=role)
    browser = sign_in(user)
    browser.raise_request_exception = False
    wrong = {}
    for route in MEMBER_ROUTES:
        assert route.guard.permission
        url = route.url(ids)
        if role_has(role, route.guard.permission):
            allowed = {200, 302, 405} | ({404} if route.name in EMPTY_IS_404 else set())
            codes = {browser.get(url).status_code}
        else:
            allowed, codes = {403}, both(browser, url)
        if not codes <= allowed:
            wrong[url] = codes
    assert wrong == {}


def test_altered_signed_link_is_404(northwind: Cast, client: Client) -> None:
    signed = [route for route in ROUTES if route.guard.kind == "signed"]
    assert signed
    answers = {route.path: both(client, route.url({"token": "e30:abc:def"})) for route in signed}
    assert {path: codes for path, codes in answers.items() if codes != {404}} == {}
