"""The way in from the mail, in a browser that knows nothing of the person."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mentoring.mail.links import make_token
from mentoring.mail.reminders import plan_reminders
from mentoring.models import OutgoingMessage
from programs.actions.pairs import NewPair, create_pairs
from programs.actions.responses import submit_response
from programs.enums import PairRole
from programs.guards import participant_url
from programs.models import Participant
from tests.cast import Cast
from tests.programs.making import add_participant, make_enrolling, make_matching, people
from tests.programs.test_pages import text_of

HERE = "/o/northwind/"


def path_of(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def opened(participant: Participant, page: str = "join") -> tuple[Client, Any]:
    """A fresh browser after a click on the mail's link."""
    browser = Client()
    return browser, browser.get(path_of(participant_url(participant, page)), follow=True)


def again(cast: Cast, participant: Participant) -> Participant:
    with cast.scope():
        return Participant.objects.select_related("person").get(pk=participant.pk)


def test_link_opens_the_join_page(northwind: Cast, invited: Participant) -> None:
    _browser, page = opened(invited)
    assert page.status_code == 200
    assert page.redirect_chain == [(f"{HERE}p/{invited.pk}/join/", 302)]
    words = text_of(page)
    assert "Leaders learn from those who are closer to what is new." in words
    assert "One meeting of 45 minutes a month for 6 months" in words
    assert "How many mentees can you take?" in words
    assert 'class="side"' not in words


def test_join_leads_to_the_questions(northwind: Cast, invited: Participant) -> None:
    browser, _page = opened(invited)
    answer = browser.post(f"{HERE}p/{invited.pk}/join/", {"capacity": "2"})
    assert answer["Location"] == f"{HERE}p/{invited.pk}/questions/"
    assert browser.get(answer["Location"]).status_code == 200
    found = again(northwind, invited)
    assert (found.status, found.capacity) == ("joined", 2)
    assert found.person.user.email == "jun.park@northwind.example"


@pytest.mark.parametrize("capacity", ["", "0", "6", "many"])
def test_join_with_bad_capacity(northwind: Cast, invited: Participant, capacity: str) -> None:
    browser, _page = opened(invited)
    assert browser.post(f"{HERE}p/{invited.pk}/join/", {"capacity": capacity}).status_code == 422
    assert again(northwind, invited).status == "invited"


def test_decline_and_come_back(northwind: Cast, invited: Participant) -> None:
    browser, _page = opened(invited)
    answer = browser.post(f"{HERE}p/{invited.pk}/decline/", {"reason": "On leave"}, follow=True)
    assert "You said no" in text_of(answer)
    assert again(northwind, invited).decline_reason == "On leave"
    assert "I would like to join" in text_of(answer)
    browser.post(f"{HERE}p/{invited.pk}/join/", {"capacity": "1"})
    assert again(northwind, invited).status == "joined"


def test_altered_link(northwind: Cast, invited: Participant) -> None:
    path = path_of(participant_url(invited, "join"))
    page = Client().get(path[:-3] + "xy/")
    assert page.status_code == 404
    assert Client().get("/s/open/rubbish/").status_code == 404
    other_purpose = make_token("meeting", {"o": northwind.organization.pk, "p": invited.pk, "to": "join"})
    assert Client().get(f"/s/open/{other_purpose}/").status_code == 404


def test_expired_link_mails_a_new_one(
    northwind: Cast, invited: Participant, settings: Any, sent_tasks: Any
) -> None:
    settings.SIGNED_LINK_DAYS = -1
    path = path_of(participant_url(invited, "join"))
    browser = Client()
    page = browser.get(path)
    assert page.status_code == 410
    assert "Jun" not in text_of(page)
    for _press in range(2):
        assert browser.post(path).status_code == 200
    with northwind.scope():
        mail = OutgoingMessage.objects.get(kind="new_link")
    assert mail.to_email == "jun.park@northwind.example"
    assert browser.get(f"{HERE}p/{invited.pk}/join/").status_code == 302


def test_link_of_one_opens_nobody_else(northwind: Cast, fabrikam: Cast, invited: Participant) -> None:
    browser, _page = opened(invited)
    assert browser.get(f"{HERE}p/{northwind.mentor.pk}/").status_code == 302
    assert browser.get(f"/o/fabrikam/p/{fabrikam.mentor.pk}/").status_code == 302
    assert browser.get(f"/o/fabrikam/p/{invited.pk}/").status_code == 404
    assert browser.get(f"{HERE}cohorts/{invited.cohort_id}/").status_code == 302
    assert browser.get(f"{HERE}programs/").status_code == 302


