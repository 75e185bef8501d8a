"""A break: taken and ended by the person herself, and nobody invites her until it is over."""

from datetime import date, timedelta
from typing import Any

import pytest

from mentoring.actors import Actor
from mentoring.mail.reminders import plan_reminders
from mentoring.models import AuditEvent, OutgoingMessage, Person
from mentoring.rules import NotAllowed
from programs.actions.participants import (
    Invited,
    decline_invitation,
    invite_people,
    join_cohort,
    resend_invitation,
)
from programs.actions.rests import end_rest, take_rest
from programs.enums import PairRole, ParticipantStatus
from programs.models import Cohort, Participant, Rest
from programs.queries.participants import Invitable, invitable, people_found
from programs.queries.rests import rest_of
from tests.cast import NOW, Cast, make_cast
from tests.programs.making import add_participant, make_enrolling, make_program, people
from tests.together import at_once

TODAY = NOW.date()
MAY = date(2027, 5, 1)
RESTS = ["person.rest_taken", "person.rest_ended"]


def rest(person: Person, until: date = MAY) -> Rest:
    return take_rest(person=person, until=until, by=Actor.of_person(person), now=NOW)


def invite(cast: Cast, cohort: Cohort, chosen: list[Person], now: Any = NOW) -> Invited:
    found = Person.objects.filter(pk__in=[person.pk for person in chosen])
    return invite_people(cohort=cohort, people=found, role=PairRole.MENTOR, by=cast.by, now=now)


def told() -> list[tuple[str, str, dict[str, Any]]]:
    events = AuditEvent.objects.filter(action__in=RESTS).order_by("pk")
    return [(event.action, event.object_label, event.data) for event in events]


def mails() -> list[str]:
    return sorted(OutgoingMessage.objects.values_list("kind", flat=True))


def test_taking_changing_and_ending_a_break(northwind: Cast) -> None:
    jun = northwind.people["spare"]
    with northwind.scope():
        by = Actor.of_person(jun)
        for until in (MAY, MAY, date(2027, 11, 1)):
            rest(jun, until)
        assert [(one.person, one.until) for one in Rest.objects.all()] == [(jun, date(2027, 11, 1))]
        for _press in range(2):
            end_rest(person=jun, by=by, now=NOW)
        assert Rest.objects.count() == 0
        assert told() == [
            ("person.rest_taken", "Jun Park", {"until": "2027-05-01"}),
            ("person.rest_taken", "Jun Park", {"until": "2027-11-01"}),
            ("person.rest_ended", "Jun Park", {}),
        ]
        assert AuditEvent.objects.filter(action__in=RESTS).latest("pk").by == by.label


@pytest.mark.parametrize(
    ("until", "message"),
    [(TODAY, "has begun"), (date(2026, 11, 1), "has begun"), (date(2028, 12, 1), "next two years")],
)
def test_break_until_a_wrong_month(northwind: Cast, until: date, message: str) -> None:
    with northwind.scope():
        with pytest.raises(NotAllowed, match=message):
            rest(northwind.people["spare"], until)
        assert (Rest.objects.count(), told()) == (0, [])


def test_invited_again_from_the_day_on(northwind: Cast) -> None:
    jun = northwind.people["spare"]
    with northwind.scope():
        rest(jun)
        found = [rest_of(jun, day) is None for day in (MAY - timedelta(days=1), MAY)]
        assert found == [False, True]


