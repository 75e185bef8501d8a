"""Signing up, in and back in, through the real pages."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from mentoring.enums import Role
from mentoring.models import AccountMessage, Membership, Organization, User
from mentoring.tenancy.scoping import organization_scope
from tests.cast import PASSWORD, Cast
from tests.together import at_once

FORM = {
    "name": "Ada Okafor",
    "email": "ada@contoso.example",
    "password1": "correct horse battery",
    "organization_name": "Contoso",
    "organization_slug": "contoso",
    "time_zone": "Africa/Lagos",
}


def newest_mail(email: str) -> AccountMessage:
    return AccountMessage.objects.filter(to_email=email).latest("pk")


def code_in(message: AccountMessage, html_has_it: bool = True) -> str:
    found = re.search(r"\n\n([A-Z0-9-]{6,})\n\n", message.text)
    assert found
    assert (found[1] in message.html) is html_has_it
    return found[1]


def test_signup_makes_organization_and_owner(client: Client, db: None) -> None:
    assert client.get("/accounts/signup/").status_code == 200
    response = client.post("/accounts/signup/", FORM)
    assert response.status_code == 302
    message = newest_mail("ada@contoso.example")
    code = code_in(message)
    assert message.subject == f"{code} confirms your address"
    response = client.post(response["Location"], {"code": code}, follow=True)
    assert response.redirect_chain[-1][0] == "/o/contoso/"
    assert response.status_code == 200
    organization = Organization.objects.get(slug="contoso")
    assert (organization.name, organization.time_zone, organization.language) == (
        "Contoso",
        "Africa/Lagos",
        "en",
    )
    assert (organization.contact_name, organization.contact_email) == ("Ada Okafor", "ada@contoso.example")
    with organization_scope(organization):
        assert [(m.user.email, m.role) for m in Membership.objects.select_related("user")] == [
            ("ada@contoso.example", Role.OWNER)
        ]


def test_signup_wrong_code_leaves_signed_out(client: Client, db: None) -> None:
    response = client.post("/accounts/signup/", FORM)
    client.post(response["Location"], {"code": "WRONG1"})
    assert client.get("/o/contoso/").status_code == 302
    assert not EmailAddress.objects.filter(verified=True).exists()


@pytest.mark.parametrize("zone", ["", "Mars/Olympus_Mons", "../../etc/passwd"])
def test_signup_unknown_time_zone_is_utc(client: Client, db: None, zone: str) -> None:
    assert client.post("/accounts/signup/", {**FORM, "time_zone": zone}).status_code == 302
    assert Organization.objects.get(slug="contoso").time_zone == "UTC"


@pytest.mark.parametrize(
    ("slug", "message"),
    [
        ("northwind", "“northwind” is taken. Choose another address."),
        ("NorthWind", "“northwind” is taken. Choose another address."),
        ("mailbox", "“mailbox” is taken. Choose another address."),
        ("a b", "Use lower-case letters, digits and hyphens only"),
        ("-x-", "Use lower-case letters, digits and hyphens only"),
    ],
)
def test_signup_bad_address_is_a_form_error(client: Client, northwind: Cast, slug: str, message: str) -> None:
    response = client.post("/accounts/signup/", {**FORM, "organization_slug": slug})
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not User.objects.filter(email="ada@contoso.example").exists()


def test_signup_known_address_tells_the_owner_only(client: Client, northwind: Cast) -> None:
    response = client.post("/accounts/signup/", {**FORM, "email": northwind.owner.email})
    assert response.status_code == 302
    message = newest_mail(northwind.owner.email)
    assert message.subject == "You already have an account"
    assert not Organization.objects.filter(slug="contoso").exists()


def test_signup_address_taken_meanwhile_undoes_the_user(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mentoring.forms.signup import OrganizationFields

    def clean(self: Any) -> str:
        slug: str = self.cleaned_data["organization_slug"]
        Organization.objects.get_or_create(slug=slug, defaults={"name": "Quicker"})
        return slug

    monkeypatch.setattr(OrganizationFields, "clean_organization_slug", clean)
    response = client.post("/accounts/signup/", FORM)
    assert response.status_code == 422
    assert "This address is taken. Choose another one." in response.content.decode()
    assert User.objects.count() == 0
    assert EmailAddress.objects.count() == 0
    assert AccountMessage.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_signup_race_for_one_address_has_one_winner() -> None:
    def sign_up(number: int) -> int:
        form = {**FORM, "email": f"ada{number}@contoso.example"}
        return Client().post("/accounts/signup/", form).status_code

    assert sorted(at_once(lambda: sign_up(1), lambda: sign_up(2))) == [302, 422]
    assert Organization.objects.count() == 1
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_signup_race_of_one_person_is_no_error() -> None:
    def sign_up(number: int) -> int:
        return Client().post("/accounts/signup/", {**FORM, "organization_slug": f"c{number}"}).status_code

    answers = at_once(lambda: sign_up(1), lambda: sign_up(2))
    assert sorted(answers) in ([302, 302], [302, 429])  # the second code within ten seconds is refused
    assert Organization.objects.count() == 1
    assert User.objects.count() == 1


def verified(user: User) -> User:
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def test_sign_in_by_password(client: Client, northwind: Cast) -> None:
    verified(northwind.owner)
    response = client.post(
        "/accounts/login/", {"login": "Owner@Northwind.example", "password": PASSWORD}, follow=True
    )
    assert response.redirect_chain[-1][0] == "/o/northwind/"


def test_sign_in_by_code(client: Client, northwind: Cast) -> None:
    verified(northwind.owner)
    response = client.post("/accounts/login/code/", {"email": northwind.owner.email})
    message = newest_mail(northwind.owner.email)
    code = code_in(message)
    assert message.kind == "login_code"
    response = client.post(response["Location"], {"code": code}, follow=True)
    assert response.redirect_chain[-1][0] == "/o/northwind/"


def test_sign_in_by_code_of_unknown_address_mails_nobody(client: Client, northwind: Cast) -> None:
    response = client.post("/accounts/login/code/", {"email": "nobody@northwind.example"})
    assert response.status_code == 302
    assert AccountMessage.objects.count() == 0


def test_sign_in_guessing_is_stopped(client: Client, northwind: Cast) -> None:
    verified(northwind.owner)
    for _attempt in range(5):
        client.post("/accounts/login/", {"login": northwind.owner.email, "password": "wrong"})
    response = client.post("/accounts/login/", {"login": northwind.owner.email, "password": PASSWORD})
    assert "Too many failed login attempts" in response.content.decode()


def test_password_reset_by_mail(client: Client, northwind: Cast) -> None:
    verified(northwind.owner)
    client.post("/accounts/password/reset/", {"email": northwind.owner.email})
    message = newest_mail(northwind.owner.email)
    assert message.subject == "Choose a new password"
    found = re.search(r"https?://[^/]+(/\S+)", message.text)
    assert found
    assert f'href="{found[0]}"' in message.html
    page = client.get(found[1], follow=True)
    assert page.status_code == 200
    client.post(
        page.redirect_chain[-1][0], {"password1": "another good phrase", "password2": "another good phrase"}
    )
    northwind.owner.refresh_from_db()
    assert northwind.owner.check_password("another good phrase")


def test_new_organization_of_signed_in_user(northwind: Cast, sign_in: Any) -> None:
    browser = sign_in(northwind.champion)
    form = {"organization_name": "Side Project", "organization_slug": "side", "time_zone": "Europe/Oslo"}
    assert browser.post("/start/new/", {**form, "organization_slug": "northwind"}).status_code == 422
    response = browser.post("/start/new/", form)
    assert response["Location"] == "/o/side/"
    page = browser.get("/start/").content.decode()
    assert "Side Project" in page
    assert "Northwind" in page
