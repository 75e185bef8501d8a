from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from mentoring.models import AuditEvent
from mentoring.rules import NotAllowed
from programs.actions.questionnaires import (
    create_questionnaires_from_template,
    publish_questionnaire,
    supersede_questionnaire,
)
from programs.actions.responses import save_answers, submit_response, write_answers
from programs.enums import CohortStatus, ParticipantStatus, QuestionnaireStatus, ResponseStatus
from programs.models import Answer, Choice, Question, Questionnaire, Response, SelectedChoice
from programs.queries.questionnaires import definition_of, mirrored_labels
from programs.queries.responses import latest_response, values_of
from tests.cast import Cast
from tests.programs.answering import ANSWERS, TEMPLATE, definition

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def answers(cast: Cast) -> dict[str, Any]:
    return values_of(latest_response(cast.mentor), definition(cast))


def test_create_questionnaires_from_template(cast: Cast) -> None:
    found = Questionnaire.objects.order_by("audience").values_list("audience", "version", "title", "status")
    assert list(found) == [
        ("mentee", 1, "What you want to learn", "published"),
        ("mentor", 1, "What you can show", "published"),
    ]
    assert [q.key for q in definition(cast).questions] == ["tools", "place", "mood", "motto", "hope", "years"]
    assert [c.label for c in definition(cast).by_key["place"].choices] == ["Remote", "In the office"]
    assert mirrored_labels(cast.program, "mentor")["tools"] == "Which tools would you like to learn?"


