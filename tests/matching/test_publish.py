from typing import Any

import pytest

from matching.actions.exclusions import add_exclusion
from matching.actions.publish import publish_run
from matching.actions.rulings import rule_pairing
from matching.actions.runs import start_run
from matching.enums import RulingKind
from matching.models import MatchRun
from mentoring.enums import PersonStatus
from mentoring.models import AuditEvent
from mentoring.rules import NotAllowed
from programs.enums import CohortStatus
from programs.models import Cohort, Pair
from tests.cast import NOW, Cast
from tests.matching.making import find, solved


def publish(cast: Cast, run: MatchRun) -> int:
    with cast.scope():
        return publish_run(run=run, by=cast.by, now=NOW)


def test_publish_makes_pairs_with_reasons_for_each_side(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    assert publish(northwind, run) == 3
    with northwind.scope():
        pair = Pair.objects.get(cohort=small, mentor__person__first_name="Ben")
        run.refresh_from_db()
        small.refresh_from_db()
    assert pair.reasons == {
        "mentor": [
            "Vic wants to learn Social media and personal presence, which you can show.",
            "Different unit: Sales and HR.",
            "Different place: Lagos and Rome.",
        ],
        "mentee": [
            "Ben can show you Social media and personal presence, which you want to learn.",
            "Different unit: Sales and HR.",
            "Different place: Lagos and Rome.",
        ],
    }
    assert (run.published_at, small.status, small.published_at) == (NOW, CohortStatus.RUNNING, NOW)


def test_publish_twice_is_once(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    assert [publish(northwind, run), publish(northwind, run)] == [3, 0]
    with northwind.scope():
        assert Pair.objects.filter(cohort=small).count() == 3
        assert AuditEvent.objects.filter(action="matching.published").count() == 1


def test_publish_out_of_enrolment_closes_it(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        small.status = CohortStatus.ENROLLING
        small.save()
    publish(northwind, solved(northwind, small))
    with northwind.scope():
        moves = AuditEvent.objects.filter(action="cohort.phase_changed").order_by("pk")
        assert [event.data["to"] for event in moves] == ["matching", "running"]


def test_publish_only_the_newest_draft(northwind: Cast, small: Cohort) -> None:
    older = solved(northwind, small)
    solved(northwind, small)
    with pytest.raises(NotAllowed, match="Only the current draft"):
        publish(northwind, older)


def test_publish_waits_for_a_run_that_is_on_its_way(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        start_run(cohort=small, by=northwind.by)
    with pytest.raises(NotAllowed, match="on its way"):
        publish(northwind, run)


def test_publish_refuses_what_was_ruled_out_since(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        ada, uma = find(small, "Ada One"), find(small, "Uma Four")
        rule_pairing(mentor=ada, mentee=uma, kind=RulingKind.NEVER, by=northwind.by)
    with pytest.raises(NotAllowed, match="You said never for Ada One and Uma Four"):
        publish(northwind, run)
    with northwind.scope():
        rule_pairing(mentor=ada, mentee=uma, kind=None, by=northwind.by)
        add_exclusion(person=uma.person, other=ada.person, note="", by=northwind.by)
    with pytest.raises(NotAllowed, match="Ada One and Uma Four are on the exclusion list"):
        publish(northwind, run)
    with northwind.scope():
        assert Pair.objects.filter(cohort=small).count() == 0


def test_publish_refuses_those_who_left(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        for name in ("Ada One", "Vic Five"):
            person = find(small, name).person
            person.status = PersonStatus.LEFT
            person.save()
    with pytest.raises(NotAllowed, match="Ada One and Vic Five are no longer in this cohort"):
        publish(northwind, run)


def test_next_draft_of_a_running_cohort_adds_pairs(northwind: Cast, small: Cohort) -> None:
    publish(northwind, solved(northwind, small))
    with northwind.scope():
        ada = find(small, "Ada One")
        ada.capacity = 2
        ada.save()
    again = solved(northwind, small)
    assert publish(northwind, again) == 1
    with northwind.scope():
        names = Pair.objects.filter(cohort=small, mentor=ada).values_list(
            "mentee__person__first_name", flat=True
        )
        assert sorted(names) == ["Uma", "Xia"]


def test_publish_is_undone_when_the_audit_row_fails(
    northwind: Cast, small: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = solved(northwind, small)

    def fail(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("no audit")

    monkeypatch.setattr("matching.actions.publish.audit.record", fail)
    with pytest.raises(RuntimeError, match="no audit"):
        publish(northwind, run)
    with northwind.scope():
        assert Pair.objects.filter(cohort=small).count() == 0
        assert MatchRun.objects.get(pk=run.pk).published_at is None
