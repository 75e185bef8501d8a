from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from matching.actions.exclusions import add_exclusion
from matching.actions.rulings import rule_pairing
from matching.actions.runs import cancel_run, start_run
from matching.actions.settings import change_settings
from matching.actions.solve import searching, work_off
from matching.enums import RulingKind
from matching.models import MatchRun, Proposal, Unmatched
from matching.queries.inputs import load_run
from mentoring.enums import JobStatus, PersonStatus
from mentoring.jobs import advisory_lock, run_job, sweep_jobs
from mentoring.models import AuditEvent
from mentoring.rules import NotAllowed
from programs.enums import CohortStatus, PairRole, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Question
from tests.cast import NOW, Cast
from tests.matching.making import Someone, add_participants, find, make_cohort, paired, solved


def test_run_pairs_those_who_can_learn_from_each_other(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        assert (run.status, run.error, paired(run)) == (
            JobStatus.DONE,
            "",
            {"Ada": "Uma", "Ben": "Vic", "Cem": "Wes"},
        )
        alone = [(one.participant.person.first_name, one.cause) for one in run.unmatched.all()]
    assert alone == [("Xia", "competition")]


def test_run_figures_have_their_base(northwind: Cast, small: Cohort) -> None:
    figures = solved(northwind, small).figures
    assert {key: figures[key] for key in ("pairs", "mentors", "mentees", "alone", "learn", "proven")} == {
        "pairs": 3,
        "mentors": {"placed": 3, "of": 3, "seats": 3},
        "mentees": {"placed": 3, "of": 4, "seats": 4},
        "alone": 1,
        "learn": {"nothing": 0, "named": 0, "silent": 0},
        "proven": True,
    }
    assert sum(figures["bins"]) == 3


def test_contributions_sum_to_the_points(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        for proposal in run.proposals.all():
            assert sum(one["points"] for one in proposal.contributions) == proposal.points
        ada = run.proposals.get(mentor__person__first_name="Ada")
    learning = ada.contributions[0]
    assert (learning["percent"], learning["shared"], learning["wanted"], learning["state"]) == (
        100,
        ["AI tools in everyday work", "Automating small tasks"],
        2,
        "answered",
    )
    assert ada.ranks["mentor"] == {
        "rank": 1,
        "of": 4,
        "next": ada.ranks["mentor"]["next"],
    }
    assert len(ada.ranks["mentor"]["next"]) == 3


def test_run_counts_those_who_named_nothing_apart(northwind: Cast) -> None:
    with northwind.scope():
        cohort = make_cohort(
            northwind,
            [Someone("Ada One", ("ai_tools",)), Someone("Ben Two", ("automation",))],
            [Someone("Uma Four", ("inclusion",)), Someone("Vic Five", ())],
        )
    figures = solved(northwind, cohort).figures
    assert figures["learn"] == {"nothing": 2, "named": 1, "silent": 1}


def test_who_has_not_answered_left_or_withdrew_is_not_considered(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        add_participants(small, PairRole.MENTOR, [Someone("Dan Eight", ("ai_tools",), answered=False)])
        gone = find(small, "Ben Two")
        gone.status = ParticipantStatus.WITHDRAWN
        gone.save()
        left = find(small, "Wes Six").person
        left.status = PersonStatus.LEFT
        left.save()
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run).keys() == {"Ada", "Cem"}
    assert (run.figures["mentors"]["of"], run.figures["mentees"]["of"]) == (2, 3)


def test_capacity_is_seats(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        ada = find(small, "Ada One")
        ada.capacity = 2
        ada.save()
    run = solved(northwind, small)
    with northwind.scope():
        assert run.proposals.filter(mentor=ada).count() == 2
    assert run.figures["mentees"]["placed"] == 4


def test_reporting_line_is_never_paired(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        ada = find(small, "Ada One").person
        ada.manager = find(small, "Uma Four").person
        ada.save()
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run)["Ada"] != "Uma"
    assert run.figures["forbidden"] == {"reporting_line": 1}


def test_reporting_line_can_be_switched_off(northwind: Cast, small: Cohort) -> None:
    test_reporting_line_is_never_paired(northwind, small)
    with northwind.scope():
        change_settings(cohort=small, weights={}, rules={"reporting_line": False}, by=northwind.by)
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run)["Ada"] == "Uma"


def test_exclusion_is_never_paired(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        add_exclusion(
            person=find(small, "Ben Two").person,
            other=find(small, "Vic Five").person,
            note="",
            by=northwind.by,
        )
    run = solved(northwind, small)
    with northwind.scope():
        assert paired(run)["Ben"] != "Vic"


def test_keep_and_never_hold_in_the_next_run(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        rule_pairing(
            mentor=find(small, "Ada One"),
            mentee=find(small, "Xia Seven"),
            kind=RulingKind.KEEP,
            by=northwind.by,
        )
        rule_pairing(
            mentor=find(small, "Ben Two"),
            mentee=find(small, "Vic Five"),
            kind=RulingKind.NEVER,
            by=northwind.by,
        )
    run = solved(northwind, small)
    with northwind.scope():
        pairs = paired(run)
        assert (pairs["Ada"], pairs["Ben"] == "Vic") == ("Xia", False)
        assert [one.kept for one in run.proposals.order_by("-kept")] == [True, False, False]


def test_kept_pair_that_a_rule_forbids_fails_and_is_named(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        ada, uma = find(small, "Ada One"), find(small, "Uma Four")
        rule_pairing(mentor=ada, mentee=uma, kind=RulingKind.KEEP, by=northwind.by)
        add_exclusion(person=ada.person, other=uma.person, note="", by=northwind.by)
    run = solved(northwind, small)
    assert (run.status, run.error) == (
        JobStatus.FAILED,
        "You keep Ada One with Uma Four, but a rule forbids it: on the exclusion list. Undo one of both.",
    )
    with northwind.scope():
        assert Proposal.objects.count() == 0


def test_kept_pair_of_somebody_who_withdrew_is_left_out_and_told(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        ada = find(small, "Ada One")
        rule_pairing(mentor=ada, mentee=find(small, "Uma Four"), kind=RulingKind.KEEP, by=northwind.by)
        ada.status = ParticipantStatus.WITHDRAWN
        ada.save()
    run = solved(northwind, small)
    assert (run.status, run.figures["kept"], run.figures["kept_gone"]) == (JobStatus.DONE, 0, 1)


def test_pairs_of_a_running_cohort_keep_their_seats_and_are_not_made_again(
    northwind: Cast, small: Cohort
) -> None:
    with northwind.scope():
        Pair.objects.create(
            cohort=small, mentor=find(small, "Ada One"), mentee=find(small, "Uma Four"), published_at=NOW
        )
        Pair.objects.create(
            cohort=small,
            mentor=find(small, "Ben Two"),
            mentee=find(small, "Vic Five"),
            published_at=NOW,
            status=PairStatus.ENDED,
        )
        small.status = CohortStatus.RUNNING
        small.save()
    run = solved(northwind, small)
    with northwind.scope():
        pairs = paired(run)
    assert pairs.keys() == {"Ben", "Cem"}
    assert "Uma" not in pairs.values()
    assert pairs["Ben"] != "Vic"


def test_sensitive_answers_score_and_are_never_named(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        Question.objects.filter(key="skills").update(sensitive=True)
    run = solved(northwind, small)
    with northwind.scope():
        proposal = run.proposals.get(mentor__person__first_name="Ada")
    hidden = proposal.contributions[-1]
    assert (hidden["key"], hidden["state"], hidden["weight"], hidden["percent"]) == (
        "confidential",
        "private",
        5,
        100,
    )
    assert sum(one["points"] for one in proposal.contributions) == proposal.points
    assert "AI tools" not in str(proposal.contributions)


def test_only_one_run_at_a_time(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        first = start_run(cohort=small, by=northwind.by)
        with pytest.raises(NotAllowed, match="on its way already"):
            start_run(cohort=small, by=northwind.by)
        with pytest.raises(IntegrityError, match="match_run_one_at_a_time"), transaction.atomic():
            MatchRun.objects.create(cohort=small, number=99)
        cancel_run(run=first, by=northwind.by)
        second = start_run(cohort=small, by=northwind.by)
    assert (first.number, second.number) == (1, 2)


@pytest.mark.parametrize("status", [CohortStatus.DRAFT, CohortStatus.CLOSED])
def test_run_is_refused_in_a_phase_without_participants(
    northwind: Cast, small: Cohort, status: CohortStatus
) -> None:
    with northwind.scope():
        small.status = status
        small.save()
        with pytest.raises(NotAllowed):
            start_run(cohort=small, by=northwind.by)


def test_run_needs_somebody_on_both_sides(northwind: Cast) -> None:
    with northwind.scope():
        cohort = make_cohort(northwind, [Someone("Ada One", ("ai_tools",))], [])
        with pytest.raises(NotAllowed, match="nobody to pair yet"):
            start_run(cohort=cohort, by=northwind.by)


def test_run_of_people_who_all_withdrew_meanwhile_ends_empty(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        run = start_run(cohort=small, by=northwind.by)
        small.participants.update(status=ParticipantStatus.WITHDRAWN)
    run_job(MatchRun, work_off, northwind.organization.pk, run.pk)
    with northwind.scope():
        run = MatchRun.objects.get(pk=run.pk)
    assert (run.status, run.figures["pairs"]) == (JobStatus.DONE, 0)


def test_run_goes_by_the_settings_it_was_started_with(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        run = start_run(cohort=small, by=northwind.by)
        change_settings(cohort=small, weights={"learning_goals": 0, "unit": 5}, rules={}, by=northwind.by)
    run_job(MatchRun, work_off, northwind.organization.pk, run.pk)
    with northwind.scope():
        assert paired(MatchRun.objects.get(pk=run.pk)) == {"Ada": "Uma", "Ben": "Vic", "Cem": "Wes"}


def test_same_input_same_hash_and_pairs(northwind: Cast, small: Cohort) -> None:
    first, second = solved(northwind, small), solved(northwind, small)
    assert (first.number, second.number, first.input_hash) == (1, 2, second.input_hash)
    with northwind.scope():
        assert paired(first) == paired(second)


def test_cancelled_run_stores_nothing(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        run = start_run(cohort=small, by=northwind.by)

    def cancel(phase: str, percent: int) -> None:
        if percent == 70:
            with northwind.scope():
                cancel_run(run=run, by=northwind.by)

    run_job(MatchRun, lambda job: work_off(job, tell=cancel), northwind.organization.pk, run.pk)
    with northwind.scope():
        run = MatchRun.objects.get(pk=run.pk)
        assert (run.status, run.figures, Proposal.objects.count()) == (JobStatus.CANCELLED, {}, 0)


def test_crash_before_the_end_leaves_nothing_and_a_rerun_one_set(
    northwind: Cast, small: Cohort, sent_tasks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies takes its transaction along; here its end is an exception that no job catches."""

    class Killed(BaseException):
        pass

    def die(*_args: Any, **_more: Any) -> None:
        raise Killed

    with northwind.scope():
        run = start_run(cohort=small, by=northwind.by)
    with monkeypatch.context() as patched:
        patched.setattr("matching.actions.solve.finish_job", die)
        with pytest.raises(Killed):
            run_job(MatchRun, work_off, northwind.organization.pk, run.pk)
    with northwind.scope():
        run = MatchRun.objects.get(pk=run.pk)
        assert (run.status, run.attempts, Proposal.objects.count()) == (JobStatus.RUNNING, 1, 0)
    run_job(MatchRun, work_off, northwind.organization.pk, run.pk)
    run_job(MatchRun, work_off, northwind.organization.pk, run.pk)
    with northwind.scope():
        run = MatchRun.objects.get(pk=run.pk)
        assert (run.status, run.attempts, Proposal.objects.count(), Unmatched.objects.count()) == (
            JobStatus.DONE,
            2,
            3,
            1,
        )
        assert AuditEvent.objects.filter(action="matching.run_done").count() == 1


def test_number_of_queries_does_not_grow_with_people(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        with CaptureQueriesContext(connection) as few:
            load_run(run)
        add_participants(
            small, PairRole.MENTOR, [Someone(f"Many {number}", ("ai_tools",)) for number in range(20)]
        )
        with CaptureQueriesContext(connection) as many:
            inputs = load_run(run)
    assert (len(inputs.mentors.ids), len(many)) == (23, len(few))


def test_swept_once_its_worker_is_gone(northwind: Cast, small: Cohort, run_tasks: Any) -> None:
    with northwind.scope():
        run = start_run(cohort=small, by=northwind.by)
        MatchRun.objects.filter(pk=run.pk).update(status=JobStatus.RUNNING, enqueued_at=NOW, attempts=1)

    def sweep() -> None:
        with northwind.scope():
            assert sweep_jobs(now=NOW.replace(hour=23)) == 1

    run_tasks(sweep)
    with northwind.scope():
        run = MatchRun.objects.get(pk=run.pk)
        assert (run.status, run.attempts, run.proposals.count()) == (JobStatus.DONE, 2, 3)
    with advisory_lock(MatchRun, run.pk) as free:
        assert free


def test_progress_of_a_large_run_tells_the_gap() -> None:
    assert searching("assign", 0.1) == "Finding the best pairs"
    assert searching("assign", 0.45) == (
        "Finding the best pairs: 50 % of the gap to the best possible is closed"
    )
    assert searching("prove", 0.8) == "Finding the best pairs"
