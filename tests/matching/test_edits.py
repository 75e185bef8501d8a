"""Changing a draft by hand: what moves, what stays, what is said of each pair; undo and redo."""

from typing import Any

import pytest

from matching.actions.adopt import adopt_run
from matching.actions.edits import edit_draft, plan_edit
from matching.actions.inquiries import ask
from matching.actions.rulings import rule_pairing
from matching.actions.runs import cancel_run
from matching.actions.solve import work_off
from matching.actions.undo import Undone, undo_edit
from matching.enums import EditKind, InquiryKind, RulingKind, RunPurpose
from matching.models import Criterion, Exclusion, MatchRun, MatchSettings, Ruling
from matching.queries.drafts import overridden_words, pairs_found
from matching.queries.runs import current_draft, proposals
from mentoring.enums import JobStatus
from mentoring.jobs import run_job
from mentoring.models import AuditEvent
from mentoring.rules import NotAllowed
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.editing import edited, later, pair_of, said
from tests.matching.making import Someone, find, make_cohort, paired, solved
from tests.together import at_once


def test_edit_gives_a_mentor_another_mentee_and_moves_as_few_as_possible(
    northwind: Cast, small: Cohort
) -> None:
    run = solved(northwind, small)
    new = edited(northwind, run, "Ada", EditKind.MENTEE, "Xia Seven", note="They asked for it")
    with northwind.scope():
        assert (new.status, new.purpose, new.note, new.based_on_id) == (
            JobStatus.DONE,
            RunPurpose.EDIT,
            "They asked for it",
            run.pk,
        )
        assert paired(new) == {"Ada": "Xia", "Ben": "Vic", "Cem": "Wes"}
        assert said(small) == {("Ada", "Xia"): "keep"}
        assert Ruling.objects.get().note == "They asked for it"
        assert current_draft(small) == new
        assert paired(run) == {"Ada": "Uma", "Ben": "Vic", "Cem": "Wes"}


def test_edit_gives_a_mentee_another_mentor_and_places_who_was_left(northwind: Cast, small: Cohort) -> None:
    new = edited(northwind, solved(northwind, small), "Ada", EditKind.MENTOR, "Ben Two")
    with northwind.scope():
        found = paired(new)
    assert (found["Ben"], found["Cem"], len(found)) == ("Uma", "Wes", 3)


