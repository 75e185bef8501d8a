"""Whoever reads the database or the cache finds nothing that lets somebody in."""

import io
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.conf import settings as ours
from django.contrib.sessions.models import Session
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from mentoring.actions.account_mail import forget_account_mail
from mentoring.enums import MessageReason, MessageStatus
from mentoring.mail.outbox import queue_account_mail
from mentoring.models import AccountMessage
from mentoring.sealing import Unreadable, seal, stored_key, unseal
from mentoring.tasks.mail import send_account_mail
from mentoring.tasks.sweeps import forget_secrets_everywhere
from programs.guards import participant_url
from tests.accounts.test_credentials import code_of, confirm
from tests.accounts.test_sessions import PAGE, is_in, signed_in
from tests.accounts.test_signup import code_in, newest_mail, verified
from tests.at_rest import TOKEN, stored
from tests.cast import NOW, PASSWORD, Cast
from tests.mail.sending import queue, row_of
from tests.programs.test_join import path_of
from tests.tenancy.ids import mentor_user

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def test_codes_and_reset_links_cannot_be_read_while_they_wait(northwind: Cast, client: Client) -> None:
    user = verified(northwind.owner)
    client.post("/accounts/login/code/", {"email": user.email})
    code = code_in(newest_mail(user.email))
    Client().post("/accounts/password/reset/", {"email": user.email})
    link = newest_mail(user.email).text
    key = link.partition("/accounts/password/reset/key/")[2].split("/")[0]
    found = stored(northwind)
    assert len(key) > 20
    assert "owner@northwind.example" in found  # it does look where things are
    for secret in (code, code.replace("-", ""), key, "Choose a new password"):
        assert secret not in found


def test_second_step_is_sealed_while_it_is_set_up_and_afterwards(northwind: Cast, sign_in: Any) -> None:
    user = verified(northwind.owner)
    browser = sign_in(user)
    confirm(browser)
    secret = browser.get("/accounts/2fa/totp/activate/").context["form"].secret
    assert secret not in stored(northwind)
    browser.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    found = stored(northwind)
    assert len(codes) == 10
    assert [text for text in (secret, *codes) if text in found] == []


def test_sealed_for_one_purpose_opens_for_no_other() -> None:
    sealed = seal("session", "something")
    assert unseal("session", sealed) == "something"
    for purpose, text in (("second step", sealed), ("session", sealed[:-4] + "AAAA"), ("session", "plain")):
        with pytest.raises(Unreadable):
            unseal(purpose, text)


def test_secret_key_can_be_changed(northwind: Cast, settings: Any) -> None:
    user, old = northwind.owner, settings.SECRET_KEY
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-" * 8, [old]
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == codes
    call_command("reseal_secrets", stdout=io.StringIO())
    settings.SECRET_KEY_FALLBACKS = []
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == codes
    assert unseal("second step", Authenticator.objects.get(type="totp").data["secret"]) == SECRET


def test_lost_key_ends_sessions_and_stops_no_mail(northwind: Cast, sign_in: Any, settings: Any) -> None:
    browser = sign_in(northwind.owner)
    queue_account_mail(to_email="a@x.example", subject="S", text="T", html="H", kind="login_code")
    settings.SECRET_KEY = "another-" * 8
    queue_account_mail(to_email="b@x.example", subject="S", text="T", html="H", kind="login_code")
    assert browser.get("/start/").status_code == 302
    send_account_mail()
    assert dict(AccountMessage.objects.values_list("to_email", "status")) == {
        "a@x.example": MessageStatus.FAILED,
        "b@x.example": MessageStatus.SENT,
    }


def test_mail_is_sent_whole_and_forgotten(db: None, mailoutbox: Any) -> None:
    message = queue_account_mail(
        to_email="a@x.example",
        subject="ABC-DEF is your code",
        text="ABC-DEF",
        html="<p>ABC-DEF",
        kind="login_code",
    )
    send_account_mail()
    (mail,) = mailoutbox
    assert (mail.subject, mail.body) == ("ABC-DEF is your code", "ABC-DEF")
    message.refresh_from_db()
    assert (message.status, message.subject, message.text, message.html) == (MessageStatus.SENT, "", "", "")


