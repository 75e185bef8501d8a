"""Every mail is whole: HTML in the common frame, a plain text twin in the same, and a subject."""

from pathlib import Path

import pytest
from django.conf import settings

EMAILS = Path(settings.BASE_DIR) / "templates" / "emails"
PARTS = {"base", "account"}
KINDS = sorted(
    path.stem
    for path in EMAILS.glob("*.html")
    if path.stem not in PARTS and "{% extends" in path.read_text().partition("\n")[0]
)


def test_there_are_mails() -> None:
    assert "invite_member" in KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_mail_has_its_twin_and_subject(kind: str) -> None:
    assert (EMAILS / f"{kind}.html").read_text().startswith('{% extends "emails/base.html" %}')
    assert (EMAILS / f"{kind}.txt").read_text().startswith('{% extends "emails/base.txt" %}')
    assert (EMAILS / f"{kind}.subject.txt").is_file()


@pytest.mark.parametrize("kind", [*KINDS, *sorted(PARTS)])
def test_mail_needs_nothing_from_the_net(kind: str) -> None:
    """No picture, script or style sheet to fetch: mail programs block them, and they tell who reads."""
    html = (EMAILS / f"{kind}.html").read_text()
    assert [word for word in ("<img", "<script", "<link", "url(", "@import", " src=") if word in html] == []
