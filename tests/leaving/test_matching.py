"""Requests, picks, drafts, kept pairs and suggestions of somebody who leaves while pairs are made."""

from typing import Any

import pytest
from django.db.models import F

from matching.actions.publish import publish_run
from matching.actions.rulings import rule_pairing
from matching.enums import RulingKind
from matching.models import Exclusion, PairRequest, Pick, Ruling
from matching.queries.drafts import since
from matching.queries.requests import received_by
from matching.queries.rulings import rulings_found
from matching.queries.settings import exclusions_found
from mentoring.actions.leaving import mark_left
from mentoring.rules import NotAllowed
from programs.models import Cohort
from programs.queries.needs import needs_of
from tests.cast import Cast
from tests.matching.asking import AFTER, MONDAY, ask, choosing, requests_of, someone, told
from tests.matching.making import Someone, find, make_cohort, paired, solved
from tests.matching.picking import NOW, picks


@pytest.fixture
def in_northwind(northwind: Cast) -> Any:
    with northwind.scope():
        yield northwind


def leave(cast: Cast, participant: Any) -> None:
    mark_left(person=participant.person, now=MONDAY, by=cast.by)


def test_request_to_a_leaver_ends_and_the_next_is_asked(in_northwind: Cast) -> None:
    scene = choosing(in_northwind, "Ada Ben", "Uma Vic")
    ask(scene, "Uma", "Ben", "Ada")
    leave(in_northwind, someone(scene, "Ben"))
    assert requests_of(scene) == {"Uma > Ben": "gone", "Uma > Ada": "open"}
    assert told(scene)[-2:] == [("pair_request", "Ada"), ("pair_request_ended", "Uma")]
    assert Pick.objects.filter(partner=someone(scene, "Ben")).count() == 0


def test_request_of_a_leaver_ends(in_northwind: Cast) -> None:
    scene = choosing(in_northwind, "Ada Ben", "Uma Vic")
    ask(scene, "Uma", "Ben")
    assert len(received_by(someone(scene, "Ben"), MONDAY)) == 1
    leave(in_northwind, someone(scene, "Uma"))
    assert requests_of(scene) == {"Uma > Ben": "gone"}
    assert received_by(someone(scene, "Ben"), MONDAY) == []
    assert [kind for kind, who in told(scene) if who == "Uma"] == []


def test_request_ends_where_enrolment_was_opened_again(in_northwind: Cast) -> None:
    scene = choosing(in_northwind, "Ada Ben", "Uma Vic")
    ask(scene, "Uma", "Ben")
    Cohort.objects.filter(pk=scene.pk).update(status="enrolling")
    leave(in_northwind, someone(scene, "Ben"))
    assert requests_of(scene) == {"Uma > Ben": "gone"}


def test_not_for_me_holds_though_a_pick_ends(in_northwind: Cast) -> None:
    """Who comes back is still not for her."""
    scene = choosing(in_northwind, "Ada Ben", "Uma Vic")
    uma, ben, ada = (someone(scene, name) for name in ("Uma", "Ben", "Ada"))
    Pick.objects.create(participant=uma, partner=ben, rank=None)
    Pick.objects.create(participant=uma, partner=ada, rank=1)
    Pick.objects.create(participant=ben, partner=uma, rank=1)
    leave(in_northwind, ben)
    assert picks(uma) == [("Ada", 1), ("Ben", None)]
    assert picks(ben) == []


@pytest.fixture
def scene(northwind: Cast) -> Cohort:
    mentors = [
        Someone("Ada Mentor", skills=("storytelling",)),
        Someone("Ben Mentor", skills=("storytelling",)),
    ]
    mentees = [
        Someone("Uma Mentee", skills=("storytelling",)),
        Someone("Vic Mentee", skills=("storytelling",)),
    ]
    with northwind.scope():
        return make_cohort(northwind, mentors, mentees)


def test_draft_with_a_leaver_cannot_be_published_and_says_who(northwind: Cast, scene: Cohort) -> None:
    run = solved(northwind, scene)
    with northwind.scope():
        assert len(paired(run)) == 2
        leave(northwind, find(scene, "Ben Mentor"))
        with pytest.raises(NotAllowed, match="Ben Mentor is no longer in this cohort"):
            publish_run(run=run, by=northwind.by, now=NOW)
        gone = since(run)
        assert (gone.gone, gone.gone_names) == (1, ["Ben Mentor"])
    again = solved(northwind, scene)
    with northwind.scope():
        assert list(paired(again)) == ["Ada"]
        assert publish_run(run=again, by=northwind.by, now=NOW) == 1


def test_kept_pair_of_a_leaver_is_kept_no_more(northwind: Cast, scene: Cohort) -> None:
    with northwind.scope():
        ada, ben, uma, vic = (
            find(scene, name) for name in ("Ada Mentor", "Ben Mentor", "Uma Mentee", "Vic Mentee")
        )
        rule_pairing(mentor=ben, mentee=uma, kind=RulingKind.KEEP, by=northwind.by)
        rule_pairing(mentor=ben, mentee=vic, kind=RulingKind.NEVER, by=northwind.by)
        rule_pairing(mentor=ada, mentee=vic, kind=RulingKind.NEVER, by=northwind.by)
        lower, upper = sorted((ben.person, uma.person), key=lambda one: one.pk)
        Exclusion.objects.create(person=lower, other=upper)
        leave(northwind, ben)
        assert set(Ruling.objects.values_list("mentor__person__first_name", "kind")) == {
            ("Ben", "never"),
            ("Ada", "never"),
        }
        assert [one.mentor_id for one in rulings_found(scene)] == [ada.pk]
        assert list(exclusions_found("")) == []
        assert Exclusion.objects.count() == 1


def test_published_needs_are_without_the_leaver(northwind: Cast, scene: Cohort) -> None:
    with northwind.scope():
        before = needs_of(scene)
        assert [(need.mentees, before.answered) for need in before.topics] == [(2, 2)]
        leave(northwind, find(scene, "Uma Mentee"))
        after = needs_of(scene)
        assert [(need.mentees, after.answered) for need in after.topics] == [(1, 1)]


def test_leaving_while_nobody_chooses_sends_nothing(in_northwind: Cast) -> None:
    scene = choosing(in_northwind, "Ada Ben", "Uma Vic")
    ask(scene, "Uma", "Ben")
    Cohort.objects.filter(pk=scene.pk).update(choose_until=F("enroll_until"))
    mark_left(person=someone(scene, "Ben").person, now=AFTER, by=in_northwind.by)
    assert requests_of(scene) == {"Uma > Ben": "expired"}
    assert PairRequest.objects.filter(status="open").count() == 0
