"""Sign-ups that nobody confirms take nothing away for good and tell nothing about others."""

import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from mentoring.actions.users import CONFIRM_WITHIN, forget_unconfirmed
from mentoring.models import Organization, User
from tests.accounts.test_members import INVITE, NEW
from tests.accounts.test_signup import FORM, code_in, newest_mail
from tests.cast import Cast

LATER = CONFIRM_WITHIN + timedelta(hours=1)


def sign_up(browser: Client, **fields: str) -> Any:
    return browser.post("/accounts/signup/", {**FORM, **fields})


def test_unconfirmed_sign_up_is_forgotten_with_its_organization(
    client: Client, northwind: Cast, fabrikam: Cast
) -> None:
    before = User.objects.count()
    sign_up(client)
    assert forget_unconfirmed(now=timezone.now() + timedelta(days=1)) == 0
    assert Organization.objects.count() == 3
    assert forget_unconfirmed(now=timezone.now() + LATER) == 1
    assert [organization.slug for organization in Organization.objects.all()] == ["fabrikam", "northwind"]
    assert User.objects.count() == before
    assert sign_up(Client(), email="ada@fabrikam.example").status_code == 302


def test_confirmed_sign_up_stays(client: Client, db: None) -> None:
    page = sign_up(client)["Location"]
    client.post(page, {"code": code_in(newest_mail(FORM["email"]))})
    assert forget_unconfirmed(now=timezone.now() + LATER) == 0
    assert client.get("/o/contoso/").status_code == 200


def test_invited_people_are_not_forgotten(client: Client, northwind: Cast, sign_in: Any) -> None:
    sign_up(client)
    browser = sign_in(northwind.owner)
    browser.post(INVITE, NEW)
    browser.post(INVITE, {**NEW, "email": FORM["email"]})
    assert forget_unconfirmed(now=timezone.now() + LATER) == 0
    assert User.objects.filter(email__in=[FORM["email"], NEW["email"].lower()]).count() == 2


def test_sign_up_again_does_not_tell_whether_an_account_exists(northwind: Cast) -> None:
    """The first try made an organization, or only seemed to: the second gets the same answer."""
    told = []
    for email, slug in ((northwind.owner.email, "one"), ("nobody@northwind.example", "two")):
        answers = [sign_up(Client(), email=email, organization_slug=slug) for _try in range(2)]
        told.append([(answer.status_code, "is taken" in answer.content.decode()) for answer in answers])
    assert told == [[(302, False), (422, True)]] * 2


def test_page_of_the_code_does_not_tell_whether_an_account_exists(northwind: Cast) -> None:
    pages, after = [], []
    for email, slug in ((northwind.owner.email, "one"), ("nobody@northwind.example", "two")):
        browser = Client()
        page = browser.get(sign_up(browser, email=email, organization_slug=slug)["Location"])
        text = re.sub(r'(csrfmiddlewaretoken" value=)"[^"]+"', r"\1", page.content.decode())
        pages.append(text.replace(email, "..."))
        after.append(browser.post("/accounts/signup/again/")["Location"])
        other = sign_up(Client(), email=f"other-{slug}@northwind.example", organization_slug=slug)
        assert other.status_code == 302
    assert pages[0] == pages[1]
    assert after == ["/accounts/signup/"] * 2
