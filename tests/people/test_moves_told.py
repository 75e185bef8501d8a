"""What a change of address tells whoever makes it: nothing of accounts in other organizations."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress

from mentoring.actions.members import invite_member
from mentoring.enums import MessageStatus, Role
from mentoring.models import AuditEvent, Membership, OutgoingMessage, Person, User
from programs.actions.participants import give_login
from tests.cast import NOW, Cast
from tests.mail.sending import send_due
from tests.mail.smtp import MailServer, mail_server
from tests.people.moving import checked_roster, import_roster
from tests.people.test_by_hand import edit_url, fill_in

OLD, NEW = "amara.osei@northwind.example", "amara@northwind.example"
__all__ = ["mail_server"]
ROW = f"E2,Amara,Osei,{NEW},Active\n"


def nobody_else_knows(northwind: Cast, fabrikam: Cast, amara: User) -> None:
    pass


def the_log_in_is_used_elsewhere(northwind: Cast, fabrikam: Cast, amara: User) -> None:
    with fabrikam.scope():
        Membership.objects.create(user=amara, role=Role.CHAMPION, joined_at=NOW)


def the_new_address_has_an_account(northwind: Cast, fabrikam: Cast, amara: User) -> None:
    other = User.objects.create_user(NEW, name="Somebody else")
    EmailAddress.objects.create(user=other, email=NEW, verified=True, primary=True)
    with fabrikam.scope():
        Membership.objects.create(user=other, role=Role.ADMIN, joined_at=NOW)


def somebody_has_only_claimed_the_new_address(northwind: Cast, fabrikam: Cast, amara: User) -> None:
    EmailAddress.objects.create(user=User.objects.create_user(NEW), email=NEW, verified=False)


@pytest.mark.parametrize(
    "elsewhere",
    [
        the_log_in_is_used_elsewhere,
        the_new_address_has_an_account,
        somebody_has_only_claimed_the_new_address,
        nobody_else_knows,
    ],
    ids=lambda scene: scene.__name__,
)
def test_nothing_of_other_organizations_is_told(
    elsewhere: Any, northwind: Cast, fabrikam: Cast, sign_in: Any
) -> None:
    """In the dry run, on the page of one person, in the audit log, on the page of the import."""
    with northwind.scope():
        amara = give_login(person=Person.objects.get(employee_id="E2"), by=northwind.by, now=NOW)
    assert amara is not None
    elsewhere(northwind, fabrikam, amara)
    answer = fill_in(sign_in(northwind.champion), edit_url(northwind, "mentor"), email=NEW)
    assert answer.context["consequences"] == [
        f"Amara Osei: from {OLD} to {NEW}. Signs in with the new address from now on."
    ]
    found = checked_roster(northwind, ROW)
    assert found.report["notes"][0] == "1 person signs in with a new address from now on."
    told = "Signs in with the new address from now on"
    assert [(move["fate"], move["warn"]) for move in found.report["moves"]] == [(told, False)]
    import_roster(northwind, ROW)
    with northwind.scope():
        [moved] = AuditEvent.objects.filter(action="person.address_changed")
    assert moved.data == {"old": OLD, "new": NEW, "login": "new address"}


def test_another_member_at_the_new_address_is_told(northwind: Cast) -> None:
    """That one is known here: it would open somebody else's pages."""
    with northwind.scope():
        give_login(person=Person.objects.get(employee_id="E2"), by=northwind.by, now=NOW)
    found = checked_roster(northwind, ROW.replace(NEW, northwind.overseer.email))
    [move] = found.report["moves"]
    assert (move["warn"], "another member's" in move["fate"]) == (True, True)


def test_an_address_that_came_back_while_mail_waited_is_not_taken_leave_of(
    northwind: Cast, mail_server: MailServer
) -> None:
    """HR's mistake of Monday, mended on Tuesday; the mail server was away all the time."""
    with northwind.scope():
        give_login(person=Person.objects.get(employee_id="E2"), by=northwind.by, now=NOW)
    import_roster(northwind, ROW)
    import_roster(northwind, ROW.replace(NEW, OLD))
    send_due(northwind)
    with northwind.scope():
        sent = OutgoingMessage.objects.filter(status=MessageStatus.SENT)
        assert sorted(sent.values_list("kind", "to_email")) == [("address_left", NEW), ("address_new", OLD)]


def test_an_invitation_that_waits_does_not_go_to_an_address_that_is_no_longer_theirs(
    northwind: Cast, mail_server: MailServer
) -> None:
    with northwind.scope():
        member, _new = invite_member(
            organization=northwind.organization, email=OLD, role=Role.PARTICIPANT, now=NOW, by=northwind.by
        )
        Person.objects.filter(employee_id="E2").update(user=member.user)
    import_roster(northwind, ROW)
    send_due(northwind)
    assert [str(mail["To"]) for mail in mail_server.received if "invit" in str(mail["Subject"]).lower()] == []
