"""One person by hand: added, corrected, marked as left, back again."""

import datetime as dt
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from mentoring.enums import PersonStatus
from mentoring.models import AuditEvent, Person, User
from tests.cast import Cast
from tests.people.moving import opens, people, sign_in_by_code
from tests.tenancy.ids import mentor_user

OLD, NEW = "amara.osei@northwind.example", "amara@northwind.example"
PEOPLE = "/o/northwind/people/"
ADDRESS_OF_AMARA = (
    f"“{OLD}” is the address of Amara Osei on the roster. "
    "Give them another one first, or merge the two entries."
)


@pytest.fixture
def champion(northwind: Cast, sign_in: Any) -> Client:
    return sign_in(northwind.champion)


def fields_of(page: Any) -> dict[str, str]:
    """What the form on the page would send as it stands."""
    form = page.context["form"]
    return {name: str(form[name].value() or "") for name in form.fields}


def fill_in(browser: Client, url: str, **values: str) -> Any:
    return browser.post(url, fields_of(browser.get(url)) | values)


def errors_of(page: Any) -> dict[str, list[str]]:
    assert page.status_code == 422
    return {name: list(map(str, found)) for name, found in page.context["form"].errors.items()}


def edit_url(cast: Cast, who: str) -> str:
    return f"{PEOPLE}{cast.people[who].pk}/edit/"


def test_adding_a_person(northwind: Cast, champion: Client) -> None:
    page = fill_in(
        champion,
        f"{PEOPLE}new/",
        employee_id="E90",
        email="Mira@Northwind.example",
        first_name="Mira",
        last_name="Newhire",
        level="Level 2",
        location="Oslo",
        hired_on="2026-11-02",
        manager="grace kim",
    )
    with northwind.scope():
        mira = Person.objects.select_related("manager").get(employee_id="E90")
        assert AuditEvent.objects.get(action="person.added").object_id == mira.pk
    assert page["Location"] == f"{PEOPLE}{mira.pk}/"
    assert (mira.email, mira.level, mira.time_zone) == ("mira@northwind.example", 2, "Europe/Oslo")
    assert (mira.hired_on, mira.manager, mira.status) == (
        dt.date(2026, 11, 2),
        northwind.people["boss"],
        PersonStatus.ACTIVE,
    )


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        ({}, "__all__", "This entry has neither an employee ID nor an e-mail."),
        ({"email": "no address"}, "email", "“no address” is not an e-mail address."),
        ({"employee_id": "e2"}, "employee_id", "“e2” is the employee ID of Amara Osei."),
        (
            {"email": OLD, "employee_id": "E90"},
            "email",
            ADDRESS_OF_AMARA,
        ),
        ({"email": OLD}, "email", ADDRESS_OF_AMARA),
        (
            {"employee_id": "E90", "level": "high"},
            "level",
            "“high” has no number; a level is a number such as 3.",
        ),
        (
            {"employee_id": "E90", "manager": "Nobody"},
            "manager",
            "“Nobody” is nobody on the roster.",
        ),
        ({"employee_id": "E90", "first_name": "x" * 101}, "first_name", "is longer than 100 characters."),
    ],
)
def test_a_person_by_hand_has_the_checks_of_a_row(
    northwind: Cast, champion: Client, values: dict[str, str], field: str, reason: str
) -> None:
    found = errors_of(fill_in(champion, f"{PEOPLE}new/", **values))
    assert list(found) == [field]
    assert found[field][0].endswith(reason)
    assert people(northwind).keys() == {"Grace Kim", "Amara Osei", "Henrik Lund", "Jun Park"}


def test_correcting_keeps_what_was_not_touched(northwind: Cast, champion: Client) -> None:
    with northwind.scope():
        Person.objects.filter(employee_id="E2").update(attributes={"Cost Center": "CC-1"}, level=3)
        before = Person.objects.filter(employee_id="E2").values().get()
    fill_in(champion, edit_url(northwind, "mentor"), title="Senior analyst")
    with northwind.scope():
        after = Person.objects.filter(employee_id="E2").values().get()
        event = AuditEvent.objects.get(action="person.corrected")
    assert {key for key in after if after[key] != before[key]} == {"title", "updated_at"}
    assert event.data == {"fields": ["title"]}


def test_correcting_empties_what_is_emptied(northwind: Cast, champion: Client) -> None:
    fill_in(champion, edit_url(northwind, "mentor"), title="", manager="", last_name="")
    with northwind.scope():
        amara = Person.objects.get(employee_id="E2")
    assert (amara.title, amara.manager, amara.last_name) == ("", None, "")


def test_nobody_becomes_their_own_managers_manager(northwind: Cast, champion: Client) -> None:
    found = errors_of(fill_in(champion, edit_url(northwind, "boss"), manager="E2"))
    assert found == {"manager": ["“E2” closes a circle of managers: Grace Kim → Amara Osei → Grace Kim."]}


def test_an_address_that_moves_a_log_in_is_asked_for_twice(northwind: Cast, champion: Client) -> None:
    amara = mentor_user(northwind)
    EmailAddress.objects.create(user=amara, email=OLD, verified=True, primary=True)
    url = edit_url(northwind, "mentor")
    page = fill_in(champion, url, email=NEW)
    said = f"Amara Osei: from {OLD} to {NEW}. Signs in with the new address from now on."
    assert page.context["consequences"] == [said]
    assert people(northwind)["Amara Osei"].email == OLD
    champion.post(url, fields_of(page) | {"confirmed": page.context["confirmation"]})
    amara.refresh_from_db()
    assert (amara.email, people(northwind)["Amara Osei"].email) == (NEW, NEW)
    page = f"/o/northwind/p/{northwind.mentor.pk}/"
    assert [opens(sign_in_by_code(address), page) for address in (OLD, NEW)] == [False, True]


