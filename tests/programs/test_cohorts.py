"""What moves a cohort, and what each step leaves behind."""

from datetime import date, timedelta
from typing import Any

import pytest

from mentoring.actions import audit
from mentoring.models import AuditEvent, Membership
from mentoring.rules import NotAllowed
from programs.actions import cohorts as actions
from programs.actions.pairs import NewPair, create_pairs, end_pair
from programs.actions.programs import create_program, update_program
from programs.enums import CohortStatus, PairRole, PairStatus, QuestionnaireStatus
from programs.models import Cohort, Pair, Program, Questionnaire
from programs.templates_catalog import CATALOGUE
from tests.cast import NOW, Cast
from tests.programs.making import (
    add_participant,
    champion_of,
    dates_from,
    make_cohort,
    make_enrolling,
    make_matching,
    make_program,
    people,
)


def actions_of(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("id"))


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_create_program_copies_the_template(northwind: Cast, key: str) -> None:
    template = CATALOGUE[key]
    with northwind.scope():
        program = create_program(
            template=template, name="New", purpose="Why", champion=champion_of(northwind), by=northwind.by
        )
        for role in PairRole:
            questionnaire = program.questionnaires.get(audience=role)
            assert questionnaire.status == QuestionnaireStatus.PUBLISHED
            assert [q.key for q in questionnaire.questions.all()] == [q.key for q in template.questions(role)]
        assert len(actions_of("program.created")) == 1


def test_create_program_name_taken(northwind: Cast) -> None:
    with northwind.scope():
        with pytest.raises(NotAllowed, match="already a program called “Digital leadership”"):
            make_program(northwind, name="Digital leadership")
        assert Program.objects.count() == 1
        assert Questionnaire.objects.count() == 0


def test_create_program_without_purpose(northwind: Cast) -> None:
    with northwind.scope(), pytest.raises(NotAllowed, match="Say why this program exists"):
        make_program(northwind, purpose="  ")


def test_create_program_champion_who_may_not(northwind: Cast) -> None:
    with northwind.scope():
        overseer = Membership.objects.get(user=northwind.overseer)
        with pytest.raises(NotAllowed, match="cannot manage programs"):
            make_program(northwind, champion=overseer)


def test_update_program_records_what_changed(northwind: Cast) -> None:
    with northwind.scope():
        update_program(
            program=northwind.program, by=northwind.by, initiative="2030", purpose=northwind.program.purpose
        )
        update_program(program=northwind.program, by=northwind.by, initiative="2030")
        assert [event.data for event in actions_of("program.changed")] == [{"fields": ["initiative"]}]


