"""`Host` decides nothing: neither where a link leads nor how often somebody may guess."""

import re
from typing import Any

import pytest
from django.test import Client

from mentoring.accounts.addresses import limit_key
from mentoring.hosts import our_hosts, own_path
from tests.accounts.test_signup import newest_mail, verified
from tests.cast import PASSWORD, Cast

OURS = "127.0.0.1:8000"  # BASE_URL of the tests


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8001",
        "127.0.0.1:80",
        "127.0.0.1",
        "evil.example",
        "127.0.0.1:8000.evil.example",
        "testserver:81",
        "127.0.0.1:8000.",
        "127.0.0.1.:8000",
        "127.0.0.1:08000",
        "127.0.0.1:8000@evil.example",
        "evil.example@127.0.0.1:8000",
        "[::1]:8000",
        "[::ffff:127.0.0.1]:8000",
        "127.0.0.1:8000,evil.example",
        "127.0.0.1:8000/evil.example",
        " 127.0.0.1:8000",
        "１２７.0.0.1:8000",
        "127.1:8000",
        "localhost:8000:80",
    ],
)
def test_host_that_is_not_whole_ours_is_refused(host: str, client: Client, db: None) -> None:
    for path in ("/", "/healthz", "/accounts/login/"):
        assert client.get(path, HTTP_HOST=host).status_code == 400


@pytest.mark.parametrize("host", [OURS, "localhost:8000", "LOCALHOST:8000", "testserver", "testserver:80"])
def test_our_hosts_are_answered(host: str, client: Client, db: None) -> None:
    assert client.get("/accounts/login/", HTTP_HOST=host).status_code == 200


def test_host_without_the_usual_port_of_https(settings: Any) -> None:
    settings.BASE_URL = "https://Upward.example"
    settings.ALLOWED_HOSTS = ["upward.example", "mentoring.example:443", "mentoring.example:8443"]
    assert our_hosts() == {"upward.example", "mentoring.example", "mentoring.example:8443"}


@pytest.mark.parametrize("host", [OURS, "localhost:8000", "testserver"])
def test_links_lead_to_our_address_whatever_host_was_asked(
    host: str, client: Client, northwind: Cast
) -> None:
    verified(northwind.owner)
    client.post("/accounts/password/reset/", {"email": northwind.owner.email}, HTTP_HOST=host)
    message = newest_mail(northwind.owner.email)
    found = re.findall(r"https?://([^/\s\"]+)", message.text + message.html)
    assert set(found) == {OURS}


def test_redirects_name_no_host_or_ours(client: Client, northwind: Cast) -> None:
    for path in ("/o/northwind", "/o/northwind/", "/accounts/", "/start/"):
        answer = client.get(path, HTTP_HOST="localhost:8000")
        assert answer["Location"].startswith("/"), path


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "http://127.0.0.1:8001/",
        "http://127.0.0.1/x",
        "javascript:1",
        "/\\evil.example",
        "\\\\evil.example",
        "///evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        "http:/evil.example",
        "http:evil.example",
        "//127.0.0.1:8000@evil.example/",
        "http://127.0.0.1:8000\\@evil.example/",
        "http://evil.example\\@127.0.0.1:8000/",
        "https:evil.example",
        " //evil.example",
        "\x01//evil.example",
        "data:text/html,x",
    ],
)
def test_next_leads_to_our_pages_only(target: str, client: Client, northwind: Cast) -> None:
    verified(northwind.owner)
    form = {"login": northwind.owner.email, "password": PASSWORD, "next": target}
    assert client.post("/accounts/login/", form)["Location"] == "/start/"


def guess(client: Client, login: str, password: str, host: str) -> Any:
    return client.post("/accounts/login/", {"login": login, "password": password}, HTTP_HOST=host)


def test_guessing_is_stopped_whatever_the_host_and_the_spelling(northwind: Cast, settings: Any) -> None:
    """Five tries in all, from as many places, under every name that we answer to, and by each address."""
    settings.ACCOUNT_RATE_LIMITS = {"login": None}
    user = verified(northwind.owner)
    user.emailaddress_set.create(email="second@northwind.example", verified=True)
    ways = [
        ("owner@northwind.example", OURS),
        (" Owner@Northwind.Example ", "localhost:8000"),
        ("OWNER@NORTHWIND.EXAMPLE", "LOCALHOST:8000"),
        ("second@northwind.example", "testserver"),
        ("Second@northwind.example", "testserver:80"),
    ]
    for number, (login, host) in enumerate(ways):
        answer = Client(REMOTE_ADDR=f"203.0.113.{number}").post(
            "/accounts/login/", {"login": login, "password": "wrong"}, HTTP_HOST=host
        )
        assert "Too many failed" not in answer.content.decode(), login
    for login, host in ways:
        answer = guess(Client(REMOTE_ADDR="203.0.113.99"), login, PASSWORD, host)
        assert "Too many failed" in answer.content.decode(), login


def test_unknown_addresses_have_one_limit_for_all_spellings(db: None) -> None:
    spellings = (
        "ada.okafor@x.example", "Ada.Okafor@X.example ", "adaokafor@x.example", "ada.okafor+tag@x.example",
        "ada okafor@x.example", "ａｄａ.okafor@x.example", "ada.okafor@x.example.",
    )  # fmt: skip
    assert {limit_key(address) for address in spellings} == {"address:adaokafor@x.example"}
    assert limit_key("ada@x.example") != limit_key("bea@x.example")


def test_page_to_come_back_to_is_ours() -> None:
    assert own_path("http://127.0.0.1:8000/o/x/?q=1#there") == "/o/x/?q=1"
    assert own_path("http://127.0.0.1:8000//evil.example/") == "/evil.example/"
    assert {own_path(address) for address in ("", "http://evil.example/", "http://127.0.0.1/")} == {""}