def test_invite_passes_over_who_is_on_a_break(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        ada, ben, cleo = people(3)
        silent = Person.objects.create(employee_id="S1", first_name="No", last_name="Address")
        for person in (ada, silent):
            rest(person)
        rest(ben, date(2026, 12, 1))
        Rest.objects.filter(person=ben).update(until=TODAY)
        found = people_found(cohort, {}, today=TODAY)
        assert invitable(found) == Invitable(total=8, without_email=1, resting=1)
        assert invitable(found).number == 6
        result = invite(northwind, cohort, [ada, ben, cleo, silent])
        assert (result.invited, result.resting, result.without_email) == (2, 1, 1)
        assert not Participant.objects.filter(person=ada).exists()
        assert AuditEvent.objects.get(action="participants.invited").data["number"] == 2


def test_everybody_on_a_break_leaves_no_trace(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        rest(northwind.people["spare"])
        result = invite(northwind, cohort, [northwind.people["spare"]])
        assert (result.invited, result.resting) == (0, 1)
        assert not AuditEvent.objects.filter(action="participants.invited").exists()


@pytest.mark.parametrize("status", list(ParticipantStatus))
def test_resend_refuses_during_a_break(northwind: Cast, sent_tasks: Any, status: ParticipantStatus) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        participant = add_participant(cohort, northwind.people["spare"], PairRole.MENTOR, status=status)
        rest(participant.person)
        with pytest.raises(NotAllowed, match=r"^Jun Park is on a break until 1 May 2027\. Only Jun Park"):
            resend_invitation(participant=participant, by=northwind.by, now=NOW)
        assert Participant.objects.get(pk=participant.pk).status == status


def test_decline_with_a_break_holds_for_every_program(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        first = make_enrolling(northwind, now=NOW)
        second = make_enrolling(northwind, now=NOW, program=make_program(northwind, name="Another"))
        jun = northwind.people["spare"]
        participant = add_participant(first, jun, PairRole.MENTOR, status=ParticipantStatus.INVITED)
        for _press in range(2):
            decline_invitation(
                participant=participant, reason="", until=MAY, by=Actor.of_person(jun), now=NOW
            )
        assert first.program_id != second.program_id
        assert invite(northwind, second, [jun]).resting == 1
        assert [event[0] for event in told()] == ["person.rest_taken"]


def test_decline_without_a_break(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        jun = northwind.people["spare"]
        participant = add_participant(cohort, jun, PairRole.MENTOR, status=ParticipantStatus.INVITED)
        decline_invitation(participant=participant, reason="", by=Actor.of_person(jun), now=NOW)
        assert (Rest.objects.count(), told()) == (0, [])


def test_decline_with_a_wrong_month_changes_nothing(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        jun = northwind.people["spare"]
        participant = add_participant(cohort, jun, PairRole.MENTOR, status=ParticipantStatus.INVITED)
        with pytest.raises(NotAllowed):
            decline_invitation(
                participant=participant, reason="", until=TODAY, by=Actor.of_person(jun), now=NOW
            )
        participant.refresh_from_db()
        assert participant.status == ParticipantStatus.INVITED


def test_joining_ends_a_break(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        jun = northwind.people["spare"]
        participant = add_participant(cohort, jun, PairRole.MENTOR, status=ParticipantStatus.INVITED)
        rest(jun)
        by = Actor.of_person(jun)
        join_cohort(participant=participant, capacity=1, by=by, now=NOW)
        assert (Rest.objects.count(), told()[-1][0]) == (0, "person.rest_ended")
        rest(jun)  # in the next cohort; to change her seats in this one is no other yes
        join_cohort(participant=participant, capacity=2, by=by, now=NOW)
        assert Rest.objects.count() == 1


def test_nobody_on_a_break_is_reminded_of_an_invitation(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        waiting, joined = northwind.people["spare"], northwind.people["boss"]
        add_participant(cohort, waiting, PairRole.MENTOR, status="invited", invited_at=NOW)
        add_participant(cohort, joined, PairRole.MENTEE, invited_at=NOW)
        for person in (waiting, joined):
            rest(person)
        for day in (0, 4, 8, 18):
            plan_reminders(northwind.organization, now=NOW + timedelta(days=day))
        to_whom = (
            OutgoingMessage.objects.filter(person__in=(waiting, joined))
            .order_by("pk")
            .values_list("person__first_name", flat=True)
        )
        assert list(to_whom) == ["Grace", "Grace"]  # she said yes: her answers are still wanted
        end_rest(person=waiting, by=Actor.of_person(waiting), now=NOW)
        plan_reminders(northwind.organization, now=NOW + timedelta(days=18))
        assert list(to_whom.all())[2:] == ["Jun"]


def test_break_says_nothing_elsewhere(northwind: Cast, fabrikam: Cast, sent_tasks: Any) -> None:
    """Two organizations with a person of the same name and address."""
    with northwind.scope():
        rest(northwind.people["spare"])
    with fabrikam.scope():
        jun = fabrikam.people["spare"]
        Person.objects.filter(pk=jun.pk).update(email=northwind.people["spare"].email)
        cohort = make_enrolling(fabrikam, now=NOW)
        assert Rest.objects.count() == 0
        assert invitable(people_found(cohort, {}, today=TODAY)).resting == 0
        assert invite(fabrikam, cohort, [jun]).invited == 1


@pytest.mark.django_db(transaction=True)
def test_break_taken_while_being_invited(sent_tasks: Any) -> None:
    """Whichever comes first: she has her break, is invited at most once, and gets no mail."""
    cast = make_cast("northwind", "Northwind")
    with cast.scope():
        chosen = people(12)
        programs = [make_program(cast, name=person.last_name) for person in chosen]
        cohorts = [make_enrolling(cast, now=NOW, program=program) for program in programs]
    for cohort, person in zip(cohorts, chosen, strict=True):

        def press(cohort: Cohort = cohort, person: Person = person) -> int:
            with cast.scope():
                result = invite(cast, cohort, [person])
                return result.invited + result.resting

        def sit_out(person: Person = person) -> int:
            with cast.scope():
                return int(rest(person).until == MAY)

        assert at_once(press, sit_out, sit_out) == [1, 1, 1]
    with cast.scope():
        assert Rest.objects.filter(until=MAY).count() == len(chosen)
        assert len(told()) == len(chosen)
        plan_reminders(cast.organization, now=NOW)
        assert mails() == []


@pytest.mark.django_db(transaction=True)
def test_joining_and_ending_a_break_at_once(sent_tasks: Any) -> None:
    cast = make_cast("northwind", "Northwind")
    with cast.scope():
        cohort = make_enrolling(cast, now=NOW)
        jun = cast.people["spare"]
        participant = add_participant(cohort, jun, PairRole.MENTOR, status=ParticipantStatus.INVITED)
        rest(jun)
    by = Actor.of_person(jun)

    def join() -> None:
        with cast.scope():
            join_cohort(participant=participant, capacity=1, by=by, now=NOW)

    def end() -> None:
        with cast.scope():
            end_rest(person=jun, by=by, now=NOW)

    at_once(join, end, join)
    with cast.scope():
        assert (Rest.objects.count(), [event[0] for event in told()]) == (0, RESTS)