def test_an_address_that_is_emptied_closes_the_log_in_until_there_is_one(
    northwind: Cast, champion: Client
) -> None:
    amara = mentor_user(northwind)
    EmailAddress.objects.create(user=amara, email=OLD, verified=True, primary=True)
    url, page = edit_url(northwind, "mentor"), f"/o/northwind/p/{northwind.mentor.pk}/"
    for email in ("", NEW):
        asked = fill_in(champion, url, email=email)
        champion.post(url, fields_of(asked) | {"confirmed": asked.context["confirmation"]})
        assert not opens(sign_in_by_code(OLD), page)
    assert opens(sign_in_by_code(NEW), page)


def test_a_champion_does_not_move_the_log_in_of_an_owner_by_hand(northwind: Cast, champion: Client) -> None:
    with northwind.scope():
        Person.objects.filter(employee_id="E1").update(email=northwind.owner.email, user=northwind.owner)
    found = errors_of(fill_in(champion, edit_url(northwind, "boss"), email="mallory@evil.example"))
    assert found["email"][0].startswith(
        "“mallory@evil.example” moves the log-in of Grace Kim, who has a role here"
    )
    assert User.objects.get(pk=northwind.owner.pk).email == "owner@northwind.example"


def test_two_who_correct_at_once_are_told(northwind: Cast, champion: Client) -> None:
    url = edit_url(northwind, "mentor")
    mine, hers = (fields_of(champion.get(url)) for _ in range(2))
    champion.post(url, hers | {"title": "Lead"})
    page = champion.post(url, mine | {"unit": "Finance"})
    assert any("“Job title” is now: Lead" in text for text in errors_of(page)["__all__"])
    with northwind.scope():
        assert Person.objects.get(employee_id="E2").unit != "Finance"
    champion.post(url, fields_of(page))
    with northwind.scope():
        amara = Person.objects.get(employee_id="E2")
    assert (amara.title, amara.unit) == ("Lead", "Finance")


def test_marked_as_left_and_back(northwind: Cast, champion: Client) -> None:
    pk = northwind.people["spare"].pk
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    champion.post(f"{PEOPLE}{pk}/left/", {"on": yesterday.isoformat(), "reason": "moved on"})
    with northwind.scope():
        jun = Person.objects.get(pk=pk)
        assert (jun.status, jun.left_on) == (PersonStatus.LEFT, yesterday)
        assert AuditEvent.objects.get(action="person.leaving_noted").data == {
            "on": yesterday.isoformat(),
            "reason": "moved on",
        }
    champion.post(f"{PEOPLE}{pk}/back/")
    with northwind.scope():
        jun.refresh_from_db()
    assert (jun.status, jun.left_on) == (PersonStatus.ACTIVE, None)


def test_a_last_day_ahead_is_noted(northwind: Cast, champion: Client) -> None:
    pk = northwind.people["spare"].pk
    later = timezone.localdate() + dt.timedelta(days=9)
    champion.post(f"{PEOPLE}{pk}/left/", {"on": later.isoformat(), "reason": ""})
    with northwind.scope():
        jun = Person.objects.get(pk=pk)
    assert (jun.status, jun.left_on) == (PersonStatus.ACTIVE, later)


def test_a_champion_does_not_mark_an_owner_as_left(northwind: Cast, champion: Client) -> None:
    with northwind.scope():
        Person.objects.filter(employee_id="E1").update(user=northwind.owner)
    url = f"{PEOPLE}{northwind.people['boss'].pk}/left/"
    assert b"Only somebody who manages members" in champion.get(url).content
    champion.post(url, {"on": timezone.localdate().isoformat()})
    assert people(northwind)["Grace Kim"].status == PersonStatus.ACTIVE


def test_who_may_not_import_may_not_write_by_hand(northwind: Cast, sign_in: Any) -> None:
    browser = sign_in(northwind.overseer)
    pk = northwind.people["spare"].pk
    pages = [f"{PEOPLE}new/", *(f"{PEOPLE}{pk}/{page}/" for page in ("edit", "left", "merge"))]
    assert [browser.get(page).status_code for page in pages] == [403] * 4


def test_what_was_typed_stays_with_its_column(northwind: Cast, champion: Client) -> None:
    """While somebody corrects one further attribute, an import brings another that comes first, with the same
    value: the words went into the wrong one."""
    with northwind.scope():
        Person.objects.filter(employee_id="E2").update(attributes={"Remote": "yes"})
    url = edit_url(northwind, "mentor")
    shown = fields_of(champion.get(url))
    typed = {name: "no" if value == "yes" else value for name, value in shown.items()}
    with northwind.scope():
        Person.objects.filter(employee_id="E2").update(attributes={"Parking": "yes", "Remote": "yes"})
    told = champion.post(url, typed)
    assert errors_of(told)["__all__"][1:] == ["“Parking” is now: yes."]
    champion.post(url, fields_of(told))
    with northwind.scope():
        assert Person.objects.get(employee_id="E2").attributes == {"Parking": "yes", "Remote": "no"}


def test_rubbish_as_what_was_shown_is_no_fault_of_ours(northwind: Cast, champion: Client) -> None:
    url = edit_url(northwind, "mentor")
    for shown in ("[" * 100_000, '{"a":' * 50_000, "null", "7", '{"email": {"x": []}}', "\0"):
        assert fill_in(champion, url, shown=shown).status_code in (302, 422)
