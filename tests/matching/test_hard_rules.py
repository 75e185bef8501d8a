"""What forbids pairs in a run beside the rules of every cohort: criteria that must hold, the floor, and
what a champion overrides."""

from collections.abc import Callable
from typing import Any

import pytest

from matching.enums import Comparator, RulingKind, RunPurpose
from matching.models import Criterion, MatchSettings, Pick, Ruling
from matching.run_settings import Changes, Options
from mentoring.enums import JobStatus
from programs.enums import MatchingMode, PairStatus
from programs.models import Cohort, Pair
from tests.cast import NOW, Cast
from tests.matching.making import find, paired, solved

Must = Callable[..., Criterion]


@pytest.fixture
def must(small: Cohort) -> Must:
    """A criterion that must hold; Ada and Cem are of Oslo, Ben of Lagos; Wes and Xia of Oslo, others Rome."""

    def make(comparator: Comparator, source: str = "person:location", weight: int = 0) -> Criterion:
        return Criterion.objects.create(
            cohort=small, key="place", label="Not from the same place", comparator=comparator,
            mentor_source=source, mentee_source=source, weight=weight, position=9,
        )  # fmt: skip

    return make


def keep(cohort: Cohort, mentor: str, mentee: str, overrides: tuple[str, ...] = ()) -> None:
    """As it stands in the table: what has changed since may forbid the pair by now."""
    Ruling.objects.create(
        cohort=cohort, mentor=find(cohort, mentor), mentee=find(cohort, mentee), kind=RulingKind.KEEP,
        overrides=list(overrides),
    )  # fmt: skip


def pick(cohort: Cohort, chooser: str, partner: str, rank: int | None) -> None:
    Pick.objects.create(participant=find(cohort, chooser), partner=find(cohort, partner), rank=rank)


def entry(run: Any, key: str) -> dict[str, Any] | None:
    proposal = run.proposals.order_by("-kept", "id").first()
    return next((one for one in proposal.contributions if one["key"] == key), None)


@pytest.mark.parametrize(
    ("comparator", "weight", "cem", "count"),
    [(Comparator.MUST_DIFFER, 0, {"Uma", "Vic"}, 4), (Comparator.MUST_MATCH, 3, {"Wes", "Xia"}, 8)],
)
def test_criterion_that_must_hold_forbids_whatever_its_weight(
    northwind: Cast, small: Cohort, must: Must, comparator: Comparator, weight: int, cem: set[str], count: int
) -> None:
    with northwind.scope():
        solved_before = must(comparator, weight=weight)
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run).get("Cem") in cem
        assert entry(run, solved_before.key) is None
    assert run.figures["forbidden"] == {"must:place": count}


def test_criterion_that_must_hold_leaves_who_gave_no_answer(
    northwind: Cast, small: Cohort, must: Must
) -> None:
    with northwind.scope():
        must(Comparator.MUST_MATCH, source="person:region")
    assert solved(northwind, small).figures["forbidden"] == {}


def test_kept_pair_may_break_the_rules_it_overrides_and_no_other(
    northwind: Cast, small: Cohort, must: Must
) -> None:
    with northwind.scope():
        must(Comparator.MUST_DIFFER)
        ada, xia = find(small, "Ada One").person, find(small, "Xia Seven").person
        ada.manager = xia
        ada.save()
        keep(small, "Ada One", "Xia Seven", ("must:place",))
    run = solved(northwind, small)
    assert run.error == (
        "You keep Ada One with Xia Seven, but a rule forbids it: same reporting line. Undo one of both."
    )
    with northwind.scope():
        Ruling.objects.update(overrides=["must:place", "reporting_line"])
    run = solved(northwind, small)
    with northwind.scope():
        assert (run.status, paired(run)["Ada"]) == (JobStatus.DONE, "Xia")
        assert entry(run, "override") == {
            "key": "override",
            "state": "override",
            "rules": ["must:place", "reporting_line"],
        }
    assert run.figures["forbidden"] == {"must:place": 3}


def test_kept_pair_that_breaks_a_criterion_is_told_by_its_name(
    northwind: Cast, small: Cohort, must: Must
) -> None:
    with northwind.scope():
        must(Comparator.MUST_DIFFER)
        keep(small, "Ada One", "Xia Seven")
    assert "a rule forbids it: Not from the same place." in solved(northwind, small).error


def test_ended_pair_can_be_made_again_only_as_an_override(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        Pair.objects.create(
            cohort=small, mentor=find(small, "Ada One"), mentee=find(small, "Uma Four"), published_at=NOW,
            status=PairStatus.ENDED,
        )  # fmt: skip
        keep(small, "Ada One", "Uma Four")
    run = solved(northwind, small)
    with northwind.scope():
        assert (paired(run)["Ada"] == "Uma", run.figures["kept"]) == (False, 0)
        Ruling.objects.update(overrides=["paired_before"])
    run = solved(northwind, small)
    with northwind.scope():
        assert (paired(run)["Ada"], run.figures["kept"]) == ("Uma", 1)


def test_pair_taken_back_can_be_proposed_again(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        Pair.objects.create(
            cohort=small, mentor=find(small, "Ada One"), mentee=find(small, "Uma Four"), published_at=NOW,
            status=PairStatus.RETRACTED,
        )  # fmt: skip
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run)["Ada"] == "Uma"


def test_nobody_is_paired_under_the_floor_and_the_cause_says_so(northwind: Cast, small: Cohort) -> None:
    free = solved(northwind, small)
    with northwind.scope():
        best = max(free.proposals.values_list("score", flat=True))
        MatchSettings.objects.create(cohort=small, floor=best)
    run = solved(northwind, small)
    with northwind.scope():
        assert min(run.proposals.values_list("score", flat=True)) >= best
        assert run.unmatched.get(participant=find(small, "Xia Seven")).cause == "under_floor"
    what_if = solved(northwind, small, purpose=RunPurpose.WHAT_IF, changes=Changes(options=Options()))
    assert what_if.figures["pairs"] == 3


def test_refused_pair_is_not_made_and_only_counted(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        pick(small, "Uma Four", "Ada One", None)
    assert solved(northwind, small).figures["forbidden"] == {}
    with northwind.scope():
        small.matching_mode, small.choose_until = MatchingMode.HYBRID, NOW.date()
        small.save()
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run)["Ada"] != "Uma"
    assert run.figures["forbidden"] == {"refused": 1}


def test_kept_pair_that_somebody_refused_is_left_out_and_does_not_tell_on_whom(
    northwind: Cast, small: Cohort
) -> None:
    with northwind.scope():
        small.matching_mode, small.choose_until = MatchingMode.HYBRID, NOW.date()
        small.save()
        keep(small, "Ada One", "Uma Four")
        pick(small, "Uma Four", "Ada One", None)
    run = solved(northwind, small)
    with northwind.scope():
        assert (run.error, paired(run)["Ada"] == "Uma") == ("", False)
    assert (run.figures["kept"], run.figures["kept_gone"]) == (0, 1)


def test_more_seats_for_everybody_of_a_role_in_one_run(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small, purpose=RunPurpose.WHAT_IF, changes=Changes(seats={"mentor": 1}))
    assert (run.figures["pairs"], run.figures["mentors"]["seats"]) == (4, 6)
