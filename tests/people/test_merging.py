"""Two entries of one person become one."""

from datetime import date
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from matching.models import Exclusion
from mentoring.actions.leaving import mark_left
from mentoring.enums import PersonStatus, Role
from mentoring.models import AuditEvent, Membership, Person, User
from programs.enums import PairRole, ParticipantStatus
from programs.guards import participant_url
from programs.models import Cohort, Participant, Rest
from tests.cast import NOW, PASSWORD, Cast
from tests.people.moving import opens, people, sign_in_by_code
from tests.people.test_by_hand import PEOPLE, fields_of
from tests.programs.test_join import path_of
from tests.tenancy.ids import mentor_user

OLD = "amara.osei@northwind.example"
DOUBLE = "a.osei@northwind.example"


@pytest.fixture
def champion(northwind: Cast, sign_in: Any) -> Client:
    return sign_in(northwind.champion)


@pytest.fixture
def double(northwind: Cast) -> Person:
    """Amara a second time, under another number and address."""
    with northwind.scope():
        return Person.objects.create(
            employee_id="E92", email=DOUBLE, first_name="Amara", last_name="Osei", unit="Finance"
        )


def url_of(kept: Person, double: Person) -> str:
    return f"{PEOPLE}{kept.pk}/merge/{double.pk}/"


def merge(browser: Client, kept: Person, double: Person, **values: str) -> Any:
    url = url_of(kept, double)
    return browser.post(url, fields_of(browser.get(url)) | values)


def other_cohort(cast: Cast) -> Cohort:
    fields = {"starts_on": date(2027, 1, 1), "ends_on": date(2027, 6, 1)}
    enroll = {"enroll_from": date(2026, 11, 1), "enroll_until": date(2026, 12, 1)}
    return Cohort.objects.create(program=cast.program, name="Spring 2027", **fields, **enroll)


def test_the_double_is_offered_and_compared(northwind: Cast, champion: Client, double: Person) -> None:
    amara = northwind.people["mentor"]
    offered = champion.get(f"{PEOPLE}{amara.pk}/merge/").content.decode()
    assert url_of(amara, double) in offered
    searched = champion.get(f"{PEOPLE}{amara.pk}/merge/?q=henrik").content.decode()
    assert (url_of(amara, northwind.people["mentee"]) in searched, url_of(amara, double) in searched) == (
        True,
        False,
    )
    page = champion.get(url_of(amara, double))
    asked = {
        name: page.context["form"][name].value() for name in page.context["form"].fields if name != "seen"
    }
    assert asked == {
        "employee_id": "kept",
        "email": "kept",
        "title": "kept",
        "unit": "double",
        "location": "kept",
        "time_zone": "kept",
        "manager": "kept",
    }


def test_merging_brings_everything_along(northwind: Cast, champion: Client, double: Person) -> None:
    amara, jun = northwind.people["mentor"], northwind.people["spare"]
    with northwind.scope():
        report = Person.objects.create(employee_id="E93", first_name="Tom", manager=double)
        part = Participant.objects.create(cohort=other_cohort(northwind), person=double, role=PairRole.MENTEE)
        Rest.objects.create(person=double, until=date(2027, 5, 1))
        Rest.objects.create(person=amara, until=date(2027, 1, 1))
        for one, other in ((amara, jun), (jun, double), (amara, double)):
            first, second = sorted((one.pk, other.pk))
            Exclusion.objects.create(person_id=first, other_id=second)
    moves = champion.get(url_of(amara, double)).context["moves"]
    assert (
        "Mentee in Digital leadership, Spring 2027 comes along, with answers, picks, pairs and meetings."
        in moves
    )
    merge(champion, amara, double, email="double")
    with northwind.scope():
        found = Person.objects.get(employee_id="E2")
        assert (found.pk, found.email, found.unit, found.title) == (amara.pk, DOUBLE, "Finance", "Analyst")
        assert not Person.objects.filter(pk=double.pk).exists()
        assert Participant.objects.get(pk=part.pk).person_id == amara.pk
        assert Person.objects.get(pk=report.pk).manager_id == amara.pk
        assert [(rest.person_id, rest.until) for rest in Rest.objects.all()] == [(amara.pk, date(2027, 5, 1))]
        kept = [(exclusion.person_id, exclusion.other_id) for exclusion in Exclusion.objects.all()]
        assert kept == [tuple(sorted((amara.pk, jun.pk)))]
        event = AuditEvent.objects.get(action="person.merged")
        assert event.data == {"double": double.pk, "name": "Amara Osei", "employee_id": "E92"}


def test_links_of_the_double_end(northwind: Cast, champion: Client, double: Person) -> None:
    with northwind.scope():
        part = Participant.objects.create(cohort=other_cohort(northwind), person=double, role=PairRole.MENTEE)
        link = path_of(participant_url(part))
    merge(champion, northwind.people["mentor"], double)
    assert Client().get(link).status_code == 404


