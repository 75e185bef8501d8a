from datetime import timedelta

import pytest
from django.test import RequestFactory

from mentoring.mail.links import BadLink, ExpiredLink, make_token, read_token, signed_url

CLAIMS = {"o": 7, "p": 12}


def test_token_is_read_back() -> None:
    assert read_token("open", make_token("open", CLAIMS)) == CLAIMS


def test_token_of_another_purpose_is_refused() -> None:
    with pytest.raises(BadLink):
        read_token("meeting", make_token("open", CLAIMS))


@pytest.mark.parametrize("position", range(0, 60, 7))
def test_altered_token_is_refused(position: int) -> None:
    token = make_token("open", CLAIMS)
    other = "A" if token[position] != "A" else "B"
    with pytest.raises(BadLink):
        read_token("open", token[:position] + other + token[position + 1 :])


@pytest.mark.parametrize("token", ["", "x", "a:b", "a:b:c", "::", "é:é:é", "0" * 5000])
def test_rubbish_is_refused(token: str) -> None:
    with pytest.raises(BadLink):
        read_token("open", token)


def test_cut_token_is_refused() -> None:
    with pytest.raises(BadLink):
        read_token("open", make_token("open", CLAIMS)[:-1])


def test_expired_token_keeps_its_claims() -> None:
    with pytest.raises(ExpiredLink) as expired:
        read_token("open", make_token("open", CLAIMS), max_age=timedelta(microseconds=1))
    assert expired.value.claims == CLAIMS


def test_signed_url_is_absolute_and_needs_no_quoting(settings: object) -> None:
    settings.BASE_URL = "https://upward.example"  # type: ignore[attr-defined]
    url = signed_url("invitation", "invitation", 7, m=1, u=2)
    assert url.startswith("https://upward.example/s/invitation/")
    path = url.removeprefix("https://upward.example")
    assert RequestFactory().get(path).get_full_path() == path
    assert read_token("invitation", path.split("/")[3]) == {"o": 7, "m": 1, "u": 2}
