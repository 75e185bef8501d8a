"""Pairs, meetings and participations of somebody who leaves, what the partner is told, and what the champion
sees."""

import re
from datetime import timedelta
from typing import Any

import icalendar
import pytest

from mentoring.actions.leaving import bring_back, mark_left, mark_people_left
from mentoring.actors import Actor
from mentoring.mail.reminders import plan_reminders
from mentoring.models import AuditEvent, Membership, Organization, OutgoingMessage, Person
from mentoring.rules import NotAllowed
from programs.actions.participants import resend_invitation
from programs.actions.programs import update_program
from programs.enums import CohortStatus, PairRole, PairStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant, Program
from programs.queries.cohorts import contact_of
from programs.queries.leaving import partners_left
from programs.queries.programs import managing_members
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from tests.cast import NOW, Cast
from tests.leaving.conftest import on_roster
from tests.programs.making import add_participant
from tests.sessions.conftest import THURSDAY

HERE = "/o/northwind/"


@pytest.fixture
def in_northwind(northwind: Cast) -> Any:
    with northwind.scope():
        yield northwind


@pytest.fixture
def meeting(in_northwind: Cast) -> Meeting:
    """Thursday, not told to calendars by a mail of this test."""
    cast = in_northwind
    Participant.objects.filter(cohort=cast.cohort).update(answered_at=NOW)
    return Meeting.objects.create(
        pair=cast.pair, number=1, starts_at=THURSDAY, minutes=45, planned_by=cast.mentor, told_at=NOW
    )


def leave(cast: Cast, key: str = "mentor") -> None:
    mark_left(person=cast.people[key], now=NOW, by=cast.by)


def told(cast: Cast, key: str) -> list[str]:
    found = OutgoingMessage.objects.filter(to_email=cast.people[key].email).order_by("pk")
    return list(found.values_list("kind", flat=True))


def test_pair_ends_without_a_fault_and_the_partner_waits(in_northwind: Cast, meeting: Meeting) -> None:
    cast = in_northwind
    leave(cast)
    pair = Pair.objects.get(pk=cast.pair.pk)
    assert (pair.status, pair.ended_at, pair.end_reason, pair.left) == (PairStatus.ENDED, NOW, "", "mentor")
    sides = Participant.objects.order_by("role").values_list("role", "status", "waitlisted_at")
    assert list(sides) == [("mentee", "joined", NOW), ("mentor", "withdrawn", None)]
    assert [(one.participant.pk, one.partner.first_name) for one in partners_left(cast.cohort)] == [
        (cast.mentee.pk, "Amara")
    ]


def test_meeting_ahead_leaves_both_calendars(in_northwind: Cast, meeting: Meeting) -> None:
    cast = in_northwind
    past = Meeting.objects.create(
        pair=cast.pair, number=2, starts_at=NOW - timedelta(hours=1), minutes=45, planned_by=cast.mentor
    )
    leave(cast)
    meeting.refresh_from_db()
    past.refresh_from_db()
    assert (meeting.status, meeting.sequence) == (MeetingStatus.CANCELLED, 1)
    assert past.status == MeetingStatus.PLANNED
    mails = OutgoingMessage.objects.filter(kind="meeting_cancelled").order_by("to_email")
    assert [mail.to_email for mail in mails] == [
        "amara.osei@northwind.example",
        "henrik.lund@northwind.example",
    ]
    for mail in mails:
        (event,) = icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT")
        found = (
            mail.calendar_method,
            str(event["UID"]).partition("@")[0],
            event["SEQUENCE"],
            str(event["STATUS"]),
        )
        assert found == ("CANCEL", str(meeting.uid), 1, "CANCELLED")
        assert mail.reply_to == cast.champion.email  # not an address that may be dead
        assert "/s/open/" not in mail.text


def test_leaver_gets_the_cancellation_and_nothing_else(in_northwind: Cast, meeting: Meeting) -> None:
    cast = in_northwind
    leave(cast)
    assert plan_reminders(cast.organization, now=NOW) == 1
    assert told(cast, "mentor") == ["meeting_cancelled"]
    assert told(cast, "mentee") == ["meeting_cancelled", "pair_over"]
    text = OutgoingMessage.objects.get(to_email=cast.people["mentor"].email).text
    assert "leaves your calendar" in text
    assert "take part in mentoring" not in text


