from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mentoring.models import Person
from programs.actions.questionnaires import publish_questionnaire, supersede_questionnaire
from programs.actions.responses import save_answers, submit_response
from programs.enums import PairRole, ParticipantStatus
from programs.models import Participant, Questionnaire
from programs.queries.responses import RoleFeatures, features_of_cohort
from tests.cast import Cast
from tests.programs.answering import ANSWERS

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_features_of_cohort_when_nobody_answered(cast: Cast) -> None:
    assert features_of_cohort(cast.cohort) == {
        PairRole.MENTOR: RoleFeatures([cast.mentor.pk]),
        PairRole.MENTEE: RoleFeatures([cast.mentee.pk]),
    }


def test_features_of_cohort(cast: Cast) -> None:
    submit_response(participant=cast.mentor, values=ANSWERS, now=NOW, by=cast.by)
    save_answers(participant=cast.mentee, values=ANSWERS, by=cast.by)
    mentor = cast.mentor.pk
    assert features_of_cohort(cast.cohort) == {
        PairRole.MENTOR: RoleFeatures(
            [mentor],
            {"tools": {mentor: ["c-plus-plus", "c-sharp"]}, "place": {mentor: ["remote"]}},
            {"mood": {mentor: 7.0}, "years": {mentor: 21.0}},
        ),
        PairRole.MENTEE: RoleFeatures([cast.mentee.pk]),
    }


def test_features_of_cohort_take_the_newest_submitted_version(cast: Cast) -> None:
    submit_response(participant=cast.mentor, values=ANSWERS, now=NOW, by=cast.by)
    first = Questionnaire.objects.get(audience="mentor")
    draft = supersede_questionnaire(questionnaire=first, add_choices={"tools": ["Rust"]}, by=cast.by)
    publish_questionnaire(questionnaire=draft, by=cast.by)
    assert features_of_cohort(cast.cohort)[PairRole.MENTOR].choices["tools"] == {
        cast.mentor.pk: ["c-plus-plus", "c-sharp"]
    }
    save_answers(participant=cast.mentor, values={"tools": ("rust", "c")}, by=cast.by)
    found = features_of_cohort(cast.cohort)[PairRole.MENTOR]
    assert found.choices["tools"] == {cast.mentor.pk: ["c", "rust"]}
    assert found.numbers["mood"] == {cast.mentor.pk: 7.0}


@pytest.mark.parametrize("status", [ParticipantStatus.WITHDRAWN, ParticipantStatus.DECLINED])
def test_features_of_cohort_without_those_who_left(cast: Cast, status: ParticipantStatus) -> None:
    submit_response(participant=cast.mentor, values=ANSWERS, now=NOW, by=cast.by)
    Participant.objects.filter(pk=cast.mentor.pk).update(status=status)
    assert features_of_cohort(cast.cohort)[PairRole.MENTOR] == RoleFeatures()


@pytest.mark.parametrize("people", [1, 3])
def test_features_of_cohort_take_the_same_queries(cast: Cast, people: int) -> None:
    for number in range(people):
        person = Person.objects.create(email=f"p{number}@northwind.example")
        participant = Participant.objects.create(
            cohort=cast.cohort, person=person, role="mentor", status="joined"
        )
        values = ANSWERS | {"years": Decimal(number)}
        submit_response(participant=participant, values=values, now=NOW, by=cast.by)
    with CaptureQueriesContext(connection) as captured:
        found = features_of_cohort(cast.cohort)
    # The answers themselves come through a server-side cursor, which is not counted.
    assert len([query for query in captured.captured_queries if query["sql"].startswith("SELECT")]) == 4
    assert sorted(found[PairRole.MENTOR].numbers["years"].values()) == [float(n) for n in range(people)]
