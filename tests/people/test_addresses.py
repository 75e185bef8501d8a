"""An address changes hands: the log-in follows the person, and nothing of it opens for the next holder."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from mentoring.actors import Actor
from mentoring.enums import MessageStatus, PersonStatus, Role
from mentoring.mail.forwarding import forward_mail
from mentoring.mail.outbox import Recipient, queue_mail
from mentoring.models import AuditEvent, Membership, OutgoingMessage, Person, User
from programs.actions.participants import give_login
from programs.guards import participant_url
from programs.models import Participant
from sessions.actions.meetings import plan_meeting
from sessions.models import Meeting
from tests.accounts.test_signup import code_in, newest_mail
from tests.cast import NOW, PASSWORD, Cast
from tests.people.moving import ask_for_code, import_roster, mails_to, opens, people, sign_in_by_code
from tests.programs.test_join import path_of
from tests.tenancy.ids import mentor_user

OLD, NEW = "amara.osei@northwind.example", "amara@northwind.example"
SWAP = f"E2,Amara,Osei,{NEW},Active\nE90,Mira,Newhire,{OLD},Active\n"


def page_of(participant: Participant) -> str:
    return f"/o/northwind/p/{participant.pk}/"


@pytest.fixture
def amara(northwind: Cast) -> User:
    """The mentor signs in with her address, which she has confirmed, and a password."""
    user = mentor_user(northwind)
    EmailAddress.objects.create(user=user, email=OLD, verified=True, primary=True)
    return user


def test_the_new_holder_of_an_address_is_a_stranger(northwind: Cast, amara: User) -> None:
    import_roster(northwind, SWAP)
    mira = sign_in_by_code(OLD)
    assert not opens(mira, page_of(northwind.mentor))
    assert not opens(mira, "/o/northwind/")
    with northwind.scope():
        user = give_login(person=Person.objects.get(employee_id="E90"), by=Actor.system(""), now=NOW)
    assert user is not None
    assert (user.pk == amara.pk, user.name, user.has_usable_password()) == (False, "", False)
    assert not opens(sign_in_by_code(OLD), page_of(northwind.mentor))


def test_the_log_in_moves_with_the_person(northwind: Cast, amara: User) -> None:
    import_roster(northwind, SWAP)
    amara.refresh_from_db()
    assert (amara.email, people(northwind)["Amara Osei"].user) == (NEW, amara)
    assert opens(sign_in_by_code(NEW), page_of(northwind.mentor))


def test_a_password_goes_on_once_the_new_address_is_confirmed(northwind: Cast, amara: User) -> None:
    import_roster(northwind, SWAP)
    browser = Client()
    browser.post("/accounts/login/", {"login": NEW, "password": PASSWORD})
    assert not opens(browser, page_of(northwind.mentor))
    browser.post("/accounts/confirm-email/", {"code": code_in(newest_mail(NEW))})
    assert opens(browser, page_of(northwind.mentor))
    again = Client()
    again.post("/accounts/login/", {"login": NEW, "password": PASSWORD})
    assert opens(again, page_of(northwind.mentor))


def test_sessions_end_with_the_address(northwind: Cast, amara: User, sign_in: Any) -> None:
    signed_in, linked = sign_in(amara), Client()
    linked.get(path_of(participant_url(northwind.mentor)))
    assert [opens(browser, page_of(northwind.mentor)) for browser in (signed_in, linked)] == [True, True]
    import_roster(northwind, SWAP)
    assert [browser.get(page_of(northwind.mentor)).status_code for browser in (signed_in, linked)] == [
        302,
        302,
    ]


def test_links_end_with_the_address_and_do_not_come_back_with_it(northwind: Cast, amara: User) -> None:
    link = path_of(participant_url(northwind.mentor))
    import_roster(northwind, f"E2,Amara,Osei,{NEW},Active\n")
    assert Client().get(link).status_code == 404
    import_roster(northwind, f"E2,Amara,Osei,{OLD},Active\n")
    assert Client().get(link).status_code == 404


def test_a_meetings_link_ends_with_the_address(northwind: Cast, amara: User) -> None:
    from sessions.calendar import meeting_url
    from sessions.queries.meetings import sides

    with northwind.scope():
        meeting = Meeting.objects.create(
            pair=northwind.pair,
            number=1,
            starts_at=NOW + timedelta(days=3),
            minutes=60,
            planned_by=northwind.mentor,
        )
        link = path_of(meeting_url(meeting, sides(northwind.pair)[0]))
    assert Client().get(link).status_code == 200
    import_roster(northwind, SWAP)
    assert Client().get(link).status_code == 404


def test_a_code_asked_for_before_opens_nothing_after(northwind: Cast, amara: User) -> None:
    browser, page = ask_for_code(OLD)
    code = code_in(newest_mail(OLD))
    import_roster(northwind, SWAP)
    assert code_in(newest_mail(OLD)) == code
    browser.post(page, {"code": code})
    assert not opens(browser, page_of(northwind.mentor))


def test_a_password_reset_asked_for_before_opens_nothing_after(northwind: Cast, amara: User) -> None:
    browser = Client()
    browser.post("/accounts/password/reset/", {"email": OLD})
    text = newest_mail(OLD).text
    link = next(word for word in text.split() if "/password/reset/key/" in word)
    import_roster(northwind, SWAP)
    page = browser.get("/" + link.split("/", 3)[3], follow=True)
    assert b'name="password1"' not in page.content


def test_both_addresses_are_told_and_the_old_one_learns_nothing(northwind: Cast, amara: User) -> None:
    import_roster(northwind, SWAP)
    [left], [new] = mails_to(northwind, OLD), mails_to(northwind, NEW)
    assert (left.kind, left.to_name, new.kind, new.to_name) == (
        "address_left",
        "",
        "address_new",
        "Amara Osei",
    )
    told = left.subject + left.text + left.html
    assert [word for word in ("Amara", "Osei", "Mira", NEW) if word in told] == []


def test_mail_that_waits_goes_to_the_new_address_with_links_that_open(northwind: Cast, amara: User) -> None:
    with northwind.scope():
        northwind.mentor.refresh_from_db()
        person = northwind.mentor.person
        url = participant_url(northwind.mentor)
        for key, rule in (("new_link:1", ""), (f"nudge:1:2026-11-22:{OLD}", "nudge")):
            queue_mail(
                "new_link",
                to=Recipient.of_person(person, northwind.organization),
                context={"organization": northwind.organization, "program": northwind.program, "url": url},
                idempotency_key=key,
                rule=rule,
                send_after=timezone.now() + timedelta(days=1),
            )
    import_roster(northwind, SWAP)
    assert [mail.kind for mail in mails_to(northwind, OLD)] == ["address_left"]  # the nudge is planned anew
    waiting = mails_to(northwind, NEW)[0]
    [link] = [word for word in waiting.text.split() if "/s/open/" in word]
    assert link in waiting.html
    assert Client().get(path_of(link)).status_code == 302


@pytest.mark.parametrize(
    "moves",
    [
        {"E2": "henrik.lund", "E3": "amara.osei"},
        {"E2": "henrik.lund", "E3": "jun.park", "E4": "amara.osei"},
        {"E2": "henrik.lund", "E3": "jun.park", "E4": "new"},
    ],
    ids=["swap", "circle of three", "chain"],
)
def test_log_ins_follow_in_swaps_circles_and_chains(northwind: Cast, moves: dict[str, str]) -> None:
    with northwind.scope():
        owners = {}
        for person in Person.objects.filter(employee_id__in=["E2", "E3", "E4"]):
            owners[person.employee_id] = give_login(person=person, by=northwind.by, now=NOW)
    rows = "".join(f"{number},,,{name}@northwind.example,\n" for number, name in moves.items())
    import_roster(northwind, rows)
    with northwind.scope():
        found = {p.employee_id: (p.user, p.user.email) for p in Person.objects.exclude(user=None)}
    expected = {number: f"{name}@northwind.example" for number, name in moves.items()}
    assert {number: found[number] for number in moves} == {
        number: (owners[number], address) for number, address in expected.items()
    }


def test_a_chain_over_two_files(northwind: Cast, amara: User) -> None:
    import_roster(northwind, f"E2,Amara,Osei,{NEW},Active\n")
    import_roster(northwind, f"E90,Mira,Newhire,{OLD},Active\n")
    import_roster(northwind, f"E2,Amara,Osei,third@northwind.example,Active\nE91,Tom,Fry,{NEW},Active\n")
    amara.refresh_from_db()
    assert amara.email == "third@northwind.example"
    assert [opens(sign_in_by_code(address), page_of(northwind.mentor)) for address in (OLD, NEW)] == [
        False
    ] * 2
    assert opens(sign_in_by_code(amara.email), page_of(northwind.mentor))


def test_capitals_alone_move_nothing(northwind: Cast, amara: User, sign_in: Any) -> None:
    browser = sign_in(amara)
    with northwind.scope():
        Person.objects.filter(employee_id="E2").update(email="Amara.Osei@northwind.example")
    found = import_roster(northwind, "E2,Amara,Osei,AMARA.osei@Northwind.example,Active\n")
    assert found.report["moves"] == []
    assert opens(browser, page_of(northwind.mentor))


# What an organization may not do to a log-in that is not its own alone ------------------------------------
@pytest.fixture
def shared(northwind: Cast, fabrikam: Cast, amara: User) -> User:
    """Amara is a champion of Fabrikam too."""
    with fabrikam.scope():
        Membership.objects.create(user=amara, role=Role.CHAMPION, joined_at=NOW)
    return amara


def test_a_roster_does_not_take_over_a_log_in_that_is_used_elsewhere(northwind: Cast, shared: User) -> None:
    import_roster(northwind, "E2,Amara,Osei,mallory@evil.example,Active\n")
    shared.refresh_from_db()
    assert shared.email == OLD
    mallory = sign_in_by_code("mallory@evil.example")
    assert (opens(mallory, page_of(northwind.mentor)), opens(mallory, "/o/fabrikam/")) == (True, False)
    amara = sign_in_by_code(OLD)
    assert (opens(amara, page_of(northwind.mentor)), opens(amara, "/o/fabrikam/")) == (False, True)


def test_an_invitation_elsewhere_that_waits_counts_too(northwind: Cast, fabrikam: Cast, amara: User) -> None:
    with fabrikam.scope():
        Membership.objects.create(user=amara, role=Role.CHAMPION)
    import_roster(northwind, "E2,Amara,Osei,mallory@evil.example,Active\n")
    amara.refresh_from_db()
    assert amara.email == OLD


def test_the_next_holder_is_not_tied_to_a_log_in_used_elsewhere(northwind: Cast, shared: User) -> None:
    import_roster(northwind, SWAP)
    with northwind.scope():
        mira = Person.objects.get(employee_id="E90")
        assert give_login(person=mira, by=northwind.by, now=NOW) is None
        assert not Membership.objects.filter(user=shared).exists()
    assert not opens(sign_in_by_code(OLD), "/o/northwind/")


def test_a_moved_log_in_does_not_wait_for_an_invitation_to_its_new_address(
    northwind: Cast, fabrikam: Cast, amara: User
) -> None:
    """Northwind moves a log-in whose password and second address Mallory knows to an address that is
    Victor's. Fabrikam then invites Victor: that must not let Mallory in."""
    EmailAddress.objects.create(user=amara, email="mallory@evil.example", verified=True)
    Authenticator.objects.create(user=amara, type="totp", data={"secret": "x"})
    import_roster(northwind, "E2,Amara,Osei,victor@fabrikam.example,Active\n")
    with fabrikam.scope():
        Membership.objects.create(user=amara, role=Role.CHAMPION)
    for address in ("mallory@evil.example", "victor@fabrikam.example"):
        mallory = Client()
        mallory.post("/accounts/login/", {"login": address, "password": PASSWORD})
        assert not opens(mallory, "/o/fabrikam/")
    victor = sign_in_by_code("victor@fabrikam.example")
    victor.post("/o/fabrikam/join/")
    assert opens(victor, "/o/fabrikam/")
    amara.refresh_from_db()
    assert (amara.has_usable_password(), Authenticator.objects.filter(user=amara).exists()) == (False, False)


