"""Requests in the browser: from the mail, on one's own page, in two tabs, late; and what must not show."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from matching.actions.requests import accept_request, decline_request, send_next_requests, sweep_requests
from matching.enums import RequestStatus
from matching.models import PairRequest
from mentoring.actors import Actor
from mentoring.mail.reminders import plan_reminders
from mentoring.models import OutgoingMessage
from programs.enums import CohortStatus
from programs.models import Cohort, Pair
from tests.cast import Cast
from tests.matching.asking import (
    ask,
    choosing,
    pairs_in,
    picks,
    refuses,
    request_of,
    requests_of,
    someone,
)
from tests.matching.making import Someone, solved
from tests.matching.pages import browser
from tests.matching.picking import suggest

BY = Actor.system("test")


@pytest.fixture
def scene(northwind: Cast) -> Cohort:
    """Open for choosing on the day of the test, because pages go by the clock; suggestions are there."""
    now = timezone.now()
    mentors = [Someone(f"{name} Mentor", ("ai_tools",)) for name in ("Ada", "Ben", "Cem")]
    mentees = [Someone(f"{name} Mentee", ("ai_tools", "wellbeing")) for name in ("Uma", "Vic", "Wes")]
    with northwind.scope():
        cohort = choosing(northwind, mentors, mentees, choose_until=now.date() + timedelta(days=9))
    suggest(northwind, now=now)
    with northwind.scope():
        ask(cohort, "Uma", "Ben", "Ada", now=now)
    return cohort


def home(cast: Cast, cohort: Cohort, first: str) -> str:
    """Her own page, without what is hers alone."""
    with cast.scope():
        me = someone(cohort, first)
    page = browser(cast, me).get(f"/o/northwind/p/{me.pk}/").content.decode()
    return re.sub(r"[A-Za-z0-9]{64}", "", page)  # tokens against forged requests


@pytest.fixture
def asked(northwind: Cast, scene: Cohort) -> Any:
    """(Ben's browser, the address of Uma's request to him)"""
    with northwind.scope():
        ben, request = someone(scene, "Ben"), request_of(scene, "Uma", "Ben")
    return browser(northwind, ben), f"/o/northwind/p/{ben.pk}/requests/{request.pk}/"


def test_mail_leads_to_the_page_and_looking_changes_nothing(northwind: Cast, scene: Cohort) -> None:
    with northwind.scope():
        text = OutgoingMessage.objects.get(kind="pair_request").text
    assert "Uma Mentee takes part in Digital leadership and has chosen you as a mentor." in text
    assert "- Wants to learn AI tools in everyday work, which you can show" in text
    client = Client()
    yes, no = re.findall(r"https?://[^/]+(/s/open/\S+)", text)
    for link, words in ((yes, "are a pair at once"), (no, "not this time”, the same words")):
        page = client.get(link, follow=True)
        assert (page.status_code, page.redirect_chain[-1][0].endswith(("/accept/", "/decline/"))) == (
            200,
            True,
        )
        assert words in page.content.decode()
    with northwind.scope():
        assert requests_of(scene) == {"Uma > Ben": "open"}


def test_saying_yes_from_the_mail_makes_a_pair(northwind: Cast, scene: Cohort, asked: Any) -> None:
    client, url = asked
    answer = client.post(url + "accept/", follow=True)
    assert answer.status_code == 200
    assert "You and Uma Mentee are a pair." in answer.content.decode()
    assert "Plan a meeting" in answer.content.decode()  # though the cohort is still matching
    with northwind.scope():
        assert pairs_in(scene) == {"Ben-Uma"}
        pair = Pair.objects.get(cohort=scene)
        assert pair.score is not None
        assert pair.reasons["mentor"][:2] == [
            "Uma picked you.",
            "Uma wants to learn AI tools in everyday work, which you can show.",
        ]


def test_answering_twice_and_going_back_show_where_it_stands(
    northwind: Cast, scene: Cohort, asked: Any
) -> None:
    client, url = asked
    client.post(url + "accept/")
    for page in (client.post(url + "accept/"), client.get(url), client.get(url + "accept/")):
        assert (page.status_code, "You and Uma Mentee are a pair" in page.content.decode()) == (200, True)
    late = client.post(url + "decline/")
    assert "You and Uma Mentee are a pair" in late.content.decode()
    assert "no-store" in client.get(url)["Cache-Control"]
    with northwind.scope():
        assert requests_of(scene) == {"Uma > Ben": "accepted"}


def test_not_this_time_in_one_tab_and_yes_in_the_other(northwind: Cast, scene: Cohort, asked: Any) -> None:
    client, url = asked
    answer = client.post(url + "decline/", follow=True)
    assert "Uma Mentee reads “not this time” and nothing else." in answer.content.decode()
    other_tab = client.post(url + "accept/")
    assert "You said “not this time”" in other_tab.content.decode()
    with northwind.scope():
        assert (pairs_in(scene), requests_of(scene)) == (
            set(),
            {"Uma > Ben": "declined", "Uma > Ada": "open"},
        )


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (RequestStatus.EXPIRED, "The time to answer is over"),
        (RequestStatus.GONE, "This request has ended"),
        (RequestStatus.WITHDRAWN, "This request has ended"),
    ],
)
def test_request_that_is_over_says_so_kindly(
    northwind: Cast, scene: Cohort, asked: Any, status: RequestStatus, words: str
) -> None:
    client, url = asked
    with northwind.scope():
        PairRequest.objects.update(status=status, ended_at=timezone.now())
    for page in (client.get(url), client.post(url + "accept/"), client.post(url + "decline/")):
        text = page.content.decode()
        assert (page.status_code, words in text, "Say yes" in text) == (200, True, False)


def test_request_that_was_sent_again_is_found_by_the_old_link(
    northwind: Cast, scene: Cohort, asked: Any
) -> None:
    client, url = asked
    with northwind.scope():
        ask(scene, "Uma", "Ada", now=timezone.now())
        ask(scene, "Uma", "Ben", now=timezone.now())
        newest = request_of(scene, "Uma", "Ben")
    page = client.get(url + "accept/", follow=True)
    assert page.redirect_chain[-1][0].endswith(f"/requests/{newest.pk}/")
    assert "Uma Mentee would like you as a mentor" in page.content.decode()


def test_last_day_over_the_page_is_read_only(northwind: Cast, scene: Cohort, asked: Any) -> None:
    client, url = asked
    with northwind.scope():
        Cohort.objects.filter(pk=scene.pk).update(choose_until=timezone.now().date() - timedelta(days=1))
    page = client.get(url).content.decode()
    assert ("The time to answer is over" in page, "Say yes" in page) == (True, False)
    answer = client.post(url + "accept/", HTTP_REFERER=f"http://testserver{url}", follow=True)
    assert "The time to answer this request is over." in answer.content.decode()
    assert "Say yes" not in home(northwind, scene, "Ben")
    assert "Your program champion matches everybody" in home(northwind, scene, "Uma")
    with northwind.scope():
        assert pairs_in(scene) == set()


def test_own_page_shows_what_waits_and_what_was_asked(northwind: Cast, scene: Cohort) -> None:
    ben, uma = home(northwind, scene, "Ben"), home(northwind, scene, "Uma")
    assert "Uma Mentee would like you as a mentor" in ben
    assert "Wants to learn AI tools in everyday work, which you can show" in ben
    assert ("Whom you asked" in uma, "Can answer until" in uma) == (True, True)
    assert 'id="requests-title"' not in home(northwind, scene, "Cem")


def order_of(page: str, *words: str) -> list[str]:
    """These words as they stand on the page, each where it comes first."""
    return sorted((word for word in words if word in page), key=page.index)


def test_own_page_begins_with_who_waits_for_her(northwind: Cast, scene: Cohort) -> None:
    asked, step = "Uma Mentee would like you as a mentor", "Choose whom you want to meet"
    page = home(northwind, scene, "Ben")
    assert order_of(page, asked, step) == [asked, step]
    assert page.count('id="requests-title"') == 1
    own, sent = home(northwind, scene, "Uma"), "Whom you asked"
    assert order_of(own, sent, step) == [step, sent]


def test_home_begins_with_who_waits_for_her(northwind: Cast, scene: Cohort, sign_in: Any) -> None:
    with northwind.scope():
        ben = someone(scene, "Ben")
        ben.person.user = northwind.overseer
        ben.person.save()
        asked = request_of(scene, "Uma", "Ben")
        now = timezone.now()
    address = f"/o/northwind/p/{ben.pk}/requests/{asked.pk}/"
    page = sign_in(northwind.overseer).get("/o/northwind/").content.decode()
    one, step = "Uma Mentee would like you as a mentor", "Choose whom you want to meet"
    assert order_of(page, one, step) == [one, step]
    assert f'href="{address}"' in page
    with northwind.scope():
        ask(scene, "Vic", "Ben", now=now)
    page = sign_in(northwind.overseer).get("/o/northwind/").content.decode()
    assert order_of(page, "2 people would like you as a mentor", one) == [
        "2 people would like you as a mentor"
    ]
    with northwind.scope():
        for sender in ("Uma", "Vic"):
            decline_request(request=request_of(scene, sender, "Ben"), by=BY, now=timezone.now())
    page = sign_in(northwind.overseer).get("/o/northwind/").content.decode()
    assert ("would like you" in page, step in page) == (False, True)


def test_sender_cannot_tell_how_it_ended_nor_that_she_is_not_wanted(northwind: Cast, scene: Cohort) -> None:
    """Two pages of the same person are the same to the letter: asked somebody who said "not for me", or
    somebody who has not answered; declined, expired or gone."""
    now = timezone.now()
    with northwind.scope():
        ask(scene, "Vic", "Cem", now=now)
    waiting = home(northwind, scene, "Vic")
    with northwind.scope():
        PairRequest.objects.filter(sender=someone(scene, "Vic")).delete()
        refuses(scene, "Cem", "Vic")
        ask(scene, "Vic", "Cem", now=now)
        assert requests_of(scene)["Vic > Cem"] == "open"
    assert home(northwind, scene, "Vic") == waiting
    ended = set()
    for status in (RequestStatus.DECLINED, RequestStatus.EXPIRED, RequestStatus.GONE):
        with northwind.scope():
            PairRequest.objects.filter(sender=someone(scene, "Vic")).update(status=status, ended_at=now)
        ended.add(home(northwind, scene, "Vic"))
    assert len(ended) == 1
    assert "Not this time" in ended.pop()


def test_request_of_who_is_not_wanted_does_not_exist(northwind: Cast, scene: Cohort) -> None:
    with northwind.scope():
        refuses(scene, "Cem", "Vic")
        ask(scene, "Vic", "Cem", now=timezone.now())
        cem, request = someone(scene, "Cem"), request_of(scene, "Vic", "Cem")
    client, url = browser(northwind, cem), f"/o/northwind/p/{cem.pk}/requests/{request.pk}/"
    assert [client.get(url).status_code, client.post(url + "accept/").status_code] == [404, 404]
    assert "Vic Mentee" not in home(northwind, scene, "Cem")
    with northwind.scope():
        sweep_requests(cohort=scene, by=BY, now=request.expires_at)
        assert not OutgoingMessage.objects.filter(person=cem.person).exists()
    assert client.get(url).status_code == 404


def test_only_the_receiver_can_answer(northwind: Cast, scene: Cohort, asked: Any) -> None:
    _client, url = asked
    with northwind.scope():
        people = {name: someone(scene, name) for name in ("Uma", "Ada")}
        request = request_of(scene, "Uma", "Ben")
    for person in people.values():
        client = browser(northwind, person)
        own = f"/o/northwind/p/{person.pk}/requests/{request.pk}/"
        assert [client.post(where + "accept/").status_code for where in (own, url)] == [404, 302]
    with northwind.scope():
        assert requests_of(scene) == {"Uma > Ben": "open"}


def test_reminder_comes_a_day_before_it_runs_out_and_once(northwind: Cast, scene: Cohort) -> None:
    with northwind.scope():
        refuses(scene, "Cem", "Vic")
        ask(scene, "Vic", "Cem", now=timezone.now())
        request = request_of(scene, "Uma", "Ben")
        early = request.expires_at - timedelta(days=1, minutes=1)
        plan_reminders(northwind.organization, now=early)
        reminded = OutgoingMessage.objects.filter(
            kind="pair_request", subject__contains="waits for your answer"
        )
        assert reminded.count() == 0
        for _twice in range(2):
            plan_reminders(northwind.organization, now=early + timedelta(minutes=2))
        assert [mail.to_name for mail in reminded] == ["Ben Mentor"]  # Cem must not know of Vic's request
        assert reminded[0].send_after < request.expires_at


def test_reminder_is_not_sent_right_after_the_request(northwind: Cast, scene: Cohort) -> None:
    with northwind.scope():
        request = request_of(scene, "Uma", "Ben")
        PairRequest.objects.update(sent_at=request.expires_at - timedelta(hours=20))
        plan_reminders(northwind.organization, now=request.expires_at - timedelta(hours=19))
        assert OutgoingMessage.objects.filter(kind="pair_request").count() == 1


def test_pair_is_introduced_while_others_still_choose(northwind: Cast, scene: Cohort) -> None:
    now = timezone.now()
    with northwind.scope():
        accept_request(request=request_of(scene, "Uma", "Ben"), by=BY, now=now)
        plan_reminders(northwind.organization, now=now)
        introduced = OutgoingMessage.objects.filter(kind="introduction").order_by("to_name")
        assert [mail.to_name for mail in introduced] == ["Ben Mentor", "Uma Mentee"]
        scene.refresh_from_db()
        assert scene.status == CohortStatus.MATCHING


def test_champion_reads_counts_and_no_names(northwind: Cast, scene: Cohort, client: Client) -> None:
    now = timezone.now()
    with northwind.scope():
        ask(scene, "Vic", "Cem", now=now)
        accept_request(request=request_of(scene, "Uma", "Ben"), by=BY, now=now)
        decline_request(request=request_of(scene, "Vic", "Cem"), by=BY, now=now)
        ask(scene, "Wes", "Ada", now=now)
    client.force_login(northwind.champion)
    for url in (f"/o/northwind/cohorts/{scene.pk}/", f"/o/northwind/cohorts/{scene.pk}/match/"):
        page = re.sub(r"\s+", " ", client.get(url).content.decode())
        assert "1 of 3 that are possible" in page
        assert re.search(r"wait for an answer</dt> <dd>1</dd>", page)
        assert "2 of 3 mentors, 2 of 3 mentees" in page
        assert [name for name in ("Ada Mentor", "Vic Mentee", "Wes Mentee") if name in page] == []


def test_run_matches_the_rest_and_publishing_starts_the_cohort(
    northwind: Cast, scene: Cohort, client: Client, sent_tasks: Any
) -> None:
    """Ben and Uma are a pair already. Vic was declined by Cem, so the two are not put together either."""
    now = timezone.now()
    with northwind.scope():
        accept_request(request=request_of(scene, "Uma", "Ben"), by=BY, now=now)
        ask(scene, "Vic", "Cem", now=now)
        decline_request(request=request_of(scene, "Vic", "Cem"), by=BY, now=now)
        Cohort.objects.filter(pk=scene.pk).update(choose_until=now.date() - timedelta(days=1))
        sweep_requests(cohort=scene, by=BY, now=now)
    run = solved(northwind, scene)
    client.force_login(northwind.champion)
    client.post(f"/o/northwind/cohorts/{scene.pk}/match/runs/{run.pk}/publish/")
    with northwind.scope():
        scene.refresh_from_db()
        assert (scene.status, pairs_in(scene)) == (CohortStatus.RUNNING, {"Ben-Uma", "Ada-Vic", "Cem-Wes"})


def test_own_page_asks_no_more_with_more_requests(northwind: Cast) -> None:
    now = timezone.now()
    with northwind.scope():
        mentees = [Someone(f"E{n} Mentee", ("ai_tools",)) for n in range(6)]
        cohort = choosing(
            northwind,
            [Someone("Ada Mentor", ("ai_tools",), capacity=5)],
            mentees,
            choose_until=now.date() + timedelta(days=9),
        )
    suggest(northwind, now=now)
    counts = []
    for senders in (("E0",), ("E1", "E2", "E3")):
        with northwind.scope():
            for first in senders:
                ask(cohort, first, "Ada", now=now)
            ada = someone(cohort, "Ada")
        client = browser(northwind, ada)
        client.get(f"/o/northwind/p/{ada.pk}/")
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"/o/northwind/p/{ada.pk}/").content.decode()
        counts.append(len(queries))
    assert page.count("would like you as a mentor") == 4
    assert counts[0] == counts[1]


def test_choosing_in_the_browser_asks_at_once(northwind: Cast, scene: Cohort) -> None:
    with northwind.scope():
        vic, ada, ben = (someone(scene, first) for first in ("Vic", "Ada", "Ben"))
    client = browser(northwind, vic)
    page = client.post(f"/o/northwind/p/{vic.pk}/choose/{ada.pk}/pick/", HTTP_HX_REQUEST="true")
    assert "Whom you asked" in page.content.decode()
    with northwind.scope():
        assert requests_of(scene)["Vic > Ada"] == "open"
    client.post(f"/o/northwind/p/{vic.pk}/choose/{ada.pk}/clear/")
    with northwind.scope():
        assert requests_of(scene)["Vic > Ada"] == "withdrawn"
        uma = someone(scene, "Uma")
    browser(northwind, ben).post(f"/o/northwind/p/{ben.pk}/choose/{uma.pk}/pick/")
    with northwind.scope():
        assert pairs_in(scene) == {"Ben-Uma"}  # she had asked him, and he picked her


def test_refusing_somebody_who_asked_ends_it(northwind: Cast, scene: Cohort) -> None:
    with northwind.scope():
        ben, uma = someone(scene, "Ben"), someone(scene, "Uma")
    browser(northwind, ben).post(f"/o/northwind/p/{ben.pk}/choose/{uma.pk}/not-for-me/")
    with northwind.scope():
        assert requests_of(scene) == {"Uma > Ben": "declined", "Uma > Ada": "open"}
        picks(scene, "Uma")
        send_next_requests(participant=someone(scene, "Uma"), by=BY, now=timezone.now())
        assert requests_of(scene) == {"Uma > Ben": "declined", "Uma > Ada": "withdrawn"}