def test_create_questionnaires_twice(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        create_questionnaires_from_template(program=cast.program, template=TEMPLATE, by=cast.by)


def test_publish_questionnaire_that_is_published(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        publish_questionnaire(questionnaire=Questionnaire.objects.get(audience="mentor"), by=cast.by)


def test_publish_questionnaire_without_questions(cast: Cast) -> None:
    empty = Questionnaire.objects.create(program=cast.program, audience="mentor", version=2, title="Empty")
    with pytest.raises(NotAllowed, match="without questions"):
        publish_questionnaire(questionnaire=empty, by=cast.by)


def test_supersede_questionnaire_adds_choices_and_leaves_the_published_one_alone(cast: Cast) -> None:
    first = Questionnaire.objects.get(audience="mentor")
    before = definition_of(first)
    draft = supersede_questionnaire(
        questionnaire=first, add_choices={"tools": ["Rust", "c++", "RUST"]}, by=cast.by
    )
    assert (draft.version, draft.status) == (2, QuestionnaireStatus.DRAFT)
    with pytest.raises(NotAllowed, match="already a draft"):
        supersede_questionnaire(questionnaire=first, by=cast.by)
    publish_questionnaire(questionnaire=draft, by=cast.by)
    first.refresh_from_db()
    assert first.status == QuestionnaireStatus.SUPERSEDED
    assert definition_of(first) == before
    after = definition(cast)
    assert [(q.key, q.label, q.type, q.required, dict(q.settings)) for q in after.questions] == [
        (q.key, q.label, q.type, q.required, dict(q.settings)) for q in before.questions
    ]
    assert list(after.by_key["tools"].labels) == [*before.by_key["tools"].labels, "rust"]


def test_save_answers_of_every_type(cast: Cast) -> None:
    save_answers(participant=cast.mentor, values=ANSWERS, by=cast.by)
    assert answers(cast) == ANSWERS
    assert Response.objects.get().status == ResponseStatus.DRAFT
    columns = Answer.objects.order_by("question__position").values_list("question__key", "text", "number")
    assert list(columns) == [
        ("tools", None, None),
        ("place", None, None),
        ("mood", None, 7),
        ("motto", "Onward", None),
        ("hope", "To learn\nsomething", None),
        ("years", None, 21),
    ]


def test_save_answers_twice_and_otherwise(cast: Cast) -> None:
    save_answers(participant=cast.mentor, values=ANSWERS, by=cast.by)
    ids = set(Answer.objects.values_list("id", flat=True))
    save_answers(participant=cast.mentor, values=ANSWERS, by=cast.by)
    assert set(Answer.objects.values_list("id", flat=True)) == ids
    changed = {"tools": ("c",), "place": None, "mood": 3, "hope": "Else"}
    save_answers(participant=cast.mentor, values=changed, by=cast.by)
    expected = ANSWERS | changed
    del expected["place"]
    assert answers(cast) == expected
    assert SelectedChoice.objects.count() == 1
    assert Response.objects.count() == 1


def test_save_answers_leaves_the_other_organization_alone(cast: Cast, fabrikam: Cast) -> None:
    save_answers(participant=cast.mentor, values={"mood": 1}, by=cast.by)
    assert answers(cast) == {"mood": 1}


def test_save_answers_to_an_unknown_question(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="Reload"):
        save_answers(participant=cast.mentor, values={"nothing": 1}, by=cast.by)


@pytest.mark.parametrize("status", [CohortStatus.DRAFT, CohortStatus.RUNNING, CohortStatus.CLOSED])
def test_save_answers_when_the_cohort_is_not_open(cast: Cast, status: CohortStatus) -> None:
    cast.mentor.cohort.status = status
    with pytest.raises(NotAllowed):
        save_answers(participant=cast.mentor, values=ANSWERS, by=cast.by)
    assert Response.objects.count() == 0


@pytest.mark.parametrize(
    "status", [ParticipantStatus.INVITED, ParticipantStatus.DECLINED, ParticipantStatus.WITHDRAWN]
)
def test_save_answers_without_having_joined(cast: Cast, status: ParticipantStatus) -> None:
    cast.mentor.status = status
    with pytest.raises(NotAllowed):
        save_answers(participant=cast.mentor, values=ANSWERS, by=cast.by)


def test_submit_response(cast: Cast) -> None:
    submit_response(participant=cast.mentor, values=ANSWERS, now=NOW, by=cast.by)
    submit_response(participant=cast.mentor, values=ANSWERS, now=datetime(2027, 1, 1, tzinfo=UTC), by=cast.by)
    response = Response.objects.get()
    cast.mentor.refresh_from_db()
    assert (response.status, response.submitted_at, cast.mentor.answered_at) == ("submitted", NOW, NOW)
    assert list(
        AuditEvent.objects.filter(action__startswith="response.")
        .order_by("id")
        .values_list("action", flat=True)
    ) == ["response.started", "response.submitted"]


def test_submit_response_without_a_needed_answer(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match=r"What do you hope for\?$"), transaction.atomic():
        submit_response(participant=cast.mentor, values={"tools": ("c",)}, now=NOW, by=cast.by)
    assert Response.objects.count() == 0


def test_submitted_answers_can_be_changed_but_not_taken_back(cast: Cast) -> None:
    submit_response(participant=cast.mentor, values=ANSWERS, now=NOW, by=cast.by)
    save_answers(participant=cast.mentor, values={"hope": "Something else", "mood": 7}, by=cast.by)
    with pytest.raises(NotAllowed, match="needs an answer"):
        save_answers(participant=cast.mentor, values={"hope": None}, by=cast.by)
    assert answers(cast) == ANSWERS | {"hope": "Something else"}
    assert AuditEvent.objects.get(action="response.changed").data == {"questions": ["hope"]}


def test_draft_goes_on_in_the_next_version(cast: Cast) -> None:
    save_answers(participant=cast.mentor, values={"tools": ("c",), "motto": "Old"}, by=cast.by)
    old = Response.objects.get()
    publish_next(cast)
    assert answers(cast) == {"tools": ("c",), "motto": "Old"}
    save_answers(participant=cast.mentor, values={"tools": ("c", "rust")}, by=cast.by)
    assert answers(cast) == {"tools": ("c", "rust"), "motto": "Old"}
    assert values_of(old, definition_of(old.questionnaire)) == {"tools": ("c",), "motto": "Old"}
    assert Response.objects.count() == 2


def test_submitted_response_stays_submitted_in_the_next_version(cast: Cast) -> None:
    submit_response(participant=cast.mentor, values=ANSWERS, now=NOW, by=cast.by)
    publish_next(cast)
    response = save_answers(participant=cast.mentor, values={"mood": 1}, by=cast.by)
    assert (response.questionnaire.version, response.status, response.submitted_at) == (2, "submitted", NOW)
    assert answers(cast) == ANSWERS | {"mood": 1}


def publish_next(cast: Cast) -> None:
    first = Questionnaire.objects.get(audience="mentor", status="published")
    draft = supersede_questionnaire(questionnaire=first, add_choices={"tools": ["Rust"]}, by=cast.by)
    publish_questionnaire(questionnaire=draft, by=cast.by)


def test_failing_audit_undoes_the_answers(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("audit")

    monkeypatch.setattr("mentoring.actions.audit.record", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        save_answers(participant=cast.mentor, values=ANSWERS, by=cast.by)
    assert Response.objects.count() == Answer.objects.count() == 0


def test_second_answer_to_a_question_is_rejected_by_the_database(cast: Cast) -> None:
    response = save_answers(participant=cast.mentor, values={"mood": 1}, by=cast.by)
    question = Question.objects.get(questionnaire=response.questionnaire, key="mood")
    with pytest.raises(IntegrityError, match="answer_once"), transaction.atomic():
        Answer.objects.create(response=response, question=question, number=2)
    with pytest.raises(IntegrityError, match="answer_one_column"), transaction.atomic():
        Answer.objects.update(number=1, text="x")


@pytest.mark.parametrize("people", [1, 3])
def test_write_answers_takes_the_same_queries_for_any_number(
    cast: Cast, people: int, django_assert_num_queries: Any
) -> None:
    found = definition(cast)
    responses = [
        Response.objects.create(participant=participant, questionnaire_id=found.id)
        for participant in (cast.mentor, cast.mentee, _spare(cast))[:people]
    ]
    with django_assert_num_queries(4):
        write_answers(found, {response.pk: ANSWERS for response in responses})
    assert Answer.objects.count() == 6 * people
    assert SelectedChoice.objects.count() == 3 * people


def _spare(cast: Cast) -> Any:
    from programs.models import Participant

    return Participant.objects.create(
        cohort=cast.cohort, person=cast.people["spare"], role="mentor", status="joined"
    )


def test_choice_of_another_question_has_no_key_here(cast: Cast) -> None:
    with pytest.raises(KeyError):
        save_answers(participant=cast.mentor, values={"place": "c"}, by=cast.by)
    assert Choice.objects.filter(key="c").exists()
