"""Inviting, joining, declining: the actions and the mails that follow from them."""

from datetime import date, timedelta
from typing import Any

import pytest

from mentoring.actors import Actor
from mentoring.enums import PersonStatus
from mentoring.mail.reminders import plan_reminders
from mentoring.models import AuditEvent, Membership, OutgoingMessage, Person, User
from mentoring.rules import NotAllowed
from programs.actions import participants as actions
from programs.actions.pairs import NewPair, create_pairs
from programs.enums import CohortStatus, PairRole, ParticipantStatus
from programs.models import Cohort, Participant
from programs.queries.cohorts import funnels
from programs.queries.participants import people_found
from programs.questions.opening import why_answers_are_closed
from tests.cast import NOW, Cast, make_cast
from tests.programs.making import add_participant, make_enrolling, make_matching, people
from tests.together import at_once

MONDAY = NOW + timedelta(days=1)


def invite(cast: Cast, cohort: Any, found: Any, role: PairRole = PairRole.MENTOR, **more: Any) -> Any:
    return actions.invite_people(cohort=cohort, people=found, role=role, by=cast.by, now=NOW, **more)


def mails(kind: str) -> list[OutgoingMessage]:
    return list(OutgoingMessage.objects.filter(kind=kind).order_by("to_email", "pk"))


