"""How many invitations may go out: what is typed is not lost, and removing somebody does not make room."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client

from mentoring.actions import members
from mentoring.actions.members import invite_member
from mentoring.enums import Role
from mentoring.models import AuditEvent, Membership, OutgoingMessage
from mentoring.rules import NotAllowed
from outcomes.demo.dating import backdating, date_events
from programs.actions.participants import invite_people
from programs.enums import PairRole
from programs.models import Participant
from tests.accounts.test_members import INVITE, NEW, link_in, mails
from tests.cast import NOW, Cast
from tests.programs.making import make_enrolling
from tests.together import at_once


def post(browser: Client, number: int) -> Any:
    return browser.post(INVITE, {**NEW, "email": f"p{number}@northwind.example"})


def test_member_reaches_her_limit_and_loses_nothing(northwind: Cast, sign_in: Any, settings: Any) -> None:
    settings.INVITATIONS_PER_MEMBER = 2
    browser = sign_in(northwind.owner)
    assert [post(browser, number).status_code for number in range(2)] == [302, 302]
    with northwind.scope():
        Membership.objects.filter(joined_at=None).delete()
    answer = post(browser, 3)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "You have sent 2 invitations within a day" in html
    assert 'value="p3@northwind.example"' in html
    assert 'value="Ada Okafor"' in html
    with northwind.scope():
        assert OutgoingMessage.objects.count() == 2
        assert not Membership.objects.filter(joined_at=None).exists()


def test_limit_is_of_a_day(northwind: Cast, sign_in: Any, settings: Any) -> None:
    settings.INVITATIONS_PER_MEMBER = 1
    browser = sign_in(northwind.owner)
    assert [post(browser, number).status_code for number in range(2)] == [302, 422]
    with northwind.scope(), backdating():
        newest = AuditEvent.objects.latest("at").at  # by the server's clock
        date_events(0, newest - timedelta(days=2))
    assert post(browser, 2).status_code == 302


def test_organization_has_a_limit_of_its_own(
    northwind: Cast, fabrikam: Cast, sign_in: Any, settings: Any
) -> None:
    settings.INVITATIONS_PER_ORGANIZATION = 1
    with northwind.scope():
        Membership.objects.filter(user=northwind.champion).update(role=Role.ADMIN)
    assert post(sign_in(northwind.owner), 1).status_code == 302
    html = post(sign_in(northwind.champion), 2).content.decode()
    assert "Your organization has sent 1 invitation within a day" in html
    assert sign_in(fabrikam.owner).post("/o/fabrikam/members/invite/", NEW).status_code == 302


def test_only_so_many_may_be_open(northwind: Cast, sign_in: Any, settings: Any) -> None:
    settings.INVITATIONS_OPEN = 1
    browser = sign_in(northwind.owner)
    assert [post(browser, number).status_code for number in range(2)] == [302, 422]
    with northwind.scope():
        Membership.objects.filter(joined_at=None).update(joined_at=NOW)
    assert post(browser, 2).status_code == 302


@pytest.fixture
def minutes_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Presses count as if a minute lay between them; within one they would be the same press."""
    monkeypatch.setattr(members, "RESEND_AFTER", timedelta(days=-1))


@pytest.mark.usefixtures("minutes_apart")
def test_invitation_is_sent_again_so_many_times(northwind: Cast, sign_in: Any, settings: Any) -> None:
    settings.INVITATION_RESENDS = 2
    browser = sign_in(northwind.owner)
    post(browser, 1)
    with northwind.scope():
        pk = Membership.objects.get(joined_at=None).pk
    pages = [
        browser.post(f"/o/northwind/members/{pk}/resend/", follow=True).content.decode() for _ in range(3)
    ]
    assert ["goes to p1@northwind.example again" in page for page in pages] == [True, True, False]
    assert "went out again 2 times within a day" in pages[2]


@pytest.mark.usefixtures("minutes_apart")
def test_expired_link_renews_no_oftener(northwind: Cast, sign_in: Any, client: Client, settings: Any) -> None:
    settings.INVITATION_RESENDS = 1
    post(sign_in(northwind.owner), 1)
    link = link_in(mails(northwind)[0])
    settings.SIGNED_LINK_DAYS = 0
    answers = [client.post(link) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert "went out again 1 time within a day" in answers[1].content.decode()


def test_people_of_the_roster_have_a_limit(northwind: Cast, settings: Any) -> None:
    settings.PEOPLE_INVITED_A_DAY = 1
    with northwind.scope():
        cohort = make_enrolling(northwind, now=NOW)
        people: QuerySet[Any] = northwind.people["spare"].__class__.objects.exclude(email="")
        with pytest.raises(NotAllowed, match="can invite 1 people within a day, and has invited 0"):
            invite_people(cohort=cohort, people=people, role=PairRole.MENTEE, by=northwind.by, now=NOW)
        assert not Participant.objects.filter(cohort=cohort).exists()
        one = people.filter(pk=northwind.people["spare"].pk)
        assert (
            invite_people(cohort=cohort, people=one, role=PairRole.MENTOR, by=northwind.by, now=NOW).invited
            == 1
        )


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_pass_the_limit(northwind: Cast, settings: Any) -> None:
    settings.INVITATIONS_PER_ORGANIZATION = 3

    def invite(number: int) -> bool:
        try:
            with northwind.scope():
                invite_member(
                    organization=northwind.organization,
                    email=f"p{number}@northwind.example",
                    role=Role.CHAMPION,
                    now=NOW,
                    by=northwind.by,
                )
        except NotAllowed:
            return False
        return True

    invited = at_once(*[lambda number=number: invite(number) for number in range(5)])  # type: ignore[misc]
    assert sum(invited) == 3
    with northwind.scope():
        assert AuditEvent.objects.filter(action="member.invited").count() == 3
