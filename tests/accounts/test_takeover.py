"""An account belongs to whoever reads the mail of its address, not to whoever signed up with it first."""

from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from mentoring.actions.members import accept_invitation
from mentoring.actors import Actor
from mentoring.enums import Role
from mentoring.models import AccountMessage, AuditEvent, Membership, User
from programs.actions.participants import give_login
from tests.accounts.test_members import INVITE, NEW, link_in, mails
from tests.accounts.test_signup import FORM, code_in, newest_mail
from tests.cast import NOW, Cast

ADA = "ada@northwind.example"
STRANGERS = {**FORM, "email": ADA}
SIGN_IN = {"login": ADA, "password": FORM["password1"]}


@pytest.fixture
def stranger(db: None) -> Client:
    """Somebody who signed up with Ada's address, and now waits for a code that only Ada gets."""
    browser = Client()
    assert browser.post("/accounts/signup/", STRANGERS).status_code == 302
    return browser


def is_let_in(browser: Client, url: str) -> bool:
    return browser.get(url).status_code == 200


def test_sign_in_by_code_ends_the_password_of_a_stranger(stranger: Client, client: Client) -> None:
    page = client.post("/accounts/login/code/", {"email": ADA})["Location"]
    answer = client.post(page, {"code": code_in(newest_mail(ADA))}, follow=True)
    assert answer.redirect_chain[-1][0] == "/o/contoso/"
    assert is_let_in(client, "/o/contoso/")  # still signed in although the password changed
    stranger.post("/accounts/login/", SIGN_IN)
    assert not is_let_in(stranger, "/o/contoso/")


def test_sign_up_keeps_the_own_password(stranger: Client) -> None:
    stranger.post("/accounts/confirm-email/", {"code": code_in(newest_mail(ADA))})
    assert is_let_in(stranger, "/o/contoso/")
    again = Client()
    again.post("/accounts/login/", SIGN_IN)
    assert is_let_in(again, "/o/contoso/")


def test_joining_by_link_ends_the_password_of_a_stranger(stranger: Client, northwind: Cast) -> None:
    person = northwind.people["spare"]
    person.email = ADA
    with northwind.scope():
        user = give_login(person=person, by=Actor.of_person(person), now=NOW)
    assert user.email == ADA
    assert not user.has_usable_password()
    assert EmailAddress.objects.get(user=user).verified
    stranger.post("/accounts/login/", SIGN_IN)
    assert not is_let_in(stranger, "/o/northwind/")


def change_address(browser: Client) -> None:
    """What allauth offers: ask for another address, and enter the code if one comes. Then our own way."""
    asked = {"action": "change", "email": "mallory@evil.example"}
    browser.post("/accounts/confirm-email/", asked, follow=True)
    assert not AccountMessage.objects.filter(to_email=asked["email"]).exists()
    browser.post("/accounts/signup/again/")
    browser.post("/accounts/signup/", {**STRANGERS, "email": asked["email"]})
    browser.post("/accounts/confirm-email/", {"code": code_in(newest_mail(asked["email"]))})


def test_mistyped_address_is_corrected_by_starting_over(stranger: Client) -> None:
    change_address(stranger)
    assert is_let_in(stranger, "/o/contoso/")
    assert list(User.objects.values_list("email", flat=True)) == ["mallory@evil.example"]
    assert stranger.post("/accounts/signup/again/").status_code == 302
    assert User.objects.count() == 1


def test_invited_address_cannot_be_taken_away(stranger: Client, northwind: Cast, sign_in: Any) -> None:
    sign_in(northwind.owner).post(INVITE, {**NEW, "email": ADA, "role": Role.ADMIN})
    stranger.post("/accounts/signup/again/")
    assert not is_let_in(stranger, "/o/northwind/")
    assert User.objects.filter(email=ADA).count() == 1
    browser = Client()
    browser.post(link_in(mails(northwind)[0]), {"name": "Ada"})
    assert is_let_in(browser, "/o/northwind/settings/")


def test_joined_address_cannot_be_taken_away(stranger: Client, northwind: Cast) -> None:
    person = northwind.people["spare"]
    person.email = ADA
    with northwind.scope():
        give_login(person=person, by=Actor.of_person(person), now=NOW)
    stranger.post("/accounts/signup/again/")
    assert not is_let_in(stranger, "/o/northwind/")
    assert User.objects.filter(email=ADA).count() == 1


