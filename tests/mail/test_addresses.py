"""Addresses with domains beyond ASCII are delivered; letters beyond it before the @ are refused."""

from typing import Any

import pytest

from mentoring.enums import MessageStatus
from mentoring.exchange.refusals import BadValue
from mentoring.mail.outbox import Recipient
from mentoring.people.columns import clean_email
from mentoring.rules import ascii_address
from tests.cast import Cast
from tests.mail.sending import queue, send_due, statuses
from tests.mail.smtp import MailServer


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("user@münchen.example", "user@xn--mnchen-3ya.example"),
        ("user@MÜNCHEN.example", "user@xn--mnchen-3ya.example"),
        ("user@straße.example", "user@xn--strae-oqa.example"),  # as of 2008; Python's codec writes strasse
        ("user@例え.テスト", "user@xn--r8jz45g.xn--zckzah"),
        ("user@x.example", "user@x.example"),
        ("nobody", "nobody"),
    ],
)
def test_ascii_address(typed: str, sent: str) -> None:
    assert ascii_address(typed) == sent


def test_domain_beyond_ascii_is_delivered(northwind: Cast, mail_server: MailServer) -> None:
    queue(northwind, "", to=Recipient("user@münchen.example", "Jürgen Groß"), reply_to="me@straße.example")
    send_due(northwind)
    assert statuses(northwind) == {"user@münchen.example": MessageStatus.SENT}
    [message] = mail_server.received
    assert str(message["To"]) == "Jürgen Groß <user@xn--mnchen-3ya.example>"
    assert str(message["Reply-To"]) == "me@xn--strae-oqa.example"
    assert mail_server.recipients == ["user@xn--mnchen-3ya.example"]


BAD = ["jürgen@x.example", "a@b..example", "x@☃.example", "two@x.example, y@z.example"]


@pytest.mark.parametrize("email", BAD)
@pytest.mark.parametrize("door", ["invite", "settings", "signup", "add address"])
def test_address_that_cannot_be_reached_is_refused_in_forms(
    northwind: Cast, sign_in: Any, client: Any, door: str, email: str
) -> None:
    browser = client if door == "signup" else sign_in(northwind.owner)
    url, form = {
        "invite": ("/o/northwind/members/invite/", {"email": email, "role": "champion"}),
        "settings": (
            "/o/northwind/settings/",
            {"name": "N", "time_zone": "UTC", "language": "en", "contact_email": email, "contact_name": "N"},
        ),
        "signup": ("/accounts/signup/", {"email": email, "name": "Jo", "password1": "long enough for all"}),
        "add address": ("/accounts/email/", {"email": email, "action_add": ""}),
    }[door]
    page = browser.post(url, form)
    assert page.status_code in (200, 422)
    assert "aria-invalid" in page.content.decode()


@pytest.mark.parametrize("email", BAD)
def test_address_that_cannot_be_reached_is_refused_by_the_import(email: str) -> None:
    with pytest.raises(BadValue):
        clean_email(email)
