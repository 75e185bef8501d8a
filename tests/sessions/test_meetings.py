"""Planning, moving, cancelling and answering, and what both people are told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mentoring.enums import PersonStatus
from mentoring.models import AuditEvent, OutgoingMessage
from mentoring.rules import NotAllowed
from programs.enums import CohortStatus, PairStatus, ParticipantStatus
from sessions.actions import meetings as actions
from sessions.actions.meetings import (
    PlannedMeanwhile,
    cancel_meeting,
    mark_held,
    mark_missed,
    move_meeting,
    undo_answer,
)
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from tests.cast import NOW, Cast
from tests.sessions.conftest import THURSDAY, mails, who

Plan = Callable[..., Meeting]
AFTER = THURSDAY + timedelta(hours=2)


def test_plan_meeting_tells_both(in_northwind: Cast, plan: Plan) -> None:
    meeting = plan(place="Room 4")
    assert (meeting.number, meeting.status, meeting.sequence) == (1, MeetingStatus.PLANNED, 0)
    sent = mails("meeting_planned")
    assert [(mail.to_email, mail.subject, mail.calendar_method, mail.reply_to) for mail in sent] == [
        (
            "amara.osei@northwind.example",
            "You meet Henrik Lund on Thu 26 November at 16:00",
            "REQUEST",
            "henrik.lund@northwind.example",
        ),
        (
            "henrik.lund@northwind.example",
            "You meet Amara Osei on Thu 26 November at 16:00",
            "REQUEST",
            "amara.osei@northwind.example",
        ),
    ]
    assert "Where: Room 4" in sent[0].text


def test_plan_meeting_shows_both_clocks(in_northwind: Cast, plan: Plan) -> None:
    plan(datetime(2027, 1, 14, 23, 30, tzinfo=UTC), participant=in_northwind.mentor)
    in_northwind.people["mentor"].time_zone = "Asia/Seoul"
    in_northwind.people["mentor"].save()
    plan(datetime(2026, 12, 17, 8, 0, tzinfo=UTC))
    to_henrik = [mail.text for mail in mails("meeting_planned", to_email="henrik.lund@northwind.example")]
    assert "When: Friday 15 January 2027, 00:30–01:15\n" in to_henrik[0]  # Lagos and Oslo agree in winter
    assert (
        "When: Thursday 17 December 2026, 09:00–09:45\n(Oslo time; for Amara it is 17:00 in Seoul)\n"
        in to_henrik[1]
    )


def test_plan_meeting_twice_is_one_meeting(in_northwind: Cast, plan: Plan) -> None:
    first, second = plan(), plan()
    assert first.pk == second.pk
    assert Meeting.objects.count() == 1
    assert len(mails("meeting_planned")) == 2
    assert AuditEvent.objects.filter(action="meeting.planned").count() == 1


def test_plan_meeting_both_at_the_same_moment_is_one_meeting(in_northwind: Cast, plan: Plan) -> None:
    assert plan().pk == plan(participant=in_northwind.mentee, seen=0).pk


def test_plan_meeting_the_partner_planned_meanwhile(in_northwind: Cast, plan: Plan) -> None:
    first = plan(seen=0)
    later = THURSDAY + timedelta(days=1)
    with pytest.raises(PlannedMeanwhile) as told:
        plan(later, participant=in_northwind.mentee, seen=0)
    assert str(told.value) == (
        "Amara has just planned a meeting with you: Thursday 26 November 2026 at 16:00. "
        "Press the button again if you want another one besides."
    )
    assert plan(later, participant=in_northwind.mentee, seen=first.number).number == 2


def test_plan_meeting_overlapping_another(in_northwind: Cast, plan: Plan) -> None:
    plan()
    with pytest.raises(
        NotAllowed, match="You two already meet on Thursday 26 November 2026 from 16:00 to 16:45"
    ):
        plan(THURSDAY + timedelta(minutes=30))
    assert plan(THURSDAY + timedelta(minutes=45)).number == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda cast: setattr(cast.pair, "status", PairStatus.ENDED), "This pairing has ended"),
        (lambda cast: setattr(cast.cohort, "status", CohortStatus.CLOSED), "This cohort is closed"),
        (lambda cast: setattr(cast.people["mentee"], "status", PersonStatus.LEFT), "Henrik Lund no longer"),
        (lambda cast: setattr(cast.mentee, "status", ParticipantStatus.WITHDRAWN), "Henrik Lund no longer"),
        (lambda cast: setattr(cast.mentor, "status", ParticipantStatus.WITHDRAWN), "You no longer take part"),
    ],
)
def test_plan_meeting_that_may_not_be(
    in_northwind: Cast, plan: Plan, change: Callable[[Cast], None], message: str
) -> None:
    change(in_northwind)
    for row in (
        in_northwind.pair,
        in_northwind.cohort,
        in_northwind.people["mentee"],
        in_northwind.mentee,
        in_northwind.mentor,
    ):
        row.save()
    with pytest.raises(NotAllowed, match=message):
        plan()
    assert (Meeting.objects.count(), OutgoingMessage.objects.count()) == (0, 0)


def test_plan_meeting_of_others(in_northwind: Cast, plan: Plan) -> None:
    stranger = in_northwind.mentor.__class__.objects.create(
        cohort=in_northwind.cohort,
        person=in_northwind.people["spare"],
        role="mentor",
        status=ParticipantStatus.JOINED,
    )
    with pytest.raises(NotAllowed, match="Only the two people of a pair"):
        plan(participant=stranger)


def test_plan_meeting_without_audit_is_undone(
    in_northwind: Cast, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no audit")

    monkeypatch.setattr(actions.audit, "record", broken)
    with pytest.raises(RuntimeError, match="no audit"), in_northwind.scope():
        plan()
    assert (Meeting.objects.count(), OutgoingMessage.objects.count()) == (0, 0)


def test_plan_meeting_keeps_the_place_out_of_the_audit(in_northwind: Cast, plan: Plan) -> None:
    meeting = plan(place="https://call.example/secret-room")
    event = AuditEvent.objects.get(action="meeting.planned")
    assert event.data == {"pair": in_northwind.pair.pk, "starts_at": "2026-11-26T15:00:00+00:00"}
    assert (event.object_id, event.by) == (meeting.pk, "Amara Osei <amara.osei@northwind.example>")


def test_move_meeting_tells_both_calendars(in_northwind: Cast, plan: Plan) -> None:
    meeting = plan()
    moved = move_meeting(
        meeting=meeting,
        starts_at=THURSDAY + timedelta(days=1),
        minutes=45,
        participant=in_northwind.mentee,
        now=NOW,
        by=who(in_northwind.mentee),
    )
    assert (moved.uid, moved.sequence, moved.number) == (meeting.uid, 1, 1)
    sent = mails("meeting_changed")
    assert [(mail.subject, mail.calendar_method) for mail in sent] == [
        ("Moved: you meet Henrik Lund on Fri 27 November at 16:00", "REQUEST"),
        ("Moved: you meet Amara Osei on Fri 27 November at 16:00", "REQUEST"),
    ]
    assert "It was on Thursday 26 November 2026 at 16:00." in sent[0].text
    assert "Henrik Lund has changed your meeting." in sent[0].text
    assert "Your meeting with Amara Osei has changed." in sent[1].text


def test_move_meeting_nowhere_tells_nobody(in_northwind: Cast, plan: Plan) -> None:
    meeting = plan()
    moved = move_meeting(
        meeting=meeting,
        starts_at=meeting.starts_at,
        minutes=45,
        participant=in_northwind.mentor,
        now=NOW,
        by=who(in_northwind.mentor),
    )
    assert (moved.sequence, mails("meeting_changed")) == (0, [])


def test_move_meeting_to_another_place_only(in_northwind: Cast, plan: Plan) -> None:
    move_meeting(
        meeting=plan(),
        starts_at=THURSDAY,
        minutes=45,
        place="Café Nord",
        participant=in_northwind.mentor,
        now=NOW,
        by=who(in_northwind.mentor),
    )
    assert [mail.subject for mail in mails("meeting_changed")] == [
        "New place: you meet Henrik Lund on Thu 26 November",
        "New place: you meet Amara Osei on Thu 26 November",
    ]


def test_cancel_meeting_takes_it_out_of_both_calendars(in_northwind: Cast, plan: Plan) -> None:
    meeting = plan()
    for _press in range(2):
        cancel_meeting(meeting=meeting, participant=in_northwind.mentee, now=NOW, by=who(in_northwind.mentee))
    meeting.refresh_from_db()
    assert (meeting.status, meeting.sequence) == (MeetingStatus.CANCELLED, 1)
    assert [(mail.to_email, mail.calendar_method) for mail in mails("meeting_cancelled")] == [
        ("amara.osei@northwind.example", "CANCEL"),
        ("henrik.lund@northwind.example", "CANCEL"),
    ]
    assert AuditEvent.objects.filter(action="meeting.cancelled").count() == 1


def test_cancelled_meeting_cannot_be_moved_or_answered(in_northwind: Cast, plan: Plan) -> None:
    meeting = plan()
    mentor, by = in_northwind.mentor, who(in_northwind.mentor)
    cancel_meeting(meeting=meeting, participant=mentor, now=NOW, by=by)
    with pytest.raises(NotAllowed, match="Only a planned meeting can be moved"):
        move_meeting(meeting=meeting, starts_at=AFTER, minutes=45, participant=mentor, now=NOW, by=by)
    with pytest.raises(NotAllowed, match="This meeting was cancelled"):
        mark_held(meeting=meeting, participant=mentor, now=AFTER, by=by)


def test_mark_held_by_either_and_undone_by_the_other(in_northwind: Cast, plan: Plan) -> None:
    meeting = plan()
    mentor, mentee = in_northwind.mentor, in_northwind.mentee
    mark_held(meeting=meeting, participant=mentor, now=AFTER, by=who(mentor))
    held = Meeting.objects.get(pk=meeting.pk)
    assert (held.status, held.answered_by_id, held.answered_at) == (MeetingStatus.HELD, mentor.pk, AFTER)
    mark_held(meeting=meeting, participant=mentee, now=AFTER, by=who(mentee))
    undo_answer(meeting=meeting, participant=mentee, now=AFTER, by=who(mentee))
    undone = Meeting.objects.get(pk=meeting.pk)
    assert (undone.status, undone.answered_by_id, undone.answered_at) == (MeetingStatus.PLANNED, None, None)
    mark_missed(meeting=meeting, participant=mentee, now=AFTER, by=who(mentee))
    missed = Meeting.objects.get(pk=meeting.pk)
    assert missed.status == MeetingStatus.MISSED
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "meeting.planned",
        "meeting.held",
        "meeting.answer_undone",
        "meeting.missed",
    ]


def test_mark_held_before_it_begins(in_northwind: Cast, plan: Plan) -> None:
    meeting = plan()
    for change in (mark_held, mark_missed):
        with pytest.raises(NotAllowed, match="has not begun yet"):
            change(meeting=meeting, participant=in_northwind.mentor, now=NOW, by=who(in_northwind.mentor))
