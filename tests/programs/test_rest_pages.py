"""A break as its person says it, from a mail's link, and as a champion meets it."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from mentoring.models import Person
from mentoring.rules import today_in
from programs.actions.rests import take_rest
from programs.enums import PairRole
from programs.models import Participant, Rest
from programs.rules import add_months
from tests.cast import Cast
from tests.programs.making import add_participant, make_enrolling, make_program, people
from tests.programs.test_join import again, opened
from tests.programs.test_pages import text_of

HERE = "/o/northwind/"


def month(number: int) -> date:
    """The first day of a month so many months ahead, in the cast's time zone."""
    return add_months(today_in("Europe/Berlin", timezone.now()).replace(day=1), number)


def rest(cast: Cast, person: Person, until: date | None = None) -> None:
    with cast.scope():
        take_rest(person=person, until=until or month(6), by=cast.by, now=timezone.now())


def rests(cast: Cast) -> list[tuple[str, date]]:
    with cast.scope():
        return [(one.person.name, one.until) for one in Rest.objects.select_related("person")]


def test_decline_asks_whether_we_may_ask_again(northwind: Cast, invited: Participant) -> None:
    browser, page = opened(invited)
    words = text_of(page)
    choices = [
        "For the next cohort",
        f"Not before {date_format(month(6), 'F Y')}, in six months",
        f"Not before {date_format(month(12), 'F Y')}, in a year",
    ]
    assert [choice in words for choice in choices] == [True, True, True]
    assert re.search(r'<input[^>]*name="until" value=""[^>]* checked', words)
    for until in (month(12), month(12), ""):  # pressed twice, and once more from an old page
        answer = browser.post(f"{HERE}p/{invited.pk}/decline/", {"reason": "", "until": until}, follow=True)
    assert f"On a break until {date_format(month(12), 'j F Y')}" in text_of(answer)
    assert rests(northwind) == [("Jun Park", month(12))]
    assert again(northwind, invited).status == "declined"


@pytest.mark.parametrize("until", ["", "soon", "2026-11-01", "9999-12-01", None])
def test_decline_for_the_next_cohort(northwind: Cast, invited: Participant, until: str | None) -> None:
    browser, _page = opened(invited)
    data = {"reason": "On leave"} | ({} if until is None else {"until": until})
    answer = browser.post(f"{HERE}p/{invited.pk}/decline/", data, follow=True)
    assert "Time for a break?" in text_of(answer)
    assert (rests(northwind), again(northwind, invited).decline_reason) == ([], "On leave")


def test_join_page_during_a_break(northwind: Cast, invited: Participant) -> None:
    rest(northwind, invited.person)
    browser, page = opened(invited)
    day = date_format(month(6), "j F Y")
    assert f"You are on a break until {day}. If you join, it ends." in text_of(page)
    assert "May we ask you again?" not in text_of(page)
    browser.post(f"{HERE}p/{invited.pk}/join/", {"capacity": "1"})
    assert rests(northwind) == []


def test_break_on_the_own_page(northwind: Cast) -> None:
    """The cast's mentor: her cohort runs, and what she is part of goes on."""
    browser, page = opened(northwind.mentor, "participant")
    url = f"{HERE}p/{northwind.mentor.pk}/"
    assert "Time for a break?" in text_of(page)
    assert f'<option value="{month(6)}" selected>' in text_of(page)
    for _press in range(2):
        page = browser.post(url + "break/", {"until": month(3)}, follow=True)
    words = text_of(page)
    day = date_format(month(3), "j F Y")
    assert f"Nobody invites you before {day}." in words
    assert f"On a break until {day}" in words
    assert "Time for a break?" not in words
    assert rests(northwind) == [("Amara Osei", month(3))]
    for words in ("Welcome back: you can be invited again.", "Your break was over already"):
        page = browser.post(url + "break/end/", follow=True)
        assert words in text_of(page)
    assert rests(northwind) == []


@pytest.mark.parametrize("until", ["", "soon", "2026-13-01"])
def test_break_until_rubbish(northwind: Cast, until: str) -> None:
    browser, _page = opened(northwind.mentor, "participant")
    page = browser.post(f"{HERE}p/{northwind.mentor.pk}/break/", {"until": until})
    assert (page.status_code, rests(northwind)) == (422, [])
    assert "Take a break" in text_of(page)


@pytest.mark.parametrize(
    ("status", "phase", "offered"),
    [
        ("invited", "enrolling", False),
        ("joined", "enrolling", False),
        ("joined", "matching", False),
        ("declined", "enrolling", True),
        ("withdrawn", "matching", True),
        ("joined", "running", True),
        ("joined", "closed", True),
        ("invited", "closed", True),
    ],
)
def test_who_is_offered_a_break(
    northwind: Cast, invited: Participant, status: str, phase: str, offered: bool
) -> None:
    with northwind.scope():
        Participant.objects.filter(pk=invited.pk).update(status=status)
        invited.cohort.status = phase
        invited.cohort.save()
    _browser, page = opened(invited, "participant")
    assert ("Time for a break?" in text_of(page)) == offered


