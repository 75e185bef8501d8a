"""Mails of choosing: that it is open, and the last call; each at most once, to those who can choose."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from matching.actions.picks import pick_partner, refuse_partner
from matching.models import SuggestionList
from mentoring.enums import PersonStatus
from mentoring.mail.reminders import plan_reminders
from mentoring.models import OutgoingMessage, Person
from programs.enums import CohortStatus, ParticipantStatus
from programs.models import Cohort, Pair, Participant
from tests.cast import Cast
from tests.matching.making import Someone, add_participants, find
from tests.matching.picking import NOW, UNTIL, choosing, suggest

EVERYBODY = ["Ada", "Ben", "Cem", "Uma", "Vic", "Wes", "Xia"]


def plan(cast: Cast, now: datetime) -> None:
    with cast.scope():
        plan_reminders(cast.organization, now=now)


def told(cast: Cast, kind: str) -> list[str]:
    with cast.scope():
        return sorted(OutgoingMessage.objects.filter(kind=kind).values_list("person__first_name", flat=True))


def test_opened_goes_to_everybody_once(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    for hours in (0, 1, 30):
        plan(northwind, NOW + timedelta(hours=hours))
    assert told(northwind, "choose_opened") == EVERYBODY
    with northwind.scope():  # more time for all is no news
        Cohort.objects.filter(pk=cohort.pk).update(choose_until=UNTIL + timedelta(days=5))
    plan(northwind, NOW + timedelta(days=2))
    assert told(northwind, "choose_opened") == EVERYBODY


def test_opened_names_three_with_a_link_each(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    plan(northwind, NOW)
    with northwind.scope():
        uma = find(cohort, "Uma Four")
        mail = OutgoingMessage.objects.get(kind="choose_opened", person=uma.person)
        names = dict(Participant.objects.values_list("pk", "person__first_name"))
        top = [names[pk] for pk in SuggestionList.objects.get(participant=uma).partners]
    assert re.findall(r"^\* (\w+)", mail.text, re.M) == top
    assert mail.text.count("/s/open/") == mail.html.count("/s/open/") == 4
    assert "by Friday, 8 January" in mail.text
    assert "Can show you" in mail.text
    assert mail.subject == "Digital leadership: choose your mentor"
    assert mail.reply_to == northwind.champion.email


def test_link_of_the_mail_shows_the_person_and_changes_nothing(
    northwind: Cast, small: Cohort, client: Any
) -> None:
    cohort = choosing(northwind, small)
    plan(northwind, NOW)
    with northwind.scope():
        uma = find(cohort, "Uma Four")
        mail = OutgoingMessage.objects.get(kind="choose_opened", person=uma.person)
        Cohort.objects.filter(pk=cohort.pk).update(choose_until=datetime.now(UTC).date() + timedelta(days=9))
    link = re.findall(r"https?://[^/]+(/s/open/\S+)", mail.text)[0]
    page = client.get(link, follow=True).content.decode()
    assert "Would you like to meet this mentor?" in page
    assert "Ada is my 1st choice" in page
    with northwind.scope():
        assert uma.picks.count() == 0


def test_late_joiner_is_told_when_she_has_suggestions(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    plan(northwind, NOW)
    with northwind.scope():
        add_participants(cohort, find(cohort, "Ada One").role, [Someone("Dee Late", ("ai_tools",))])
    plan(northwind, NOW + timedelta(hours=1))
    assert told(northwind, "choose_opened") == EVERYBODY
    suggest(northwind, now=NOW + timedelta(hours=1))
    plan(northwind, NOW + timedelta(hours=1))
    assert told(northwind, "choose_opened") == sorted([*EVERYBODY, "Dee"])


def leave(one: Participant) -> None:
    Person.objects.filter(pk=one.person_id).update(status=PersonStatus.LEFT)


def withdraw(one: Participant) -> None:
    Participant.objects.filter(pk=one.pk).update(status=ParticipantStatus.WITHDRAWN)


def nobody_to_choose(one: Participant) -> None:
    SuggestionList.objects.filter(participant=one).update(partners=[], scores=[])


def without_address(one: Participant) -> None:
    Person.objects.filter(pk=one.person_id).update(email="")


def be_paired(one: Participant) -> None:
    mentor = find(one.cohort, "Ada One")
    Participant.objects.filter(pk=mentor.pk).update(capacity=2)
    Pair.objects.create(cohort=one.cohort, mentor=mentor, mentee=one, published_at=NOW)


@pytest.mark.parametrize("change", [leave, withdraw, nobody_to_choose, without_address, be_paired])
def test_who_cannot_choose_gets_neither(change: Any, northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        change(find(cohort, "Uma Four"))
    rest = [name for name in EVERYBODY if name != "Uma"]
    plan(northwind, NOW)
    assert told(northwind, "choose_opened") == rest
    plan(northwind, NOW + timedelta(days=2))
    assert told(northwind, "choose_last_call") == rest


@pytest.mark.parametrize("change", [leave, be_paired])
def test_who_left_or_is_paired_after_the_first_mail_gets_no_last_call(
    change: Any, northwind: Cast, small: Cohort
) -> None:
    cohort = choosing(northwind, small)
    plan(northwind, NOW)
    with northwind.scope():
        change(find(cohort, "Uma Four"))
    plan(northwind, NOW + timedelta(days=2))
    assert told(northwind, "choose_last_call") == [name for name in EVERYBODY if name != "Uma"]


def test_last_call_goes_to_those_without_a_pick_three_days_before(northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    plan(northwind, NOW)
    with northwind.scope():
        uma, vic, ada = (find(cohort, name) for name in ("Uma Four", "Vic Five", "Ada One"))
        pick_partner(participant=uma, partner_id=ada.pk, by=northwind.by, now=NOW)
        refuse_partner(participant=vic, partner_id=ada.pk, by=northwind.by, now=NOW)
    tuesday = datetime(2027, 1, 5, 10, tzinfo=UTC)
    plan(northwind, tuesday - timedelta(hours=12))
    assert told(northwind, "choose_last_call") == []
    plan(northwind, tuesday)
    plan(northwind, tuesday + timedelta(days=2))
    assert told(northwind, "choose_last_call") == ["Ada", "Ben", "Cem", "Vic", "Wes", "Xia"]


def test_last_call_does_not_follow_the_first_mail_on_its_heels(northwind: Cast, small: Cohort) -> None:
    choosing(northwind, small)
    thursday = datetime(2027, 1, 7, 9, tzinfo=UTC)
    plan(northwind, thursday)
    assert (told(northwind, "choose_opened"), told(northwind, "choose_last_call")) == (EVERYBODY, [])
    plan(northwind, thursday + timedelta(hours=12))
    assert told(northwind, "choose_last_call") == []


def test_mail_that_would_come_too_late_is_not_written(northwind: Cast, small: Cohort) -> None:
    choosing(northwind, small)
    plan(northwind, datetime(2027, 1, 8, 20, tzinfo=UTC))  # Friday evening of the last day
    assert told(northwind, "choose_opened") == []


@pytest.mark.parametrize(
    "fields",
    [{"status": CohortStatus.RUNNING}, {"status": CohortStatus.ENROLLING}, {"matching_mode": "assigned"}],
)
def test_nothing_is_mailed_out_of_its_time(fields: Any, northwind: Cast, small: Cohort) -> None:
    cohort = choosing(northwind, small)
    with northwind.scope():
        Cohort.objects.filter(pk=cohort.pk).update(**fields)
    plan(northwind, NOW)
    plan(northwind, NOW + timedelta(days=3))
    assert told(northwind, "choose_opened") + told(northwind, "choose_last_call") == []


def test_planning_again_takes_few_queries(
    northwind: Cast, small: Cohort, django_assert_max_num_queries: Any
) -> None:
    choosing(northwind, small)
    plan(northwind, NOW)
    with northwind.scope(), django_assert_max_num_queries(40):
        plan_reminders(northwind.organization, now=NOW)
