"""Every page of programs and cohorts as a champion, an overseer and an outsider see it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mentoring.mail.reminders import plan_reminders
from mentoring.models import OutgoingMessage
from programs.actions.pairs import create_pairs
from programs.enums import CohortStatus, MatchingMode, PairRole, PairStatus
from programs.models import Cohort, Pair, Participant, Program
from tests.cast import Cast
from tests.programs.making import (
    add_participant,
    make_cohort,
    make_enrolling,
    make_matching,
    make_program,
    people,
)

HERE = "/o/northwind/"


@pytest.fixture
def champion(northwind: Cast, sign_in: Any) -> Client:
    return sign_in(northwind.champion)


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_program_list_empty(northwind: Cast, champion: Client) -> None:
    with northwind.scope():
        Pair.objects.all().delete()
        Participant.objects.all().delete()
        Cohort.objects.all().delete()
        Program.objects.all().delete()
    page = champion.get(HERE + "programs/")
    assert page.status_code == 200
    assert "No program yet" in text_of(page)
    assert "/o/northwind/programs/new/" in text_of(page)


def test_every_page_renders_for_champion(northwind: Cast, champion: Client) -> None:
    with northwind.scope():
        cohort = make_enrolling(northwind)
    pages = [
        "programs/",
        "programs/new/",
        "programs/new/goals_and_interests/",
        "programs/new/technology_skills/",
        f"programs/{cohort.program_id}/",
        f"programs/{cohort.program_id}/edit/",
        f"programs/{cohort.program_id}/cohorts/new/",
        f"cohorts/{cohort.pk}/",
        f"cohorts/{cohort.pk}/edit/",
        f"cohorts/{cohort.pk}/participants/",
        f"cohorts/{cohort.pk}/invite/",
        f"cohorts/{northwind.cohort.pk}/",
        f"cohorts/{northwind.cohort.pk}/participants/",
        f"people/{northwind.people['mentor'].pk}/",
        "",
    ]
    assert {page: champion.get(HERE + page).status_code for page in pages} == dict.fromkeys(pages, 200)


def test_overseer_reads_figures_and_gets_no_buttons(northwind: Cast, sign_in: Any) -> None:
    overseer = sign_in(northwind.overseer)
    with northwind.scope():
        cohort = make_enrolling(northwind)
    statuses = {
        page: overseer.get(HERE + page).status_code
        for page in (
            "programs/",
            f"programs/{cohort.program_id}/",
            f"cohorts/{cohort.pk}/",
            f"cohorts/{cohort.pk}/participants/",
            f"cohorts/{cohort.pk}/invite/",
            f"cohorts/{cohort.pk}/edit/",
            "programs/new/",
        )
    }
    assert list(statuses.values()) == [200, 200, 200, 403, 403, 403, 403]
    page = text_of(overseer.get(f"{HERE}cohorts/{cohort.pk}/"))
    assert "Next for you" not in page
    assert f"/cohorts/{cohort.pk}/participants/" not in page


def test_outsider_gets_404(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    outsider = sign_in(fabrikam.champion)
    ids = northwind.program.pk, northwind.cohort.pk, northwind.mentor.pk
    program, cohort, participant = ids
    paths = [
        f"programs/{program}/",
        f"programs/{program}/edit/",
        f"programs/{program}/cohorts/new/",
        f"cohorts/{cohort}/",
        f"cohorts/{cohort}/edit/",
        f"cohorts/{cohort}/participants/",
        f"cohorts/{cohort}/invite/",
        f"p/{participant}/",
        f"p/{participant}/join/",
    ]
    for slug in ("northwind", "fabrikam"):
        found = {path: outsider.get(f"/o/{slug}/{path}").status_code for path in paths}
        assert found == dict.fromkeys(paths, 404)


def test_new_program_from_template(northwind: Cast, champion: Client) -> None:
    data = {
        "name": "Learning upwards",
        "purpose": "Leaders learn how our youngest people work.",
        "initiative": "Digital 2030",
        "sponsor": "Henrik Lund",
        "endorsement": "I learned more in an hour than in a year of reports.",
        "champion": str(northwind.program.champion_id),
        "deputy": "",
    }
    answer = champion.post(HERE + "programs/new/goals_and_interests/", data)
    with northwind.scope():
        program = Program.objects.get(name="Learning upwards")
        assert program.sponsor == northwind.people["mentee"]
        assert [q.status for q in program.questionnaires.order_by("audience")] == ["published", "published"]
        assert program.questionnaires.get(audience="mentor").questions.count() == 10
    assert answer.status_code == 302
    assert answer["Location"] == f"{HERE}programs/{program.pk}/"
    page = text_of(champion.get(answer["Location"]))
    assert "Plan the first cohort" in page
    assert "I learned more in an hour" in page


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("purpose", "", "This field is required."),
        ("purpose", "   ", "This field is required."),
        ("name", "digital LEADERSHIP", "There is already a program with this name."),
        ("sponsor", "Nobody Atall", "Nobody on your roster fits this name."),
        ("sponsor", "nobody@northwind.example", "Nobody on your roster has this e-mail address."),
        ("sponsor", "northwind", "Several people fit"),
        ("champion", "999999", "Select a valid choice"),
    ],
)
def test_new_program_with_bad_field(
    northwind: Cast, champion: Client, field: str, value: str, message: str
) -> None:
    data = {"name": "New", "purpose": "Why", "champion": str(northwind.program.champion_id), field: value}
    answer = champion.post(HERE + "programs/new/goals_and_interests/", data)
    assert answer.status_code == 422
    assert message in text_of(answer)


def test_new_program_deputy_is_champion(northwind: Cast, champion: Client) -> None:
    member = str(northwind.program.champion_id)
    data = {"name": "New", "purpose": "Why", "champion": member, "deputy": member}
    answer = champion.post(HERE + "programs/new/goals_and_interests/", data)
    assert answer.status_code == 422
    assert "somebody other than the champion" in text_of(answer)


def test_edit_program_keeps_the_sponsor(northwind: Cast, champion: Client) -> None:
    with northwind.scope():
        program = make_program(northwind, sponsor=northwind.people["mentee"])
    url = f"{HERE}programs/{program.pk}/edit/"
    form = champion.get(url).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    assert data["sponsor"] == "Henrik Lund <henrik.lund@northwind.example>"
    assert champion.post(url, data | {"purpose": "Another why."}).status_code == 302
    with northwind.scope():
        program.refresh_from_db()
    assert program.purpose == "Another why."
    assert program.sponsor_id == northwind.people["mentee"].pk


def test_sponsor_options(northwind: Cast, champion: Client) -> None:
    page = text_of(champion.get(HERE + "programs/sponsors/", {"sponsor": "henr"}))
    assert 'value="Henrik Lund &lt;henrik.lund@northwind.example&gt;"' in page
    assert "Amara" not in page


def new_cohort_data(**changes: Any) -> dict[str, Any]:
    """A whole number among the changes is so many days from today."""
    today = timezone.now().date()
    data = {
        "name": "Winter",
        "enroll_from": today,
        "enroll_until": today + timedelta(days=14),
        "starts_on": today + timedelta(days=21),
        "length": "6",
        "ends_on": "",
        "meeting_minutes": "45",
        "matching_mode": "assigned",
        "picks_at_most": "3",
    }
    days = {name: today + timedelta(days=n) for name, n in changes.items() if isinstance(n, int)}
    return data | changes | days


def test_new_cohort_with_preset(northwind: Cast, champion: Client) -> None:
    url = f"{HERE}programs/{northwind.program.pk}/cohorts/new/"
    year = timezone.now().year + 1
    data = new_cohort_data(starts_on=f"{year}-03-31", enroll_until=f"{year}-03-01")
    assert champion.post(url, data).status_code == 302
    with northwind.scope():
        cohort = Cohort.objects.get(name="Winter")
    assert (cohort.starts_on.isoformat(), cohort.ends_on.isoformat()) == (f"{year}-03-31", f"{year}-09-30")
    assert cohort.status == CohortStatus.DRAFT
    assert (cohort.matching_mode, cohort.choose_until) == (MatchingMode.ASSIGNED, None)


def test_new_cohort_in_which_people_choose(northwind: Cast, champion: Client) -> None:
    url = f"{HERE}programs/{northwind.program.pk}/cohorts/new/"
    until = timezone.now().date() + timedelta(days=18)
    data = new_cohort_data(matching_mode="hybrid", choose_until=until, picks_at_most="5", mentees_first="on")
    assert champion.post(url, data).status_code == 302
    with northwind.scope():
        cohort = Cohort.objects.get(name="Winter")
    assert (cohort.matching_mode, cohort.choose_until) == (MatchingMode.HYBRID, until)
    assert (cohort.picks_at_most, cohort.mentees_first) == (5, True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"enroll_until": "2020-01-01"}, "Enrolment would close before it opens."),
        ({"starts_on": "2026-01-01"}, "The first day lies before enrolment closes."),
        ({"length": "own", "ends_on": "2026-01-01"}, "The last day must come after the first day."),
        ({"length": "own"}, "Choose the last day."),
        ({"length": "own", "ends_on": "9999-01-01"}, "This is more than three years."),
        ({"starts_on": "yesterday"}, "Enter a valid date."),
        ({"name": "Autumn 2026"}, "This program already has a cohort called"),
        ({"matching_mode": "hybrid"}, "Say until when people can choose."),
        (
            {"matching_mode": "choose", "choose_until": 14},
            "People choose after enrolment has closed.",
        ),
        (
            {"matching_mode": "choose", "choose_until": 22},
            "Pairs meet from the first day on.",
        ),
        ({"picks_at_most": "11"}, "Ensure this value is less than or equal to 10."),
    ],
)
def test_new_cohort_with_bad_dates(
    northwind: Cast, champion: Client, changes: dict[str, Any], message: str
) -> None:
    answer = champion.post(f"{HERE}programs/{northwind.program.pk}/cohorts/new/", new_cohort_data(**changes))
    assert answer.status_code == 422
    assert message in text_of(answer)
    with northwind.scope():
        assert Cohort.objects.count() == 1


def test_edit_running_cohort_moves_only_its_end(northwind: Cast, champion: Client) -> None:
    url = f"{HERE}cohorts/{northwind.cohort.pk}/edit/"
    data = {
        "name": "Autumn",
        "enroll_from": "2020-01-01",
        "starts_on": "2020-01-01",
        "ends_on": "2027-04-15",
        "meeting_minutes": "60",
    }
    assert champion.post(url, data).status_code == 302
    with northwind.scope():
        cohort = Cohort.objects.get(pk=northwind.cohort.pk)
    assert (cohort.starts_on, cohort.ends_on.isoformat()) == (northwind.cohort.starts_on, "2027-04-15")


def test_phases_by_button(northwind: Cast, champion: Client) -> None:
    with northwind.scope():
        cohort = make_cohort(northwind)
    url = f"{HERE}cohorts/{cohort.pk}/phase/"
    overview = f"{HERE}cohorts/{cohort.pk}/"
    assert "Open enrolment" in text_of(champion.get(overview))
    assert champion.post(url, {"to": "enrolling"})["Location"] == overview
    assert "Invite people" in text_of(champion.get(overview))
    refused = champion.post(url, {"to": "matching"}, HTTP_REFERER=f"http://testserver{overview}", follow=True)
    assert "Matching needs at least one mentor and one mentee who joined." in text_of(refused)
    assert champion.post(url, {"to": "running"}).status_code == 404
    assert champion.get(url).status_code == 405
    with northwind.scope():
        assert Cohort.objects.get(pk=cohort.pk).status == CohortStatus.ENROLLING


def test_overview_of_every_phase(northwind: Cast, champion: Client) -> None:
    with northwind.scope():
        cohort, mentor, mentee = make_matching(northwind)
    page = text_of(champion.get(f"{HERE}cohorts/{cohort.pk}/"))
    assert "Match mentors and mentees" in page
    assert "0 of 2 who joined" in page
    with northwind.scope():
        create_pairs(cohort=cohort, pairs=[(mentor, mentee, 80, {})], by=northwind.by, now=timezone.now())
    page = text_of(champion.get(f"{HERE}cohorts/{cohort.pk}/"))
    assert "Running" in page
    assert "1 pair is active" in page
    champion.post(f"{HERE}cohorts/{cohort.pk}/phase/", {"to": "closed"})
    assert "Start the next cohort" in text_of(champion.get(f"{HERE}cohorts/{cohort.pk}/"))


def test_query_counts_do_not_grow(
    northwind: Cast, champion: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with northwind.scope():
        cohort = make_enrolling(northwind)
        first = people(1)
    urls = {
        "programs/": "",
        f"cohorts/{cohort.pk}/participants/": "",
        f"cohorts/{cohort.pk}/invite/": "",
        f"cohorts/{cohort.pk}/": "",
        "": "",
    }

    def counts() -> dict[str, int]:
        found = {}
        for path in urls:
            with CaptureQueriesContext(connection) as queries:
                assert champion.get(HERE + path).status_code == 200
            found[path] = len(queries)
        return found

    with northwind.scope():
        Participant.objects.create(cohort=cohort, person=first[0], role="mentor", invited_at=timezone.now())
    counts()
    once = counts()
    with northwind.scope():
        for person in people(2, first=2000):
            Participant.objects.create(cohort=cohort, person=person, role="mentee", invited_at=timezone.now())
        people(2, first=3000)
        for number in (2, 3):
            make_enrolling(northwind, program=make_program(northwind, name=f"Program {number}"))
    assert counts() == once


@pytest.mark.parametrize(
    ("mentors", "mentees", "said"),
    [
        ((1, 2), (1,), "2 mentees short"),
        ((1,), (2, 1), "2 mentors short"),
        ((1,), (1, 1), "1 mentor short"),
        ((2,), (1, 1), "As many mentors as mentees"),
    ],
)
def test_supply_and_demand_until_pairs_are_made(
    northwind: Cast, champion: Client, mentors: tuple[int, ...], mentees: tuple[int, ...], said: str
) -> None:
    """Seats of those who joined, not heads; who was only invited counts on neither side."""
    with northwind.scope():
        cohort = make_enrolling(northwind)
        url = f"{HERE}cohorts/{cohort.pk}/"
        some = iter(people(len(mentors) + len(mentees) + 1))
        add_participant(cohort, next(some), PairRole.MENTOR, status="invited")
    assert "Supply and demand" not in text_of(champion.get(url))
    with northwind.scope():
        for role, seats in ((PairRole.MENTOR, mentors), (PairRole.MENTEE, mentees)):
            for number in seats:
                add_participant(cohort, next(some), role, capacity=number)
        Participant.objects.filter(cohort=cohort, role="mentor").update(answered_at=timezone.now())
    words = text_of(champion.get(url))
    told = [
        f'can take <span class="num">{sum(mentors)}</span>',
        f'mentees want <span class="num">{sum(mentees)}</span>',
        f"{len(mentors)} joined, {len(mentors)} of them answered",
        f"{len(mentees)} joined, 0 of them answered",
    ]
    assert [one for one in (said, *told) if one not in words] == []
    with northwind.scope():
        Cohort.objects.filter(pk=cohort.pk).update(status=CohortStatus.RUNNING)
    assert "Supply and demand" not in text_of(champion.get(url))


def test_end_a_pair(northwind: Cast, champion: Client) -> None:
    url = f"{HERE}cohorts/{northwind.cohort.pk}/pairs/{northwind.pair.pk}/end/"
    assert "nobody is at fault" in text_of(champion.get(url))
    answer = champion.post(url, {"reason": "Amara changes jobs"}, follow=True)
    assert "The pair Amara Osei and Henrik Lund has ended, and both are told." in text_of(answer)
    assert "This pair is over: Ended early." in text_of(champion.get(url))
    with northwind.scope():
        pair = Pair.objects.get()
        assert (pair.status, pair.end_reason) == (PairStatus.ENDED, "Amara changes jobs")
        plan_reminders(northwind.organization, now=timezone.now())
        mails = list(OutgoingMessage.objects.filter(kind="pair_over"))
    assert sorted(mail.to_email for mail in mails) == [
        "amara.osei@northwind.example",
        "henrik.lund@northwind.example",
    ]
    assert not [mail for mail in mails if "changes jobs" in mail.text + mail.html]


def test_participants_lead_to_the_end_of_their_pair(northwind: Cast, champion: Client) -> None:
    page = champion.get(f"{HERE}cohorts/{northwind.cohort.pk}/participants/").content.decode()
    assert page.count(f"/pairs/{northwind.pair.pk}/end/") == 2