def test_codes_that_waited_too_long_are_forgotten_and_not_sent(db: None, mailoutbox: Any) -> None:
    kinds = (
        "login_code",
        "email_confirmation_signup",
        "confirmation_code",
        "password_reset_key",
        "password_changed",
    )
    for kind in kinds:
        queue_account_mail(to_email="a@x.example", subject="S", text="T", html="H", kind=kind)
    now = timezone.now()
    assert forget_account_mail(now=now + timedelta(minutes=13)) == 0
    assert forget_account_mail(now=now + timedelta(minutes=16)) == 3
    assert forget_account_mail(now=now + timedelta(hours=25)) == 1
    left = AccountMessage.objects.get(status=MessageStatus.QUEUED)
    assert (left.kind, left.text) == ("password_changed", "T")
    dropped = AccountMessage.objects.filter(status=MessageStatus.DROPPED)
    assert set(dropped.values_list("reason", "text")) == {(MessageReason.LATE, "")}
    forget_account_mail(now=now + timedelta(days=31))
    assert AccountMessage.objects.count() == 0


def test_sweep_deletes_sessions_that_are_over(northwind: Cast, sign_in: Any) -> None:
    for user in (northwind.owner, northwind.champion):
        sign_in(user).get("/accounts/sessions/")
    over = UserSession.objects.get(user=northwind.owner).session_key  # as the session's row has it
    Session.objects.filter(pk=over).update(expire_date=NOW - timedelta(days=1))
    forget_secrets_everywhere()
    assert Session.objects.count() == 1
    assert [found.user for found in UserSession.objects.all()] == [northwind.champion]


def cookie(browser: Client) -> str:
    return browser.cookies[ours.SESSION_COOKIE_NAME].value


def test_sessions_cannot_be_taken_over_from_what_is_stored(northwind: Cast, client: Client) -> None:
    """However they began: by password, by code, by a link, and anew with a changed password."""
    user = verified(mentor_user(northwind))
    there, here, linked = signed_in(user), signed_in(user), Client()
    link = participant_url(northwind.mentor)
    linked.get(path_of(link), follow=True)
    assert is_in(linked, f"/o/northwind/p/{northwind.mentor.pk}/")
    keys = [cookie(browser) for browser in (there, here, linked)]
    page = client.post("/accounts/login/code/", {"email": user.email})["Location"]
    client.post(page, {"code": code_in(newest_mail(user.email))})
    new = "another correct horse battery"
    here.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
        follow=True,
    )
    assert (is_in(here, PAGE), is_in(there, PAGE)) == (True, False)
    assert here.get(PAGE).content.decode().count("This one") == 1
    keys += [cookie(client), cookie(here)]
    found = stored(northwind)
    assert len(set(keys)) == 5
    assert [secret for secret in (*keys, *TOKEN.findall(link)) if secret in found] == []
    assert len(TOKEN.findall(link)) == 1
    lists = [set(model.objects.values_list("session_key", flat=True)) for model in (Session, UserSession)]
    assert stored_key(cookie(here)) in lists[0] & lists[1]
    assert stored_key(cookie(here)) in found  # it does look where they are
    for key in lists[0] | lists[1]:
        thief = Client()
        thief.cookies[ours.SESSION_COOKIE_NAME] = key
        assert not is_in(thief, PAGE)


def test_mail_is_sealed_with_the_new_key_and_what_cannot_be_read_is_left(
    northwind: Cast, fabrikam: Cast, settings: Any
) -> None:
    for cast in (northwind, fabrikam):
        queue(cast, "a@x.example")
    queue_account_mail(to_email="a@x.example", subject="S", text="T", html="H", kind="login_code")
    casts, old = (northwind, fabrikam), settings.SECRET_KEY
    texts = [row_of(cast, "a@x.example").text for cast in casts]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-" * 8, []
    queue(northwind, "b@x.example")
    call_command("reseal_secrets", stdout=io.StringIO())
    assert row_of(northwind, "a@x.example").text == ""
    settings.SECRET_KEY_FALLBACKS = [old]
    said = io.StringIO()
    call_command("reseal_secrets", stdout=said)
    assert "and 4 mails, are sealed" in said.getvalue()
    settings.SECRET_KEY_FALLBACKS = []
    assert all("Join here" in text for text in texts)
    assert [row_of(cast, "a@x.example").text for cast in casts] == texts
    assert AccountMessage.objects.get().text == "T"


def test_nothing_can_be_looked_up_in_a_sealed_field(db: None) -> None:
    with pytest.raises(FieldError):
        AccountMessage.objects.filter(text__contains="x")