def test_an_address_with_a_log_in_of_its_own_is_joined(northwind: Cast, fabrikam: Cast, amara: User) -> None:
    other = User.objects.create_user(NEW, PASSWORD, name="Amara Osei")
    EmailAddress.objects.create(user=other, email=NEW, verified=True, primary=True)
    with fabrikam.scope():
        Membership.objects.create(user=other, role=Role.PARTICIPANT, joined_at=NOW)
    import_roster(northwind, SWAP)
    person = people(northwind)["Amara Osei"]
    assert person.user is None  # until she comes
    browser = sign_in_by_code(NEW)
    assert not opens(browser, page_of(northwind.mentor))
    browser.post("/o/northwind/join/")
    assert opens(browser, page_of(northwind.mentor))
    assert people(northwind)["Amara Osei"].user == other
    assert not opens(sign_in_by_code(OLD), page_of(northwind.mentor))
    amara.refresh_from_db()
    assert amara.email.endswith(".invalid")


def test_a_champion_does_not_move_the_log_in_of_who_may_do_more(northwind: Cast) -> None:
    with northwind.scope():
        Person.objects.filter(employee_id="E1").update(email=northwind.owner.email, user=northwind.owner)
    row = "E1,Grace,Kim,mallory@evil.example,Active\n"
    found = import_roster(northwind, row)
    assert [problem[3] for problem in found.report["errors"]] == [
        (
            "moves the log-in of Grace Kim, who has a role here. "
            "Only somebody who manages members can do that, and for an owner only an owner."
        )
    ]
    import_roster(northwind, row, skip=True)
    northwind.owner.refresh_from_db()
    assert northwind.owner.email == "owner@northwind.example"
    import_roster(northwind, row, by=northwind.owner)
    northwind.owner.refresh_from_db()
    assert northwind.owner.email == "mallory@evil.example"