def test_the_log_in_of_the_double_comes_along(northwind: Cast, champion: Client, double: Person) -> None:
    user = User.objects.create_user(DOUBLE, PASSWORD)
    EmailAddress.objects.create(user=user, email=DOUBLE, verified=True, primary=True)
    with northwind.scope():
        Membership.objects.create(user=user, role=Role.PARTICIPANT, joined_at=NOW)
        Person.objects.filter(pk=double.pk).update(user=user)
    merge(champion, northwind.people["mentor"], double)
    user.refresh_from_db()
    assert (user.email, people(northwind)["Amara Osei"].user) == (OLD, user)
    page = f"/o/northwind/p/{northwind.mentor.pk}/"
    assert [opens(sign_in_by_code(address), page) for address in (DOUBLE, OLD)] == [False, True]


@pytest.mark.parametrize("chosen", ["kept", "double"])
def test_of_two_log_ins_the_one_of_the_chosen_address_stays(
    northwind: Cast, champion: Client, double: Person, chosen: str
) -> None:
    users = {"kept": mentor_user(northwind), "double": User.objects.create_user(DOUBLE, PASSWORD)}
    for user in users.values():
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    with northwind.scope():
        Membership.objects.create(user=users["double"], role=Role.PARTICIPANT, joined_at=NOW)
        Person.objects.filter(pk=double.pk).update(user=users["double"])
    merge(champion, northwind.people["mentor"], double, email=chosen)
    assert people(northwind)["Amara Osei"].user == users[chosen]
    page = f"/o/northwind/p/{northwind.mentor.pk}/"
    assert {side: opens(sign_in_by_code(user.email), page) for side, user in users.items()} == {
        "kept": chosen == "kept",
        "double": chosen == "double",
    }
    with northwind.scope():
        assert Membership.objects.filter(user__in=users.values()).count() == 1


def test_both_in_one_cohort_is_refused_until_one_is_out(
    northwind: Cast, champion: Client, double: Person
) -> None:
    with northwind.scope():
        part = Participant.objects.create(
            cohort=northwind.cohort, person=double, role=PairRole.MENTEE, status=ParticipantStatus.JOINED
        )
    refusal = (
        "Both take part in Digital leadership, Autumn 2026, and a person can do so only once. "
        "Withdraw one of the two there first, the one without a pair."
    )
    amara = northwind.people["mentor"]
    assert champion.get(url_of(amara, double)).context["refusals"] == [refusal]
    champion.post(url_of(amara, double), fields_of(champion.get(url_of(amara, double))))
    with northwind.scope():
        assert Person.objects.filter(pk=double.pk).exists()
        Participant.objects.filter(pk=part.pk).update(status=ParticipantStatus.WITHDRAWN)
    merge(champion, amara, double)
    with northwind.scope():
        assert [one.pk for one in Participant.objects.filter(person=amara)] == [northwind.mentor.pk]


def test_what_changed_meanwhile_is_not_merged(northwind: Cast, champion: Client, double: Person) -> None:
    amara = northwind.people["mentor"]
    seen = fields_of(champion.get(url_of(amara, double)))
    with northwind.scope():
        Person.objects.get(pk=double.pk).save()
    page = champion.post(url_of(amara, double), seen)
    assert (page.status_code, "meanwhile" in page.content.decode()) == (422, True)
    champion.post(url_of(amara, double), fields_of(page))
    with northwind.scope():
        assert not Person.objects.filter(pk=double.pk).exists()


def test_an_owner_is_not_merged_by_a_champion(northwind: Cast, champion: Client, double: Person) -> None:
    with northwind.scope():
        Person.objects.filter(pk=double.pk).update(user=northwind.owner)
    merge(champion, northwind.people["mentor"], double)
    with northwind.scope():
        assert Person.objects.filter(pk=double.pk).exists()


def test_a_leaver_who_is_here_under_another_number_is_back(
    northwind: Cast, champion: Client, double: Person
) -> None:
    with northwind.scope():
        Person.objects.filter(employee_id="E2").update(status=PersonStatus.LEFT, left_on=date(2026, 1, 1))
    merge(champion, northwind.people["mentor"], double)
    assert people(northwind)["Amara Osei"].status == PersonStatus.ACTIVE


def test_who_is_here_again_signs_in_with_the_log_in_of_before(
    northwind: Cast, champion: Client, double: Person
) -> None:
    """The entry of now stays, the leaver's goes: with it came a log-in whose access had ended."""
    amara = mentor_user(northwind)
    EmailAddress.objects.create(user=amara, email=OLD, verified=True, primary=True)
    with northwind.scope():
        leaver = mark_left(person=northwind.people["mentor"], now=NOW, by=northwind.by)
    merge(champion, double, leaver, email="kept")
    with northwind.scope():
        [membership] = Membership.objects.filter(user=amara)
        assert (membership.suspended_at, membership.role) == (None, Role.PARTICIPANT)
    assert people(northwind)["Amara Osei"].user == amara
    assert opens(sign_in_by_code(DOUBLE), "/o/northwind/")


def test_merging_knows_nobody_of_another_organization(
    northwind: Cast, fabrikam: Cast, champion: Client
) -> None:
    amara, theirs = northwind.people["mentor"], fabrikam.people["mentor"]
    assert champion.get(url_of(amara, theirs)).status_code == 404
    assert champion.get(url_of(theirs, amara)).status_code == 404
    assert str(theirs.email) not in champion.get(f"{PEOPLE}{amara.pk}/merge/").content.decode()
