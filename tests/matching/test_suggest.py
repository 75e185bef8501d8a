"""Suggestions: who is on whose list, and when the lists are made anew."""

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from matching import suggesting
from matching.actions import suggest as suggest_actions
from matching.actions.exclusions import add_exclusion
from matching.actions.picks import refuse_partner
from matching.actions.rulings import rule_pairing
from matching.enums import Rule, RulingKind
from matching.models import Criterion, HardRule, SuggestionList, SuggestionRun
from matching.queries.inputs import load_inputs
from matching.solving import restrictions
from matching.suggesting import prepare
from matching.suggesting import suggest as best
from mentoring.enums import JobStatus, PersonStatus
from mentoring.models import Person
from programs.actions.responses import save_answers
from programs.enums import CohortStatus, MatchingMode, PairRole, ParticipantStatus
from programs.models import Cohort, Pair, Participant
from tests.cast import Cast
from tests.matching.making import THEN, Someone, add_participants, find, make_cohort
from tests.matching.picking import NOW, UNTIL, choosing, listed, suggest


def test_lists_are_best_first_for_both_sides(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        assert listed(cohort, "Ada One")[0] == "Uma"
        assert listed(cohort, "Uma Four")[0] == "Ada"
        assert listed(cohort, "Vic Five")[0] == "Ben"
        lengths = [len(one.partners) for one in SuggestionList.objects.order_by("participant_id")]
        ordered = [one.scores == sorted(one.scores, reverse=True) for one in SuggestionList.objects.all()]
    assert (lengths, all(ordered)) == ([4, 4, 4, 3, 3, 3, 3], True)


def test_hard_rules_hold(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        ada, uma, vic, wes = (find(small, name) for name in ("Ada One", "Uma Four", "Vic Five", "Wes Six"))
        add_exclusion(person=ada.person, other=uma.person, note="", by=northwind.by)
        rule_pairing(mentor=ada, mentee=vic, kind=RulingKind.NEVER, by=northwind.by)
        Person.objects.filter(pk=ada.person_id).update(manager=wes.person)
    cohort = choosing(northwind, small)
    with northwind.scope():
        assert listed(cohort, "Ada One") == ["Xia"]
        assert [set(listed(cohort, name)) for name in ("Uma Four", "Vic Five", "Wes Six")] == [
            {"Ben", "Cem"}
        ] * 3


def test_must_rules_hold(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        Criterion.objects.create(
            cohort=cohort,
            key="other_place",
            label="Another place",
            comparator="must_differ",
            mentor_source="person:location",
            mentee_source="person:location",
        )
    assert suggest(northwind) == 1
    with northwind.scope():
        assert set(listed(cohort, "Ada One")) == {"Uma", "Vic"}


def test_nobody_can_infer_a_refusal_or_a_taken_seat(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        ada, uma = find(cohort, "Ada One"), find(cohort, "Uma Four")
        before = listed(cohort, "Uma Four")
        refuse_partner(participant=ada, partner_id=uma.pk, by=northwind.by, now=NOW)
        Pair.objects.create(
            cohort=cohort, mentor=find(cohort, "Ben Two"), mentee=find(cohort, "Vic Five"), published_at=NOW
        )
        Person.objects.update(updated_at=NOW)  # something else has changed
    assert suggest(northwind) == 1
    with northwind.scope():
        assert listed(cohort, "Uma Four") == before


def test_equal_scores_are_ordered_by_id_and_cut_off_the_same(northwind: Cast) -> None:
    with northwind.scope():
        cohort = make_cohort(
            northwind,
            [Someone(f"Mentor N{number}", ("ai_tools",)) for number in range(5)],
            [Someone("Uma Four", ("ai_tools",))],
        )
        choosing_since = Cohort.objects.filter(pk=cohort.pk)
        choosing_since.update(matching_mode=MatchingMode.HYBRID, choose_until=UNTIL)
    suggest(northwind)
    with northwind.scope():
        found = SuggestionList.objects.get(participant__role=PairRole.MENTEE)
        assert found.partners == sorted(found.partners)


def test_at_most_so_many_are_listed(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        run = SuggestionRun.objects.get()
        inputs = load_inputs(cohort, run.settings_then)
        full = {one.participant_id: one.partners for one in SuggestionList.objects.all()}
    cut = {pk: partners for block in best(prepare(inputs), 2) for pk, partners, _scores in block}
    assert cut == {pk: partners[:2] for pk, partners in full.items()}


def test_many_people_are_listed_the_same_without_a_matrix(
    northwind: Cast, small: Cohort, monkeypatch: Any
) -> None:
    """Beyond some thousands of people the points of all pairs are never written out."""
    cohort = choosing(northwind, small)
    with northwind.scope():
        inputs = load_inputs(cohort, SuggestionRun.objects.get().settings_then)
    plain = list(best(prepare(inputs)))
    monkeypatch.setattr(restrictions, "FACTORS_FROM", 1)
    monkeypatch.setattr(suggesting, "ROWS_AT_ONCE", 2)
    by_blocks = list(best(prepare(inputs)))
    assert [len(block) for block in by_blocks] == [2, 1, 2, 2]
    assert [row for block in by_blocks for row in block] == [row for block in plain for row in block]


def test_nothing_is_planned_twice(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    assert suggest(northwind) == 0
    with northwind.scope():
        Cohort.objects.filter(pk=cohort.pk).update(picks_at_most=5)
    assert suggest(northwind) == 0


@pytest.mark.parametrize(
    ("mode", "status", "day"),
    [
        (MatchingMode.ASSIGNED, CohortStatus.MATCHING, 0),
        (MatchingMode.HYBRID, CohortStatus.ENROLLING, 0),
        (MatchingMode.HYBRID, CohortStatus.MATCHING, 5),
    ],
)
def test_nothing_is_planned_while_choosing_is_not_open(
    mode: MatchingMode, status: CohortStatus, day: int, northwind: Cast, small: Cohort
) -> None:
    with northwind.scope():
        Cohort.objects.filter(pk=small.pk).update(matching_mode=mode, choose_until=UNTIL, status=status)
    assert suggest(northwind, now=NOW + timedelta(days=day)) == 0


def test_lists_are_made_anew_for_late_people_and_changes(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        add_participants(cohort, PairRole.MENTOR, [Someone("Dee Late", ("ai_tools", "automation"))])
    assert suggest(northwind) == 1
    with northwind.scope():
        assert "Dee" in listed(cohort, "Uma Four")
        Participant.objects.filter(pk=find(cohort, "Dee Late").pk).update(status=ParticipantStatus.WITHDRAWN)
    assert suggest(northwind) == 1
    with northwind.scope():
        assert "Dee" not in listed(cohort, "Uma Four")
        HardRule.objects.filter(cohort=cohort, rule=Rule.REPORTING_LINE).update(enabled=False)
    assert suggest(northwind) == 1
    with northwind.scope():
        Person.objects.filter(pk=find(cohort, "Ada One").person_id).update(
            status=PersonStatus.LEFT, updated_at=NOW
        )
    assert suggest(northwind) == 1
    with northwind.scope():
        assert "Ada" not in listed(cohort, "Uma Four")
    assert suggest(northwind) == 0


def test_changed_answers_make_new_lists(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        SuggestionRun.objects.update(created_at=THEN)
        xia = find(cohort, "Xia Seven")
        save_answers(participant=xia, values={"skills": ("inclusion",)}, by=northwind.by)
    assert suggest(northwind) == 1
    with northwind.scope():
        assert listed(cohort, "Xia Seven")[0] == "Cem"


def test_failed_run_is_tried_again_after_an_hour(northwind: Cast, small: Cohort) -> None:
    choosing(northwind, small)
    with northwind.scope():
        SuggestionRun.objects.update(status=JobStatus.FAILED, finished_at=NOW)
    assert suggest(northwind, now=NOW + timedelta(minutes=50)) == 0
    assert suggest(northwind, now=NOW + timedelta(minutes=61)) == 1


def test_killed_worker_leaves_the_lists_of_before(northwind: Cast, small: Cohort, monkeypatch: Any) -> None:
    """The lists are deleted and written in one transaction: what dies in between has changed nothing."""
    cohort = choosing(northwind, small)
    with northwind.scope():
        before = list(SuggestionList.objects.order_by("pk").values_list("pk", "partners"))
        Person.objects.update(updated_at=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(suggest_actions, "finish_job", lambda *_args, **_fields: 1 / 0)
        suggest(northwind)
    with northwind.scope():
        assert list(SuggestionList.objects.order_by("pk").values_list("pk", "partners")) == before
        SuggestionRun.objects.filter(status=JobStatus.FAILED).update(finished_at=NOW)
    assert suggest(northwind, now=NOW + timedelta(hours=2)) == 1
    with northwind.scope():
        assert SuggestionRun.objects.order_by("-pk")[0].status == JobStatus.DONE
        assert listed(cohort, "Ada One")[0] == "Uma"


def test_pages_do_not_import_scipy() -> None:
    """What shows reasons on a page costs numpy, and never scipy."""
    code = (
        "import django, sys; django.setup(); import matching.suggesting, matching.views.choosing.choose;"
        "print('scipy' in sys.modules)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "mentoring.settings"}
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert answer.stdout.strip() == "False"
