"""The pair's page, its forms, the one-click links and the champion's tab, over HTTP."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mentoring.models import Membership, Organization, OutgoingMessage, User
from programs.enums import CohortStatus
from programs.guards import participant_url
from programs.models import Pair, Participant
from sessions.actions.meetings import plan_meeting
from sessions.calendar import meeting_url
from sessions.enums import MeetingStatus
from sessions.models import Meeting
from sessions.queries.meetings import side_of
from tests.cast import Cast
from tests.sessions.conftest import who
from tests.sessions.test_reminders import more_pairs


@pytest.fixture
def running(northwind: Cast) -> Cast:
    """Northwind with a cohort that runs at the real moment: pages look at the real clock."""
    with northwind.scope():
        northwind.run_around(timezone.now())
        northwind.pair.reasons = {"mentor": ["You both work on AI"], "mentee": ["Amara knows AI"]}
        northwind.pair.save()
    return northwind


def as_participant(cast: Cast, participant: Participant) -> Client:
    client = Client()
    with cast.scope():
        url = participant_url(participant, "pair", pair_id=cast.pair.pk)
    response = client.get(urlsplit(url).path, follow=True)
    assert response.status_code == 200
    return client


def pair_path(cast: Cast, participant: Participant, rest: str = "") -> str:
    return f"/o/northwind/p/{participant.pk}/pair/{cast.pair.pk}/{rest}"


def entry(days: int = 7, clock: str = "10:00", **more: Any) -> dict[str, Any]:
    day = timezone.now().date() + timedelta(days=days)
    return {"date": day.isoformat(), "time": clock, "minutes": "45", "place": "", "seen": "0", **more}


def make_meeting(cast: Cast, starts_at: datetime, **changes: Any) -> Meeting:
    with cast.scope():
        number = Meeting.objects.filter(pair=cast.pair).count() + 1
        return Meeting.objects.create(
            pair=cast.pair,
            number=number,
            starts_at=starts_at,
            minutes=45,
            planned_by=cast.mentor,
            **changes,
        )


def test_pair_page_by_mail_link(running: Cast) -> None:
    page = as_participant(running, running.mentor).get(pair_path(running, running.mentor))
    html = page.content.decode()
    assert page.status_code == 200
    for text in ("Henrik Lund", "henrik.lund@northwind.example", "You both work on AI", "Northwind Champion"):
        assert text in html
    assert "Amara knows AI" not in html


def test_pair_page_signed_in(running: Cast, sign_in: Any) -> None:
    user = User.objects.create_user("henrik.lund@northwind.example", name="Henrik")
    with running.scope():
        Membership.objects.create(user=user, role="participant", joined_at=timezone.now())
        running.people["mentee"].user = user
        running.people["mentee"].save()
    page = sign_in(user).get(pair_path(running, running.mentee))
    assert (page.status_code, "Amara knows AI" in page.content.decode()) == (200, True)
    assert sign_in(user).get(pair_path(running, running.mentor)).status_code == 404


def test_pair_page_of_others(running: Cast, fabrikam: Cast, sign_in: Any) -> None:
    client = as_participant(running, running.mentor)
    assert (
        client.get(pair_path(running, running.mentor).replace(f"/{running.pair.pk}/", "/999999/")).status_code
        == 404
    )
    foreign = f"/o/northwind/p/{running.mentor.pk}/pair/{fabrikam.pair.pk}/"
    assert client.get(foreign).status_code == 404
    assert sign_in(fabrikam.champion).get(pair_path(running, running.mentor)).status_code == 404
    assert sign_in(running.champion).get(pair_path(running, running.mentor)).status_code == 404


def test_plan_from_the_page_in_ones_own_time_zone(running: Cast) -> None:
    with running.scope():
        running.people["mentor"].time_zone = "Asia/Seoul"
        running.people["mentor"].save()
    client = as_participant(running, running.mentor)
    data = entry(clock="17:30", place="https://call.example/1")
    for _press in range(2):
        answer = client.post(pair_path(running, running.mentor, "plan/"), data)
        assert (answer.status_code, answer["Location"]) == (302, pair_path(running, running.mentor))
    with running.scope():
        (meeting,) = Meeting.objects.all()
        assert OutgoingMessage.objects.filter(kind="meeting_planned").count() == 2
    assert meeting.starts_at == datetime.fromisoformat(f"{data['date']}T08:30:00+00:00")
    html = client.get(pair_path(running, running.mentor)).content.decode()
    assert "17:30 your time, " in html
    assert " in Oslo for Henrik" in html
    assert 'href="https://call.example/1"' in html


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (entry(days=-1), "This moment has already passed. Choose a later one."),
        (entry(days=-60), "Your program starts on "),
        (entry(days=200), "Your program ends on "),
        (entry(minutes="5"), "Select a valid choice. 5 is not one of the available choices."),
        (entry(clock="rubbish"), "Enter a valid time."),
        ({}, "This field is required."),
    ],
)
def test_plan_with_a_bad_entry_is_a_422(running: Cast, data: dict[str, Any], message: str) -> None:
    client = as_participant(running, running.mentor)
    page = client.post(pair_path(running, running.mentor, "plan/"), data)
    assert (page.status_code, message in page.content.decode()) == (422, True)
    with running.scope():
        assert (Meeting.objects.count(), OutgoingMessage.objects.count()) == (0, 0)


def last_sunday(month: int) -> date:
    """Of the next March or October to come: the clocks in Oslo change on it, between one and three."""
    after = timezone.now().date() + timedelta(days=1)
    days = (after + timedelta(days=number) for number in range(400))
    return next(day for day in days if day.month == month and day.weekday() == 6 and day.day > 24)


def test_plan_at_a_time_that_comes_twice(running: Cast) -> None:
    back, forward = last_sunday(10), last_sunday(3)
    with running.scope():
        running.cohort.ends_on = max(back, forward) + timedelta(days=30)
        running.cohort.save()
    client = as_participant(running, running.mentee)
    path = pair_path(running, running.mentee, "plan/")
    data = entry(date=back.isoformat(), clock="02:30")
    page = client.post(path, data)
    assert page.status_code == 422
    assert f"02:30 comes twice on {back.day} October {back.year}" in page.content.decode()
    assert 'type="radio" name="which"' in page.content.decode()
    assert client.post(path, {**data, "which": "second"}).status_code == 302
    page = client.post(path, {**data, "date": forward.isoformat(), "which": ""})
    refusal = f"There is no 02:30 on {forward.day} March {forward.year}"
    assert (page.status_code, refusal in page.content.decode()) == (422, True)
    with running.scope():
        assert [meeting.starts_at for meeting in Meeting.objects.all()] == [
            datetime(back.year, 10, back.day, 1, 30, tzinfo=UTC)
        ]


def test_plan_after_the_partner_did(running: Cast) -> None:
    mentor, mentee = as_participant(running, running.mentor), as_participant(running, running.mentee)
    assert mentor.post(pair_path(running, running.mentor, "plan/"), entry()).status_code == 302
    path = pair_path(running, running.mentee, "plan/")
    page = mentee.post(path, entry(days=8))
    assert (page.status_code, "Amara has just planned a meeting" in page.content.decode()) == (422, True)
    assert page.context["form"]["seen"].value() == "1"
    assert mentee.post(path, entry(days=8, seen="1")).status_code == 302


def test_clocks_of_what_is_typed(running: Cast) -> None:
    with running.scope():
        running.people["mentor"].time_zone = "Asia/Seoul"
        running.people["mentor"].save()
    client = as_participant(running, running.mentor)
    path = pair_path(running, running.mentor, "clocks/")
    shown = client.get(path, {"date": "2026-12-01", "time": "09:00"}).content.decode()
    assert "09:00 your time is 01:00 in Oslo, where Henrik is." in shown
    assert "outside usual working hours for Henrik" in shown
    assert client.get(path, {"date": "x"}).content.decode().strip() == ""


def test_move_and_cancel_from_the_page(running: Cast) -> None:
    meeting = make_meeting(running, timezone.now() + timedelta(days=3))
    client = as_participant(running, running.mentee)
    path = pair_path(running, running.mentee, f"meetings/{meeting.pk}/")
    assert client.get(path).status_code == 200
    assert client.post(path, entry(days=-2)).status_code == 422
    assert client.post(path, entry(days=9)).status_code == 302
    assert client.post(f"{path}cancel/").status_code == 302
    assert client.post(f"{path}cancel/").status_code == 302
    assert client.get(f"{path}cancel/").status_code == 405
    with running.scope():
        meeting.refresh_from_db()
        kinds = OutgoingMessage.objects.order_by("kind").values_list("kind", flat=True)
        assert list(kinds) == ["meeting_cancelled"] * 2 + ["meeting_changed"] * 2
    assert (meeting.status, meeting.sequence) == (MeetingStatus.CANCELLED, 2)
    again = client.get(path)
    assert (again.status_code, "was cancelled" in again.content.decode()) == (200, True)


def test_answer_from_the_page(running: Cast) -> None:
    meeting = make_meeting(running, timezone.now() - timedelta(hours=3))
    client = as_participant(running, running.mentor)
    assert "Did you two meet?" in client.get(pair_path(running, running.mentor)).content.decode()
    path = pair_path(running, running.mentor, f"meetings/{meeting.pk}/answer/")
    found = []
    for answer in ("held", "undo", "missed", "rubbish"):
        assert client.post(path, {"answer": answer}).status_code == 302
        with running.scope():
            meeting.refresh_from_db()
        found.append(meeting.status)
    assert found == ["held", "planned", "missed", "missed"]


@pytest.fixture
def asked(running: Cast) -> tuple[Meeting, str, str]:
    """A meeting that is over, and the mentor's two links."""
    meeting = make_meeting(running, timezone.now() - timedelta(hours=3))
    with running.scope():
        side = side_of(running.pair, running.mentor.pk)
        assert side is not None
        links = [urlsplit(meeting_url(meeting, side, answer)).path for answer in ("held", "missed")]
    return meeting, links[0], links[1]