# Leavers, and rows that are recognized by their address alone ----------------------------------------
@pytest.mark.parametrize("in_file", [True, False], ids=["with the leaver in the file", "without"])
def test_a_leavers_address_goes_to_a_new_hire(northwind: Cast, amara: User, in_file: bool) -> None:
    with northwind.scope():
        Person.objects.filter(employee_id="E2").update(status=PersonStatus.LEFT)
    leaver = f"E2,Amara,Osei,{OLD},Terminated\n" if in_file else ""
    found = import_roster(northwind, leaver + f"E90,Mira,Newhire,{OLD},Active\n")
    assert found.report["errors"] == []
    assert {name: people(northwind)[name].email for name in ("Amara Osei", "Mira Newhire")} == {
        "Amara Osei": "",
        "Mira Newhire": OLD,
    }
    assert not opens(sign_in_by_code(OLD), "/o/northwind/")
    with northwind.scope():
        user = give_login(person=Person.objects.get(employee_id="E90"), by=northwind.by, now=NOW)
    assert user != amara


def test_a_leaver_who_comes_back_has_the_log_in_of_before(northwind: Cast, amara: User) -> None:
    with northwind.scope():
        Person.objects.filter(employee_id="E2").update(status=PersonStatus.LEFT)
    import_roster(northwind, f"E90,Mira,Newhire,{OLD},Active\n")
    import_roster(northwind, f"E2,Amara,Osei,{NEW},Active\n")
    amara.refresh_from_db()
    assert (amara.email, people(northwind)["Amara Osei"].user) == (NEW, amara)


