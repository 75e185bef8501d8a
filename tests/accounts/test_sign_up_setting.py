"""SIGN_UP: operators close sign-up, or leave it to invited addresses, and nobody learns who is invited."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from mentoring.models import AccountMessage, Organization, SignUpInvitation, User
from tests.accounts.test_signup import FORM, code_in, newest_mail
from tests.cast import NOW, Cast

SIGN_UP = "/accounts/signup/"
ADA = FORM["email"]


def test_closed_is_said_kindly_everywhere(
    client: Client, northwind: Cast, settings: Any, sign_in: Any
) -> None:
    settings.SIGN_UP = "closed"
    for answer in (client.get(SIGN_UP), client.post(SIGN_UP, FORM)):
        assert answer.status_code == 403
        assert "No new organizations here" in answer.content.decode()
    assert not User.objects.filter(email=ADA).exists()
    for page in ("/", "/accounts/login/"):
        assert SIGN_UP not in client.get(page).content.decode()
    browser = sign_in(northwind.champion)
    form = {"organization_name": "Side", "organization_slug": "side"}
    assert [browser.get("/start/new/").status_code, browser.post("/start/new/", form).status_code] == [
        403,
        403,
    ]
    assert "/start/new/" not in browser.get("/start/?choose=1").content.decode()
    assert not Organization.objects.filter(slug="side").exists()


def test_open_shows_the_ways_in(client: Client, db: None) -> None:
    for page in ("/", "/accounts/login/"):
        assert SIGN_UP in client.get(page).content.decode()


def test_invited_address_signs_up(client: Client, db: None, settings: Any) -> None:
    settings.SIGN_UP = "invited"
    SignUpInvitation.objects.create(email=ADA, created_at=NOW)
    assert "set up by invitation" in client.get(SIGN_UP).content.decode()
    answer = client.post(SIGN_UP, {**FORM, "email": ADA.upper()})
    answer = client.post(answer["Location"], {"code": code_in(newest_mail(ADA))}, follow=True)
    assert answer.redirect_chain[-1][0] == "/o/contoso/"


def test_invited_and_other_addresses_see_the_same(db: None, settings: Any) -> None:
    """The same answers, cookies and pages; only the owner of the address reads what became of it."""
    settings.SIGN_UP = "invited"
    SignUpInvitation.objects.create(email=ADA, created_at=NOW)
    seen = []
    for number, email in enumerate((ADA, "stranger@contoso.example")):
        client = Client()
        answer = client.post(SIGN_UP, {**FORM, "email": email, "organization_slug": f"contoso-{number}"})
        page = client.get(answer["Location"])
        wrong = client.post(answer["Location"], {"code": "AAAA-AAAA"})
        words = page.content.decode().replace(email, "?").split("<main")[1]
        seen.append(
            (
                answer.status_code,
                answer["Location"],
                sorted(client.cookies),
                page.status_code,
                wrong.status_code,
                len(words),
            )
        )
    assert seen[0] == seen[1]
    assert not User.objects.filter(email="stranger@contoso.example").exists()
    assert not Organization.objects.filter(slug="contoso-1").exists()
    mail = newest_mail("stranger@contoso.example")
    assert "none went to this address, so nothing was set up" in mail.text
    assert "stranger@contoso.example" in mail.text


def test_invited_only_and_an_account_already(client: Client, northwind: Cast, settings: Any) -> None:
    """The mail is the one of open sign-up: she has an account."""
    settings.SIGN_UP = "invited"
    client.post(SIGN_UP, {**FORM, "email": northwind.owner.email})
    assert "there is an account with this address already" in newest_mail(northwind.owner.email).text


def test_further_organization_needs_an_invited_address(northwind: Cast, settings: Any, sign_in: Any) -> None:
    settings.SIGN_UP = "invited"
    user = northwind.champion
    SignUpInvitation.objects.create(email=user.email, created_at=NOW)
    browser = sign_in(user)
    form = {"organization_name": "Side", "organization_slug": "side"}
    assert browser.post("/start/new/", form).status_code == 403  # invited, and not hers as far as we know
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)  # type: ignore[attr-defined]
    assert browser.post("/start/new/", form).status_code == 302


def test_command_invites_lists_and_withdraws(db: None, capsys: Any) -> None:
    call_command("invite_organization", "Ada@Contoso.example", "bo@contoso.example")
    call_command("invite_organization", ADA)
    assert f"http://127.0.0.1:8000{SIGN_UP}" in newest_mail(ADA).text
    assert AccountMessage.objects.count() == 3
    call_command("invite_organization", "--withdraw", "bo@contoso.example")
    capsys.readouterr()
    call_command("invite_organization")
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == [ADA]
    with pytest.raises(CommandError, match="is not an e-mail address"):
        call_command("invite_organization", "nonsense")


def test_unknown_word_is_refused_at_the_start() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import mentoring.settings"],
        env={**os.environ, "SIGN_UP": "opne"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "SIGN_UP must be open, invited or closed." in done.stderr
