"""The gap between a group of the roster and everybody else: asked for, closed, told with its price."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matching.actions.inquire import forget, work_off_inquiry
from matching.actions.inquiries import ask
from matching.actions.replay import Verdict, replay
from matching.actions.settings import change_options, ensure_criteria
from matching.core import Problem
from matching.core.disclosure import told_apart
from matching.core.fairness import group_report
from matching.enums import InquiryKind, RunPurpose
from matching.models import Criterion, MatchInquiry, MatchRun, MatchSettings, Pick
from matching.queries.groups import gap_groups
from matching.run_settings import Changes, GapAim, Options
from matching.views.runs.differences import figure_rows
from matching.views.workbench.figures import figures_of
from mentoring.enums import JobStatus
from mentoring.jobs import run_job
from programs.enums import MatchingMode, PairRole, ParticipantStatus
from programs.models import Cohort, Participant
from tests.cast import NOW, Cast
from tests.matching.making import Someone, add_participants, find, make_cohort, solved

SOUTH = "person:region=South"
OTHERS = ("social_media", "inclusion", "wellbeing", "storytelling", "sustainability")


def uneven(cast: Cast) -> Cohort:
    """Five mentors can show two things, five can show one of these. Mentees of the North want both; those of
    the South want one of them and one to five that nobody can show. Best for all: North first."""
    strong = [Someone(f"Strong {place}", ("ai_tools", "automation")) for place in range(5)]
    weak = [Someone(f"Weak {place}", ("ai_tools",)) for place in range(5)]
    north = [
        Someone(f"North {place}", ("ai_tools", "automation"), person={"region": "North"})
        for place in range(5)
    ]
    south = [
        Someone(f"South {place}", ("automation", *OTHERS[: place + 1]), person={"region": "South"})
        for place in range(5)
    ]
    mentors = [replace(one, person={"region": "North"}) for one in (*strong, *weak)]
    with cast.scope():
        cohort = make_cohort(cast, mentors, [*north, *south], name="Uneven")
        ensure_criteria(cohort=cohort, by=cast.by)
        Criterion.objects.filter(cohort=cohort).exclude(key="learning_goals").update(weight=0)
    return cohort


def closing(within: int, **more: Any) -> dict[str, Any]:
    """A trial that closes the gap of the South."""
    options = Options(gap=GapAim(SOUTH, within), **more)
    return {"purpose": RunPurpose.WHAT_IF, "changes": Changes(options=options)}


def told(run: MatchRun) -> tuple[str, str, str]:
    """The figure about the gap: value, base and tone."""
    (figure,) = [one for one in figures_of(run) if one.label == "Gap of South"]
    return figure.value, figure.base, figure.tone


def served(run: MatchRun) -> int:
    """How many people of the South have somebody who can show them something."""
    rows = run.proposals.filter(mentee__person__region="South")
    return rows.filter(mentor__person__first_name="Strong").count()


def test_gap_is_closed_by_the_least_that_is_enough(northwind: Cast) -> None:
    cohort = uneven(northwind)
    plain = solved(northwind, cohort)
    run = solved(northwind, cohort, **closing(40))
    with northwind.scope():
        assert (served(plain), served(run)) == (0, 3)
    assert run.figures["closing"] == {
        "group": SOUTH,
        "within": 40,
        "why": "",
        "before": 66.7,
        "after": 32.2,
        "met": True,
        "weighed": True,
        "price": 41.7,
        "of": 500.0,
    }
    (row,) = [one for one in run.figures["fairness"] if one["group"] == "South"]
    assert (row["gap"], run.figures["proven"], plain.figures["closing"]) == (32.2, True, None)
    assert told(run) == ("66.7 → 32.2", "of 100, for 42 points of 500 in all (8.3%)", "")
    assert figures_of(run)[-1].base.endswith("or as many with more points as they are weighed.")
    rows = {one.label: (one.before, one.after, one.better) for one in figure_rows(plain, run)}
    assert rows["Gap of South"] == ("66.7", "32.2", True)


def test_gap_out_of_reach_and_no_gap_are_told(northwind: Cast) -> None:
    cohort = uneven(northwind)
    run = solved(northwind, cohort, **closing(3))
    assert told(run) == (
        "66.7 → 14",
        "of 100, for 105 points of 500 in all (21%); 3 not reached: 14 is as near as it comes",
        "warning",
    )
    assert run.figures["proven"]
    with northwind.scope():
        Criterion.objects.filter(cohort=cohort).exclude(key="unit").update(weight=0)
        Criterion.objects.filter(cohort=cohort, key="unit").update(weight=1)
    run = solved(northwind, cohort, **closing(3))
    base = "of 100 under everybody else, and 3 were allowed: nothing had to be changed"
    assert told(run) == ("0", base, "")
    assert run.figures["closing"]["price"] == 0


def test_run_replays_with_the_gap_closed_and_its_hash_knows_the_group(northwind: Cast) -> None:
    cohort = uneven(northwind)
    plain = solved(northwind, cohort)
    run = solved(northwind, cohort, **closing(40))
    with northwind.scope():
        found = replay(MatchRun.objects.select_related("cohort").get(pk=run.pk))
        assert found.verdict == Verdict.SAME
        assert any("prove its pairs" in line for line in found.lines)
        moved = find(cohort, "South 4").person
        moved.region = "north"
        moved.save()
    few = solved(northwind, cohort, **closing(40))
    with northwind.scope():
        assert replay(MatchRun.objects.select_related("cohort").get(pk=run.pk)).verdict == (
            Verdict.INPUT_CHANGED
        )
    assert few.input_hash == plain.input_hash != run.input_hash


def test_picks_come_before_the_gap(northwind: Cast) -> None:
    cohort = uneven(northwind)
    with northwind.scope():
        cohort.matching_mode, cohort.choose_until = MatchingMode.HYBRID, NOW.date()
        cohort.save()
        for place in range(3):
            chooser, partner = find(cohort, f"North {place}"), find(cohort, f"Strong {place}")
            Pick.objects.create(participant=chooser, partner=partner, rank=1)
    run = solved(northwind, cohort, **closing(40))
    with northwind.scope():
        assert served(run) == 2
        assert run.figures["picks"]["mentees"] == {"picked": 3, "first": 3, "any": 3}
        assert replay(MatchRun.objects.select_related("cohort").get(pk=run.pk)).verdict == Verdict.SAME
    assert (run.figures["closing"]["met"], run.figures["proven"]) == (False, True)
    assert told(run)[1].endswith("as near as it comes, as picks come first")


def test_repair_stays_near_and_a_lowest_score_holds(northwind: Cast) -> None:
    cohort = uneven(northwind)
    solved(northwind, cohort)
    with northwind.scope():
        MatchSettings.objects.create(cohort=cohort, gap_group=SOUTH, gap_within=40)
    run = solved(northwind, cohort, purpose=RunPurpose.REPAIR)
    with northwind.scope():
        assert (run.figures["stayed"], served(run)) == (10, 0)
    missed = "of 100 under everybody else; 40 not reached: 66.7 is as near as it comes"
    assert told(run) == ("66.7", missed, "warning")
    run = solved(northwind, cohort, **closing(40, floor=15, best_worst=True))
    with northwind.scope():
        assert min(run.proposals.values_list("score", flat=True)) >= 15
    assert run.figures["closing"]["why"] == ""


def test_group_that_has_shrunk_does_no_harm_and_is_told(northwind: Cast) -> None:
    cohort = uneven(northwind)
    with northwind.scope():
        change_options(cohort=cohort, options={"gap_group": SOUTH, "gap_within": 5}, by=northwind.by)
        Participant.objects.filter(pk=find(cohort, "South 0").pk).update(status=ParticipantStatus.WITHDRAWN)
        assert change_options(cohort=cohort, options={"floor": 0}, by=northwind.by) is True
    run = solved(northwind, cohort)
    assert (run.status, told(run)) == (
        JobStatus.DONE,
        ("–", "Fewer than five people of South are here: nothing was closed.", "warning"),
    )
    with northwind.scope():
        Participant.objects.filter(cohort=cohort, person__region="South").update(
            status=ParticipantStatus.WITHDRAWN
        )
        assert gap_groups(cohort) == {}
    assert (
        told(solved(northwind, cohort))[1] == "Fewer than five people of South are here: nothing was closed."
    )


def test_groups_with_too_few_beside_them_are_none(northwind: Cast) -> None:
    """Figures of the South and the North, and those of everybody, would tell of the one of the East."""
    cohort = uneven(northwind)
    with northwind.scope():
        assert gap_groups(cohort) == {
            "person:region=North": "Region: North",
            SOUTH: "Region: South",
        }
        add_participants(cohort, PairRole.MENTOR, [Someone("Else Where", person={"region": "East"})])
        assert gap_groups(cohort) == {"person:region=North": "Region: North"}
    run = solved(northwind, cohort, **closing(3))
    assert told(run)[1] == (
        "Beside South and other groups fewer than five people are left, of whom nothing may be told: "
        "nothing was closed."
    )
    with northwind.scope():
        for one in Participant.objects.filter(cohort=cohort).select_related("person"):
            one.person.region = "South"
            one.person.save()
        assert gap_groups(cohort) == {}
    assert (
        told(solved(northwind, cohort, **closing(3)))[1] == "Everybody here is of South: nothing was closed."
    )


def test_groups_are_those_of_the_report() -> None:
    chance = random.Random(7)
    for _turn in range(200):
        codes = [chance.choice([-1, 0, 0, 0, 1, 1, 2, 3]) for _one in range(chance.randint(2, 24))]
        half = len(codes) // 2
        problem = Problem.from_scores(np.zeros((half, len(codes) - half), dtype=np.int64))
        report = group_report(problem, [], codes[:half], codes[half:], 1)
        sizes = {str(code): codes.count(code) for code in set(codes) - {-1}}
        assert {str(one.code) for one in report.groups} == told_apart(sizes, len(codes))


def test_same_region_spelled_otherwise_is_one_group(northwind: Cast) -> None:
    cohort = uneven(northwind)
    with northwind.scope():
        for name, region in (("South 0", "SOUTH"), ("South 1", " south ")):
            person = find(cohort, name).person
            person.region = region
            person.save()
        assert SOUTH in gap_groups(cohort)
    assert solved(northwind, cohort, **closing(40)).figures["closing"]["met"]


def test_price_of_another_pair_counts_the_group_as_the_draft_does(northwind: Cast) -> None:
    """North people who gave way to the South get their mentor back only at the price of somebody there."""
    forget()
    run = solved(northwind, uneven(northwind), **closing(40))
    with northwind.scope():
        gave_way = run.proposals.get(mentee__person__last_name="0", mentee__person__first_name="North")
        helps = run.proposals.filter(
            mentee__person__region="South", mentor__person__first_name="Strong"
        ).first()
        assert (gave_way.mentor.person.first_name, helps is not None) == ("Weak", True)
        inquiry = ask(
            run=run, kind=InquiryKind.PRICE, mentor=helps.mentor, mentee=gave_way.mentee, by=northwind.by
        )
    run_job(MatchInquiry, work_off_inquiry, northwind.organization.pk, inquiry.pk)
    with northwind.scope():
        result = MatchInquiry.objects.get(pk=inquiry.pk).result
    forget()
    dropped, added = (sum(one["score"] for one in result[name]) for name in ("dropped", "added"))
    assert (result["possible"], result["lost"], len(result["dropped"])) == (True, 0, len(result["added"]))
    assert result["points"] == pytest.approx(dropped - added, abs=1.5)
    assert {"mentor": helps.mentor_id, "mentee": gave_way.mentee_id} in [
        {key: one[key] for key in ("mentor", "mentee")} for one in result["added"]
    ]
