"""Sessions: those signed in to and those that a link opened, seen and ended from elsewhere."""

from typing import Any

from django.test import Client

from mentoring.actions.users import end_link_sessions, end_user_sessions
from mentoring.models import LinkSession, User
from programs.guards import participant_url
from tests.cast import Cast
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
        end_link_sessions(person=northwind.people["mentor"])
        assert LinkSession.objects.count() == 0
    assert not is_in(linked, page)
    assert is_in(by_link(northwind), page)


def test_opening_a_link_again_keeps_one_row_for_a_browser(northwind: Cast) -> None:
    browser = by_link(northwind)
    browser.get(path_of(participant_url(northwind.mentor)))
    with northwind.scope():
        assert LinkSession.objects.count() == 1