def test_invite_counts_who_cannot_be_invited(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        add_participant(cohort, northwind.people["mentor"], PairRole.MENTOR)
        people(2)
        Person.objects.create(employee_id="S1", first_name="No", last_name="Address")
        gone = Person.objects.create(
            employee_id="S2", email="gone@northwind.example", first_name="Gone", status=PersonStatus.LEFT
        )
        result = invite(northwind, cohort, Person.objects.all())
        assert (result.invited, result.already, result.without_email, result.left) == (5, 1, 1, 1)
        assert not Participant.objects.filter(person=gone).exists()
        event = AuditEvent.objects.get(action="participants.invited")
        assert event.data == {"role": "mentor", "number": 5}


def test_invite_twice_invites_once(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        found = Person.objects.filter(pk=northwind.people["spare"].pk)
        first, second = invite(northwind, cohort, found), invite(northwind, cohort, found, PairRole.MENTEE)
        assert (first.invited, second.invited, second.already) == (1, 0, 1)
        assert Participant.objects.get(cohort=cohort).role == PairRole.MENTOR
        assert AuditEvent.objects.filter(action="participants.invited").count() == 1
        plan_reminders(northwind.organization, now=NOW)
        plan_reminders(northwind.organization, now=NOW + timedelta(minutes=10))
        assert [mail.to_email for mail in mails("invitation")] == ["jun.park@northwind.example"]


def test_invitation_mail_goes_out_at_once_by_a_worker(northwind: Cast, run_tasks: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind)

    def act() -> None:
        from django.utils import timezone

        with northwind.scope():
            actions.invite_people(
                cohort=cohort,
                people=Person.objects.filter(pk=northwind.people["spare"].pk),
                role=PairRole.MENTOR,
                by=northwind.by,
                now=timezone.now(),
            )

    assert run_tasks(act) == ["mentoring.plan_reminders", "mentoring.send_due_mail"]
    with northwind.scope():
        (mail,) = mails("invitation")
    assert mail.status == "sent"
    assert mail.reply_to == "champion@northwind.example"
    assert "/s/open/" in mail.text
    assert "one meeting of 45 minutes a month" in mail.text


def test_invitation_mail_speaks_of_program_and_sponsor(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        program = cohort.program
        program.sponsor, program.endorsement = northwind.people["boss"], "I'd not miss it."
        program.save()
        invite(northwind, cohort, Person.objects.filter(pk=northwind.people["spare"].pk), PairRole.MENTEE)
        plan_reminders(northwind.organization, now=NOW)
        (mail,) = mails("invitation")
    assert mail.subject == "Upwards: a mentor for you"
    assert "I'd not miss it." in mail.text
    assert "I&#x27;d not miss it." in mail.html
    assert "Grace Kim, Chief HR Officer" in mail.text
    assert "Northwind Champion" in mail.html


def test_invite_while_not_enrolling(northwind: Cast) -> None:
    with northwind.scope(), pytest.raises(NotAllowed):
        invite(northwind, northwind.cohort, Person.objects.all())


def test_resend_makes_a_second_mail_but_not_at_once(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        invite(northwind, cohort, Person.objects.filter(pk=northwind.people["spare"].pk))
        participant = Participant.objects.get(cohort=cohort)
        plan_reminders(northwind.organization, now=NOW)
        with pytest.raises(NotAllowed, match="went out a few minutes ago"):
            actions.resend_invitation(
                participant=participant, by=northwind.by, now=NOW + timedelta(minutes=9)
            )
        later = NOW + timedelta(minutes=11)
        actions.resend_invitation(participant=participant, by=northwind.by, now=later)
        plan_reminders(northwind.organization, now=later)
        assert len(mails("invitation")) == 2


@pytest.mark.parametrize("status", [ParticipantStatus.DECLINED, ParticipantStatus.WITHDRAWN])
def test_resend_invites_again(northwind: Cast, sent_tasks: Any, status: str) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        participant = add_participant(cohort, northwind.people["spare"], PairRole.MENTOR, status=status)
        again = actions.resend_invitation(participant=participant, by=northwind.by, now=NOW)
        assert (again.status, again.invited_at) == (ParticipantStatus.INVITED, NOW)


def test_nudges_after_four_days_and_before_the_end(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)  # closes on day 21
        jun, amara = northwind.people["spare"], northwind.people["mentor"]
        waiting = add_participant(cohort, jun, PairRole.MENTOR, status="invited", invited_at=NOW)
        add_participant(cohort, amara, PairRole.MENTOR, invited_at=NOW)
        add_participant(cohort, northwind.people["boss"], PairRole.MENTEE, invited_at=NOW, answered_at=NOW)
        add_participant(
            cohort, northwind.people["mentee"], PairRole.MENTEE, invited_at=NOW, status="declined"
        )
        seen = []
        for day in (3, 4, 5, 8, 12, 17, 18, 19, 21, 22):
            plan_reminders(northwind.organization, now=NOW + timedelta(days=day))
            seen.append((day, len(mails("enrolment_nudge"))))
        assert seen == [
            (3, 0), (4, 2), (5, 2), (8, 2), (12, 2), (17, 2), (18, 4), (19, 4), (21, 4), (22, 4),
        ]  # fmt: skip
        to_jun = [mail for mail in mails("enrolment_nudge") if mail.person_id == jun.pk]
        assert [mail.subject for mail in to_jun] == [
            "Upwards: yes or no?",
            "Upwards: enrolment closes on Sunday",
        ]
        assert waiting.pk


def test_nudge_after_the_scheduler_was_down(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        add_participant(cohort, northwind.people["spare"], PairRole.MENTOR, status="invited", invited_at=NOW)
        plan_reminders(northwind.organization, now=NOW + timedelta(days=6))
        assert len(mails("enrolment_nudge")) == 1


def join(cast: Cast, participant: Participant, capacity: int = 1, day: int = 0) -> Participant:
    by = Actor.of_person(participant.person)
    return actions.join_cohort(
        participant=participant, capacity=capacity, by=by, now=NOW + timedelta(days=day)
    )


def decline(cast: Cast, participant: Participant, reason: str = "", day: int = 0) -> Participant:
    by = Actor.of_person(participant.person)
    return actions.decline_invitation(
        participant=participant, reason=reason, by=by, now=NOW + timedelta(days=day)
    )


def invited(cast: Cast, key: str = "spare", role: PairRole = PairRole.MENTOR) -> Participant:
    cohort = make_enrolling(cast, now=NOW)
    return add_participant(cohort, cast.people[key], role, status="invited", invited_at=NOW)


def test_join_gives_a_login(northwind: Cast) -> None:
    with northwind.scope():
        participant = join(northwind, invited(northwind), capacity=2)
        user = User.objects.get(email="jun.park@northwind.example")
        assert (participant.status, participant.capacity, participant.joined_at) == ("joined", 2, NOW)
        assert participant.person.user == user
        assert not user.has_usable_password()
        assert Membership.objects.get(user=user).role == "participant"
        event = AuditEvent.objects.get(action="participant.joined")
        assert event.by == "Jun Park <jun.park@northwind.example>"


def test_join_keeps_the_role_one_has(northwind: Cast) -> None:
    with northwind.scope():
        person = northwind.people["spare"]
        person.email = "Champion@Northwind.example"
        person.save()
        join(northwind, invited(northwind))
        assert Membership.objects.get(user=northwind.champion).role == "champion"
        assert Person.objects.get(pk=person.pk).user == northwind.champion


def test_join_twice_changes_only_the_capacity(northwind: Cast) -> None:
    with northwind.scope():
        participant = invited(northwind)
        join(northwind, participant, capacity=1)
        join(northwind, participant, capacity=1)
        assert join(northwind, participant, capacity=3).capacity == 3
        actions_done = AuditEvent.objects.filter(action__startswith="participant.").order_by("id")
        assert [event.action for event in actions_done] == [
            "participant.joined",
            "participant.capacity_changed",
        ]


@pytest.mark.parametrize(("day", "message"), [(22, "Enrolment closed on 13 December 2026."), (0, "")])
def test_join_late(northwind: Cast, day: int, message: str) -> None:
    with northwind.scope():
        participant = invited(northwind)
        if message:
            with pytest.raises(NotAllowed, match=message):
                join(northwind, participant, day=day)
        else:
            assert join(northwind, participant, day=day).status == "joined"


def test_join_with_bad_capacity_changes_nothing(northwind: Cast) -> None:
    with northwind.scope():
        participant = invited(northwind)
        with pytest.raises(NotAllowed, match="from 1 to 5"):
            join(northwind, participant, capacity=6)
        assert Participant.objects.get(pk=participant.pk).status == "invited"


def test_decline_and_change_ones_mind(northwind: Cast) -> None:
    with northwind.scope():
        participant = invited(northwind)
        declined = decline(northwind, participant, " No time this year ")
        assert (declined.status, declined.decline_reason) == ("declined", "No time this year")
        decline(northwind, participant)
        joined = join(northwind, participant, day=1)
        assert (joined.status, joined.decline_reason, joined.declined_at) == ("joined", "", None)


def test_decline_while_matching_and_after_pairing(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort, mentor, mentee = make_matching(northwind, now=NOW)
        third = add_participant(cohort, northwind.people["spare"], PairRole.MENTOR)
        assert decline(northwind, third).status == "declined"
        create_pairs(cohort=cohort, pairs=[NewPair(mentor, mentee)], by=northwind.by, now=NOW)
        with pytest.raises(NotAllowed, match="already paired"):
            decline(northwind, mentor)


def test_withdraw_a_paired_participant(northwind: Cast) -> None:
    with northwind.scope(), pytest.raises(NotAllowed, match="End the pair first"):
        actions.withdraw_participant(participant=northwind.mentor, by=northwind.by)


def test_introduction_to_both_sides(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort, mentor, mentee = make_matching(northwind, now=NOW)
        reasons = {"mentor": ["Henrik wants to learn what you show."], "mentee": ["Amara can show AI tools."]}
        create_pairs(cohort=cohort, pairs=[NewPair(mentor, mentee, 90, reasons)], by=northwind.by, now=NOW)
        for minutes in (0, 10):
            plan_reminders(northwind.organization, now=NOW + timedelta(minutes=minutes))
        to_mentor, to_mentee = mails("introduction")
    assert (to_mentor.to_email, to_mentor.subject) == (
        "amara.osei@northwind.example",
        "Henrik Lund is your mentee",
    )
    assert "Henrik wants to learn what you show." in to_mentor.text
    assert "henrik.lund@northwind.example" in to_mentor.text
    assert "You lead" in to_mentor.text
    assert to_mentee.subject == "Amara Osei is your mentor"
    assert "Amara can show AI tools." in to_mentee.html
    assert "Henrik wants" not in to_mentee.text


def test_funnel_counts_each_once(northwind: Cast) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        one, two, three, four, five = people(5)
        add_participant(cohort, one, PairRole.MENTOR, status="invited")
        add_participant(cohort, two, PairRole.MENTOR, status="invited")
        add_participant(cohort, three, PairRole.MENTOR, capacity=2)
        add_participant(cohort, four, PairRole.MENTOR, answered_at=NOW)
        add_participant(cohort, five, PairRole.MENTOR, status="withdrawn")
        add_participant(cohort, northwind.people["mentee"], PairRole.MENTEE, status="declined")
        found = funnels(cohort)
    mentors, mentees = found[PairRole.MENTOR], found[PairRole.MENTEE]
    assert (mentors.people, mentors.reacted, mentors.joined, mentors.answered) == (4, 2, 2, 1)
    assert (mentors.declined, mentors.withdrawn, mentors.seats, mentors.waiting) == (0, 1, 3, 2)
    assert (mentees.people, mentees.reacted, mentees.declined, mentees.waiting) == (1, 1, 1, 0)


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"q": "jun"}, ["Park"]),
        ({"q": "cfo lund"}, ["Lund"]),
        ({"location": "Lagos"}, ["Osei"]),
        ({"level_from": 6}, ["Kim", "Lund"]),
        ({"level_to": 5}, []),
        ({}, ["Kim", "Lund", "Osei", "Park"]),
    ],
)
def test_people_found(northwind: Cast, fabrikam: Cast, criteria: dict[str, Any], expected: list[str]) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        assert [person.last_name for person in people_found(cohort, criteria, today=NOW.date())] == expected


@pytest.mark.django_db(transaction=True)
def test_two_champions_invite_the_same_people(sent_tasks: Any) -> None:
    cast = make_cast("northwind", "Northwind")
    with cast.scope():
        cohort = make_enrolling(cast, now=NOW)
        people(20)

    def press() -> int:
        with cast.scope():
            return invite(cast, cohort, Person.objects.all()).invited

    assert sorted(at_once(press, press)) == [0, 24]
    with cast.scope():
        assert Participant.objects.filter(cohort=cohort).count() == 24
        assert AuditEvent.objects.filter(action="participants.invited").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_on_join_make_one_login(sent_tasks: Any) -> None:
    cast = make_cast("northwind", "Northwind")
    with cast.scope():
        participant = invited(cast)

    def press() -> None:
        with cast.scope():
            join(cast, Participant.objects.select_related("person").get(pk=participant.pk))

    at_once(press, press)
    with cast.scope():
        assert AuditEvent.objects.filter(action="participant.joined").count() == 1
        assert User.objects.filter(email="jun.park@northwind.example").count() == 1


def run_late(cast: Cast, cohort: Cohort, until: date | None) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(
        status=CohortStatus.RUNNING, published_at=NOW + timedelta(days=22), late_until=until
    )
    cohort.refresh_from_db()


def test_late_joiner_is_invited_joins_and_answers(northwind: Cast, sent_tasks: Any) -> None:
    now = NOW + timedelta(days=40)
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        earlier = add_participant(
            cohort, northwind.people["boss"], PairRole.MENTEE, invited_at=NOW, status="invited"
        )
        run_late(northwind, cohort, now.date() + timedelta(days=10))
        late = Person.objects.filter(pk=northwind.people["spare"].pk)
        actions.invite_people(cohort=cohort, people=late, role=PairRole.MENTOR, by=northwind.by, now=now)
        plan_reminders(northwind.organization, now=now)
        assert [mail.person_id for mail in mails("invitation")] == [northwind.people["spare"].pk]
        assert earlier.person_id != northwind.people["spare"].pk
        participant = Participant.objects.get(cohort=cohort, person=late.get())
        actions.join_cohort(participant=participant, capacity=1, by=northwind.by, now=now)
        participant.refresh_from_db()
        assert why_answers_are_closed(participant) == ""
        plan_reminders(northwind.organization, now=now + timedelta(days=8))
        assert [mail.person_id for mail in mails("enrolment_nudge")] == [northwind.people["spare"].pk]


@pytest.mark.parametrize("days", [None, 39])
def test_late_joiner_without_a_day_or_after_it(northwind: Cast, days: int | None) -> None:
    now = NOW + timedelta(days=40)
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        run_late(northwind, cohort, None if days is None else NOW.date() + timedelta(days=days))
        late = Person.objects.filter(pk=northwind.people["spare"].pk)
        with pytest.raises(NotAllowed):
            actions.invite_people(cohort=cohort, people=late, role=PairRole.MENTOR, by=northwind.by, now=now)