def test_an_address_alone_does_not_make_somebody_else_of_a_person(northwind: Cast, amara: User) -> None:
    found = import_roster(northwind, f"Name,Email\nMira Newhire,{OLD}\n")
    assert [problem[3] for problem in found.report["errors"]] == [
        (
            "is the address of Amara Osei (employee ID E2) on the roster. "
            "If that is the same person under another name, correct the name there first; "
            "if not, Amara Osei needs another address first."
        )
    ]


def test_a_change_of_address_is_in_the_audit_log(northwind: Cast, amara: User) -> None:
    import_roster(northwind, SWAP)
    with northwind.scope():
        event = AuditEvent.objects.get(action="person.address_changed")
    assert (event.object_label, event.data) == (
        "Amara Osei",
        {"old": OLD, "new": NEW, "login": "new address"},
    )


def test_the_same_file_again_changes_nothing(northwind: Cast, amara: User) -> None:
    import_roster(northwind, SWAP)
    with northwind.scope():
        sent = OutgoingMessage.objects.count()
    import_roster(northwind, SWAP)
    with northwind.scope():
        assert OutgoingMessage.objects.count() == sent


def test_a_meeting_ahead_goes_into_the_calendar_of_the_new_address(northwind: Cast, amara: User) -> None:
    with northwind.scope():
        northwind.run_around(timezone.now())
        plan_meeting(
            pair=northwind.pair,
            starts_at=timezone.now() + timedelta(days=3),
            minutes=60,
            participant=northwind.mentor,
            now=timezone.now(),
            by=northwind.by,
        )
        OutgoingMessage.objects.update(status=MessageStatus.SENT)
    import_roster(northwind, SWAP)
    [entry] = [mail for mail in mails_to(northwind, NEW) if mail.calendar]
    calendar = entry.calendar.replace("\r\n ", "")
    assert (entry.calendar_method, "SEQUENCE:1" in calendar) == ("REQUEST", True)
    assert (f"mailto:{NEW}" in calendar, OLD in calendar) == (True, False)
    assert [mail.kind for mail in mails_to(northwind, OLD)] == ["meeting_planned", "address_left"]
    assert len(mails_to(northwind, "henrik.lund@northwind.example")) == 1