def test_partner_is_told_kindly_and_never_why(in_northwind: Cast, meeting: Meeting) -> None:
    cast = in_northwind
    leave(cast)
    plan_reminders(cast.organization, now=NOW)
    plan_reminders(cast.organization, now=NOW + timedelta(days=2))
    mail = OutgoingMessage.objects.get(to_email=cast.people["mentee"].email, kind="pair_over")
    words = " ".join(mail.text.split())
    assert "Amara Osei no longer takes part in Digital leadership" in words
    assert "You are in line for a new partner, and Northwind Champion knows." in words
    assert not re.search(r"has left|terminated|resign", words, re.IGNORECASE)
    assert "waitlist" not in told(cast, "mentee")  # that would say that none was left for him


def test_reminders_about_the_pair_stop(in_northwind: Cast, meeting: Meeting) -> None:
    cast = in_northwind
    leave(cast)
    for day in range(1, 12):
        plan_reminders(cast.organization, now=NOW + timedelta(days=day))
    assert told(cast, "mentor") == ["meeting_cancelled"]
    assert told(cast, "mentee") == ["meeting_cancelled", "pair_over"]


def test_partner_with_another_pair_does_not_wait(in_northwind: Cast, meeting: Meeting) -> None:
    cast = in_northwind
    other = add_participant(cast.cohort, cast.people["spare"], PairRole.MENTOR, answered_at=NOW)
    Pair.objects.create(cohort=cast.cohort, mentor=other, mentee=cast.mentee, published_at=NOW)
    leave(cast)
    assert list(partners_left(cast.cohort)) == []
    assert Participant.objects.get(pk=cast.mentee.pk).waitlisted_at is None


def test_two_of_a_pair_who_leave_together_leave_nobody_waiting(in_northwind: Cast, meeting: Meeting) -> None:
    cast = in_northwind
    mark_people_left([cast.people["mentor"].pk, cast.people["mentee"].pk], now=NOW, by=cast.by)
    assert set(Participant.objects.values_list("status", "waitlisted_at")) == {("withdrawn", None)}
    assert list(partners_left(cast.cohort)) == []


def test_history_of_a_closed_cohort_stays(in_northwind: Cast) -> None:
    cast = in_northwind
    Cohort.objects.update(status=CohortStatus.CLOSED)
    Pair.objects.update(status=PairStatus.COMPLETED, ended_at=NOW)
    leave(cast)
    assert set(Participant.objects.values_list("status", flat=True)) == {ParticipantStatus.JOINED}
    assert Pair.objects.get().status == PairStatus.COMPLETED
    assert told(cast, "mentee") == []


def test_pair_ended_earlier_for_another_reason_is_not_for_the_queue(in_northwind: Cast) -> None:
    cast = in_northwind
    Pair.objects.update(status=PairStatus.ENDED, ended_at=NOW - timedelta(days=9), end_reason="No time")
    leave(cast)
    assert list(partners_left(cast.cohort)) == []
    assert Pair.objects.get().end_reason == "No time"


def test_champion_sees_partner_left_with_the_way_to_a_new_one(northwind: Cast, sign_in: Any) -> None:
    with northwind.scope():
        leave(northwind)
    browser = sign_in(northwind.champion)
    page = browser.get(f"{HERE}cohorts/{northwind.cohort.pk}/").content.decode()
    section = page.partition('aria-labelledby="partner-left-title"')[2].partition("</section>")[0]
    assert "Henrik Lund" in section
    assert "Amara Osei has left" in section
    assert f'href="{HERE}cohorts/{northwind.cohort.pk}/match/"' in section
    home = browser.get(HERE).content.decode()
    assert "1 waits for a new partner: the one before has left" in home
    overseer = sign_in(northwind.overseer).get(f"{HERE}cohorts/{northwind.cohort.pk}/").content.decode()
    assert "partner-left-title" not in overseer


def test_queue_is_empty_once_there_is_a_new_partner(in_northwind: Cast, meeting: Meeting) -> None:
    cast = in_northwind
    leave(cast)
    other = add_participant(cast.cohort, cast.people["spare"], PairRole.MENTOR, answered_at=NOW)
    Pair.objects.create(cohort=cast.cohort, mentor=other, mentee=cast.mentee, published_at=NOW)
    assert list(partners_left(cast.cohort)) == []