def test_nobody_takes_or_ends_anothers_break(northwind: Cast, invited: Participant, sign_in: Any) -> None:
    rest(northwind, northwind.people["mentor"])
    browser, _page = opened(invited)
    champion = sign_in(northwind.champion)
    url = f"{HERE}p/{northwind.mentor.pk}/break/"
    answers = [browser.post(url + "end/"), Client().post(url + "end/")]
    assert ["/accounts/login/" in answer["Location"] for answer in answers] == [True, True]
    assert champion.post(url + "end/").status_code == 404
    assert champion.post(url, {"until": month(9)}).status_code == 404
    assert rests(northwind) == [("Amara Osei", month(6))]


def test_champion_sees_who_is_on_a_break_and_cannot_tick_them(
    northwind: Cast, sign_in: Any, sent_tasks: Any
) -> None:
    jun = northwind.people["spare"]
    rest(northwind, jun)
    with northwind.scope():
        cohort = make_enrolling(northwind)
    champion = sign_in(northwind.champion)
    url = f"{HERE}cohorts/{cohort.pk}/invite/"
    words = text_of(champion.get(url))
    assert f"On a break until {date_format(month(6), 'j F Y')}" in words
    assert "1 person who fits is on a break and is not invited. Only they themselves can end it" in words
    assert f'value="{jun.pk}" aria-label="Tick Jun Park" disabled' in words
    assert "Invite all 3 who fit" in words
    answer = champion.post(url, {"role": "mentor", "who": "ticked", "person": [jun.pk]}, follow=True)
    said = "0 people invited as mentors. 1 person is taking a break and was not invited."
    assert said in text_of(answer)
    answer = champion.post(url, {"role": "mentor", "who": "all"}, follow=True)
    said = "3 people invited as mentors. 1 person is taking a break and was not invited."
    assert said in text_of(answer)


def test_participants_list_and_person_page_tell_of_a_break(
    northwind: Cast, invited: Participant, sign_in: Any
) -> None:
    champion = sign_in(northwind.champion)
    url = f"{HERE}cohorts/{invited.cohort_id}/participants/"
    resend = f"{url}{invited.pk}/resend/"
    assert resend in text_of(champion.get(url))
    rest(northwind, invited.person)
    words = text_of(champion.get(url))
    day = date_format(month(6), "j F Y")
    assert (resend in words, f"On a break until {day}" in words) == (False, True)
    refused = champion.post(resend, HTTP_REFERER=f"http://testserver{url}", follow=True)
    assert f"Jun Park is on a break until {day}." in text_of(refused)
    person = text_of(champion.get(f"{HERE}people/{invited.person_id}/"))
    assert f"On a break until {day}: no program invites Jun before that." in person


def test_break_at_northwind_says_nothing_to_fabrikam(
    northwind: Cast, fabrikam: Cast, sign_in: Any, sent_tasks: Any
) -> None:
    for person in northwind.people.values():
        rest(northwind, person)
    with fabrikam.scope():
        cohort = make_enrolling(fabrikam)
    champion = sign_in(fabrikam.champion)
    for path in ("invite/", "participants/"):
        assert "a break" not in text_of(champion.get(f"/o/fabrikam/cohorts/{cohort.pk}/{path}"))
    _browser, page = opened(fabrikam.mentor, "participant")
    assert "On a break until" not in text_of(page)
    answer = champion.post(
        f"/o/fabrikam/cohorts/{cohort.pk}/invite/", {"role": "mentor", "who": "all"}, follow=True
    )
    assert "4 people invited as mentors." in text_of(answer)
    assert "a break" not in text_of(answer)


def test_pages_take_a_fixed_number_of_queries(
    northwind: Cast, sign_in: Any, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    champion = sign_in(northwind.champion)
    with northwind.scope():
        cohort = make_enrolling(northwind, program=make_program(northwind))
        found = people(12)
        for person in found[:6]:
            add_participant(cohort, person, PairRole.MENTOR, status="invited")
    for path in ("invite/", "participants/"):
        url = f"{HERE}cohorts/{cohort.pk}/{path}"
        champion.get(url)
        with django_assert_max_num_queries(40) as none:
            champion.get(url)
        for person in found:
            rest(northwind, person)
        with django_assert_num_queries(len(none)):
            champion.get(url)
        with northwind.scope():
            Rest.objects.all().delete()
