"""What the shared row of a user says is shown and mailed by no organization that she has not joined; where
she has, the organization has a name of its own for her."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from mentoring.actions.members import accept_invitation, invite_member
from mentoring.actions.preferences import save_preferences
from mentoring.actors import Actor
from mentoring.enums import Role
from mentoring.models import AuditEvent, Membership, OutgoingMessage, User
from outcomes.models import MetricsExport
from tests.accounts.test_members import INVITE, NEW, link_in, mails
from tests.cast import NOW, Cast
from tests.tenancy.ids import ids_of
from tests.tenancy.test_urls import MEMBER_ROUTES, WORDS

ADDRESS = "vera@private.example"
SECRET = ("Verity Realname", "Pacific/Chatham", "other@private.example")


def shown_in(cast: Cast, sign_in: Any) -> str:
    """Everything that the organization can read and sends: pages of members, the log, the outbox."""
    browser = sign_in(cast.owner)
    pages = [
        browser.get(f"/o/{cast.organization.slug}/{page}").content.decode()
        for page in ("members/", "members/?q=Verity", "members/?q=other@", "audit/", "", "members/invite/")
    ]
    with cast.scope():
        member = Membership.objects.exclude(
            invited_email__endswith=f"{cast.organization.slug}.example"
        ).first()
        mail = [
            f"{m.to_name} {m.to_email} {m.subject} {m.text} {m.html}" for m in OutgoingMessage.objects.all()
        ]
        log = [f"{event} {event.data}" for event in AuditEvent.objects.all()]
        labels = [str(one) for one in Membership.objects.all()]
    if member:
        pages.append(browser.get(f"/o/{cast.organization.slug}/members/{member.pk}/").content.decode())
    return "\n".join([*pages, *mail, *log, *labels])


@pytest.fixture
def vera(db: None) -> User:
    """Has an account of her own, under another address than the one that is invited."""
    user = User.objects.create_user(SECRET[2], "a long enough password", name=SECRET[0], time_zone=SECRET[1])
    for email, primary in ((SECRET[2], True), (ADDRESS, False)):
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=primary)
    return user


def test_inviting_tells_nothing_of_an_account(northwind: Cast, vera: User, sign_in: Any) -> None:
    """Neither name, zone, other address nor that there is an account: answers are those for a new one."""
    browser = sign_in(northwind.owner)
    answers = []
    for email in (ADDRESS, "fresh@private.example"):
        form = {"email": email, "name": "", "role": Role.CHAMPION}
        page = browser.post(INVITE, form, follow=True).content.decode()
        answers.append(page.replace(email, "?"))
        again = browser.post(INVITE, {**form, "role": Role.ADMIN}).content.decode()
        answers.append(again.replace(email, "?"))
    everything = shown_in(northwind, sign_in)
    assert [secret for secret in SECRET if secret in everything] == []
    words = re.compile(r"The invitation goes to \?\.|\? is in this organization already, as [^<]+")
    said = [words.findall(answer) for answer in answers]
    assert said[:2] == said[2:] == [[said[0][0]], [said[1][0]]]
    with northwind.scope():
        first, second = OutgoingMessage.objects.filter(kind="invite_member").order_by("pk")
    assert (first.to_email, first.to_name) == (ADDRESS, "")
    assert first.text.splitlines()[:3] == second.text.splitlines()[:3]


def test_planted_name_reaches_no_other_organization(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    sign_in(fabrikam.owner).post("/o/fabrikam/members/invite/", {**NEW, "name": "Buy at evil.example"})
    sign_in(northwind.owner).post(INVITE, {**NEW, "name": ""})
    assert User.objects.get(email="ada@northwind.example").name == ""
    everything = shown_in(northwind, sign_in)
    assert "ada@northwind.example" in everything
    assert "evil.example" not in everything
    assert "evil.example" in shown_in(fabrikam, sign_in)
    page = Client().get(link_in(mails(northwind)[0])).content.decode()
    assert "evil.example" not in page


def test_stranger_who_claims_an_address_names_nobody(northwind: Cast, sign_in: Any) -> None:
    """Signed up with it, and never confirmed."""
    user = User.objects.create_user(ADDRESS, "a long enough password", name=SECRET[0], time_zone=SECRET[1])
    EmailAddress.objects.create(user=user, email=ADDRESS, verified=False, primary=True)
    sign_in(northwind.owner).post(INVITE, {"email": ADDRESS, "name": "", "role": Role.CHAMPION})
    everything = shown_in(northwind, sign_in)
    assert [secret for secret in SECRET if secret in everything] == []
    page = Client().get(link_in(mails(northwind)[0])).content.decode()
    assert SECRET[0] not in page


def test_each_organization_has_its_own_name(northwind: Cast, fabrikam: Cast, vera: User) -> None:
    names = {}
    for cast, typed in ((northwind, "Vera at Northwind"), (fabrikam, "")):
        with cast.scope():
            member, _new = invite_member(
                organization=cast.organization,
                email=ADDRESS,
                role=Role.ADMIN,
                name=typed,
                now=NOW,
                by=cast.by,
            )
            before = (member.called, member.address)
            accept_invitation(membership=member, now=NOW, by=Actor.of_user(vera))
            names[cast.organization.slug] = (before, member.called, member.address)
    assert names == {
        "northwind": (("Vera at Northwind", ADDRESS), "Vera at Northwind", SECRET[2]),
        "fabrikam": ((ADDRESS, ADDRESS), SECRET[0], SECRET[2]),
    }


def test_own_name_goes_where_one_has_joined(northwind: Cast, fabrikam: Cast, vera: User) -> None:
    for cast, joined in ((northwind, NOW), (fabrikam, None)):
        with cast.scope():
            Membership.objects.create(
                user=vera, name="V.", invited_email=ADDRESS, role=Role.ADMIN, joined_at=joined
            )
    save_preferences(user=vera, name="Vera Neu", time_zone="", language="", theme="auto")
    found = []
    for cast in (northwind, fabrikam):
        with cast.scope():
            found.append(Membership.objects.get(user=vera).name)
    assert found == ["Vera Neu", "V."]


def test_no_page_of_members_shows_a_shared_name(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    """Generated over all pages of members: every user's own name is a marker that no organization knows."""
    ids = ids_of(northwind)
    viewer = northwind.owner
    for user in User.objects.exclude(pk=viewer.pk):
        User.objects.filter(pk=user.pk).update(name=f"GLOBAL{user.pk}", time_zone="Pacific/Chatham")
    browser = sign_in(viewer)
    leaks, seen = [], 0
    for route in MEMBER_ROUTES:
        answer = browser.get(route.url(ids, **WORDS))
        if answer.status_code == 200 and not answer.streaming:
            seen += 1
            if "GLOBAL" in answer.content.decode(errors="replace"):
                leaks.append(route.name)
    assert leaks == []
    assert seen > 25
    assert "Northwind Champion" in browser.get("/o/northwind/members/").content.decode()


def test_actors_of_the_past_are_named_by_the_organization(northwind: Cast, sign_in: Any) -> None:
    """Who made an export, and is no member any more, has no name here."""
    with northwind.scope():
        MetricsExport.objects.create(format="csv", status="done", created_by=northwind.overseer)
    page = "/o/northwind/outcomes/exports/"
    assert "Northwind Overseer" in sign_in(northwind.owner).get(page).content.decode()
    with northwind.scope():
        Membership.objects.filter(user=northwind.overseer).delete()
    html = sign_in(northwind.owner).get(page).content.decode()
    assert ("Northwind Overseer" in html, "A former member" in html) == (False, True)