def test_bring_back_revives_no_pair_and_lets_invite_again(in_northwind: Cast, meeting: Meeting) -> None:
    cast = in_northwind
    leave(cast)
    bring_back(person=Person.objects.get(pk=cast.people["mentor"].pk), now=NOW, by=cast.by)
    assert Pair.objects.get().status == PairStatus.ENDED
    gone = Participant.objects.get(pk=cast.mentor.pk)
    assert gone.status == ParticipantStatus.WITHDRAWN
    Cohort.objects.update(status=CohortStatus.ENROLLING, enroll_until=NOW.date())
    again = resend_invitation(participant=gone, by=cast.by, now=NOW)
    assert (again.status, again.invited_at) == (ParticipantStatus.INVITED, NOW)


def test_invitation_that_waits_ends_and_nobody_is_reminded(in_northwind: Cast) -> None:
    cast = in_northwind
    Cohort.objects.update(status=CohortStatus.ENROLLING, enroll_until=NOW.date() + timedelta(days=3))
    add_participant(cast.cohort, cast.people["spare"], PairRole.MENTOR, status="invited", invited_at=NOW)
    leave(cast, "spare")
    plan_reminders(cast.organization, now=NOW + timedelta(hours=1))
    assert told(cast, "spare") == []
    assert Participant.objects.get(person=cast.people["spare"]).status == ParticipantStatus.WITHDRAWN


def test_program_names_its_next_contact_until_there_is_a_successor(northwind: Cast, sign_in: Any) -> None:
    on_roster(northwind, northwind.champion)
    with northwind.scope():
        Program.objects.update(sponsor=northwind.people["boss"], endorsement="I learn every week.")
        for person in (Person.objects.get(employee_id="E90"), northwind.people["boss"]):
            mark_left(person=person, now=NOW, by=northwind.by)
        program = Program.objects.select_related("champion__user", "sponsor").get()
        assert contact_of(program) == {"name": "Northwind Owner", "email": "owner@northwind.example"}
        assert not program.is_endorsed
    browser = sign_in(northwind.owner)
    home = browser.get(HERE).content.decode()
    card = home.partition('aria-labelledby="charges-title"')[2].partition("</section>")[0]
    lines = re.findall(r"<strong>(.*?)</strong>\s*<div[^>]*>(.*?)</div>", card)
    assert sorted(lines) == [
        ("Contact for participants", "Northwind Champion has left."),
        ("Digital leadership has no champion", "Northwind Champion has left."),
        ("Digital leadership has no sponsor", "Grace Kim has left."),
        ("Program champion", "Northwind Champion has left."),
    ]
    edit = f"{HERE}programs/{northwind.program.pk}/edit/"
    form = browser.get(edit).content.decode()
    assert re.search(r'<option value=""[^>]*>\s*Choose a successor', form)
    with northwind.scope():
        successor = Membership.objects.get(user=northwind.owner)
    data = {"name": "Digital leadership", "purpose": "To learn.", "champion": successor.pk}
    assert browser.post(edit, {**data, "champion": ""}).status_code == 422
    assert browser.post(edit, data).status_code == 302
    assert "has no champion" not in browser.get(HERE).content.decode()


def test_who_left_cannot_be_made_deputy(in_northwind: Cast) -> None:
    mark_left(person=on_roster(in_northwind, in_northwind.champion), now=NOW, by=Actor.system("test"))
    gone = Membership.objects.get(user=in_northwind.champion)
    owner = Membership.objects.get(user=in_northwind.owner)
    assert list(managing_members()) == [owner]
    with pytest.raises(NotAllowed, match="cannot manage programs"):
        update_program(program=in_northwind.program, champion=owner, deputy=gone, by=in_northwind.by)


def test_audit_says_what_ended(in_northwind: Cast, meeting: Meeting) -> None:
    leave(in_northwind)
    events = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert list(events) == ["meeting.cancelled", "pair.ended", "participant.left", "person.left"]


def test_nobody_elsewhere_is_touched(northwind: Cast, fabrikam: Cast) -> None:
    with northwind.scope():
        leave(northwind)
    with fabrikam.scope():
        assert Pair.objects.get().status == PairStatus.ACTIVE
        assert set(Participant.objects.values_list("status", flat=True)) == {"joined"}
    assert Organization.objects.count() == 2