def status_of(cast: Cast, meeting: Meeting) -> str:
    with cast.scope():
        return Meeting.objects.get(pk=meeting.pk).status


def test_link_scanner_changes_nothing(running: Cast, asked: tuple[Meeting, str, str]) -> None:
    meeting, held, missed = asked
    for link in (held, missed):
        assert Client().get(link).status_code == 200
        assert Client().head(link).status_code == 200
    assert status_of(running, meeting) == MeetingStatus.PLANNED


def test_link_page_asks_for_a_press(running: Cast, asked: tuple[Meeting, str, str]) -> None:
    meeting, held, missed = asked
    client = Client()
    html = client.get(held).content.decode()
    assert html.index('value="held" autofocus') < html.index('value="missed"')
    chosen = client.get(missed).content.decode()
    assert chosen.index('value="missed" autofocus') < chosen.index('value="held"')
    assert status_of(running, meeting) == MeetingStatus.PLANNED
    assert "Noted: you met." in client.post(held, {"answer": "held"}).content.decode()
    assert status_of(running, meeting) == MeetingStatus.HELD
    later = client.get(missed).content.decode()
    assert ('value="missed"' in later, "already said that you met" in later) == (False, True)
    assert "Undone." in client.post(missed, {"answer": "undo"}).content.decode()
    assert status_of(running, meeting) == MeetingStatus.PLANNED


