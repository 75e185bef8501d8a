from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from matching.actions.exclusions import add_exclusion
from matching.actions.publish import publish_run, take_back
from matching.actions.rulings import rule_pairing
from matching.actions.runs import start_run
from matching.enums import RulingKind
from matching.models import MatchRun, Pick
from mentoring.enums import PersonStatus
from mentoring.mail.reminders import plan_reminders
from mentoring.models import AuditEvent, OutgoingMessage
from mentoring.rules import NotAllowed
from programs.actions.pairs import NewPair, create_pairs
from programs.enums import CohortStatus, PairRole, PairStatus
from programs.models import Cohort, Pair, Participant
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from tests.cast import NOW, Cast
from tests.matching.making import Someone, add_participants, find, solved


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
    assert [publish(northwind, run), publish(northwind, run)] == [3, None]
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


def take_it_back(cast: Cast, run: MatchRun, now: datetime = NOW + timedelta(hours=1)) -> int:
    with cast.scope():
        return take_back(run=run, by=cast.by, now=now)


def test_take_back_makes_the_run_a_draft_again(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    publish(northwind, run)
    assert take_it_back(northwind, run) == 3
    with northwind.scope():
        run.refresh_from_db()
        small.refresh_from_db()
        statuses = list(Pair.objects.filter(cohort=small).values_list("status", flat=True))
        told = AuditEvent.objects.get(action="matching.taken_back").data
    assert (run.published_at, small.status, small.published_at) == (None, CohortStatus.MATCHING, None)
    assert statuses == [PairStatus.RETRACTED] * 3
    assert told["pairs"] == 3


def test_published_again_after_being_taken_back(northwind: Cast, small: Cohort) -> None:
    """The same three rows begin anew, and both people are told each time."""
    run = solved(northwind, small)
    publish(northwind, run)
    take_it_back(northwind, run)
    with northwind.scope():
        plan_reminders(northwind.organization, now=NOW + timedelta(hours=1))
        assert publish_run(run=run, by=northwind.by, now=NOW + timedelta(hours=2)) == 3
        plan_reminders(northwind.organization, now=NOW + timedelta(hours=2))
        pairs = Pair.objects.filter(cohort=small)
        found = {(pair.status, pair.publications, pair.ended_at) for pair in pairs}
        kinds = Counter(OutgoingMessage.objects.values_list("kind", flat=True))
    assert (len(pairs), found) == (3, {(PairStatus.ACTIVE, 2, None)})
    assert (kinds["introduction"], kinds["pair_over"]) == (6, 6)


def test_take_back_cancels_what_was_planned(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    publish(northwind, run)
    with northwind.scope():
        meeting = plan_first(small, NOW + timedelta(days=60))
    take_it_back(northwind, run)
    with northwind.scope():
        meeting.refresh_from_db()
        mails = OutgoingMessage.objects.filter(kind="meeting_cancelled")
        assert [(mail.calendar_method, "has ended" in mail.text) for mail in mails] == [("CANCEL", True)] * 2
    assert meeting.status == MeetingStatus.CANCELLED


def test_take_back_after_the_first_meeting(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    publish(northwind, run)
    with northwind.scope():
        plan_first(small, NOW + timedelta(days=60))
    with pytest.raises(NotAllowed, match="1 pair has met already"):
        take_it_back(northwind, run, NOW + timedelta(days=61))
    with northwind.scope():
        assert Pair.objects.filter(cohort=small, status=PairStatus.ACTIVE).count() == 3


def plan_first(cohort: Cohort, at: datetime) -> Meeting:
    pair = Pair.objects.filter(cohort=cohort).order_by("pk").first()
    assert pair
    return Meeting.objects.create(pair=pair, number=1, starts_at=at, minutes=45, planned_by=pair.mentor)


def test_take_back_of_a_draft(northwind: Cast, small: Cohort) -> None:
    with pytest.raises(NotAllowed, match="not published"):
        take_it_back(northwind, solved(northwind, small))


def test_publish_puts_those_left_on_the_waitlist(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        add_participants(small, PairRole.MENTEE, [Someone("Late Comer", ("ai_tools",))])
    run = solved(northwind, small)
    publish(northwind, run)
    with northwind.scope():
        active = Pair.objects.filter(cohort=small)
        there = {pk for pair in active for pk in (pair.mentor_id, pair.mentee_id)}
        waiting = dict(Participant.objects.filter(cohort=small).values_list("pk", "waitlisted_at"))
        assert {pk for pk, at in waiting.items() if at} == waiting.keys() - there - silent(small)
        assert set(waiting.values()) == {NOW, None}
        plan_reminders(northwind.organization, now=NOW + timedelta(hours=13))
        assert OutgoingMessage.objects.filter(kind="waitlist").count() == sum(map(bool, waiting.values()))
    take_it_back(northwind, run)
    with northwind.scope():
        assert not Participant.objects.filter(cohort=small, waitlisted_at__isnull=False).exists()


def silent(cohort: Cohort) -> set[int]:
    return set(Participant.objects.filter(cohort=cohort, answered_at=None).values_list("pk", flat=True))


def test_publish_what_somebody_refused_since(northwind: Cast, small: Cohort) -> None:
    """The champion learns that it no longer holds, and not who refused whom."""
    run = solved(northwind, small)
    with northwind.scope():
        proposal = run.proposals.select_related("mentor__person", "mentee__person").first()
        assert proposal
        Pick.objects.create(participant=proposal.mentee, partner=proposal.mentor)
    with pytest.raises(NotAllowed) as refusal:
        publish(northwind, run)
    assert str(refusal.value) == "People have chosen otherwise since this draft. Run the matching again."


def test_publish_with_nobody_left_starts_the_cohort(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        mentors = Participant.objects.filter(cohort=small, role=PairRole.MENTOR).order_by("pk")
        mentees = Participant.objects.filter(cohort=small, role=PairRole.MENTEE).order_by("pk")
        run = MatchRun.objects.create(
            cohort=small, number=1, status="done", adopted_at=NOW, settings={"rules": []}, figures={}
        )
        pairs = [(mentors[0], mentees[0])]
        create_pairs(
            cohort=small, pairs=[NewPair(*pair) for pair in pairs], by=northwind.by, now=NOW, start=False
        )
        small.refresh_from_db()
        assert small.status == CohortStatus.MATCHING
        assert publish_run(run=run, by=northwind.by, now=NOW) == 0
        small.refresh_from_db()
        assert small.status == CohortStatus.RUNNING