def test_edit_swaps_partners(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    for other in ("Ben Two", "Vic Five"):
        with northwind.scope():
            plan = plan_edit(proposal=pair_of(run, "Ada"), kind=EditKind.SWAP, other=find(small, other))
            assert [(a.person.first_name, b.person.first_name) for a, b in plan.wanted] == [
                ("Ada", "Vic"),
                ("Ben", "Uma"),
            ]
    new = edited(northwind, run, "Ada", EditKind.SWAP, "Ben Two")
    with northwind.scope():
        assert paired(new) == {"Ada": "Vic", "Ben": "Uma", "Cem": "Wes"}
        assert said(small) == {("Ada", "Vic"): "keep", ("Ben", "Uma"): "keep"}


def test_edit_lets_go_of_what_was_kept_and_undo_brings_it_back(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        rule_pairing(
            mentor=find(small, "Ben Two"), mentee=find(small, "Vic Five"), kind=RulingKind.KEEP,
            by=northwind.by, note="A promise",
        )  # fmt: skip
        plan = plan_edit(proposal=pair_of(run, "Ada"), kind=EditKind.MENTEE, other=find(small, "Vic Five"))
        assert [row.mentor.person.first_name for row in plan.dropped] == ["Ben"]
        assert sorted(one.person.first_name for one in plan.left) == ["Ben", "Uma"]
    new = edited(northwind, run, "Ada", EditKind.MENTEE, "Vic Five")
    with northwind.scope():
        assert said(small) == {("Ada", "Vic"): "keep"}
        assert undo_edit(run=new, by=northwind.by, now=later()) == Undone(run)
        assert current_draft(small) == run
        assert said(small) == {("Ben", "Vic"): "keep"}
        assert Ruling.objects.get().note == "A promise"


def test_released_pair_with_seats_left_is_ruled_out(northwind: Cast) -> None:
    with northwind.scope():
        cohort = make_cohort(
            northwind,
            [Someone("Ada One", ("ai_tools",), capacity=2)],
            [Someone("Uma Four", ("ai_tools",)), Someone("Vic Five", ("ai_tools",)), Someone("Wes Six")],
        )
    run = solved(northwind, cohort)
    with northwind.scope():
        proposal = (
            proposals()
            .select_related("run__cohort", "mentor__cohort")
            .get(run=run, mentee__person__first_name="Uma")
        )
        new = edit_draft(
            proposal=proposal, kind=EditKind.MENTEE, other=find(cohort, "Wes Six"), by=northwind.by
        )
    run_job(MatchRun, work_off, northwind.organization.pk, new.pk)
    with northwind.scope():
        met = {one.mentee.person.first_name for one in new.proposals.all()}
        assert (met, said(cohort)) == ({"Vic", "Wes"}, {("Ada", "Uma"): "never", ("Ada", "Wes"): "keep"})


def test_several_undos_in_a_row_and_redo(northwind: Cast, small: Cohort) -> None:
    first = solved(northwind, small)
    second = edited(northwind, first, "Ada", EditKind.MENTEE, "Xia Seven")
    third = edited(northwind, second, "Ben", EditKind.SWAP, "Cem Three")
    with northwind.scope():
        assert paired(third) == {"Ada": "Xia", "Ben": "Wes", "Cem": "Vic"}
        assert undo_edit(run=third, by=northwind.by, now=later()) == Undone(second)
    with northwind.scope():
        assert undo_edit(run=second, by=northwind.by, now=later(2)) == Undone(first)
        assert (current_draft(small), said(small)) == (first, {})
    with northwind.scope(), pytest.raises(NotAllowed, match="nothing to undo"):
        undo_edit(run=first, by=northwind.by, now=later())
    with northwind.scope():
        assert adopt_run(run=second, by=northwind.by, now=later(3)) is True
        assert (current_draft(small), said(small)) == (second, {("Ada", "Xia"): "keep"})
        assert adopt_run(run=third, by=northwind.by, now=later(4)) is True
        assert len(said(small)) == 3
        assert adopt_run(run=third, by=northwind.by, now=later()) is False
        words = AuditEvent.objects.filter(object_type="matching.matchrun").values_list("action", flat=True)
        assert sorted(word for word in words if "run" not in word.split(".")[1]) == sorted(
            ["matching.edited"] * 2 + ["matching.edit_undone"] * 2 + ["matching.adopted"] * 2
        )


def test_undo_that_no_longer_holds_is_refused(northwind: Cast, small: Cohort) -> None:
    first = solved(northwind, small)
    second = edited(northwind, first, "Ada", EditKind.MENTEE, "Vic Five")
    with northwind.scope():
        found = paired(second)
        assert found["Ben"] != "Vic"
        rule_pairing(
            mentor=find(small, "Ben Two"),
            mentee=find(small, "Vic Five"),
            kind=RulingKind.NEVER,
            by=northwind.by,
        )
    with northwind.scope(), pytest.raises(NotAllowed, match="You said never for Ben Two and Vic Five"):
        undo_edit(run=second, by=northwind.by, now=later())
    with northwind.scope():
        assert current_draft(small) == second
        assert said(small)[("Ada", "Vic")] == "keep"


def test_cancelled_edit_changes_nothing(northwind: Cast, small: Cohort, sent_tasks: Any) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        new = edit_draft(
            proposal=pair_of(run, "Ada"),
            kind=EditKind.MENTEE,
            other=find(small, "Xia Seven"),
            by=northwind.by,
        )
        assert said(small) == {}
        cancel_run(run=new, by=northwind.by)
        assert (current_draft(small), said(small)) == (run, {})


@pytest.mark.parametrize(
    ("mentor", "kind", "other", "message"),
    [
        ("Ada", EditKind.MENTEE, "Uma Four", "a pair in this draft already"),
        ("Ada", EditKind.MENTEE, "Ben Two", "Choose a mentor for a mentee"),
        ("Ada", EditKind.MENTOR, "Xia Seven", "Choose a mentor for a mentee"),
        ("Ada", EditKind.SWAP, "Xia Seven", "in no other pair of this draft"),
        ("Ada", EditKind.SWAP, "Uma Four", "in no other pair of this draft"),
    ],
)
def test_edit_that_means_nothing_is_refused(
    northwind: Cast, small: Cohort, mentor: str, kind: EditKind, other: str, message: str
) -> None:
    run = solved(northwind, small)
    with northwind.scope(), pytest.raises(NotAllowed, match=message):
        edit_draft(proposal=pair_of(run, mentor), kind=kind, other=find(small, other), by=northwind.by)


def test_edit_of_an_older_draft_is_refused(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    solved(northwind, small)
    with northwind.scope(), pytest.raises(NotAllowed, match="There is a newer draft by now"):
        edit_draft(
            proposal=pair_of(run, "Ada"),
            kind=EditKind.MENTEE,
            other=find(small, "Xia Seven"),
            by=northwind.by,
        )


def report_to(cohort: Cohort, mentor: str, mentee: str) -> None:
    person = find(cohort, mentor).person
    person.manager = find(cohort, mentee).person
    person.save()


def test_edit_overrides_a_rule_only_with_a_reason(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        report_to(small, "Ada One", "Xia Seven")
    run = solved(northwind, small)
    for more in ({}, {"override": True}, {"note": "because"}, {"override": True, "note": "  "}):
        with northwind.scope(), pytest.raises(NotAllowed, match="same reporting line"):
            edit_draft(
                proposal=pair_of(run, "Ada"), kind=EditKind.MENTEE, other=find(small, "Xia Seven"),
                by=northwind.by, **more,
            )  # fmt: skip
    new = edited(
        northwind, run, "Ada", EditKind.MENTEE, "Xia Seven", override=True, note="Xia leaves that line in May"
    )
    with northwind.scope():
        assert (new.error, paired(new)["Ada"]) == ("", "Xia")
        assert Ruling.objects.get().overrides == ["reporting_line"]
        event = AuditEvent.objects.get(action="matching.edited")
        assert (event.data["overrides"], event.data["note"]) == (
            ["reporting_line"],
            "Xia leaves that line in May",
        )


def test_exclusion_list_cannot_be_overridden(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        one, other = sorted(find(small, name).person_id for name in ("Ada One", "Xia Seven"))
        Exclusion.objects.create(person_id=one, other_id=other)
    run = solved(northwind, small)
    with northwind.scope(), pytest.raises(NotAllowed, match="Nobody can override that"):
        edit_draft(
            proposal=pair_of(run, "Ada"), kind=EditKind.MENTEE, other=find(small, "Xia Seven"),
            by=northwind.by, override=True, note="Please",
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_two_champions_change_the_same_draft_at_once(northwind: Cast, small: Cohort, sent_tasks: Any) -> None:
    run = solved(northwind, small)

    def change(other: str) -> Any:
        def work() -> str:
            try:
                with northwind.scope():
                    proposal, partner = pair_of(run, "Ada"), find(small, other)
                    edit_draft(proposal=proposal, kind=EditKind.MENTEE, other=partner, by=northwind.by)
                return "started"
            except NotAllowed as refusal:
                return str(refusal)

        return work

    answers = at_once(change("Xia Seven"), change("Vic Five"))
    assert sorted(answers) == [
        "A run of this cohort is on its way already. Wait for it, or cancel it.",
        "started",
    ]
    with northwind.scope():
        assert MatchRun.objects.filter(cohort=small, purpose=RunPurpose.EDIT).count() == 1


@pytest.mark.django_db(transaction=True)
def test_undone_twice_at_once_goes_back_one_step(northwind: Cast, small: Cohort) -> None:
    first = solved(northwind, small)
    second = edited(northwind, first, "Ada", EditKind.MENTEE, "Xia Seven")
    third = edited(northwind, second, "Ben", EditKind.SWAP, "Cem Three")

    def undo() -> Undone | None:
        with northwind.scope():
            return undo_edit(run=third, by=northwind.by, now=later(3))

    assert sorted(at_once(undo, undo), key=bool) == [None, Undone(second)]
    with northwind.scope():
        assert current_draft(small) == second
        assert AuditEvent.objects.filter(action="matching.edit_undone").count() == 1
        with pytest.raises(NotAllowed, match="newer draft"):
            edit_draft(
                proposal=pair_of(first, "Ada"),
                kind=EditKind.MENTEE,
                other=find(small, "Wes Six"),
                by=northwind.by,
            )


def test_edit_leaves_other_pairs_alone_even_where_better_ones_are_possible_now(northwind: Cast) -> None:
    with northwind.scope():
        cohort = make_cohort(
            northwind,
            [Someone(f"M{n} One", ("ai_tools",), person={"unit": f"U{n}"}) for n in range(6)],
            [Someone(f"E{n} Two", ("ai_tools",), person={"unit": f"U{(n + 1) % 6}"}) for n in range(6)],
        )
    run = solved(northwind, cohort)
    with northwind.scope():
        before = paired(run)
        unit = Criterion.objects.get(cohort=cohort, key="unit")
        unit.comparator, unit.weight = "same", 5
        unit.save()
    other = f"{before['M1']} Two"
    after_all = solved(northwind, cohort)
    with northwind.scope():
        assert paired(after_all) != before
        adopt_run(run=run, by=northwind.by, now=later())
        unit.save()
    new = edited(northwind, run, "M0", EditKind.MENTEE, other)
    with northwind.scope():
        found = paired(new)
    assert found == {**before, "M0": before["M1"], "M1": before["M0"]}
    assert (new.figures["stayed"], new.figures["new"]) == (4, 2)


def test_pair_under_the_lowest_score_needs_a_reason_and_is_flagged(
    northwind: Cast, small: Cohort, run_tasks: Any
) -> None:
    with northwind.scope():
        MatchSettings.objects.create(cohort=small, floor=40)
    run = solved(northwind, small)
    with northwind.scope():
        xia = find(small, "Xia Seven")
        run_tasks(
            lambda: ask(
                run=run, kind=InquiryKind.PRICE, mentor=find(small, "Ben Two"), mentee=xia, by=northwind.by
            )
        )
        plan = plan_edit(proposal=pair_of(run, "Ben"), kind=EditKind.MENTEE, other=xia)
        assert list(plan.broken.values()) == [["floor"]]
    with pytest.raises(NotAllowed, match="under the lowest score"), northwind.scope():
        edit_draft(proposal=pair_of(run, "Ben"), kind=EditKind.MENTEE, other=xia, by=northwind.by)
    new = edited(
        northwind, run, "Ben", EditKind.MENTEE, "Xia Seven", override=True, note="Nobody else is left for Xia"
    )
    with northwind.scope():
        assert (new.error, paired(new)["Ben"]) == ("", "Xia")
        assert overridden_words(pair_of(new, "Ben")) == ["under the lowest score"]
        assert [one.mentor.person.first_name for one in pairs_found(new, shown="override")] == ["Ben"]


def test_nothing_is_ruled_while_a_draft_is_changed_by_hand(
    northwind: Cast, small: Cohort, sent_tasks: Any
) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        xia = find(small, "Xia Seven")
        edit_draft(proposal=pair_of(run, "Ada"), kind=EditKind.MENTEE, other=xia, by=northwind.by)
    with pytest.raises(NotAllowed, match="being changed by hand right now"), northwind.scope():
        rule_pairing(
            mentor=find(small, "Ben Two"),
            mentee=find(small, "Xia Seven"),
            kind=RulingKind.KEEP,
            by=northwind.by,
        )
