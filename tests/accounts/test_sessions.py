"""Sessions: those signed in to and those that a link opened, seen and ended from elsewhere."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from mentoring.actions.users import end_link_sessions, end_user_sessions, forget_link_sessions
from mentoring.enums import Role
from mentoring.middleware import ORGANIZER_UNTIL
from mentoring.models import AccountEvent, LinkSession, Membership, User
from mentoring.visitors import device_of
from programs.guards import participant_url
from tests.accounts.test_signup import code_in, newest_mail, verified
from tests.cast import NOW, PASSWORD, Cast
from tests.programs.test_join import path_of
from tests.tenancy.ids import mentor_user


def by_link(cast: Cast) -> Client:
    """A browser in which the mentor opened a link of her mail."""
    browser = Client()
    assert browser.get(path_of(participant_url(cast.mentor)), follow=True).status_code == 200
    return browser


def is_in(browser: Client, url: str) -> bool:
    return browser.get(url).status_code == 200


def test_end_user_sessions_ends_every_kind_at_once(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    user = mentor_user(northwind)
    page = f"/o/northwind/p/{northwind.mentor.pk}/"
    signed_in, linked, others = sign_in(user), by_link(northwind), by_link(fabrikam)
    other = sign_in(northwind.champion)
    assert is_in(signed_in, page)
    assert is_in(linked, page)
    end_user_sessions(user=user)
    assert not is_in(signed_in, page)
    assert not is_in(linked, page)
    assert is_in(other, "/o/northwind/")
    assert is_in(others, f"/o/fabrikam/p/{fabrikam.mentor.pk}/")
    assert is_in(sign_in(User.objects.get(pk=user.pk)), page)


def test_end_link_sessions_of_somebody_without_a_login(northwind: Cast) -> None:
    linked, page = by_link(northwind), f"/o/northwind/p/{northwind.mentor.pk}/"
    assert is_in(linked, page)
    with northwind.scope():
        assert LinkSession.objects.count() == 1
        end_link_sessions(people=[northwind.people["mentor"]])
        assert LinkSession.objects.count() == 0
    assert not is_in(linked, page)
    assert is_in(by_link(northwind), page)


def test_opening_a_link_again_keeps_one_row_for_a_browser(northwind: Cast) -> None:
    browser = by_link(northwind)
    browser.get(path_of(participant_url(northwind.mentor)))
    with northwind.scope():
        assert LinkSession.objects.count() == 1


PAGE = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"
)


def signed_in(user: User, agent: str = FIREFOX, ip: str = "203.0.113.5") -> Client:
    """By the sign-in page, as a browser."""
    browser = Client(REMOTE_ADDR=ip, headers={"user-agent": agent})
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return browser


def keys_on(browser: Client) -> list[str]:
    return re.findall(r'name="session" value="([^"]+)"', browser.get(PAGE).content.decode())


def test_sessions_page_lists_both_kinds_and_ends_one(northwind: Cast) -> None:
    user = verified(mentor_user(northwind))
    here, there, linked = signed_in(user), signed_in(user, IPHONE, "203.0.113.6"), by_link(northwind)
    page = here.get(PAGE).content.decode()
    for text in (
        "Firefox on Windows",
        "Safari on iPhone",
        "203.0.113.6",
        "By a link from a mail of Northwind",
    ):
        assert text in page
    assert page.count("This one") == 1
    keys = keys_on(here)
    assert [key.partition(":")[0] for key in keys] == ["link", "session"]
    for key, browser in zip(keys, (linked, there), strict=True):
        assert is_in(browser, f"/o/northwind/p/{northwind.mentor.pk}/")
        assert here.post(f"{PAGE}end/", {"session": key})["Location"] == PAGE
        assert not is_in(browser, f"/o/northwind/p/{northwind.mentor.pk}/")
    assert keys_on(here) == []
    ended = AccountEvent.objects.filter(user_id=user.pk, kind="session_ended")
    assert ended.count() == 2


def test_nobody_ends_the_session_of_somebody_else(northwind: Cast, fabrikam: Cast) -> None:
    user, other = verified(mentor_user(northwind)), verified(northwind.champion)
    theirs, linked, foreign = signed_in(user), by_link(northwind), by_link(fabrikam)
    with fabrikam.scope():
        strange = f"link:{fabrikam.organization.pk}:{LinkSession.objects.get().pk}"
    browser = signed_in(other)
    keys = [
        f"session:{UserSession.objects.get(user=user).pk}",
        strange,
        "session:",
        "link:1",
        "x",
        "link:a:b",
    ]
    with northwind.scope():
        keys.append(f"link:{northwind.organization.pk}:{LinkSession.objects.get().pk}")
    for key in [*keys, "session:" + "9" * 30, f"link:{10**18}:1"]:
        assert browser.post(f"{PAGE}end/", {"session": key}).status_code == 302
    assert is_in(theirs, PAGE)
    assert is_in(linked, f"/o/northwind/p/{northwind.mentor.pk}/")
    assert is_in(foreign, f"/o/fabrikam/p/{fabrikam.mentor.pk}/")
    assert not AccountEvent.objects.filter(kind="session_ended").exists()


def test_end_others_keeps_this_one(northwind: Cast, sign_in: Any) -> None:
    user = verified(mentor_user(northwind))
    here, there, linked, unlisted = signed_in(user), signed_in(user), by_link(northwind), sign_in(user)
    here.post(f"{PAGE}end-others/")
    page = here.get(PAGE).content.decode()
    assert "You are signed in here and nowhere else." in page
    assert page.count("This one") == 1
    assert keys_on(here) == []
    for browser in (there, unlisted):
        assert not is_in(browser, PAGE)
    assert not is_in(linked, f"/o/northwind/p/{northwind.mentor.pk}/")


def test_codes_and_reset_links_end_with_the_sessions(northwind: Cast, client: Client) -> None:
    user = verified(northwind.owner)
    page = client.post("/accounts/login/code/", {"email": user.email})["Location"]
    code = code_in(newest_mail(user.email))
    other = Client()
    other.post("/accounts/password/reset/", {"email": user.email})
    link = re.search(r"https?://[^/]+(/\S+)", newest_mail(user.email).text)
    assert link
    end_user_sessions(user=user)
    assert client.post(page, {"code": code})["Location"] == "/accounts/login/"
    assert not is_in(client, PAGE)
    assert "password1" not in other.get(link[1], follow=True).content.decode()
    page = client.post("/accounts/login/code/", {"email": user.email})["Location"]
    client.post(page, {"code": code_in(newest_mail(user.email))})
    assert is_in(client, PAGE)


def test_organizers_are_signed_out_after_some_hours(northwind: Cast) -> None:
    organizer, member = signed_in(verified(northwind.champion)), signed_in(verified(mentor_user(northwind)))
    for browser in (organizer, member):
        session = browser.session
        if ORGANIZER_UNTIL in session:
            assert session[ORGANIZER_UNTIL] == pytest.approx(time.time() + 12 * 3600, abs=600)
            session[ORGANIZER_UNTIL] = time.time() - 1
            session.save()
    assert not is_in(organizer, "/o/northwind/")
    assert not is_in(organizer, PAGE)
    assert is_in(member, "/o/northwind/")


def test_who_becomes_an_organizer_is_limited_from_then_on(northwind: Cast) -> None:
    user = verified(mentor_user(northwind))
    browser = signed_in(user)
    browser.get("/o/northwind/")
    assert ORGANIZER_UNTIL not in browser.session
    with northwind.scope():
        Membership.objects.filter(user=user).update(role=Role.CHAMPION)
    browser.get("/o/northwind/")
    until = browser.session[ORGANIZER_UNTIL]
    browser.get("/o/northwind/people/")
    browser.get(path_of(participant_url(northwind.mentor)))
    assert browser.session[ORGANIZER_UNTIL] == until  # whatever one does, it is not put off


def test_use_is_noted_every_few_minutes(northwind: Cast) -> None:
    user = verified(northwind.owner)
    browser = signed_in(user)
    UserSession.objects.update(last_seen_at=NOW)
    browser.get("/start/")
    assert UserSession.objects.get(user=user).last_seen_at == NOW
    session = browser.session
    session["seen"] = time.time() - 601
    session.save()
    browser.get("/start/", REMOTE_ADDR="203.0.113.9")
    found = UserSession.objects.get(user=user)
    assert found.last_seen_at > NOW
    assert found.ip == "203.0.113.9"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox on Windows"),
        (IPHONE, "Safari on iPhone"),
        (EDGE, "Edge on Windows"),
        ("curl/8", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_device_in_words(agent: str, device: str) -> None:
    assert device_of(agent) == device


def test_sessions_that_are_over_are_swept(northwind: Cast) -> None:
    by_link(northwind)
    with northwind.scope():
        forget_link_sessions(now=NOW)
        assert LinkSession.objects.count() == 1
        forget_link_sessions(now=timezone.now() + timedelta(days=1))
        assert LinkSession.objects.count() == 0
