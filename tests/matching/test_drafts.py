"""What a run is started with, and which of a cohort's drafts counts."""

from typing import Any

import pytest

from matching.actions.rulings import rule_pairing
from matching.actions.runs import start_run
from matching.enums import Method, RulingKind, RunPurpose
from matching.models import MatchRun, MatchSettings, Ruling
from matching.queries.runs import current_draft
from matching.queries.settings import settings_now
from matching.run_settings import Changes, Options, Rulings, ShareAim
from mentoring.rules import NotAllowed
from programs.enums import MatchingMode
from programs.models import Cohort
from tests.cast import NOW, Cast
from tests.matching.making import CRITERIA, find, make_cohort, solved


def test_settings_of_a_cohort_without_any_of_its_own(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        found = settings_now(small)
    assert found.options == Options(floor=None, best_worst=False, share=None, method="solver", priority=True)
    assert (found.picks, found.seats, found.rulings) == (False, {"mentor": 0, "mentee": 0}, Rulings())


def test_settings_carry_the_cohorts_own_aims_mode_and_overrides(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        small.matching_mode, small.choose_until = MatchingMode.HYBRID, NOW.date()
        small.save()
        MatchSettings.objects.create(
            cohort=small, floor=30, best_worst=True, share_source="person:region", share_percent=40,
            method=Method.STABLE, priority=False,
        )  # fmt: skip
        ada, uma = find(small, "Ada One"), find(small, "Uma Four")
        rule_pairing(mentor=ada, mentee=uma, kind=RulingKind.KEEP, by=northwind.by)
        Ruling.objects.update(overrides=["reporting_line"])
        found = settings_now(small)
    share = ShareAim("person:region", 40)
    assert (found.options, found.picks) == (Options(30, True, share, method="stable", priority=False), True)
    pair = (ada.pk, uma.pk)
    assert found.rulings == Rulings(frozenset({pair}), overrides={pair: ("reporting_line",)})


def test_what_if_changes_this_run_only_and_is_not_adopted(northwind: Cast, small: Cohort) -> None:
    draft = solved(northwind, small)
    what_if = solved(
        northwind,
        small,
        purpose=RunPurpose.WHAT_IF,
        based_on=draft,
        note="Two each",
        changes=Changes(
            weights={"unit": 4},
            rules={"reporting_line": False},
            options=Options(floor=20),
            seats={"mentor": 1},
        ),
    )
    with northwind.scope():
        assert current_draft(small) == draft
        now = settings_now(small)
    assert (what_if.based_on_id, what_if.note, what_if.adopted_at) == (draft.pk, "Two each", None)
    taken = what_if.settings_then
    assert {one.key: one.weight for one in taken.criteria}["unit"] == 4
    assert (taken.rules, taken.options) == (("earlier_partner", "exclusion"), Options(floor=20))
    assert taken.seats == {"mentor": 1, "mentee": 0}
    assert now == draft.settings_then


def test_draft_adopted_last_counts(northwind: Cast, small: Cohort) -> None:
    older, newer = solved(northwind, small), solved(northwind, small)
    with northwind.scope():
        assert current_draft(small) == newer
        MatchRun.objects.filter(pk=older.pk).update(adopted_at=NOW.replace(year=2100))
        assert current_draft(small) == older


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weights": {"nothing": 1}}, "no such criterion"),
        ({"relations": {"nothing": "same"}}, "no such criterion"),
        ({"relations": {"unit": "alike"}}, "no such criterion"),
        ({"weights": {"unit": 6}}, "from 0 to 5"),
        ({"weights": dict.fromkeys(CRITERIA, 0)},
         "at least one criterion"),
        ({"rules": {"nothing": True}}, "no such criterion or rule"),
        ({"seats": {"mentor": 6}}, "from 0 to 5 more seats"),
        ({"seats": {"champion": 1}}, "more seats"),
    ],
)  # fmt: skip
def test_changes_that_make_no_sense_are_refused(
    northwind: Cast, small: Cohort, changes: dict[str, Any], said: str
) -> None:
    with northwind.scope(), pytest.raises(NotAllowed, match=said):
        start_run(cohort=small, by=northwind.by, purpose=RunPurpose.WHAT_IF, changes=Changes(**changes))


def test_repair_needs_a_finished_draft_of_the_same_cohort(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        with pytest.raises(NotAllowed, match="no draft yet"):
            start_run(cohort=small, by=northwind.by, purpose=RunPurpose.REPAIR)
        other = make_cohort(northwind, [], [], name="Other")
        foreign = MatchRun.objects.create(cohort=other, number=1, status="done")
        with pytest.raises(NotAllowed, match="not a finished one of this cohort"):
            start_run(cohort=small, by=northwind.by, purpose=RunPurpose.REPAIR, based_on=foreign)
