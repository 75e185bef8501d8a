import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from matching.actions.publish import publish_run
from matching.actions.replay import Verdict, replay
from matching.enums import RunPurpose
from matching.models import MatchRun, Pick, Proposal
from programs.enums import MatchingMode, ParticipantStatus
from programs.models import Cohort
from tests.cast import NOW, Cast
from tests.matching.making import Someone, find, make_cohort, solved

pytestmark = pytest.mark.usefixtures("sent_tasks")


def again(cast: Cast, run: MatchRun) -> tuple[Verdict, list[str]]:
    with cast.scope():
        found = replay(MatchRun.objects.select_related("cohort", "based_on").get(pk=run.pk))
    return found.verdict, found.lines


def test_run_replays_to_the_same_pairs(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    assert again(northwind, run) == (
        Verdict.SAME,
        [
            f"The input is the same: {run.input_hash[:16]}.",
            "The prices kept with the run prove its pairs, checked against every other pair.",
            "Solved again: the same 3 pairs.",
        ],
    )
    assert run.versions.keys() == {"engine", "python", "numpy", "scipy"}


def test_run_replays_also_with_picks_as_a_repair_and_once_it_is_published(
    northwind: Cast, small: Cohort
) -> None:
    with northwind.scope():
        small.matching_mode, small.choose_until = MatchingMode.HYBRID, NOW.date()
        small.save()
        Pick.objects.create(participant=find(small, "Xia Seven"), partner=find(small, "Ada One"), rank=1)
    draft = solved(northwind, small)
    repair = solved(northwind, small, purpose=RunPurpose.REPAIR)
    with northwind.scope():
        publish_run(run=repair, by=northwind.by, now=repair.finished_at.replace(year=2099))
    for run in (draft, repair):
        assert again(northwind, run)[0] == Verdict.SAME


def test_changed_input_cannot_be_compared(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        gone = find(small, "Ada One")
        gone.status = ParticipantStatus.WITHDRAWN
        gone.save()
    assert again(northwind, run) == (
        Verdict.INPUT_CHANGED,
        [
            "People, answers, rules or picks have changed since this run: its pairs cannot be compared.",
            "Mentors: 3 then, 2 now. Mentees: 4 then, 4 now.",
            "1 person of its pairs is no longer considered.",
        ],
    )


def swap(run: MatchRun) -> None:
    """Two stored pairs exchange their mentees, as if another version had broken the tie otherwise."""
    first, second = run.proposals.order_by("id")[:2]
    mentees = first.mentee_id, second.mentee_id
    for proposal, mentee in ((first, mentees[1]), (second, mentees[0])):
        Proposal.objects.filter(pk=proposal.pk).update(mentee=mentee)


def test_stored_pairs_that_are_as_good_or_worse_are_told_apart(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        swap(run)
    assert (again(northwind, run)[0], again(northwind, run)[1][1]) == (
        Verdict.WORSE,
        "The prices kept with the run do not prove its pairs.",
    )
    with northwind.scope():
        alike = make_cohort(
            northwind,
            [Someone(f"Mentor {n}", ("ai_tools",)) for n in range(2)],
            [Someone(f"Mentee {n}", ("ai_tools",)) for n in range(2)],
            name="Alike",
        )
    run = solved(northwind, alike)
    with northwind.scope():
        swap(run)
        MatchRun.objects.filter(pk=run.pk).update(versions={"numpy": "1.0"})
    verdict, lines = again(northwind, run)
    assert (verdict, lines[1].startswith("numpy was 1.0 then and is"), lines[-1]) == (
        Verdict.AS_GOOD,
        True,
        "Solved again: other pairs, and exactly as good as those of the run.",
    )


def command(*arguments: Any) -> str:
    out = io.StringIO()
    call_command("replay_run", "northwind", *arguments, stdout=out)
    return out.getvalue()


def test_command_says_so_and_exits_by_the_verdict(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    assert command("Spring 2027", "1").splitlines()[0] == "Draft pairing 1:"
    assert json.loads(command("Spring 2027", "1", "--json"))["verdict"] == "same"
    with northwind.scope():
        swap(run)
    with pytest.raises(CommandError, match="better than those of the run") as refused:
        command("Spring 2027", "1")
    assert refused.value.returncode == 1
    with pytest.raises(CommandError, match="no finished run 7") as refused:
        command("Spring 2027", "7")
    assert refused.value.returncode == 2