def test_an_invitation_that_waits_is_readdressed_whole(northwind: Cast, amara: User) -> None:
    with northwind.scope():
        northwind.run_around(timezone.now())
        meeting = plan_meeting(
            pair=northwind.pair,
            starts_at=timezone.now() + timedelta(days=3),
            minutes=60,
            participant=northwind.mentor,
            now=timezone.now(),
            by=northwind.by,
        )
        waiting = OutgoingMessage.objects.get(to_email=OLD, kind="meeting_planned")
        Person.objects.filter(employee_id="E2").update(email=NEW)
        forward_mail(Person.objects.get(employee_id="E2"), old=OLD)
        waiting.refresh_from_db()
    calendar = waiting.calendar.replace("\r\n ", "")
    assert waiting.to_email == NEW
    assert (OLD in calendar, f"mailto:{NEW}" in calendar, str(meeting.uid) in calendar) == (False, True, True)
    [url] = [line.removeprefix("URL:") for line in calendar.splitlines() if line.startswith("URL:")]
    assert Client().get(path_of(url)).status_code == 200


def test_the_dry_run_says_what_becomes_of_log_ins(
    northwind: Cast, fabrikam: Cast, amara: User, sign_in: Any
) -> None:
    with northwind.scope():
        henrik = give_login(person=Person.objects.get(employee_id="E3"), by=northwind.by, now=NOW)
        Person.objects.filter(employee_id="E4").update(status=PersonStatus.LEFT)
    with fabrikam.scope():
        Membership.objects.create(user=henrik, role=Role.PARTICIPANT, joined_at=NOW)
    found = import_roster(
        northwind,
        SWAP
        + "E3,Henrik,Lund,lund@northwind.example,Active\n"
        + "E94,Jun,Park,jun.park@northwind.example,Active\n"
        + "E95,,,not an address,Active\n",
    )
    assert found.report["notes"][:3] == [
        "2 people sign in with new addresses from now on.",
        "The address of 1 person who has left goes to somebody else.",
        (
            "Jun Park in row 5 has the name and the address of somebody who has left, "
            "but another employee ID. If that is the same person, merge the two afterwards on their page."
        ),
    ]
    told = [(move["name"], move["taker"], move["warn"]) for move in found.report["moves"]]
    assert told == [
        ("Amara Osei", "Mira Newhire", False),
        ("Henrik Lund", "", False),
        ("Jun Park", "Jun Park", False),
    ]
    page = sign_in(northwind.champion).get(f"/o/northwind/people/imports/{found.pk}/").content.decode()
    assert all(
        text in page
        for text in (OLD, NEW, "Signs in with the new address from now on", "Addresses that change")
    )
    assert "Fabrikam" not in page
    amara.refresh_from_db()
    assert amara.email == OLD
