"""What caches and browsers may keep, and the cookies that carry a session."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from programs.guards import participant_url
from tests.accounts.test_signup import verified
from tests.cast import PASSWORD, Cast
from tests.programs.test_join import path_of
from tests.tenancy.ids import ids_of
from tests.tenancy.test_urls import ROUTES, WORDS

ROOT = Path(__file__).resolve().parents[1]


def keepable(browser: Client, urls: list[str]) -> dict[str, set[str]]:
    """The addresses whose answers a cache might keep, with what they say about it."""
    told = {url: set(browser.get(url).get("Cache-Control", "").split(", ")) for url in urls}
    return {url: said for url, said in told.items() if not {"no-store", "private"} <= said}


def test_nothing_shown_to_somebody_signed_in_is_kept(northwind: Cast, sign_in: Any) -> None:
    """351 of 353 answers could be kept by the browser, for whoever presses "back" after them."""
    ids = {**ids_of(northwind), **WORDS, "token": "e30:a:b", "box": "northwind", "message_id": 1}
    urls = [route.url(ids) for route in ROUTES]
    accounts = ("login", "signup", "email", "password/change", "2fa", "sessions", "activity", "logout")
    urls += [f"/accounts/{page}/" for page in accounts] + ["/nowhere/", "/o/nobody/"]
    assert keepable(sign_in(northwind.owner), urls) == {}


def test_nothing_shown_by_a_link_is_kept(northwind: Cast, client: Client) -> None:
    link = path_of(participant_url(northwind.mentor))
    page = f"/o/northwind/p/{northwind.mentor.pk}/"
    assert keepable(client, [link, page, "/s/open/altered/", "/nowhere/", "/"]) == {}


def test_pages_on_the_way_in_are_not_kept(client: Client, northwind: Cast) -> None:
    assert keepable(client, ["/accounts/login/", "/accounts/password/reset/", "/o/northwind/"]) == {}


def test_public_pages_and_static_files_may_be_kept(client: Client, db: None) -> None:
    for url in ("/", "/healthz", "/static/app.css"):
        answer = client.get(url)
        assert "no-store" not in answer.get("Cache-Control", ""), url
        answer.close()


def test_no_page_may_use_camera_place_or_payment(client: Client, northwind: Cast) -> None:
    for url in ("/", "/accounts/login/", "/o/northwind/", "/nowhere/"):
        policy = client.get(url)["Permissions-Policy"].split(", ")
        assert {"camera=()", "geolocation=()", "microphone=()", "payment=()"} <= set(policy)


def settings_under(base_url: str, *names: str) -> list[str]:
    """Of a process that starts with this address."""
    shown = "from mentoring import settings as s; print(*(getattr(s, name) for name in {!r}), sep='\\n')"
    environment = {
        "PATH": os.environ["PATH"],
        "BASE_URL": base_url,
        "SECRET_KEY": "x" * 64,
        "DATABASE_URL": "postgresql://upward_app@db/upward",
    }
    command = [sys.executable, "-c", shown.format(names)]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def test_cookies_under_https_belong_to_our_host_alone() -> None:
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    found = settings_under("https://upward.example.com", *names)
    assert found == ["__Host-session", "__Host-csrf", "True", "True"]
    # Over plain http a browser refuses a cookie with this prefix.
    assert settings_under("http://upward.example.com", *names)[:2] == ["upward_session", "upward_csrf"]


@pytest.fixture
def https(settings: Any) -> Any:
    settings.BASE_URL, settings.HTTPS = "https://upward.example.com", True
    settings.ALLOWED_HOSTS = ["upward.example.com"]
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    return settings


def test_cookies_are_what_their_prefix_demands(https: Any, northwind: Cast) -> None:
    """Secure, for the whole site, for no other host; and no other cookie is set on the whole way in."""
    user = verified(northwind.owner)
    browser = Client(headers={"host": "upward.example.com"})
    browser.get("/accounts/login/", secure=True)
    form = {"login": user.email, "password": PASSWORD}
    answer = browser.post("/accounts/login/", form, secure=True, follow=True)
    assert answer.status_code == 200
    assert set(browser.cookies) - {"returning"} == {"__Host-session", "__Host-csrf"}  # named when it starts
    for cookie in browser.cookies.values():
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_session_under_an_older_name_ends(https: Any, northwind: Cast, sign_in: Any) -> None:
    browser = sign_in(northwind.owner)
    browser.cookies["sessionid"] = browser.cookies.pop("__Host-session").value
    answer = browser.get("/o/northwind/", secure=True, headers={"host": "upward.example.com"})
    assert answer["Location"].startswith("/accounts/login/")