def test_join_page_when_it_is_too_late(northwind: Cast, invited: Participant) -> None:
    with northwind.scope():
        cohort = invited.cohort
        day = timezone.now().date() - timedelta(days=1)
        cohort.enroll_from, cohort.enroll_until = day, day
        cohort.save()
    browser, page = opened(invited)
    assert "Enrolment closed on" in text_of(page)
    assert "Yes, I join" not in text_of(page)
    url = f"{HERE}p/{invited.pk}/join/"
    refused = browser.post(url, {"capacity": "1"}, HTTP_REFERER=f"http://testserver{url}", follow=True)
    assert "Enrolment closed on" in text_of(refused)
    assert again(northwind, invited).status == "invited"
    assert "This came too late" in text_of(browser.get(f"{HERE}p/{invited.pk}/"))


def test_withdrawn_person_opens_her_link(northwind: Cast, invited: Participant) -> None:
    with northwind.scope():
        Participant.objects.filter(pk=invited.pk).update(status="withdrawn")
    browser, page = opened(invited)
    assert "You no longer take part in this cohort." in text_of(page)
    assert "Yes, I join" not in text_of(page)
    assert "You no longer take part" in text_of(browser.get(f"{HERE}p/{invited.pk}/"))


def test_home_follows_the_way(northwind: Cast, invited: Participant) -> None:
    browser, page = opened(invited, "participant")
    assert "Would you like to take part?" in text_of(page)
    seen = []
    for fields in (
        {"status": "joined"},
        {"status": "joined", "answered_at": timezone.now()},
    ):
        with northwind.scope():
            Participant.objects.filter(pk=invited.pk).update(**fields)
        words = text_of(browser.get(f"{HERE}p/{invited.pk}/"))
        seen += [title for title in ("Answer some questions", "You are all set") if title in words]
    assert seen == ["Answer some questions", "You are all set"]


def test_home_of_a_paired_participant(northwind: Cast, sent_tasks: Any) -> None:
    with northwind.scope():
        cohort, mentor, mentee = make_matching(northwind)
    _browser, page = opened(mentor, "participant")
    assert "Answer some questions" in text_of(page)
    with northwind.scope():
        pairs = create_pairs(
            cohort=cohort, pairs=[NewPair(mentor, mentee)], by=northwind.by, now=timezone.now()
        )
    _browser, page = opened(mentor, "participant")
    assert mentee.person.name in text_of(page)
    assert "Plan a meeting" in text_of(page)
    assert reverse("pair", args=["northwind", mentor.pk, pairs[0].pk]) in text_of(page)


def test_signed_in_participant_sees_the_shell_and_her_home(
    northwind: Cast, invited: Participant, sign_in: Any
) -> None:
    browser, _page = opened(invited)
    browser.post(f"{HERE}p/{invited.pk}/join/", {"capacity": "1"})
    user = again(northwind, invited).person.user
    signed_in = sign_in(user)
    page = text_of(signed_in.get(f"{HERE}p/{invited.pk}/"))
    assert 'class="side"' in page
    assert "Answer some questions" in text_of(signed_in.get(HERE))
    assert signed_in.get(f"{HERE}programs/").status_code == 403
    assert signed_in.get(f"{HERE}p/{northwind.mentor.pk}/").status_code == 404


def test_champion_who_opens_somebodys_link_keeps_her_side_bar_out(
    northwind: Cast, invited: Participant, sign_in: Any
) -> None:
    browser = sign_in(northwind.champion)
    page = browser.get(path_of(participant_url(invited, "join")), follow=True)
    assert page.status_code == 200
    assert 'class="side"' not in text_of(page)


def test_invite_page_by_filter_invites_every_page(northwind: Cast, sign_in: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind)
        people(60, unit="Sales", level=3)
        people(2, first=5000, unit="Finance")
    champion = sign_in(northwind.champion)
    url = f"{HERE}cohorts/{cohort.pk}/invite/?unit=Sales&level_from=2&page=2"
    page = text_of(champion.get(url))
    assert "26–50 of 60 people" in page
    assert "Invite all 60 who fit" in page
    answer = champion.post(url, {"role": "mentor", "who": "all"}, follow=True)
    assert "60 people invited as mentors." in text_of(answer)
    with northwind.scope():
        assert Participant.objects.filter(cohort=cohort, role="mentor").count() == 60
    again = champion.post(url, {"role": "mentee", "who": "all"}, follow=True)
    assert "0 people invited as mentees." in text_of(again)


