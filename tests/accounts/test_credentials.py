"""Whoever finds a browser signed in cannot take the account: a change asks once more, all addresses are told,
and the account log keeps it."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from mentoring.actions.members import invite_member
from mentoring.actors import Actor
from mentoring.enums import AccountEventKind, Role
from mentoring.models import AccountEvent, AccountMessage, AuditEvent, Membership, User
from tests.accounts.test_members import link_in, mails
from tests.accounts.test_signup import code_in, newest_mail, verified
from tests.cast import NOW, PASSWORD, Cast

MALLORY = "mallory@evil.example"
BETTER = "blue trousers walk home"


@pytest.fixture
def owner(northwind: Cast) -> User:
    return verified(northwind.owner)


def confirm(browser: Client) -> None:
    answer = browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302


def add_address(browser: Client, email: str) -> Any:
    return browser.post("/accounts/email/", {"action_add": "", "email": email})


def told(kind: str) -> list[str]:
    return sorted(AccountMessage.objects.filter(kind=kind).values_list("to_email", flat=True))


def kinds(user: User) -> list[str]:
    return list(AccountEvent.objects.filter(user_id=user.pk).order_by("id").values_list("kind", flat=True))


def test_signed_in_browser_cannot_move_the_account_to_another_address(owner: User, sign_in: Any) -> None:
    """Add an address, make it the main one, remove the old one: without the password none of it."""
    browser = sign_in(owner)
    answer = add_address(browser, MALLORY)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not AccountMessage.objects.filter(to_email=MALLORY).exists()
    EmailAddress.objects.create(user=owner, email=MALLORY, verified=True)
    for action in ("action_primary", "action_remove"):
        asked = browser.post("/accounts/email/", {action: "", "email": MALLORY})
        assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert EmailAddress.objects.get(user=owner, primary=True).email == owner.email


@pytest.mark.parametrize(
    "url",
    [
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/recovery-codes/generate/",
        "/accounts/2fa/recovery-codes/",
    ],
)
def test_second_step_asks_for_the_password(url: str, owner: User, sign_in: Any) -> None:
    TOTP.activate(owner, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(owner)
    assert sign_in(owner).get(url)["Location"].startswith("/accounts/reauthenticate/")


def test_somebody_without_password_is_asked_for_a_mailed_code(owner: User, sign_in: Any) -> None:
    """allauth lets those through who have nothing to be asked for."""
    owner.set_unusable_password()
    owner.save()
    browser = sign_in(owner)
    url = add_address(browser, MALLORY)["Location"]
    assert url.startswith("/accounts/reauthenticate/code/")
    password = browser.get("/accounts/password/set/")
    assert password["Location"].startswith("/accounts/reauthenticate/code/")
    assert browser.get(url).status_code == 200
    assert AccountMessage.objects.count() == 0
    browser.post(url, {"send": "1"})
    message = newest_mail(owner.email)
    code = code_in(message)
    assert "somebody else uses a browser" in message.text
    assert browser.post(url, {"code": "WRO-NG1"}).status_code == 422
    browser.post(url, {"code": code})
    add_address(browser, MALLORY)
    assert AccountMessage.objects.filter(to_email=MALLORY).exists()


def test_mailed_code_is_gone_after_three_wrong_ones(owner: User, sign_in: Any) -> None:
    owner.set_unusable_password()
    owner.save()
    browser = sign_in(owner)
    url = "/accounts/reauthenticate/code/"
    browser.post(url, {"send": "1"})
    code = code_in(newest_mail(owner.email))
    for _try in range(3):
        browser.post(url, {"code": "WRO-NG1"})
    browser.post(url, {"code": code})
    assert add_address(browser, MALLORY)["Location"].startswith(url)
    assert kinds(owner) == ["code_failed"] * 3


def test_every_change_of_address_is_mailed_to_the_old_one(owner: User, sign_in: Any) -> None:
    browser = sign_in(owner)
    confirm(browser)
    old, new = owner.email, "new@northwind.example"
    page = add_address(browser, new)["Location"] or "/accounts/confirm-email/"
    browser.post("/accounts/confirm-email/", {"code": code_in(newest_mail(new))})
    assert page
    assert told("email_added") == [old]
    browser.post("/accounts/email/", {"action_primary": "", "email": new})
    assert told("email_changed") == [new, old]
    browser.post("/accounts/email/", {"action_remove": "", "email": old})
    assert told("email_deleted") == [new, old]
    owner.refresh_from_db()
    assert owner.email == new
    message = AccountMessage.objects.filter(to_email=old, kind="email_changed").get()
    assert (old in message.text, new in message.text, "127.0.0.1" in message.text) == (True, True, True)
    assert "/accounts/sessions/" in message.text
    assert kinds(owner) == ["confirmed", "address_added", "address_changed", "address_removed"]


def test_change_of_password_is_mailed_and_logged(owner: User, northwind: Cast, sign_in: Any) -> None:
    other = sign_in(owner)
    browser = sign_in(owner)
    form = {"oldpassword": PASSWORD, "password1": BETTER, "password2": BETTER}
    assert browser.post("/accounts/password/change/", form).status_code == 302
    assert told("password_changed") == [owner.email]
    assert other.get("/o/northwind/").status_code == 302  # other sessions end
    assert kinds(owner) == ["password_changed"]
    with northwind.scope():
        event = AuditEvent.objects.get(action="account.password_changed")
        assert (event.by, event.object_label) == (owner.email, "Northwind Owner")


def test_reset_of_password_is_mailed_and_logged(owner: User, client: Client) -> None:
    client.post("/accounts/password/reset/", {"email": owner.email})
    found = re.search(r"https?://[^/]+(/\S+)", newest_mail(owner.email).text)
    assert found
    page = client.get(found[1], follow=True).redirect_chain[-1][0]
    client.post(page, {"password1": BETTER, "password2": BETTER})
    assert told("password_reset") == [owner.email]
    assert kinds(owner) == ["reset_asked", "password_changed"]


def code_of(secret: str) -> str:

    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


@pytest.mark.django_db(transaction=True)
def test_change_of_second_step_is_mailed_and_logged(owner: User, northwind: Cast, sign_in: Any) -> None:
    browser = sign_in(owner)
    confirm(browser)
    page = browser.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    browser.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert told("totp_activated") == [owner.email]
    browser.post("/accounts/2fa/recovery-codes/generate/")
    assert told("recovery_codes_generated") == [owner.email]
    browser.post("/accounts/2fa/totp/deactivate/")
    assert told("totp_deactivated") == [owner.email]
    assert sorted(kinds(owner)) == sorted(
        ["confirmed", "second_step_on", "recovery_codes_made", "recovery_codes_made", "second_step_off"]
    )
    with northwind.scope():
        actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert actions == {"account.second_step_on", "account.recovery_codes_made", "account.second_step_off"}


def test_sign_ins_and_failures_are_logged_with_where_they_came_from(owner: User) -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
    browser = Client(REMOTE_ADDR="203.0.113.5", headers={"user-agent": firefox})
    browser.post("/accounts/login/", {"login": owner.email, "password": "wrong horse"})
    browser.post("/accounts/login/", {"login": "nobody@x.example", "password": "wrong horse"})
    browser.post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
    browser.post("/accounts/logout/")
    lines = AccountEvent.objects.order_by("id").values_list("kind", "email", "user_id", "ip")
    ip = "203.0.113.5"
    assert list(lines) == [
        ("sign_in_failed", owner.email, owner.pk, ip),
        ("sign_in_failed", "nobody@x.example", None, ip),
        ("signed_in", owner.email, owner.pk, ip),
        ("signed_out", owner.email, owner.pk, ip),
    ]
    assert {event.device for event in AccountEvent.objects.all()} == {"Firefox on Windows"}
    assert AccountEvent.objects.get(kind="signed_in").data == {"by": ["password"]}


def test_guesses_beyond_the_limit_are_logged(owner: User, client: Client) -> None:
    for _try in range(6):
        client.post("/accounts/login/", {"login": owner.email, "password": "wrong horse"})
    assert kinds(owner) == ["sign_in_failed"] * 5 + ["sign_in_stopped"]


def test_wrong_codes_are_logged(owner: User, client: Client) -> None:
    page = client.post("/accounts/login/code/", {"email": owner.email})["Location"]
    client.post(page, {"code": "WRO-NG1"})
    client.post(page, {"code": code_in(newest_mail(owner.email))})
    assert kinds(owner) == ["code_asked", "code_failed", "signed_in"]


def test_codes_are_not_guessed_by_many_requests_at_once(owner: User, client: Client, settings: Any) -> None:
    """They all read the session as it was before the first of them counted itself."""
    page = client.post("/accounts/login/code/", {"email": owner.email})["Location"]
    session = client.session
    as_it_was = dict(session.items())
    answers = []
    for _guess in range(12):
        session.update(as_it_was)
        session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        answers.append(client.post(page, {"code": "WRO-NG1"}).status_code)
    assert answers[-6:] == [429] * 6
    assert kinds(owner).count("code_failed") == 6


def test_asking_for_codes_has_one_limit_for_all_addresses_of_an_account(owner: User) -> None:
    for number in range(3):
        EmailAddress.objects.create(user=owner, email=f"o{number}@private.example", verified=True)
    for email in (owner.email, "o0@private.example", "o1@private.example", "o2@private.example"):
        Client().post("/accounts/login/code/", {"email": email})
    assert kinds(owner) == ["code_asked"] * 3


def test_wrong_second_step_is_logged(owner: User, client: Client) -> None:
    TOTP.activate(owner, "JBSWY3DPEHPK3PXP")
    client.post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert kinds(owner) == ["second_step_failed"]


def test_invited_member_who_comes_by_the_link_is_logged(northwind: Cast, client: Client) -> None:
    with northwind.scope():
        membership, _new = invite_member(
            organization=northwind.organization,
            email="new@northwind.example",
            name="",
            role=Role.CHAMPION,
            now=NOW,
            by=Actor.of_user(northwind.owner),
        )
    client.post(link_in(mails(northwind)[0]), {"name": "Ada"})
    event = AccountEvent.objects.get(user_id=membership.user_id)
    assert (event.kind, event.data) == ("signed_in", {"by": ["invitation"]})
    assert "This one" in client.get("/accounts/sessions/").content.decode()


def test_participants_change_leaves_no_line_in_the_organization(northwind: Cast, sign_in: Any) -> None:
    user = verified(User.objects.create_user("amara.osei@northwind.example", PASSWORD))
    with northwind.scope():
        Membership.objects.create(user=user, role=Role.PARTICIPANT, joined_at=NOW)
    form = {"oldpassword": PASSWORD, "password1": BETTER, "password2": BETTER}
    sign_in(user).post("/accounts/password/change/", form)
    assert kinds(user) == ["password_changed"]
    with northwind.scope():
        assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "statement", ["UPDATE mentoring_accountevent SET email = ''", "DELETE FROM mentoring_accountevent"]
)
def test_application_can_neither_change_nor_delete_the_log(
    statement: str, owner: User, client: Client
) -> None:
    client.post("/accounts/login/", {"login": owner.email, "password": "wrong horse"})
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert kinds(owner) == ["sign_in_failed"]


def test_activity_shows_ones_own_log_and_nobody_elses(owner: User, northwind: Cast, sign_in: Any) -> None:
    for user in (owner, northwind.champion):
        for number in range(60):
            AccountEvent.objects.create(
                kind=AccountEventKind.ADDRESS_ADDED,
                user_id=user.pk,
                data={"address": f"{number}.{user.email}"},
            )
    browser = sign_in(owner)
    first = browser.get("/accounts/activity/").content.decode()
    second = browser.get("/accounts/activity/?page=2").content.decode()
    assert (first.count(f".{owner.email}"), second.count(f".{owner.email}")) == (50, 10)
    assert f".{northwind.champion.email}" not in first + second


def test_activity_before_anything_happened(owner: User, sign_in: Any) -> None:
    assert "Nothing yet" in sign_in(owner).get("/accounts/activity/").content.decode()


def test_operator_reads_the_log_of_an_address(owner: User, client: Client, capsys: Any) -> None:
    for email in (owner.email, "nobody@x.example"):
        client.post("/accounts/login/", {"login": email, "password": "wrong horse"})
    call_command("account_log", "--email", owner.email.upper(), "--days", "1")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[1:4] for line in lines] == [["sign_in_failed", owner.email, "127.0.0.1"]]