def test_invitation_to_a_further_address_finds_its_user(
    northwind: Cast, fabrikam: Cast, sign_in: Any
) -> None:
    """Two accounts for one confirmed address would be none: the second could never confirm it."""
    EmailAddress.objects.create(user=fabrikam.champion, email="ada@private.example", verified=True)
    sign_in(northwind.owner).post(INVITE, {**NEW, "email": "Ada@Private.example"})
    with northwind.scope():
        assert Membership.objects.filter(user=fabrikam.champion).exists()
    assert not User.objects.filter(email="ada@private.example").exists()


def test_invited_member_who_comes_by_the_address_joins_on_record(northwind: Cast, sign_in: Any) -> None:
    person = northwind.people["spare"]
    user = User.objects.create_user(person.email, name="Jun Park")
    with northwind.scope():
        membership = Membership.objects.create(user=user, role=Role.CHAMPION)
    browser = sign_in(user)
    page = browser.get("/o/northwind/people/?q=a b")
    assert page["Location"] == "/o/northwind/join/?next=%2Fo%2Fnorthwind%2Fpeople%2F%3Fq%3Da%2520b"
    assert browser.get(page["Location"]).status_code == 200
    assert browser.post("/o/northwind/people/import/", {}).status_code == 302
    with northwind.scope():
        assert (AuditEvent.objects.count(), Membership.objects.get(user=user).joined_at) == (0, None)
    for _ in range(2):
        answer = browser.post(page["Location"])
        assert answer["Location"] == "/o/northwind/people/?q=a%20b"
    assert browser.get("/o/northwind/").status_code == 200
    with northwind.scope():
        person.refresh_from_db()
        membership.refresh_from_db()
        assert [(e.action, e.by) for e in AuditEvent.objects.all()] == [("member.joined", user.email)]
    assert person.user_id == user.pk
    assert membership.joined_at is not None


def test_two_first_pages_at_once_are_one_joining(northwind: Cast) -> None:
    user = User.objects.create_user("ada@northwind.example", name="Ada")
    with northwind.scope():
        membership = Membership.objects.create(user=user, role=Role.CHAMPION)
        seen_by_two = [Membership.objects.select_related("user").get(pk=membership.pk) for _ in range(2)]
        for seen in seen_by_two:
            accept_invitation(membership=seen, now=NOW, by=Actor.of_user(user))
        assert AuditEvent.objects.filter(action="member.joined").count() == 1


@pytest.mark.parametrize(
    "page", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:1"]
)
def test_joining_leads_to_our_pages_only(page: str, northwind: Cast, sign_in: Any) -> None:
    user = User.objects.create_user("ada@northwind.example", name="Ada")
    with northwind.scope():
        Membership.objects.create(user=user, role=Role.CHAMPION)
    answer = sign_in(user).post("/o/northwind/join/?" + urlencode({"next": page}))
    assert answer["Location"] == "/o/northwind/"


def test_a_link_put_before_somebody_tells_their_name_to_nobody(northwind: Cast, sign_in: Any) -> None:
    """Anybody may open an organization, invite an address, and place a link or picture to its pages where
    the invited one comes by."""
    user = User.objects.create_user("ada@private.example", name="Dr. Ada Secret")
    with northwind.scope():
        membership = Membership.objects.create(
            user=user, role=Role.CHAMPION, invited_email="ada@private.example"
        )
    browser = sign_in(user)
    for path in ("", "people/", "members/", "join/", "settings/"):
        browser.get(f"/o/northwind/{path}")
    htmx = browser.get("/o/northwind/people/", headers={"HX-Request": "true"})
    assert htmx["HX-Redirect"] == "/o/northwind/join/?next="
    with northwind.scope():
        membership.refresh_from_db()
    assert (membership.name, membership.joined_at) == ("", None)


def test_the_question_whether_to_join_is_for_who_is_invited(
    northwind: Cast, fabrikam: Cast, sign_in: Any
) -> None:
    assert sign_in(fabrikam.owner).get("/o/northwind/join/").status_code == 404
    assert sign_in(fabrikam.owner).get("/o/nowhere/join/").status_code == 404
    assert sign_in(northwind.owner).get("/o/northwind/join/")["Location"] == "/o/northwind/"