def test_invite_page_ticked_people(northwind: Cast, sign_in: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind)
    champion = sign_in(northwind.champion)
    url = f"{HERE}cohorts/{cohort.pk}/invite/"
    ticked = [northwind.people["spare"].pk, northwind.people["boss"].pk]
    assert champion.post(url, {"role": "mentee", "who": "ticked", "person": ticked}).status_code == 302
    with northwind.scope():
        assert Participant.objects.filter(cohort=cohort, role="mentee").count() == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"who": "all"}, "Choose a role first: mentors or mentees."),
        ({"role": "mentor", "who": "ticked"}, "Tick at least one person"),
        ({"role": "boss", "who": "all"}, "Select a valid choice."),
        ({"role": "mentor", "who": "ticked", "person": ["99999999999999999999", "x"]}, "Tick at least one"),
    ],
)
def test_invite_page_with_bad_choice(
    northwind: Cast, sign_in: Any, data: dict[str, Any], message: str
) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind)
    answer = sign_in(northwind.champion).post(f"{HERE}cohorts/{cohort.pk}/invite/", data)
    assert answer.status_code == 422
    assert message in text_of(answer)
    with northwind.scope():
        assert Participant.objects.filter(cohort=cohort).count() == 0


def test_invite_somebody_of_another_organization(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind)
    data = {"role": "mentor", "who": "ticked", "person": [fabrikam.people["spare"].pk]}
    answer = sign_in(northwind.champion).post(f"{HERE}cohorts/{cohort.pk}/invite/", data, follow=True)
    assert "0 people invited" in text_of(answer)
    with northwind.scope():
        assert Participant.objects.filter(cohort=cohort).count() == 0


def test_participants_list_filters(northwind: Cast, invited: Participant, sign_in: Any) -> None:
    champion = sign_in(northwind.champion)
    url = f"{HERE}cohorts/{invited.cohort_id}/participants/"
    with northwind.scope():
        add_participant(invited.cohort, northwind.people["mentee"], PairRole.MENTEE)
    found = {
        query: [name for name in ("Jun Park", "Henrik Lund") if name in text_of(champion.get(url + query))]
        for query in ("", "?role=mentor", "?status=unanswered", "?status=answered", "?q=henrik", "?page=99")
    }
    assert found == {
        "": ["Jun Park", "Henrik Lund"],
        "?role=mentor": ["Jun Park"],
        "?status=unanswered": ["Henrik Lund"],
        "?status=answered": [],
        "?q=henrik": ["Henrik Lund"],
        "?page=99": ["Jun Park", "Henrik Lund"],
    }
    fragment = champion.get(url, headers={"hx-request": "true"})
    assert text_of(fragment).startswith("<section")


def test_withdraw_and_invite_again_by_button(
    northwind: Cast, invited: Participant, sign_in: Any, sent_tasks: Any
) -> None:
    champion = sign_in(northwind.champion)
    base = f"{HERE}cohorts/{invited.cohort_id}/participants/{invited.pk}/"
    champion.post(base + "withdraw/")
    assert again(northwind, invited).status == "withdrawn"
    champion.post(base + "resend/")
    assert again(northwind, invited).status == "invited"
    other = f"{HERE}cohorts/{northwind.cohort.pk}/participants/{invited.pk}/"
    assert champion.post(other + "withdraw/").status_code == 404


def test_shared_answers_reach_the_partner_only(northwind: Cast, sent_tasks: Any) -> None:
    now = timezone.now()
    with northwind.scope():
        cohort, mentor, mentee = make_matching(northwind)
        submit_response(
            participant=mentee,
            values={
                "skills": ["ai_tools"],
                "hope": "This stays with matching.",
                "introduction": "I run finance and sing in a choir.",
                "learning_question": "Which three tools would you show me first?",
            },
            now=now,
            by=northwind.by,
        )
        create_pairs(cohort=cohort, pairs=[NewPair(mentor, mentee)], by=northwind.by, now=now)
        plan_reminders(northwind.organization, now=now)
        to_mentor = OutgoingMessage.objects.get(kind="introduction", person=mentor.person)
        to_mentee = OutgoingMessage.objects.get(kind="introduction", person=mentee.person)
    assert "I run finance and sing in a choir." in to_mentor.text
    assert "Which three tools would you show me first?" in to_mentor.html
    assert "This stays with matching." not in to_mentor.text
    assert "choir" not in to_mentee.text
