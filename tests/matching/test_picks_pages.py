"""Choosing in the browser: states, cards, changes with and without htmx, and nothing that leaks."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from matching.actions.picks import pick_partner, refuse_partner
from matching.actions.settings import ensure_criteria
from matching.models import Criterion, Pick, SuggestionList
from mentoring.actors import Actor
from mentoring.mail.links import read_token
from mentoring.models import Person
from programs.actions.participants import give_login
from programs.enums import CohortStatus, PairRole
from programs.guards import participant_url
from programs.models import Choice, Cohort, Pair, Participant, Question
from tests.cast import Cast
from tests.matching.making import Someone, add_participants, find, make_cohort
from tests.matching.pages import browser
from tests.matching.picking import picks, suggest

HTMX = {"HTTP_HX_REQUEST": "true"}


def choosing_now(cast: Cast, cohort: Cohort, **fields: Any) -> Cohort:
    """Open for choosing on the day of the test, because pages go by the clock."""
    today = timezone.now().date()
    values = {"matching_mode": "hybrid", "choose_until": today + timedelta(days=5), **fields}
    with cast.scope():
        Cohort.objects.filter(pk=cohort.pk).update(**values)
    suggest(cast, now=timezone.now())
    with cast.scope():
        return Cohort.objects.select_related("program", "organization").get(pk=cohort.pk)


def page_of(cast: Cast, participant: Participant, more: str = "") -> str:
    return f"/o/{cast.organization.slug}/p/{participant.pk}/choose/{more}"


@pytest.fixture
def people(northwind: Cast, small: Cohort) -> dict[str, Participant]:
    cohort = choosing_now(northwind, small)
    names = ("Ada One", "Ben Two", "Cem Three", "Uma Four", "Vic Five", "Wes Six", "Xia Seven")
    with northwind.scope():
        return {name.split()[0]: find(cohort, name) for name in names}


def test_page_shows_people_best_first_with_reasons(northwind: Cast, people: dict[str, Participant]) -> None:
    page = browser(northwind, people["Uma"]).get(page_of(northwind, people["Uma"])).content.decode()
    names = re.findall(r'id="name-\d+"><a href="[^"]+">([^<]+)<', page)
    assert names[0] == "Ada One"
    assert sorted(names) == ["Ada One", "Ben Two", "Cem Three"]
    assert "Choose your mentor, Uma" in page
    assert "Pick up to 3, in order, by" in page
    assert "nother unit" in page
    assert "Can help you with" in page


def test_mentor_chooses_a_mentee(northwind: Cast, people: dict[str, Participant]) -> None:
    page = browser(northwind, people["Ada"]).get(page_of(northwind, people["Ada"])).content.decode()
    assert "Choose your mentee, Ada" in page
    assert "You can help with" in page


def test_every_change_works_without_javascript(northwind: Cast, people: dict[str, Participant]) -> None:
    uma, ada, ben, cem = (people[name] for name in ("Uma", "Ada", "Ben", "Cem"))
    client = browser(northwind, uma)

    def press(partner: Participant, change: str, **data: Any) -> None:
        address = page_of(northwind, uma, f"{partner.pk}/{change}/?q=x&page=1")
        answer = client.post(address, data)
        assert answer.status_code == 302
        assert answer["Location"].startswith(page_of(northwind, uma, "?q=x&page=1"))

    for partner in (ada, ben, cem):
        press(partner, "pick")
        press(partner, "pick")  # pressed twice
    press(cem, "move", to="up")
    with northwind.scope():
        assert picks(uma) == [("Ada", 1), ("Cem", 2), ("Ben", 3)]
    press(ben, "not-for-me")
    press(ada, "clear")
    with northwind.scope():
        assert picks(uma) == [("Cem", 1), ("Ben", None)]
    page = client.get(page_of(northwind, uma)).content.decode()
    assert "Not for you. Nobody is told." in page
    press(ben, "clear")
    client.post(page_of(northwind, uma, f"{ada.pk}/pick/"))
    client.post(page_of(northwind, uma, "order/"), {"order": [ada.pk, cem.pk]})
    with northwind.scope():
        assert picks(uma) == [("Ada", 1), ("Cem", 2)]


def test_htmx_gets_the_list_and_the_cards(northwind: Cast, people: dict[str, Participant]) -> None:
    uma, ada = people["Uma"], people["Ada"]
    client = browser(northwind, uma)
    answer = client.post(page_of(northwind, uma, f"{ada.pk}/pick/"), **HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.lstrip().startswith('<div id="choosing"')
    assert "Saved: Ada is your 1st choice." in page
    assert "1 of 3" in page


def test_htmx_stays_on_the_page_and_search_one_was_on(
    northwind: Cast, people: dict[str, Participant]
) -> None:
    uma, ada = people["Uma"], people["Ada"]
    current = f"http://testserver{page_of(northwind, uma, '?q=ada')}"
    page = browser(northwind, uma).post(
        page_of(northwind, uma, f"{ada.pk}/pick/"), HTTP_HX_CURRENT_URL=current, **HTMX
    )
    names = re.findall(r'id="name-\d+"><a href="[^"]+">([^<]+)<', page.content.decode())
    assert names == ["Ada One"]


def test_full_list_offers_whom_to_replace(northwind: Cast, people: dict[str, Participant]) -> None:
    uma, ada, ben = people["Uma"], people["Ada"], people["Ben"]
    with northwind.scope():
        Cohort.objects.filter(pk=uma.cohort_id).update(picks_at_most=1)
    client = browser(northwind, uma)
    client.post(page_of(northwind, uma, f"{ada.pk}/pick/"))
    refused = client.post(page_of(northwind, uma, f"{ben.pk}/pick/"), **HTMX)
    assert refused.status_code == 409
    page = client.get(page_of(northwind, uma)).content.decode()
    assert "Choose instead of …" in page
    client.post(page_of(northwind, uma, f"{ben.pk}/pick/"), {"instead": ada.pk})
    with northwind.scope():
        assert picks(uma) == [("Ben", 1)]


def test_profile_shows_what_is_meant_for_partners(northwind: Cast, people: dict[str, Participant]) -> None:
    uma, ada = people["Uma"], people["Ada"]
    page = browser(northwind, uma).get(page_of(northwind, uma, f"{ada.pk}/")).content.decode()
    assert "Ada is my 1st choice" in page
    assert "Can show you AI tools" in page
    assert ">Can show<" in page
    with northwind.scope():
        assert Pick.objects.count() == 0  # looking is not choosing


def test_profile_of_somebody_who_cannot_be_chosen_leads_to_the_others(
    northwind: Cast, people: dict[str, Participant]
) -> None:
    uma, ada, vic = people["Uma"], people["Ada"], people["Vic"]
    with northwind.scope():
        mine = SuggestionList.objects.get(participant=uma)
        keep = [pk for pk in mine.partners if pk != ada.pk]
        SuggestionList.objects.filter(pk=mine.pk).update(partners=keep, scores=[50] * len(keep))
    client = browser(northwind, uma)
    answer = client.get(page_of(northwind, uma, f"{ada.pk}/"))
    assert (answer.status_code, answer["Location"]) == (302, page_of(northwind, uma))
    assert "cannot be chosen any more" in client.get(page_of(northwind, uma)).content.decode()
    assert client.get(page_of(northwind, uma, f"{vic.pk}/")).status_code == 404  # of her own side


def states(cast: Cast, participant: Participant) -> str:
    return browser(cast, participant).get(page_of(cast, participant)).content.decode()


def test_states_of_the_page(northwind: Cast, people: dict[str, Participant]) -> None:
    uma, ada = people["Uma"], people["Ada"]
    cohorts, lists = Cohort.objects, SuggestionList.objects
    with northwind.scope():
        pick_partner(participant=uma, partner_id=ada.pk, by=Actor.of_person(uma.person), now=timezone.now())
        lists.filter(participant=people["Vic"]).update(partners=[], scores=[])
        lists.filter(participant=people["Wes"]).delete()
        Participant.objects.filter(pk=people["Xia"].pk).update(answered_at=None)
    assert "Nobody to choose from yet" in states(northwind, people["Vic"])
    assert northwind.champion.email in states(northwind, people["Vic"])
    assert "Your suggestions are being worked out" in states(northwind, people["Wes"])
    assert "First your answers, then your choice" in states(northwind, people["Xia"])
    with northwind.scope():
        cohorts.filter(pk=uma.cohort_id).update(choose_until=timezone.now().date() - timedelta(days=2))
    over = states(northwind, uma)
    assert "Choosing ended on" in over
    assert "Ada One" in over
    assert "<form" not in over.partition('id="choosing"')[2].partition("</main>")[0]
    assert "You picked nobody." in states(northwind, people["Vic"])
    with northwind.scope():
        cohorts.filter(pk=uma.cohort_id).update(status=CohortStatus.ENROLLING)
    assert "Choosing is not open yet" in states(northwind, uma)
    with northwind.scope():
        cohorts.filter(pk=uma.cohort_id).update(status=CohortStatus.MATCHING)
        Pair.objects.create(
            cohort_id=uma.cohort_id, mentor=people["Ben"], mentee=uma, published_at=timezone.now()
        )
    assert "You are paired already" in states(northwind, uma)
    with northwind.scope():
        cohorts.filter(pk=uma.cohort_id).update(matching_mode="assigned")
    answer = browser(northwind, uma).get(page_of(northwind, uma))
    assert (answer.status_code, answer["Location"]) == (302, f"/o/northwind/p/{uma.pk}/")


def test_who_has_a_partner_already_is_shown_as_such(northwind: Cast, people: dict[str, Participant]) -> None:
    with northwind.scope():
        Pair.objects.create(
            cohort_id=people["Uma"].cohort_id,
            mentor=people["Ada"],
            mentee=people["Vic"],
            published_at=timezone.now(),
        )
    page = states(northwind, people["Uma"])
    assert page.count("Has a partner already") == 1


def test_nothing_tells_a_refused_person(northwind: Cast, people: dict[str, Participant]) -> None:
    """The page of somebody whom everybody picked or refused is, but for tokens, the same as before."""
    uma = people["Uma"]

    def seen() -> list[str]:
        client = browser(northwind, uma)
        pages = ["", f"{people['Ada'].pk}/", f"{people['Ben'].pk}/", "?q=ada"]
        texts = [client.get(page_of(northwind, uma, more)).content.decode() for more in pages]
        texts.append(client.get(f"/o/northwind/p/{uma.pk}/").content.decode())
        return [re.sub(r'(value="[^"]{64}"|X-CSRFToken": "[^"]+)', "", text) for text in texts]

    before = seen()
    with northwind.scope():
        for name, change in (("Ada", refuse_partner), ("Ben", refuse_partner), ("Cem", pick_partner)):
            chooser = people[name]
            change(
                participant=chooser,
                partner_id=uma.pk,
                by=Actor.of_person(chooser.person),
                now=timezone.now(),
            )
    suggest(northwind, now=timezone.now())
    assert seen() == before


def test_confidential_answers_show_neither_in_words_nor_in_the_score(northwind: Cast, small: Cohort) -> None:
    """Zed and Yan differ only in what is confidential, and it counts in a run; Uma sees no difference."""
    with northwind.scope():
        Question.objects.filter(key="interests").update(sensitive=True)
        uma_person = find(small, "Uma Four").person
        Person.objects.filter(pk=uma_person.pk).update(attributes={"religion": "Jedi"})
        ensure_criteria(cohort=small, by=northwind.by)
        Criterion.objects.create(
            cohort=small,
            key="religion",
            label="Same faith",
            comparator="same",
            mentor_source="person:religion",
            mentee_source="person:religion",
            weight=5,
            position=9,
        )
        choice = Choice.objects.filter(question__key="interests").first()
        assert choice
        likes = {"interests": (choice.key,)}
        add_participants(
            small,
            PairRole.MENTOR,
            [
                Someone("Zed Last", ("ai_tools",), likes, {"attributes": {"religion": "Jedi"}}),
                Someone("Yan Last", ("ai_tools",), {}, {"attributes": {"religion": "Band 9"}}),
            ],
        )
    cohort = choosing_now(northwind, small)
    with northwind.scope():
        uma, zed, yan = (find(cohort, name) for name in ("Uma Four", "Zed Last", "Yan Last"))
        mine = SuggestionList.objects.get(participant=uma)
        scores = dict(zip(mine.partners, mine.scores, strict=True))
    assert scores[zed.pk] == scores[yan.pk]
    client = browser(northwind, uma)
    for more in ("", f"{zed.pk}/"):
        page = client.get(page_of(northwind, uma, more)).content.decode()
        assert "Zed Last" in page
        leaked = ("Jedi", "Band 9", "Same faith", "faith", choice.label, zed.person.email)
        assert [word for word in leaked if word in page] == []


def test_somebody_else_finds_nothing(northwind: Cast, fabrikam: Cast, people: dict[str, Participant]) -> None:
    uma, vic, ada = people["Uma"], people["Vic"], people["Ada"]
    other = browser(northwind, vic)
    for answer in (
        other.get(page_of(northwind, uma)),
        other.post(page_of(northwind, uma, f"{ada.pk}/pick/")),
    ):
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/")
    client = browser(northwind, uma)
    for foreign in (fabrikam.mentor.pk, northwind.mentor.pk, uma.pk, 999_999):
        for change in ("pick", "not-for-me", "clear", "move"):
            assert client.post(page_of(northwind, uma, f"{foreign}/{change}/")).status_code == 404
    with northwind.scope():
        assert Pick.objects.count() == 0


def test_signed_in_person_chooses_as_well(
    northwind: Cast, people: dict[str, Participant], sign_in: Any
) -> None:
    uma = people["Uma"]
    with northwind.scope():
        user = give_login(person=uma.person, by=northwind.by, now=timezone.now())
    page = sign_in(user).get(page_of(northwind, uma)).content.decode()
    assert "Choose your mentor, Uma" in page
    assert "side-nav" in page


def test_link_of_the_mail_opens_one_person(northwind: Cast, people: dict[str, Participant]) -> None:
    uma, ada = people["Uma"], people["Ada"]
    with northwind.scope():
        link = participant_url(uma, "choose_profile", partner_id=ada.pk)
    answer = Client().get(link)
    assert answer["Location"] == page_of(northwind, uma, f"{ada.pk}/")
    claims = read_token("open", link.rstrip("/").rsplit("/", 1)[1])
    assert claims["m"] == {"partner_id": ada.pk}


def test_pages_take_a_fixed_number_of_queries(
    northwind: Cast, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    with northwind.scope():
        small = make_cohort(
            northwind, [Someone("Ada N0", ("ai_tools",))], [Someone("Uma Four", ("ai_tools",))]
        )
    cohort = choosing_now(northwind, small)
    with northwind.scope():
        uma = find(cohort, "Uma Four")
    client = browser(northwind, uma)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        client.get(page_of(northwind, uma))
    with northwind.scope():
        add_participants(
            cohort, PairRole.MENTOR, [Someone(f"Ada N{number}", ("ai_tools",)) for number in range(1, 30)]
        )
    suggest(northwind, now=timezone.now())
    with django_assert_num_queries(len(one)):
        page = client.get(page_of(northwind, uma)).content.decode()
    assert page.count('class="card suggestion"') == 12
    assert len(one) <= 40
    assert re.search(r"1–12 of 30", page)


def test_pages_are_turned_and_searched(northwind: Cast) -> None:
    with northwind.scope():
        mentors = [Someone(f"Ada N{number:02}", ("ai_tools",)) for number in range(30)]
        small = make_cohort(northwind, mentors, [Someone("Uma Four", ("ai_tools",))])
    cohort = choosing_now(northwind, small)
    with northwind.scope():
        uma = find(cohort, "Uma Four")
    client = browser(northwind, uma)

    def names(more: str) -> list[str]:
        page = client.get(page_of(northwind, uma, more)).content.decode()
        return re.findall(r'id="name-\d+"><a href="[^"]+">([^<]+)<', page)

    seen = [name for number in (1, 2, 3) for name in names(f"?page={number}")]
    assert seen == [one.name for one in mentors]
    assert names("?q=n07") == ["Ada N07"]
    assert names("?q=nobody") == []


def test_champion_sees_who_has_not_picked_and_never_whom(
    northwind: Cast, people: dict[str, Participant], sign_in: Any
) -> None:
    uma, ada = people["Uma"], people["Ada"]
    with northwind.scope():
        pick_partner(participant=uma, partner_id=ada.pk, by=Actor.of_person(uma.person), now=timezone.now())
    client = sign_in(northwind.champion)
    address = f"/o/northwind/cohorts/{uma.cohort_id}/match/choosing/"
    page = client.get(address).content.decode()
    rows = re.findall(r'class="person-name" href="[^"]+">([^<]+)<', page)
    assert rows == ["Vic Five", "Ada One", "Xia Seven", "Wes Six", "Cem Three", "Ben Two"]
    assert "1 of 4" in page
    overview = client.get(f"/o/northwind/cohorts/{uma.cohort_id}/").content.decode()
    assert "People choose until" in overview
    assert "1 of 4" in overview
    assert "Ada" not in overview


def test_overseer_may_not_see_who_has_not_picked(
    northwind: Cast, people: dict[str, Participant], sign_in: Any
) -> None:
    address = f"/o/northwind/cohorts/{people['Uma'].cohort_id}/match/choosing/"
    assert sign_in(northwind.overseer).get(address).status_code == 403


def test_own_page_shows_what_one_picked(northwind: Cast, people: dict[str, Participant]) -> None:
    uma, ada = people["Uma"], people["Ada"]
    with northwind.scope():
        pick_partner(participant=uma, partner_id=ada.pk, by=Actor.of_person(uma.person), now=timezone.now())
    page = browser(northwind, uma).get(f"/o/northwind/p/{uma.pk}/").content.decode()
    assert "Whom you picked" in page
    assert "Ada One" in page
    assert page_of(northwind, uma) in page
