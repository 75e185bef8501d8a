"""Two things at the same moment, of which one must come first: a seat is taken once, and nobody is lost."""

from datetime import UTC, datetime
from typing import Any

import pytest

from matching.actions.publish import publish_run
from matching.actions.requests import accept_request, decline_request, sweep_requests
from matching.models import MatchRun
from mentoring.actors import Actor
from mentoring.models import OutgoingMessage
from mentoring.rules import NotAllowed
from programs.actions.participants import decline_invitation, join_cohort
from programs.enums import CohortStatus, ParticipantStatus
from programs.models import Cohort, Participant
from tests.cast import Cast
from tests.matching.asking import (
    MONDAY,
    ask,
    choosing,
    pairs_in,
    request_of,
    requests_of,
    someone,
    tried,
)
from tests.matching.making import Someone, solved
from tests.together import at_once

BY = Actor.system("test")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(northwind: Cast, sent_tasks: Any) -> Cohort:
    with northwind.scope():
        return choosing(northwind, "Ada Ben Cem", "Uma Vic Wes")


def accepting(cast: Cast, cohort: Cohort, sender: str, receiver: str) -> Any:
    with cast.scope():
        request = request_of(cohort, sender, receiver)
    return tried(cast, lambda: accept_request(request=request, by=BY, now=MONDAY))


def test_two_accept_who_want_the_same_person(northwind: Cast, scene: Cohort) -> None:
    """Ben asked Uma, Uma asked Ada: both say yes to Uma and from Uma at once."""
    with northwind.scope():
        ask(scene, "Uma", "Ada")
        ask(scene, "Ben", "Uma")
    answers = at_once(accepting(northwind, scene, "Uma", "Ada"), accepting(northwind, scene, "Ben", "Uma"))
    with northwind.scope():
        assert sorted(answers)[1:] == ["done"]
        assert pairs_in(scene) in ({"Ada-Uma"}, {"Ben-Uma"})
        assert sorted(requests_of(scene).values()) == ["accepted", "gone"]


def test_one_button_pressed_in_two_tabs(northwind: Cast, scene: Cohort) -> None:
    with northwind.scope():
        ask(scene, "Uma", "Ben")
    press = accepting(northwind, scene, "Uma", "Ben")
    assert at_once(press, press, press) == ["done", "done", "done"]
    with northwind.scope():
        assert pairs_in(scene) == {"Ben-Uma"}
        assert OutgoingMessage.objects.filter(kind="pair_request_accepted").count() == 1


def test_yes_and_taking_it_back(northwind: Cast, scene: Cohort) -> None:
    with northwind.scope():
        ask(scene, "Uma", "Ben")
    answers = at_once(
        accepting(northwind, scene, "Uma", "Ben"),
        tried(northwind, lambda: ask(scene, "Uma", "Ada")),
    )
    with northwind.scope():
        made = pairs_in(scene)
        assert (answers[0] == "done") == (made == {"Ben-Uma"})
        assert requests_of(scene)["Uma > Ben"] == ("accepted" if made else "withdrawn")


def test_yes_and_not_this_time_in_two_tabs(northwind: Cast, scene: Cohort) -> None:
    with northwind.scope():
        ask(scene, "Uma", "Ben", "Ada")
        request = request_of(scene, "Uma", "Ben")
    answers = at_once(
        accepting(northwind, scene, "Uma", "Ben"),
        tried(northwind, lambda: decline_request(request=request, by=BY, now=MONDAY)),
    )
    with northwind.scope():
        assert answers.count("done") == 1
        assert (pairs_in(scene), requests_of(scene)) in (
            ({"Ben-Uma"}, {"Uma > Ben": "accepted"}),
            (set(), {"Uma > Ben": "declined", "Uma > Ada": "open"}),
        )


def test_yes_and_the_sweep_when_time_runs_out(northwind: Cast, scene: Cohort) -> None:
    with northwind.scope():
        ask(scene, "Uma", "Ben")
        expires_at = request_of(scene, "Uma", "Ben").expires_at
    answers = at_once(
        accepting(northwind, scene, "Uma", "Ben"),
        tried(northwind, lambda: sweep_requests(cohort=scene, by=BY, now=expires_at)),
    )
    with northwind.scope():
        made = pairs_in(scene) == {"Ben-Uma"}
        assert requests_of(scene) == {"Uma > Ben": "accepted" if made else "expired"}
        assert (answers[0] == "done") == made


def test_yes_and_stepping_back(northwind: Cast, scene: Cohort) -> None:
    with northwind.scope():
        ask(scene, "Uma", "Ben")
        uma = someone(scene, "Uma")
    answers = at_once(
        accepting(northwind, scene, "Uma", "Ben"),
        tried(northwind, lambda: decline_invitation(participant=uma, reason="", by=BY, now=MONDAY)),
    )
    with northwind.scope():
        assert answers.count("done") == 1
        there = Participant.objects.get(pk=uma.pk).status == ParticipantStatus.JOINED
        assert there == (pairs_in(scene) == {"Ben-Uma"})


def test_yes_and_fewer_partners(northwind: Cast, sent_tasks: Any) -> None:
    """Enrolment is open again, so she can change the number; the one who was asked cannot answer then."""
    with northwind.scope():
        cohort = choosing(northwind, "Ada Ben", [Someone("Uma Mentee", capacity=2)])
        ask(cohort, "Uma", "Ada", "Ben")
        accept_request(request=request_of(cohort, "Uma", "Ada"), by=BY, now=MONDAY)
        accept_request(request=request_of(cohort, "Uma", "Ben"), by=BY, now=MONDAY)
        Cohort.objects.filter(pk=cohort.pk).update(status=CohortStatus.ENROLLING)
        uma, then = someone(cohort, "Uma"), datetime(2026, 12, 30, 9, tzinfo=UTC)
        with pytest.raises(NotAllowed, match="You have 2 partners already"):
            join_cohort(participant=uma, capacity=1, by=BY, now=then)
        join_cohort(participant=uma, capacity=3, by=BY, now=then)


def test_yes_and_publishing_the_rest(northwind: Cast, scene: Cohort) -> None:
    """The draft was made while Uma's request waited, so it may give Ben or Uma to others."""
    with northwind.scope():
        ask(scene, "Uma", "Ben")
    run = solved(northwind, scene)
    answers = at_once(
        accepting(northwind, scene, "Uma", "Ben"),
        tried(northwind, lambda: publish_run(run=MatchRun.objects.get(pk=run.pk), by=BY, now=MONDAY)),
    )
    with northwind.scope():
        cohort = Cohort.objects.get(pk=scene.pk)
        sweep_requests(cohort=cohort, by=BY, now=MONDAY)
        pairs = pairs_in(cohort)
        partners = [name for pair in pairs for name in pair.split("-")]
        assert len(partners) == len(set(partners))
        assert "done" in answers
        assert (answers[1] == "done") == (cohort.status == CohortStatus.RUNNING)
        if answers[0] == "done":
            assert "Ben-Uma" in pairs
        assert "open" not in requests_of(cohort).values() or cohort.status == CohortStatus.MATCHING
