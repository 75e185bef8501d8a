"""Who belongs to an organization: invited, changed, removed, and never without an owner."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mentoring.actions import members as actions
from mentoring.actors import Actor
from mentoring.enums import Role
from mentoring.models import AuditEvent, Membership, OutgoingMessage, Person, User
from mentoring.rules import NotAllowed
from mentoring.tenancy.scoping import organization_scope
from tests.cast import NOW, PASSWORD, Cast, make_cast
from tests.together import at_once

INVITE = "/o/northwind/members/invite/"
NEW = {"email": "Ada@Northwind.example", "name": "Ada Okafor", "role": Role.CHAMPION}


def membership_of(cast: Cast, user: User) -> Membership:
    with cast.scope():
        return Membership.objects.select_related("user").get(user=user)


def mails(cast: Cast) -> list[OutgoingMessage]:
    with cast.scope():
        return list(OutgoingMessage.objects.order_by("pk"))


def link_in(message: OutgoingMessage) -> str:
    found = re.search(r"https?://[^/\s]+(/s/invitation/\S+)", message.text)
    assert found
    assert found[1] in message.html
    return found[1]


def actions_logged(cast: Cast) -> list[str]:
    with cast.scope():
        return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def test_invite_mails_a_link_that_signs_in(northwind: Cast, sign_in: Any, client: Client) -> None:
    response = sign_in(northwind.owner).post(INVITE, NEW)
    assert response["Location"] == "/o/northwind/members/"
    [message] = mails(northwind)
    assert message.to_email == "ada@northwind.example"
    assert message.subject == "Your invitation to Northwind on Upward"
    assert "Northwind Owner invites you to Northwind" in message.text
    assert northwind.champion.email in message.text
    link = link_in(message)

    page = client.get(link).content.decode()
    assert "Join Northwind" in page
    assert client.get("/o/northwind/").status_code == 302
    assert client.post(link, {"name": ""}).status_code == 422
    response = client.post(link, {"name": "Ada A. Okafor"})
    assert response["Location"] == "/o/northwind/"
    assert client.get("/o/northwind/").status_code == 200

    ada = User.objects.get(email="ada@northwind.example")
    assert (ada.name, ada.has_usable_password()) == ("Ada A. Okafor", False)
    membership = membership_of(northwind, ada)
    assert (membership.role, membership.joined_at is not None) == (Role.CHAMPION, True)
    assert EmailAddress.objects.get(user=ada).verified
    assert actions_logged(northwind) == ["member.invited", "member.joined"]


def test_invitation_link_signs_in_once(northwind: Cast, sign_in: Any) -> None:
    sign_in(northwind.owner).post(INVITE, NEW)
    link = link_in(mails(northwind)[0])
    Client().post(link, {"name": "Ada"})
    second = Client()
    page = second.post(link, {"name": "Mallory"}).content.decode()
    assert "You have an account already" in page
    assert second.get("/o/northwind/").status_code == 302
    assert User.objects.get(email="ada@northwind.example").name == "Ada"


def test_invite_user_of_another_organization(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    """An existing login is not signed in by a link: it might have a second factor."""
    user = fabrikam.champion
    sign_in(user)  # has signed in before
    sign_in(northwind.owner).post(INVITE, {**NEW, "email": user.email, "name": "Somebody Else"})
    link = link_in(mails(northwind)[0])
    assert "You have an account already" in Client().post(link, {"name": "x"}).content.decode()
    user.refresh_from_db()
    assert user.name == "Fabrikam Champion"
    browser = sign_in(user)
    assert "one press, and you are in" in browser.get(link).content.decode()
    assert membership_of(northwind, user).joined_at is None
    assert browser.post(link)["Location"] == "/o/northwind/"
    assert membership_of(northwind, user).joined_at is not None
    start = browser.get("/start/").content.decode()
    assert re.findall(r'person-name">(\w+)<', start) == ["Fabrikam", "Northwind"]
    assert "/o/fabrikam/" in browser.get("/o/northwind/").content.decode()


def test_invitation_opened_by_somebody_else(northwind: Cast, sign_in: Any) -> None:
    sign_in(northwind.owner).post(INVITE, NEW)
    page = sign_in(northwind.champion).get(link_in(mails(northwind)[0])).content.decode()
    assert "The invitation is for ada@northwind.example" in page


def test_invitation_undoes_a_password_set_before_the_address_was_confirmed(
    northwind: Cast, sign_in: Any, client: Client
) -> None:
    User.objects.create_user("ada@northwind.example", PASSWORD, name="Mallory")
    sign_in(northwind.owner).post(INVITE, NEW)
    client.post(link_in(mails(northwind)[0]), {"name": "Ada"})
    assert not User.objects.get(email="ada@northwind.example").has_usable_password()


def test_invite_twice_is_one_invitation(northwind: Cast, sign_in: Any) -> None:
    browser = sign_in(northwind.owner)
    assert [browser.post(INVITE, NEW).status_code for _ in range(2)] == [302, 302]
    assert len(mails(northwind)) == 1
    assert actions_logged(northwind) == ["member.invited"]


def test_invite_member_again_is_a_form_error(northwind: Cast, sign_in: Any) -> None:
    response = sign_in(northwind.owner).post(INVITE, {**NEW, "email": northwind.overseer.email})
    assert response.status_code == 422
    assert "is in this organization already, as Overseer" in response.content.decode()


def test_invite_owner_as_admin_is_refused(northwind: Cast, sign_in: Any) -> None:
    with northwind.scope():
        Membership.objects.filter(user=northwind.champion).update(role=Role.ADMIN)
    response = sign_in(northwind.champion).post(INVITE, {**NEW, "role": Role.OWNER})
    assert response.status_code == 422
    with northwind.scope(), pytest.raises(NotAllowed, match="Only an owner"):
        actions.invite_member(
            organization=northwind.organization,
            email="a@b.example",
            role=Role.OWNER,
            now=NOW,
            by=northwind.by,
        )


def test_resend_mails_again_but_not_twice_a_minute(northwind: Cast) -> None:
    by, organization = Actor.of_user(northwind.owner), northwind.organization
    with northwind.scope():
        membership, _new = actions.invite_member(
            organization=organization, email="ada@northwind.example", role=Role.ADMIN, now=NOW, by=by
        )
        for seconds in (120, 121):
            actions.resend_invitation(
                organization=organization, membership=membership, now=NOW + timedelta(seconds=seconds), by=by
            )
    assert [m.to_email for m in mails(northwind)] == ["ada@northwind.example"] * 2


def test_resend_to_joined_member_is_refused(northwind: Cast, sign_in: Any) -> None:
    pk = membership_of(northwind, northwind.overseer).pk
    response = sign_in(northwind.owner).post(f"/o/northwind/members/{pk}/resend/", follow=True)
    assert "has joined already" in response.content.decode()
    assert mails(northwind) == []


def test_expired_invitation_mails_a_new_one(
    northwind: Cast, sign_in: Any, client: Client, settings: Any
) -> None:
    sign_in(northwind.owner).post(INVITE, NEW)
    link = link_in(mails(northwind)[0])
    with northwind.scope():
        OutgoingMessage.objects.all().delete()
    days, settings.SIGNED_LINK_DAYS = settings.SIGNED_LINK_DAYS, 0
    assert client.get(link).status_code == 410
    assert mails(northwind) == []
    assert client.post(link).status_code == 200
    [message] = mails(northwind)
    assert message.to_email == "ada@northwind.example"
    assert client.get("/o/northwind/").status_code == 302
    settings.SIGNED_LINK_DAYS = days
    assert client.get(link_in(message)).status_code == 200


def test_change_role_is_audited(northwind: Cast, sign_in: Any) -> None:
    pk = membership_of(northwind, northwind.overseer).pk
    sign_in(northwind.owner).post(f"/o/northwind/members/{pk}/", {"role": Role.ADMIN})
    assert membership_of(northwind, northwind.overseer).role == Role.ADMIN
    with northwind.scope():
        event = AuditEvent.objects.get()
    assert (event.action, event.by) == ("member.role_changed", northwind.owner.email)
    assert event.data == {"email": northwind.overseer.email, "before": "overseer", "role": "admin"}


def test_change_last_owner_is_refused(northwind: Cast, sign_in: Any) -> None:
    pk = membership_of(northwind, northwind.owner).pk
    browser = sign_in(northwind.owner)
    for url, data in (
        (f"/o/northwind/members/{pk}/", {"role": "admin"}),
        (f"/o/northwind/members/{pk}/remove/", {}),
    ):
        page = browser.post(url, data, follow=True).content.decode()
        assert "An organization needs an owner" in page
    assert membership_of(northwind, northwind.owner).role == Role.OWNER


def test_an_invited_owner_does_not_count_as_the_remaining_one(northwind: Cast) -> None:
    by = Actor.of_user(northwind.owner)
    owner = membership_of(northwind, northwind.owner)
    with northwind.scope():
        invited, _new = actions.invite_member(
            organization=northwind.organization,
            email="ada@northwind.example",
            role=Role.OWNER,
            now=NOW,
            by=by,
        )
        with pytest.raises(NotAllowed, match="needs an owner"):
            actions.remove_member(membership=owner, by=by)
        actions.accept_invitation(membership=invited, now=NOW, by=by)
        actions.change_role(membership=owner, role=Role.ADMIN, by=by)
    assert membership_of(northwind, northwind.owner).role == Role.ADMIN


def test_admin_cannot_touch_an_owner(northwind: Cast, sign_in: Any) -> None:
    with northwind.scope():
        Membership.objects.filter(user=northwind.overseer).update(role=Role.ADMIN)
    pk = membership_of(northwind, northwind.owner).pk
    browser = sign_in(northwind.overseer)
    assert (
        "Only an owner can change or remove an owner"
        in browser.get(f"/o/northwind/members/{pk}/").content.decode()
    )
    page = browser.post(f"/o/northwind/members/{pk}/remove/", follow=True).content.decode()
    assert "Only an owner can make, change or remove an owner" in page
    assert membership_of(northwind, northwind.owner).role == Role.OWNER


def test_remove_ends_access_at_once(northwind: Cast, sign_in: Any) -> None:
    overseer = sign_in(northwind.overseer)
    assert overseer.get("/o/northwind/").status_code == 200
    pk = membership_of(northwind, northwind.overseer).pk
    sign_in(northwind.owner).post(f"/o/northwind/members/{pk}/remove/")
    assert overseer.get("/o/northwind/").status_code == 404
    assert User.objects.filter(pk=northwind.overseer.pk).exists()
    assert actions_logged(northwind) == ["member.removed"]


def test_remove_champion_of_a_program_is_refused(northwind: Cast, sign_in: Any) -> None:
    pk = membership_of(northwind, northwind.champion).pk
    page = sign_in(northwind.owner).post(f"/o/northwind/members/{pk}/remove/", follow=True).content.decode()
    assert "is still in charge of Digital leadership" in page
    assert membership_of(northwind, northwind.champion).role == Role.CHAMPION
    assert actions_logged(northwind) == []


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_leave_one() -> None:
    northwind = make_cast("northwind", "Northwind")
    with northwind.scope():
        Membership.objects.filter(user=northwind.champion).update(role=Role.OWNER)
    refusals = []

    def demote(by: User, other: User) -> None:
        try:
            with organization_scope(northwind.organization):
                membership = Membership.objects.select_related("user").get(user=other)
                actions.change_role(membership=membership, role=Role.ADMIN, by=Actor.of_user(by))
        except NotAllowed as refusal:
            refusals.append(str(refusal))

    at_once(
        lambda: demote(northwind.owner, northwind.champion),
        lambda: demote(northwind.champion, northwind.owner),
    )
    assert len(refusals) == 1
    with northwind.scope():
        assert Membership.objects.filter(role=Role.OWNER).count() == 1


def test_member_list_finds_and_filters(northwind: Cast, sign_in: Any) -> None:
    browser = sign_in(northwind.owner)
    page = browser.get("/o/northwind/members/").content.decode()
    assert re.findall(r'person-name" href="[^"]+">([^<]+)<', page) == [
        "Northwind Owner",
        "Northwind Champion",
        "Northwind Overseer",
    ]
    found = browser.get(
        "/o/northwind/members/?role=overseer&q=north", headers={"HX-Request": "true"}
    ).content.decode()
    assert re.findall(r'person-name" href="[^"]+">([^<]+)<', found) == ["Northwind Overseer"]
    assert "<html" not in found
    assert "Nobody fits" in browser.get("/o/northwind/members/?q=zzz").content.decode()


def test_member_list_queries_do_not_grow(northwind: Cast, sign_in: Any) -> None:
    browser = sign_in(northwind.owner)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            browser.get("/o/northwind/members/")
        return len(captured)

    queries()
    before = queries()
    with northwind.scope():
        for number in range(3):
            user = User.objects.create_user(f"more{number}@northwind.example", None)
            Membership.objects.create(user=user, role=Role.ADMIN, invited_by=northwind.owner)
    assert queries() == before


def test_joining_ties_the_login_to_the_person_of_the_roster(
    northwind: Cast, fabrikam: Cast, sign_in: Any, client: Client
) -> None:
    """HR wrote the address with capitals; the same address in another organization stays untouched."""
    with northwind.scope():
        Person.objects.filter(pk=northwind.people["mentor"].pk).update(email="Amara.Osei@Northwind.example")
    with fabrikam.scope():
        Person.objects.filter(pk=fabrikam.people["spare"].pk).update(email="amara.osei@northwind.example")
    invitation = {"email": "amara.osei@northwind.example", "name": "Amara", "role": Role.PARTICIPANT}
    sign_in(northwind.owner).post(INVITE, invitation)
    client.post(link_in(mails(northwind)[0]), {"name": "Amara Osei"})
    user = User.objects.get(email="amara.osei@northwind.example")
    with northwind.scope():
        assert list(Person.objects.filter(user=user)) == [northwind.people["mentor"]]
    with fabrikam.scope():
        assert Person.objects.filter(user=user).count() == 0
    assert client.get(f"/o/northwind/p/{northwind.mentor.pk}/").status_code == 200
