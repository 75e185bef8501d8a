"""What the log must not know: the keys of signed links, codes, addresses, rows that PostgreSQL quotes."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from mentoring.logs import formatter
from mentoring.mail.links import make_token
from mentoring.models import User
from tests.accounts.test_signup import FORM, code_in, newest_mail
from tests.cast import Cast


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the processes write to stderr."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def test_refused_links_keep_their_key(northwind: Cast, client: Client, written: io.StringIO) -> None:
    """Django logs the path of what it answers with 4xx: with the key, whoever reads the log could come in."""
    token = make_token("meeting", {"o": northwind.organization.pk, "m": 0, "p": northwind.mentor.pk})
    assert client.get(f"/s/meeting/{token}/").status_code == 404
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/s/meeting/{token}/").status_code == 403
    client.get("/accounts/password/reset/key/1-dmhu3r-secretkey/")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert "Not Found: /s/meeting/***/" in [line["event"] for line in lines]
    assert token not in written.getvalue()
    assert "secretkey" not in written.getvalue()


def test_signing_up_leaves_no_trace_of_the_person(client: Client, db: None, written: io.StringIO) -> None:
    client.post("/accounts/signup/", FORM)
    code = code_in(newest_mail(FORM["email"]))
    client.post("/accounts/confirm-email/", {"code": "WRONG1"})
    client.post("/accounts/confirm-email/", {"code": code})
    client.post("/accounts/login/code/", {"email": FORM["email"]})
    assert '"route": "accounts/signup/"' in written.getvalue()
    found = [secret for secret in (code, *FORM.values()) if secret in written.getvalue()]
    assert [secret for secret in found if secret != "Contoso"] == []


def test_errors_of_the_database_keep_their_row(northwind: Cast, written: io.StringIO) -> None:
    try:
        with transaction.atomic():
            User.objects.create_user(northwind.owner.email)
    except IntegrityError:
        logging.getLogger("mentoring").exception("job failed")
    assert "user_email" in written.getvalue()
    assert northwind.owner.email not in written.getvalue()


def test_broken_page_is_logged_with_its_cause(
    northwind: Cast, sign_in: Any, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**wanted: Any) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr("mentoring.queries.members.members_found", broken)
    browser = sign_in(northwind.owner)
    browser.raise_request_exception = False
    assert browser.get("/o/northwind/members/").status_code == 500
    assert "RuntimeError: out of order" in written.getvalue()
