"""Ways to somebody else's break, and to one that nobody offers: by an old link, a forged form, rubbish."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mentoring.models import AuditEvent, Person
from programs.actions.rests import take_rest
from programs.guards import participant_url
from programs.models import Participant, Rest
from tests.cast import Cast
from tests.programs.making import make_enrolling
from tests.programs.test_join import opened, path_of
from tests.programs.test_pages import text_of
from tests.programs.test_rest_pages import month, rest, rests

HERE = "/o/northwind/"
RUBBISH = (
    "a\0b",
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "-2027-01-01",
    "2027-02-30",
    "9" * 100_000,
    "٢٠٢٧-٠١-٠١x",
    "x" * 200_000,
    "<script>alert(1)</script>",
)


@pytest.mark.parametrize("until", RUBBISH)
@pytest.mark.parametrize("page", ["break/", "decline/"])
def test_rubbish_is_no_break(northwind: Cast, invited: Participant, page: str, until: str) -> None:
    browser, _page = opened(invited)
    answer = browser.post(f"{HERE}p/{invited.pk}/{page}", {"until": until, "reason": "a\0b"})
    assert answer.status_code < 500
    assert (rests(northwind), b"<script>alert" in answer.content) == ([], False)
    with northwind.scope():
        declined = Participant.objects.get(pk=invited.pk).status == "declined"
    assert declined == (page == "decline/")


def test_links_of_those_who_are_gone_take_and_end_no_break(northwind: Cast, invited: Participant) -> None:
    """Somebody left, or has another address: neither the old link nor a browser that is open still."""
    old = path_of(participant_url(invited, "participant"))
    browser, _page = opened(invited)
    rest(northwind, invited.person)
    with northwind.scope():
        Person.objects.filter(pk=invited.person_id).update(email="another@northwind.example")
    assert Client().get(old).status_code == 404
    with northwind.scope():
        Person.objects.filter(pk=invited.person_id).update(status="left")
    url = f"{HERE}p/{invited.pk}/break/"
    assert browser.post(url + "end/").status_code == 410
    assert browser.post(url, {"until": month(9)}).status_code == 410
    assert rests(northwind) == [("Jun Park", month(6))]


@pytest.mark.parametrize("status", ["withdrawn", "declined"])
def test_own_break_ends_by_an_old_link(northwind: Cast, invited: Participant, status: str) -> None:
    """Twice, and once more from a tab that shows it still: told once."""
    rest(northwind, invited.person)
    with northwind.scope():
        Participant.objects.filter(pk=invited.pk).update(status=status)
    browser, _page = opened(invited, "participant")
    for _press in range(3):
        assert browser.post(f"{HERE}p/{invited.pk}/break/end/").status_code == 302
    with northwind.scope():
        assert AuditEvent.objects.filter(action="person.rest_ended").count() == 1


def test_partner_reads_nothing_of_a_break(northwind: Cast) -> None:
    """On no page that a participant gets to: neither the partner's break nor how many others are on one."""
    rest(northwind, northwind.mentor.person)
    pages = ("", "join/", "questions/", f"pairs/{northwind.pair.pk}/", "choose/", "meetings/")
    browser, _page = opened(northwind.mentee, "participant")
    for page in pages:
        answer = browser.get(f"{HERE}p/{northwind.mentee.pk}/{page}", follow=True)
        assert "on a break" not in text_of(answer).lower()
    own, _page = opened(northwind.mentor, "participant")
    assert "On a break until" in text_of(own.get(f"{HERE}p/{northwind.mentor.pk}/"))


@pytest.mark.parametrize("role", ["overseer", "outsider"])
def test_who_may_not_see_participants_sees_no_break(
    northwind: Cast, fabrikam: Cast, invited: Participant, sign_in: Any, role: str
) -> None:
    rest(northwind, invited.person)
    browser: Client = sign_in(northwind.overseer if role == "overseer" else fabrikam.champion)
    pages = (
        f"cohorts/{invited.cohort_id}/participants/?q=jun",
        f"cohorts/{invited.cohort_id}/invite/",
        f"people/{invited.person_id}/",
        f"p/{invited.pk}/",
        "audit/",
    )
    answers = [browser.get(HERE + page) for page in pages]
    assert {answer.status_code for answer in answers} <= {403, 404}
    assert not any("a break" in text_of(answer).lower() for answer in answers)


def test_ids_of_another_organization_in_an_invitation_tell_nothing(
    northwind: Cast, fabrikam: Cast, sign_in: Any, sent_tasks: Any
) -> None:
    """Neither that these people exist nor that they are on a break; and none is invited."""
    ids = [person.pk for person in northwind.people.values()]
    for person in northwind.people.values():
        rest(northwind, person)
    with fabrikam.scope():
        cohort = make_enrolling(fabrikam)
    url = f"/o/fabrikam/cohorts/{cohort.pk}/invite/"
    answer = sign_in(fabrikam.champion).post(
        url, {"role": "mentor", "who": "ticked", "person": ids}, follow=True
    )
    words = text_of(answer)
    assert ("0 people invited as mentors." in words, "a break" in words, "already" in words) == (
        True,
        False,
        False,
    )
    with fabrikam.scope():
        assert not Participant.objects.filter(cohort=cohort).exists()


def test_break_taken_in_another_tab_while_an_invitation_is_answered(
    northwind: Cast, invited: Participant
) -> None:
    """The page to join is open; she takes a break elsewhere; her yes stands and ends it; the back button and
    a second press change nothing more."""
    browser, _page = opened(invited)
    rest(northwind, invited.person)
    for capacity in ("1", "1", "2"):
        browser.post(f"{HERE}p/{invited.pk}/join/", {"capacity": capacity})
    with northwind.scope():
        found = Participant.objects.get(pk=invited.pk)
        assert (found.status, found.capacity, Rest.objects.count()) == ("joined", 2, 0)
        assert AuditEvent.objects.filter(action="participant.joined").count() == 1


def test_break_of_yesterday_is_over_and_gives_nothing_away(
    northwind: Cast, invited: Participant, sign_in: Any
) -> None:
    with northwind.scope():
        take_rest(person=invited.person, until=month(1), by=northwind.by, now=timezone.now())
        Rest.objects.update(until=date.today() - timedelta(days=1))
    words = text_of(sign_in(northwind.champion).get(f"{HERE}people/{invited.person_id}/"))
    assert "On a break" not in words
