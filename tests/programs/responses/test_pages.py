from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mentoring.models import Membership
from programs.models import Questionnaire, Response
from programs.queries.responses import latest_response, values_of
from tests.cast import Cast
from tests.programs.answering import ANSWERS, definition, ready_to_answer

POSTED = {
    "q_tools": ["c-plus-plus", "c-sharp"],
    "q_place": "remote",
    "q_mood": "7",
    "q_motto": "Onward",
    "q_hope": "To learn\r\nsomething",
    "q_years": "21",
}


@pytest.fixture
def cast(northwind: Cast) -> Cast:
    with northwind.scope():
        ready_to_answer(northwind)
        user = northwind.champion
        northwind.people["mentor"].user = user
        northwind.people["mentor"].save()
    return northwind


@pytest.fixture
def client(cast: Cast, sign_in: Any) -> Client:
    return sign_in(cast.champion)


def page(cast: Cast, name: str = "questionnaire", *more: Any) -> str:
    return reverse(name, args=[cast.organization.slug, cast.mentor.pk, *more])


def answers(cast: Cast) -> dict[str, Any]:
    with cast.scope():
        return values_of(latest_response(cast.mentor), definition(cast))


def status(cast: Cast) -> str:
    with cast.scope():
        return Response.objects.get().status


def test_page_shows_every_question_and_writes_nothing(cast: Cast, client: Client) -> None:
    response = client.get(page(cast))
    html = response.content.decode()
    assert response.status_code == 200
    assert "0 of 6" in html
    assert html.count('class="question"') == 6
    assert 'name="q_tools" value="c-plus-plus"' in html
    with cast.scope():
        assert Response.objects.count() == 0


def test_hand_in_without_javascript(cast: Cast, client: Client) -> None:
    response = client.post(page(cast), POSTED | {"then": "submit"})
    assert (response.status_code, response["Location"]) == (302, page(cast, "questionnaire_done"))
    assert (answers(cast), status(cast)) == (ANSWERS, "submitted")
    html = client.get(response["Location"]).content.decode()
    assert "C++, C#" in html
    assert "6 of 6" in html


def test_save_and_go_on_later(cast: Cast, client: Client) -> None:
    response = client.post(page(cast), {"q_mood": "7", "then": "save"})
    assert (response.status_code, response["Location"]) == (302, page(cast))
    assert (answers(cast), status(cast)) == ({"mood": 7}, "draft")
    assert "1 of 6" in client.get(page(cast)).content.decode()