def test_link_to_a_meeting_still_ahead(running: Cast) -> None:
    meeting = make_meeting(running, timezone.now() + timedelta(hours=3))
    with running.scope():
        side = side_of(running.pair, running.mentor.pk)
        assert side is not None
        link = urlsplit(meeting_url(meeting, side, "held")).path
    page = Client().get(link)
    assert ('value="held"' in page.content.decode(), page.status_code) == (False, 200)
    assert Client().post(link, {"answer": "held"}).status_code == 409
    assert status_of(running, meeting) == MeetingStatus.PLANNED


def test_link_altered_or_expired(
    running: Cast, asked: tuple[Meeting, str, str], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    meeting, held, _missed = asked
    assert Client().post(held.replace("/s/meeting/", "/s/meeting/x"), {"answer": "held"}).status_code == 404
    settings.SIGNED_LINK_DAYS = -1
    assert Client().get(held).status_code == 410
    for _press in range(2):
        assert Client().post(held).status_code == 200
    assert status_of(running, meeting) == MeetingStatus.PLANNED
    with running.scope():
        assert [mail.to_email for mail in OutgoingMessage.objects.all()] == ["amara.osei@northwind.example"]


def test_link_when_the_cohort_is_closed(running: Cast, asked: tuple[Meeting, str, str]) -> None:
    meeting, held, _missed = asked
    with running.scope():
        running.cohort.status = CohortStatus.CLOSED
        running.cohort.save()
    page = Client().post(held, {"answer": "held"})
    assert (page.status_code, "This cohort is closed" in page.content.decode()) == (409, True)
    assert status_of(running, meeting) == MeetingStatus.PLANNED


def tab(cast: Cast) -> str:
    return f"/o/northwind/cohorts/{cast.cohort.pk}/meetings/"


def test_champion_sees_that_a_pair_met_never_where(running: Cast, sign_in: Any) -> None:
    make_meeting(running, timezone.now() - timedelta(days=2), status="held", place="Secret café")
    make_meeting(running, timezone.now() + timedelta(days=2), place="Secret café")
    html = sign_in(running.champion).get(tab(running)).content.decode()
    assert "Amara Osei → Henrik Lund" in html
    assert "1 of 1 pairs" in html
    assert "Secret" not in html


def test_champion_filters_searches_and_sorts(running: Cast, sign_in: Any) -> None:
    make_meeting(running, timezone.now() - timedelta(days=2), status="held")
    with running.scope():
        more_pairs(running, 3)
    client = sign_in(running.champion)

    def shown(**query: str) -> list[str]:
        page = client.get(tab(running), query).context["page"]
        return [str(pair.mentor.person.last_name or pair.mentor.person.email) for pair in page.object_list]

    others = [f"x{index}@northwind.example" for index in (0, 2, 4)]
    assert sorted(shown()) == ["Osei", *others]
    assert shown(show="met") == ["Osei"]
    assert sorted(shown(show="not_met")) == others
    assert shown(q="amara lund") == ["Osei"]
    assert shown(q="nobody") == []
    assert shown(sort="-last_met")[0] == "Osei"
    assert shown(sort="last_met")[-1] == "Osei"
    assert len(shown(sort="rubbish", page="99")) == 4


def test_champion_tab_queries_do_not_grow(running: Cast, sign_in: Any) -> None:
    client = sign_in(running.champion)
    counts = []
    for number in (0, 30):
        with running.scope():
            more_pairs(running, number)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(tab(running)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_pair_page_queries_do_not_grow(running: Cast) -> None:
    client = as_participant(running, running.mentor)
    counts = []
    for day in range(4):
        make_meeting(running, timezone.now() + timedelta(days=day + 1))
        with CaptureQueriesContext(connection) as queries:
            client.get(pair_path(running, running.mentor))
        counts.append(len(queries))
    assert counts[0] == counts[-1]


def test_cohort_overview_shows_pairs_that_need_the_champion(running: Cast, sign_in: Any) -> None:
    with running.scope():
        Pair.objects.update(published_at=timezone.now() - timedelta(days=38))
    client = sign_in(running.champion)
    overview = f"/o/northwind/cohorts/{running.cohort.pk}/"
    html = client.get(overview).content.decode()
    assert "No meeting for 38 days" in html
    assert "0 of 1 pairs" in html
    with running.scope():
        plan_meeting(
            pair=running.pair,
            starts_at=timezone.now() + timedelta(days=3),
            minutes=45,
            participant=running.mentor,
            now=timezone.now(),
            by=who(running.mentor),
        )
    assert "No meeting for" not in client.get(overview).content.decode()
    assert Organization.objects.count() == 1


def test_participant_home_shows_the_pair(running: Cast) -> None:
    client = as_participant(running, running.mentor)
    html = client.get(f"/o/northwind/p/{running.mentor.pk}/").content.decode()
    assert "No meeting planned yet" in html
    make_meeting(running, timezone.now() - timedelta(hours=2))
    assert "Did you meet?" in client.get(f"/o/northwind/p/{running.mentor.pk}/").content.decode()