def test_cohort_runs_through_its_phases(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort, mentor, mentee = make_matching(northwind, now=NOW)
        create_pairs(
            cohort=cohort, pairs=[(mentor, mentee, 70, {})], by=northwind.by, now=NOW + timedelta(days=20)
        )
        closed = actions.close_cohort(cohort=cohort, by=northwind.by, now=NOW + timedelta(days=200))
        assert closed.status == CohortStatus.CLOSED
        assert (closed.opened_at, closed.published_at, closed.closed_at) == (
            NOW,
            NOW + timedelta(days=20),
            NOW + timedelta(days=200),
        )
        assert Pair.objects.get(cohort=cohort).status == PairStatus.COMPLETED
        steps = [(e.data["from"], e.data["to"]) for e in actions_of("cohort.phase_changed")]
    assert steps == [
        ("draft", "enrolling"),
        ("enrolling", "matching"),
        ("matching", "running"),
        ("running", "closed"),
    ]


def test_open_enrolment_again_keeps_its_first_day(northwind: Cast) -> None:
    with northwind.scope():
        cohort, _mentor, _mentee = make_matching(northwind, now=NOW)
        again = actions.open_enrolment(cohort=cohort, by=northwind.by, now=NOW + timedelta(days=1))
    assert (again.status, again.opened_at) == (CohortStatus.ENROLLING, NOW)


def test_open_enrolment_after_its_last_day(northwind: Cast) -> None:
    with northwind.scope():
        cohort = make_cohort(northwind, now=NOW)
        with pytest.raises(NotAllowed, match="last day of enrolment has passed"):
            actions.open_enrolment(cohort=cohort, by=northwind.by, now=NOW + timedelta(days=22))


def test_open_enrolment_without_questionnaires(northwind: Cast) -> None:
    with northwind.scope():
        cohort = make_cohort(northwind, now=NOW, program=northwind.program)
        with pytest.raises(NotAllowed, match="Publish both questionnaires"):
            actions.open_enrolment(cohort=cohort, by=northwind.by, now=NOW)


def test_close_enrolment_with_one_side_only(northwind: Cast) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        add_participant(cohort, northwind.people["mentor"], PairRole.MENTOR)
        with pytest.raises(NotAllowed, match="at least one mentor and one mentee"):
            actions.close_enrolment(cohort=cohort, by=northwind.by)


def test_phase_change_works_on_the_row_as_it_is_now(northwind: Cast) -> None:
    """Two champions press the same button: the second is refused, though her page shows the old phase."""
    with northwind.scope():
        cohort = make_cohort(northwind, now=NOW)
        stale = Cohort.objects.get(pk=cohort.pk)
        actions.open_enrolment(cohort=cohort, by=northwind.by, now=NOW)
        with pytest.raises(NotAllowed, match="already in the phase “Enrolling”"):
            actions.open_enrolment(cohort=stale, by=northwind.by, now=NOW)


def test_failing_audit_undoes_the_phase(northwind: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with northwind.scope():
        cohort = make_cohort(northwind, now=NOW)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("audit is down")

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(RuntimeError), northwind.scope():
        actions.open_enrolment(cohort=cohort, by=northwind.by, now=NOW)
    with northwind.scope():
        assert Cohort.objects.get(pk=cohort.pk).status == CohortStatus.DRAFT


def test_create_cohort_name_taken(northwind: Cast) -> None:
    with northwind.scope(), pytest.raises(NotAllowed, match="already has a cohort called “Autumn 2026”"):
        actions.create_cohort(
            program=northwind.program,
            name="Autumn 2026",
            dates=dates_from(NOW),
            meeting_minutes=45,
            by=northwind.by,
            now=NOW,
        )


@pytest.mark.parametrize(
    ("field", "allowed"),
    [("ends_on", True), ("starts_on", False), ("enroll_until", False), ("enroll_from", False)],
)
def test_update_running_cohort(northwind: Cast, field: str, allowed: bool) -> None:
    change = {field: date(2027, 5, 1) if field == "ends_on" else date(2026, 8, 30)}
    with northwind.scope():
        if allowed:
            actions.update_cohort(cohort=northwind.cohort, by=northwind.by, now=NOW, **change)
            assert getattr(Cohort.objects.get(pk=northwind.cohort.pk), field) == change[field]
        else:
            with pytest.raises(NotAllowed, match="can no longer be changed in the phase “Running”"):
                actions.update_cohort(cohort=northwind.cohort, by=northwind.by, now=NOW, **change)


def test_update_cohort_to_dates_out_of_order(northwind: Cast) -> None:
    with northwind.scope(), pytest.raises(NotAllowed, match="last day must come after the first"):
        actions.update_cohort(
            cohort=northwind.cohort, by=northwind.by, now=NOW, ends_on=northwind.cohort.starts_on
        )


def test_create_pairs_twice_makes_them_once(northwind: Cast) -> None:
    with northwind.scope():
        cohort, mentor, mentee = make_matching(northwind, now=NOW)
        pair = NewPair(mentor, mentee, 81, {"mentor": ["Both speak French."]})
        first = create_pairs(cohort=cohort, pairs=[pair], by=northwind.by, now=NOW)
        second = create_pairs(cohort=cohort, pairs=[pair, pair], by=northwind.by, now=NOW)
        assert (len(first), len(second)) == (1, 0)
        found = Pair.objects.get(cohort=cohort)
        assert (found.score, found.reasons, found.status) == (
            81,
            {"mentor": ["Both speak French."]},
            "active",
        )
        assert [event.data for event in actions_of("pairs.published")] == [{"number": 1}]


def test_create_pairs_adds_late_joiners_to_a_running_cohort(northwind: Cast) -> None:
    with northwind.scope():
        cohort, mentor, mentee = make_matching(northwind, now=NOW)
        create_pairs(cohort=cohort, pairs=[NewPair(mentor, mentee)], by=northwind.by, now=NOW)
        one, two = people(2)
        late = NewPair(
            add_participant(cohort, one, PairRole.MENTOR), add_participant(cohort, two, PairRole.MENTEE)
        )
        assert len(create_pairs(cohort=cohort, pairs=[late], by=northwind.by, now=NOW)) == 1
        assert Pair.objects.filter(cohort=cohort).count() == 2


def test_create_pairs_beyond_capacity_makes_none(northwind: Cast) -> None:
    with northwind.scope():
        cohort, mentor, mentee = make_matching(northwind, now=NOW)
        other = add_participant(cohort, people(1)[0], PairRole.MENTEE)
        with pytest.raises(NotAllowed, match="Amara Osei would get more partners than agreed"):
            create_pairs(
                cohort=cohort,
                pairs=[NewPair(mentor, mentee), NewPair(mentor, other)],
                by=northwind.by,
                now=NOW,
            )
        assert Pair.objects.filter(cohort=cohort).count() == 0
        assert Cohort.objects.get(pk=cohort.pk).status == CohortStatus.MATCHING


@pytest.mark.parametrize("wrong", ["role", "cohort", "withdrawn"])
def test_create_pairs_with_somebody_who_is_not_in(northwind: Cast, wrong: str) -> None:
    with northwind.scope():
        cohort, mentor, mentee = make_matching(northwind, now=NOW)
        if wrong == "role":
            mentor, mentee = mentee, mentor
        elif wrong == "cohort":
            mentor = northwind.mentor
        else:
            mentor.status = "withdrawn"
            mentor.save()
        with pytest.raises(NotAllowed, match="is no longer in this cohort"):
            create_pairs(cohort=cohort, pairs=[NewPair(mentor, mentee)], by=northwind.by, now=NOW)


def test_create_pairs_while_enrolling(northwind: Cast) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        with pytest.raises(NotAllowed, match="close enrolment first"):
            create_pairs(cohort=cohort, pairs=[], by=northwind.by, now=NOW)


def test_create_pairs_of_nobody(northwind: Cast) -> None:
    with northwind.scope():
        cohort, _mentor, _mentee = make_matching(northwind, now=NOW)
        with pytest.raises(NotAllowed, match="no pairs to publish"):
            create_pairs(cohort=cohort, pairs=[], by=northwind.by, now=NOW)


def test_end_pair_once(northwind: Cast) -> None:
    with northwind.scope():
        ended = end_pair(pair=northwind.pair, reason="Changed jobs", by=northwind.by, now=NOW)
        assert (ended.status, ended.ended_at, ended.end_reason) == (PairStatus.ENDED, NOW, "Changed jobs")
        with pytest.raises(NotAllowed, match="already ended"):
            end_pair(pair=northwind.pair, reason="", by=northwind.by, now=NOW)


def test_ended_pair_begins_anew_when_it_is_published_again(northwind: Cast) -> None:
    """A champion may insist on two people who ended once; they are introduced again."""
    with northwind.scope():
        end_pair(pair=northwind.pair, reason="Changed jobs", by=northwind.by, now=NOW)
        again = create_pairs(
            cohort=northwind.cohort,
            pairs=[NewPair(northwind.mentor, northwind.mentee)],
            by=northwind.by,
            now=NOW + timedelta(days=1),
        )
        northwind.pair.refresh_from_db()
        assert again == [northwind.pair]
        assert (northwind.pair.status, northwind.pair.publications) == (PairStatus.ACTIVE, 2)
        assert (northwind.pair.ended_at, northwind.pair.end_reason) == (None, "")