def test_hand_in_with_errors_loses_nothing(cast: Cast, client: Client) -> None:
    response = client.post(page(cast), POSTED | {"q_hope": "", "q_years": "NaN", "then": "submit"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "This question needs an answer." in html
    assert "Your answer is not a number" in html
    assert 'value="NaN"' in html
    expected = {key: value for key, value in ANSWERS.items() if key not in ("hope", "years")}
    assert (answers(cast), status(cast)) == (expected, "draft")


def test_clearing_a_needed_answer_after_handing_in(cast: Cast, client: Client) -> None:
    client.post(page(cast), POSTED | {"then": "submit"})
    response = client.post(page(cast), POSTED | {"q_hope": "", "q_mood": "2", "then": "save"})
    assert response.status_code == 302
    assert answers(cast) == ANSWERS | {"mood": 2}


def one(client: Client, cast: Cast, key: str, data: dict[str, Any]) -> Any:
    return client.post(page(cast, "questionnaire_answer", key), data, headers={"HX-Request": "true"})


def test_answer_is_saved_by_itself(cast: Cast, client: Client) -> None:
    response = one(client, cast, "tools", {"q_tools": ["c"], "q_mood": "9"})
    html = response.content.decode()
    assert response.status_code == 200
    assert "Saved" in html
    assert "1 of 6" in html
    assert answers(cast) == {"tools": ("c",)}
    one(client, cast, "tools", {})
    assert answers(cast) == {}


def test_bad_answer_is_told_and_not_saved(cast: Cast, client: Client) -> None:
    one(client, cast, "tools", {"q_tools": ["c"]})
    response = one(client, cast, "tools", {"q_tools": ["c", "1"]})
    assert response.status_code == 422
    assert "is not among the choices of this question" in response.content.decode()
    assert answers(cast) == {"tools": ("c",)}


def test_answer_to_an_unknown_question_is_refused(cast: Cast, client: Client) -> None:
    assert one(client, cast, "nothing", {}).status_code == 409
    assert client.get(page(cast, "questionnaire_answer", "tools")).status_code == 405


def test_closed_cohort_shows_the_answers_read_only(cast: Cast, client: Client) -> None:
    client.post(page(cast), POSTED | {"then": "submit"})
    with cast.scope():
        cast.cohort.status = "running"
        cast.cohort.save()
    assert client.get(page(cast))["Location"] == page(cast, "questionnaire_done")
    assert client.post(page(cast), POSTED)["Location"] == page(cast, "questionnaire_done")
    assert one(client, cast, "mood", {"q_mood": "1"}).status_code == 409
    html = client.get(page(cast, "questionnaire_done")).content.decode()
    assert "can no longer be changed" in html
    assert "Change my answers" not in html
    assert answers(cast) == ANSWERS


def test_questionnaire_without_a_published_version(northwind: Cast, sign_in: Any) -> None:
    with northwind.scope():
        northwind.people["mentor"].user = northwind.champion
        northwind.people["mentor"].save()
    response = sign_in(northwind.champion).get(page(northwind), follow=True)
    assert "nothing to answer yet" in response.content.decode()


def test_someone_elses_questionnaire_is_not_found(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    for name, more in (
        ("questionnaire", ()),
        ("questionnaire_done", ()),
        ("questionnaire_answer", ("mood",)),
    ):
        assert client.post(page(cast, name, *more)).status_code == 404


def test_long_list_folds_and_says_what_is_chosen(cast: Cast, client: Client) -> None:
    from programs.actions.questionnaires import publish_questionnaire, supersede_questionnaire

    with cast.scope():
        draft = supersede_questionnaire(
            questionnaire=Questionnaire.objects.get(audience="mentor"),
            add_choices={"tools": [f"Tool {number}" for number in range(40)]},
            by=cast.by,
        )
        publish_questionnaire(questionnaire=draft, by=cast.by)
    html = one(client, cast, "tools", {"q_tools": ["c", "tool-7"]}).content.decode()
    assert "2 chosen</strong>: C, Tool 7" in html
    html = client.get(page(cast)).content.decode()
    assert html.count('<details class="long-list"') == 1
    assert "Show all 45" in html


@pytest.mark.parametrize("number", [2, 20])
def test_page_takes_the_same_queries_for_any_number_of_choices(
    cast: Cast, client: Client, number: int
) -> None:
    from programs.actions.questionnaires import publish_questionnaire, supersede_questionnaire

    with cast.scope():
        draft = supersede_questionnaire(
            questionnaire=Questionnaire.objects.get(audience="mentor"),
            add_choices={"place": [f"Place {n}" for n in range(number)]},
            by=cast.by,
        )
        publish_questionnaire(questionnaire=draft, by=cast.by)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page(cast)).status_code == 200
    ours = [query for query in captured.captured_queries if 'FROM "programs_' in query["sql"]]
    assert len(ours) == 5  # participant, questionnaire, questions, choices, response


def test_preview(cast: Cast, client: Client) -> None:
    url = reverse("questionnaire_preview", args=[cast.organization.slug, cast.program.pk, "mentee"])
    html = client.get(url).content.decode()
    assert "Which tools would you like to learn?" in html
    assert "6, of which 2 are needed" in html
    assert client.get(url.replace("mentee", "boss")).status_code == 404


def test_preview_for_a_participant_is_forbidden(cast: Cast, sign_in: Any) -> None:
    with cast.scope():
        Membership.objects.filter(user=cast.overseer).update(role="participant")
    url = reverse("questionnaire_preview", args=[cast.organization.slug, cast.program.pk, "mentee"])
    assert sign_in(cast.overseer).get(url).status_code == 403
