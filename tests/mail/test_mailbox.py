"""The demo's mailbox, and that it exists in the demo only."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mentoring.mail.outbox import Calendar, Recipient, queue_account_mail, queue_mail
from mentoring.models import AccountMessage, OutgoingMessage
from mentoring.queries.contacts import mail_context
from tests.cast import Cast


def queue(cast: Cast, email: str, **parts: Any) -> OutgoingMessage:
    context = mail_context(cast.organization, url="https://upward.example/s/x/", membership=None)
    with cast.scope():
        to = Recipient(email=email, name="Amara Osei")
        queue_mail("invite_member", to=to, context=context, idempotency_key=email, **parts)
        return OutgoingMessage.objects.latest("pk")


@pytest.fixture
def demo(settings: Any) -> None:
    settings.DEMO = True


def test_without_demo_there_is_none(northwind: Cast, sign_in: Any) -> None:
    message = queue(northwind, "a@northwind.example", calendar=Calendar("BEGIN:VCALENDAR", "REQUEST"))
    browser = sign_in(northwind.owner)
    mail = f"/mailbox/northwind/{message.pk}/"
    urls = ["/mailbox/", mail, f"{mail}html/", f"{mail}invite.ics"]
    assert [browser.get(url).status_code for url in urls] == [404] * 4


def subjects(page: bytes) -> list[str]:
    return re.findall(r'data-label="To">([^<]+)<', page.decode())


def test_mailbox_lists_every_box_newest_first(
    demo: None, northwind: Cast, fabrikam: Cast, client: Client
) -> None:
    queue(northwind, "first@northwind.example")
    queue(fabrikam, "second@fabrikam.example")
    queue_account_mail(to_email="third@x.example", subject="Code", text="123", html="<p>1", kind="login_code")
    queue(northwind, "fourth@northwind.example")
    assert subjects(client.get("/mailbox/").content) == [
        "fourth@northwind.example",
        "third@x.example",
        "second@fabrikam.example",
        "first@northwind.example",
    ]
    assert subjects(client.get("/mailbox/?q=northwind+fir").content) == ["first@northwind.example"]
    assert "No mail fits" in client.get("/mailbox/?q=zzz").content.decode()


def test_mailbox_pages(demo: None, northwind: Cast, fabrikam: Cast, client: Client) -> None:
    for number in range(30):
        queue(northwind if number % 2 else fabrikam, f"p{number:02}@x.example")
    first, second = client.get("/mailbox/").content, client.get("/mailbox/?page=2").content
    expected = [f"p{number:02}@x.example" for number in range(29, -1, -1)]
    assert (subjects(first), subjects(second)) == (expected[:25], expected[25:])


def test_empty_mailbox_says_so(demo: None, db: None, client: Client) -> None:
    assert "No mail yet" in client.get("/mailbox/").content.decode()


def test_mail_is_shown_in_a_sandbox(demo: None, northwind: Cast, client: Client) -> None:
    message = queue(northwind, "a@northwind.example")
    page = client.get(f"/mailbox/northwind/{message.pk}/").content.decode()
    assert 'sandbox="allow-popups allow-top-navigation-by-user-activation"' in page
    assert f'src="/mailbox/northwind/{message.pk}/html/"' in page
    frame = client.get(f"/mailbox/northwind/{message.pk}/html/")
    assert '<base target="_top">' in frame.content.decode()
    assert 'href="https://upward.example/s/x/"' in frame.content.decode()
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    policy = dict(part.strip().partition(" ")[::2] for part in frame["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
    }


def test_calendar_can_be_fetched(demo: None, northwind: Cast, client: Client) -> None:
    text = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
    message = queue(northwind, "a@northwind.example", calendar=Calendar(text, "REQUEST"))
    response = client.get(f"/mailbox/northwind/{message.pk}/invite.ics")
    assert response.content.decode() == text
    assert response["Content-Type"] == "text/calendar; method=REQUEST; charset=utf-8"
    without = queue(northwind, "b@northwind.example")
    assert client.get(f"/mailbox/northwind/{without.pk}/invite.ics").status_code == 404


def test_mail_of_another_box_is_not_there(
    demo: None, northwind: Cast, fabrikam: Cast, client: Client
) -> None:
    message = queue(northwind, "a@northwind.example")
    assert client.get(f"/mailbox/fabrikam/{message.pk}/").status_code == 404
    assert client.get(f"/mailbox/nobody/{message.pk}/").status_code == 404


def test_account_mail_is_shown(demo: None, db: None, client: Client) -> None:
    queue_account_mail(
        to_email="a@x.example", subject="Code", text="123", html="<html><head>", kind="login_code"
    )
    AccountMessage.objects.update(status="sent", sent_at=timezone.now())
    pk = AccountMessage.objects.get().pk
    assert client.get(f"/mailbox/_accounts/{pk}/").status_code == 200
