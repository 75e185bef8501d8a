"""Somebody's session ends while they are at work: htmx takes the whole page to the sign-in and back, and a
form that was sent is sent again with one press."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from mentoring.tenancy.signed_out import COOKIE, KEPT, KEPT_CHARACTERS
from programs.guards import SESSION_KEY, participant_url
from programs.models import Program
from tests.cast import Cast
from tests.tenancy.test_rubbish import Forms

PURPOSE = "Leaders learn what our youngest people see every day, before the market tells them."


@pytest.fixture
def edit_url(northwind: Cast) -> str:
    return reverse("program_edit", args=["northwind", northwind.program.pk])


def end_session(client: Client) -> None:
    """As on the server's side: the row is gone, the browser still has all its cookies."""
    client.session.flush()


def _next(where: str) -> str:
    return parse_qs(urlsplit(where).query)["next"][0]


def test_htmx_request_takes_the_whole_page_to_sign_in_and_back(northwind: Cast, edit_url: str) -> None:
    response = Client().get(
        reverse("program_people", args=["northwind"]),
        headers={"hx-request": "true", "hx-current-url": f"http://testserver{edit_url}?tab=1"},
    )
    assert response.status_code == 200
    assert response.content == b""
    assert response["HX-Redirect"].startswith(reverse("account_login"))
    assert _next(response["HX-Redirect"]) == f"{edit_url}?tab=1"
    assert response["Upward-Signed-Out"] == "1"


def test_htmx_request_from_another_host_comes_back_to_ours(northwind: Cast) -> None:
    response = Client().get(
        reverse("program_people", args=["northwind"]),
        headers={"hx-request": "true", "hx-current-url": "https://evil.example/trap"},
    )
    assert _next(response["HX-Redirect"]) == reverse("program_people", args=["northwind"])


def test_form_sent_too_late_is_sent_again_with_one_press(
    northwind: Cast, sign_in: Any, edit_url: str
) -> None:
    client = sign_in(northwind.champion)
    form = client.get(edit_url).context["form"]
    data = {field.html_name: field.value() or "" for field in form} | {"purpose": PURPOSE}
    end_session(client)
    asked = client.post(edit_url, data)
    assert (asked.status_code, _next(asked["Location"])) == (302, reverse("resume"))
    assert "before your form arrived" in client.get(asked["Location"]).content.decode()
    client.force_login(northwind.champion)
    page = client.get(reverse("resume"))
    assert page.context["words"] == [PURPOSE]
    (fields,) = [found for _action, found in Forms(page.content.decode()).found if "purpose" in found]
    sent = client.post(
        reverse("resume"), {name: value for name, value in fields.items() if "kept" not in name}
    )
    assert (sent.status_code, sent["Location"]) == (307, edit_url)
    assert client.post(sent["Location"], fields).status_code == 302
    with northwind.scope():
        assert Program.objects.get(pk=northwind.program.pk).purpose == PURPOSE
    assert client.get(reverse("resume"))["Location"] == reverse("start"), "it is kept once"


def test_kept_form_is_not_shown_to_somebody_else(northwind: Cast, sign_in: Any, edit_url: str) -> None:
    client = sign_in(northwind.champion)
    client.get(edit_url)
    end_session(client)
    client.post(edit_url, {"purpose": PURPOSE})
    client.force_login(northwind.owner)
    page = client.get(reverse("resume"))
    assert (page.status_code, page["Location"]) == (302, reverse("start"))
    assert KEPT not in client.session


def test_stranger_can_keep_nothing(northwind: Cast, edit_url: str) -> None:
    client = Client()
    client.cookies[COOKIE] = "MQ:1tabcd:forged"
    response = client.post(
        edit_url, {"purpose": PURPOSE}, headers={"referer": f"http://127.0.0.1:8000{edit_url}"}
    )
    assert response.status_code == 302
    assert _next(response["Location"]) != reverse("resume")
    assert Session.objects.count() == 0


def test_what_is_too_long_is_not_kept(northwind: Cast, sign_in: Any, edit_url: str) -> None:
    client = sign_in(northwind.champion)
    client.get(edit_url)
    end_session(client)
    response = client.post(edit_url, {"purpose": "x" * (KEPT_CHARACTERS + 1)})
    assert _next(response["Location"]) == reverse("start")
    assert KEPT not in client.session


def test_kept_form_can_be_thrown_away(northwind: Cast, sign_in: Any, edit_url: str) -> None:
    client = sign_in(northwind.champion)
    client.get(edit_url)
    end_session(client)
    client.post(edit_url, {"purpose": PURPOSE})
    client.force_login(northwind.champion)
    thrown = client.post(reverse("resume"), {"throw-kept-away": "1"})
    assert (thrown.status_code, thrown["Location"]) == (302, reverse("start"))
    assert client.get(reverse("resume"))["Location"] == reverse("start")


def test_password_is_never_kept(northwind: Cast, sign_in: Any, edit_url: str) -> None:
    client = sign_in(northwind.champion)
    client.get(edit_url)
    end_session(client)
    client.post(edit_url, {"password1": "secret words", "purpose": PURPOSE})
    assert "secret words" not in str(client.session[KEPT])


def test_participant_by_link_goes_on_with_the_next_link(northwind: Cast) -> None:
    client = Client()
    with northwind.scope():
        link = participant_url(northwind.mentor)
    assert client.get(link).status_code == 302
    url = reverse("participant", args=["northwind", northwind.mentor.pk])
    assert client.get(url).status_code == 200
    session = client.session
    session[SESSION_KEY] = {str(northwind.mentor.pk): [time.time() - 1, 0]}
    session.save()
    questions = reverse("questionnaire", args=["northwind", northwind.mentor.pk])
    asked = client.post(questions, {"q_goal": "What I want to learn is how decisions are made."})
    assert asked.status_code == 302
    opened = client.get(link)
    resume = reverse("participant_resume", args=["northwind", northwind.mentor.pk])
    assert opened["Location"] == resume
    page = client.get(resume)
    assert "What I want to learn is how decisions are made." in page.content.decode()
    assert client.post(resume)["Location"] == questions
