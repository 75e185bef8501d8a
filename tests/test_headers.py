"""What every answer carries, whoever made it: our pages, allauth's, and those of errors."""

from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast
from tests.tenancy.ids import ids_of
from tests.tenancy.test_urls import ROUTES, WORDS

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
ALWAYS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ACCOUNTS = ("signup", "login", "login/code", "password/reset", "email", "password/set", "2fa", "logout")
FRAMED = {"demo_mail_html"}  # the demo's mail in its frame: its own policy, tested in tests/mail


def lacking(response: Any) -> list[str]:
    policy = set(map(str.strip, response.get("Content-Security-Policy", "").split(";")))
    return [*(POLICY - policy), *(name for name, value in ALWAYS.items() if response.get(name) != value)]


def test_headers_of_every_page(northwind: Cast, sign_in: Any, settings: Any) -> None:
    ids = {**ids_of(northwind), **WORDS, "token": "e30:a:b", "box": "northwind", "message_id": 1}
    browser = sign_in(northwind.owner)
    urls = [route.url(ids) for route in ROUTES if route.name not in FRAMED]
    urls += [f"/accounts/{page}/" for page in ACCOUNTS] + ["/nowhere/", "/o/nobody/"]
    wrong = {
        url: found
        for url in urls
        for method in (browser.get, browser.post)
        if (found := lacking(method(url)))
    }
    assert wrong == {}


def test_headers_of_errors(northwind: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**wanted: Any) -> None:
        raise RuntimeError

    forbidden = sign_in(northwind.overseer).get("/o/northwind/settings/")
    no_token = Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    wrong_host = Client().get("/", HTTP_HOST="evil.example")
    monkeypatch.setattr("mentoring.queries.members.members_found", broken)
    browser = sign_in(northwind.owner)
    browser.raise_request_exception = False
    answers = [forbidden, no_token, wrong_host, browser.get("/o/northwind/members/")]
    assert [answer.status_code for answer in answers] == [403, 403, 400, 500]
    # A wrong host is refused before X-Frame-Options is set; its policy says the same.
    assert [lacking(answer) for answer in answers] == [[], [], ["X-Frame-Options"], []]


def test_every_post_needs_its_token(northwind: Cast) -> None:
    """Also those by htmx: no view is exempt."""
    ids = {**ids_of(northwind), **WORDS, "token": "e30:a:b", "box": "northwind", "message_id": 1}
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(northwind.owner)
    codes = {route.path: browser.post(route.url(ids)).status_code for route in ROUTES}
    codes |= {page: browser.post(f"/accounts/{page}/").status_code for page in ACCOUNTS if page != "2fa"}
    assert {path: code for path, code in codes.items() if code != 403} == {}


def log_in(browser: Client, forwarded: str) -> bool:
    """Try a password; False when there were too many tries from this address."""
    answer = browser.post(
        "/accounts/login/", {"login": "x@y.example", "password": "x"}, HTTP_X_FORWARDED_FOR=forwarded
    )
    return answer.status_code == 200 and "Too many" not in answer.content.decode()


@pytest.mark.parametrize(("proxies", "others_get_in"), [(0, False), (1, True)])
def test_limits_count_visitors_and_not_the_proxy(
    proxies: int, others_get_in: bool, client: Client, db: None, settings: Any
) -> None:
    """Behind the proxy the visitor's address is the last one it added; what she claims herself is not."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip", "login_failed": None}
    tried = [log_in(client, f"10.9.8.{number}, 203.0.113.7") for number in range(4)]
    assert tried == [True, True, True, False]
    assert log_in(client, "203.0.113.8") is others_get_in
