"""No door tells whether an address has an account: neither by its answer nor by the work that it does."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mentoring.models import AccountMessage, Organization, User
from tests.accounts.test_signup import FORM, verified
from tests.cast import Cast

NOBODY = "nobody@northwind.example"


@dataclass
class Seen:
    """What can be told from outside, and what takes time: hashes, statements by kind, mails, publications."""

    status: int
    location: str
    page: str
    cookies: set[str]
    work: Counter[str]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Seen]]:
    work: Counter[str] = Counter()
    hashed, rendered = hashers.MD5PasswordHasher.encode, AccountMessage.__init__
    monkeypatch.setattr(
        hashers.MD5PasswordHasher, "encode", lambda *a, **k: (work.update(hashes=1), hashed(*a, **k))[1]
    )
    monkeypatch.setattr(
        AccountMessage, "__init__", lambda *a, **k: (work.update(mails=1), rendered(*a, **k))[1]
    )
    monkeypatch.setattr("mentoring.jobs.send", lambda *a: work.update(tasks=1))

    def seen(url: str, form: dict[str, str], browser: Client | None = None) -> Seen:
        work.clear()
        browser = browser or Client()
        with CaptureQueriesContext(connection) as queries:
            answer = browser.post(url, form)
        for query in queries:
            kind = query["sql"].split()[0]
            work[{"DECLARE": "SELECT"}.get(kind, kind)] += 1
        # One rollback where nothing may remain stands for the commit of the other.
        for control in ("SAVEPOINT", "RELEASE", "ROLLBACK"):
            work.pop(control, None)
        page = answer.content.decode()
        for value in form.values():
            page = page.replace(value, "")
        return Seen(answer.status_code, answer.get("Location", ""), page, set(browser.cookies), Counter(work))

    return seen


DOORS = {
    "code": ("/accounts/login/code/", "email", {}),
    "reset": ("/accounts/password/reset/", "email", {}),
}


@pytest.mark.parametrize("door", DOORS)
def test_door_does_the_same_for_an_unknown_address(door: str, northwind: Cast, watch: Any) -> None:
    verified(northwind.owner)
    url, field, form = DOORS[door]
    known, unknown = (watch(url, {**form, field: email}) for email in (northwind.owner.email, NOBODY))
    assert known == unknown
    assert known.work["mails"] == 1
    assert list(AccountMessage.objects.values_list("to_email", flat=True)) == [northwind.owner.email]


def test_sign_in_does_the_same_for_an_unknown_address(northwind: Cast, watch: Any) -> None:
    verified(northwind.owner)
    url = "/accounts/login/"
    known, unknown = (
        watch(url, {"login": email, "password": "wrong horse battery"})
        for email in (northwind.owner.email, NOBODY)
    )
    for seen in (known, unknown):
        assert "do not go together" in seen.page
        seen.page = ""  # its token differs
    assert known == unknown
    assert (known.status, known.work["hashes"]) == (200, 1)


def test_sign_in_of_somebody_without_password_hashes_too(northwind: Cast, watch: Any) -> None:
    verified(northwind.owner).set_unusable_password()
    northwind.owner.save()
    seen = watch("/accounts/login/", {"login": northwind.owner.email, "password": "wrong horse battery"})
    assert seen.work["hashes"] == 1


def test_sign_up_does_the_same_for_an_address_with_an_account(northwind: Cast, watch: Any) -> None:
    """It was 0.24 s against 2.1 s: only one of them hashed a password and made an organization."""
    verified(northwind.owner)
    users, organizations = User.objects.count(), Organization.objects.count()
    taken = watch("/accounts/signup/", {**FORM, "email": northwind.owner.email})
    assert (User.objects.count(), Organization.objects.count()) == (users, organizations)
    free = watch("/accounts/signup/", {**FORM, "email": NOBODY, "organization_slug": "other"})
    assert taken == free
    assert (taken.work["hashes"], taken.work["mails"], taken.status) == (1, 1, 302)


@pytest.mark.parametrize("door", ["code", "signup"])
def test_asking_for_the_code_again_and_wrong_codes_do_the_same(
    door: str, northwind: Cast, watch: Any, settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    verified(northwind.owner)
    pages = []
    for number, email in enumerate((northwind.owner.email, NOBODY)):
        browser = Client()
        form = (
            {"email": email}
            if door == "code"
            else {**FORM, "email": email, "organization_slug": f"s{number}"}
        )
        url = "/accounts/login/code/" if door == "code" else "/accounts/signup/"
        confirm = browser.post(url, form)["Location"]
        pages.append(
            [watch(confirm, {"action": "resend"}, browser), watch(confirm, {"code": "AAA-111"}, browser)]
        )
    assert [(seen.status, seen.location, seen.cookies) for seen in pages[0]] == [
        (seen.status, seen.location, seen.cookies) for seen in pages[1]
    ]
    assert [seen.work for seen in pages[0]] == [seen.work for seen in pages[1]]
