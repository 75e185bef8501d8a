"""Access of somebody who leaves: at once, by every way in, and no more by signing in again."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from mentoring.actions.leaving import bring_back, mark_left
from mentoring.actions.members import change_role, invite_member, resend_invitation
from mentoring.actors import Actor
from mentoring.enums import PersonStatus, Role
from mentoring.mail.links import link_mark, signed_url
from mentoring.models import AuditEvent, Membership, OutgoingMessage, Person, RosterImport, User
from mentoring.queries.contacts import mail_context
from mentoring.rules import NotAllowed
from outcomes.models import MetricsExport
from tests.cast import NOW, PASSWORD, Cast
from tests.leaving.conftest import on_roster, row_of
from tests.programs.test_join import path_of

HERE = "/o/northwind/"


def leave(cast: Cast, person: Person) -> Person:
    with cast.scope():
        return mark_left(person=person, now=NOW, by=cast.by)


def membership(cast: Cast, user: User) -> Membership:
    with cast.scope():
        return Membership.objects.get(user=user)


def test_champion_whom_the_file_says_left_sees_lists_and_exports_nothing(
    northwind: Cast, sign_in: Any, import_file: Any
) -> None:
    """With the session she has, with a new one, and with a password she types in."""
    person = on_roster(northwind, northwind.champion)
    at_work = sign_in(northwind.champion)
    people, exports = HERE + "people/", HERE + "outcomes/exports/"
    assert at_work.get(people).status_code == 200
    assert import_file(row_of(person)).applied_at
    assert at_work.get(people).status_code == 302  # to signing in: the session has ended
    again = sign_in(northwind.champion)
    assert [again.get(HERE).status_code, again.get(people).status_code] == [404, 404]
    assert again.post(exports, {"format": "csv"}).status_code == 404
    email = northwind.champion.email
    EmailAddress.objects.create(user=northwind.champion, email=email, verified=True, primary=True)
    by_password = Client()
    by_password.post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert "You are in no organization yet" in by_password.get("/start/").content.decode()
    assert by_password.get(people).status_code == 404
    with northwind.scope():
        assert MetricsExport.objects.count() == 0
        assert Person.objects.get(pk=person.pk).status == PersonStatus.LEFT


def test_membership_of_somebody_else_goes_on(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    """A champion of two organizations leaves one."""
    with fabrikam.scope():
        Membership.objects.create(user=northwind.champion, role=Role.CHAMPION, joined_at=NOW)
    leave(northwind, on_roster(northwind, northwind.champion))
    browser = sign_in(northwind.champion)
    assert browser.get(HERE).status_code == 404
    assert browser.get("/o/fabrikam/").status_code == 200
    assert sign_in(northwind.overseer).get(HERE).status_code == 200
    assert membership(northwind, northwind.champion).role == Role.CHAMPION


def test_mark_left_twice_is_once(northwind: Cast) -> None:
    person = on_roster(northwind, northwind.champion)
    leave(northwind, person)
    first = membership(northwind, northwind.champion).suspended_at
    leave(northwind, person)
    assert membership(northwind, northwind.champion).suspended_at == first
    with northwind.scope():
        events = AuditEvent.objects.filter(action__in=("person.left", "member.suspended"))
        assert sorted(events.values_list("action", flat=True)) == ["member.suspended", "person.left"]


def test_mark_left_keeps_the_last_day_that_was_said(northwind: Cast) -> None:
    with northwind.scope():
        person = northwind.people["spare"]
        person.left_on = NOW.date().replace(day=3)
        person.save()
        assert mark_left(person=person, now=NOW, by=northwind.by).left_on == NOW.date().replace(day=3)


def test_login_of_somebody_else_with_the_same_address_stays(northwind: Cast) -> None:
    """The address has moved to another person, whose log-in it is."""
    old = on_roster(northwind, northwind.champion)
    with northwind.scope():
        Person.objects.filter(pk=northwind.people["spare"].pk).update(user=northwind.champion)
    leave(northwind, old)
    assert membership(northwind, northwind.champion).suspended_at is None


def test_invited_who_leaves_cannot_come_in(northwind: Cast, client: Client) -> None:
    with northwind.scope():
        invited, _new = invite_member(
            organization=northwind.organization,
            email="new.admin@northwind.example",
            role=Role.ADMIN,
            now=NOW,
            by=Actor.of_user(northwind.owner),
        )
        assert OutgoingMessage.objects.filter(kind="invite_member").count() == 1
    claims = {"m": invited.pk, "u": invited.user_id, "k": link_mark(invited.user.email)}
    link = path_of(signed_url("invitation", "invitation", northwind.organization.pk, **claims))
    assert client.get(link).status_code == 200
    person = on_roster(northwind, User(email=invited.user.email, name="New Admin"))
    leave(northwind, person)
    page = client.get(link)
    assert (page.status_code, "This link is closed" in page.content.decode()) == (410, True)
    assert client.post(link, {"name": "New Admin"}).status_code == 410
    with northwind.scope():
        assert OutgoingMessage.objects.get(kind="invite_member").status == "dropped"
        invited.refresh_from_db()
        with pytest.raises(NotAllowed, match="has left"):
            resend_invitation(
                organization=northwind.organization, membership=invited, now=NOW, by=northwind.by
            )
        with pytest.raises(NotAllowed, match="has left"):
            change_role(membership=invited, role=Role.CHAMPION, by=Actor.of_user(northwind.owner))


def test_member_who_has_left_cannot_be_invited_before_coming_back(northwind: Cast) -> None:
    person = leave(northwind, on_roster(northwind, northwind.overseer))
    how = {"organization": northwind.organization, "email": person.email, "role": Role.OVERSEER, "now": NOW}
    with northwind.scope():
        with pytest.raises(NotAllowed, match="has left"):
            invite_member(by=northwind.by, **how)
        bring_back(person=person, now=NOW, by=northwind.by)
        with pytest.raises(NotAllowed, match="as Participant"):
            invite_member(by=northwind.by, **how)


def test_bring_back_gives_access_and_no_role(northwind: Cast, sign_in: Any) -> None:
    person = leave(northwind, on_roster(northwind, northwind.champion))
    with northwind.scope():
        bring_back(person=person, now=NOW, by=northwind.by)
        back = Person.objects.get(pk=person.pk)
        assert (back.status, back.left_on) == (PersonStatus.ACTIVE, None)
        event = AuditEvent.objects.get(action="member.restored")
        assert event.data == {"before": "champion", "role": "participant"}
    browser = sign_in(northwind.champion)
    assert [browser.get(HERE).status_code, browser.get(HERE + "people/").status_code] == [200, 403]


def test_import_of_somebody_active_again_brings_her_back(
    northwind: Cast, import_file: Any, sign_in: Any
) -> None:
    person = leave(northwind, on_roster(northwind, northwind.champion))
    import_file(row_of(person, status="Active", on=""))
    browser = sign_in(northwind.champion)
    assert [browser.get(HERE).status_code, browser.get(HERE + "people/").status_code] == [200, 403]


def test_leaver_who_is_new_on_the_roster_loses_access_too(
    northwind: Cast, import_file: Any, sign_in: Any
) -> None:
    """The first file that ever names her says that she has left."""
    person = Person(employee_id="E91", email=northwind.champion.email)
    found = import_file(row_of(person))
    assert (found.counts["new"], found.counts["left"]) == (1, 1)
    assert sign_in(northwind.champion).get(HERE).status_code == 404


def test_last_in_charge_is_named_and_kept(northwind: Cast, check_file: Any, import_file: Any) -> None:
    person = on_roster(northwind, northwind.owner)
    checked: RosterImport = check_file(row_of(person))
    assert checked.report["leaving"] == {
        "people": 1,
        "names": ["Northwind Owner"],
        "ends": ["1 owner"],
        "kept": ["Northwind Owner"],
    }
    import_file(row_of(person))
    assert membership(northwind, northwind.owner).suspended_at is None


def test_last_in_charge_is_named_to_champions(northwind: Cast, sign_in: Any) -> None:
    browser = sign_in(northwind.champion)
    assert "Nobody else can manage members" not in browser.get(HERE).content.decode()
    leave(northwind, on_roster(northwind, northwind.owner))
    home = browser.get(HERE).content.decode()
    assert "Nobody else can manage members" in home
    assert 'href="mailto:owner@northwind.example"' in home
    assert sign_in(northwind.owner).get(f"{HERE}members/").status_code == 200


def test_owner_who_leaves_with_an_admin_there_is_suspended_and_the_admin_names_the_next(
    northwind: Cast, sign_in: Any
) -> None:
    admin = User.objects.create_user("admin@northwind.example", PASSWORD, name="Ada Admin")
    with northwind.scope():
        Membership.objects.create(user=admin, role=Role.ADMIN, joined_at=NOW)
    leave(northwind, on_roster(northwind, northwind.owner))
    browser = sign_in(admin)
    home = browser.get(HERE).content.decode()
    assert "This organization has no owner" in home
    own = membership(northwind, admin)
    page = browser.get(f"{HERE}members/{own.pk}/")
    assert 'value="owner"' in page.content.decode()
    assert browser.post(f"{HERE}members/{own.pk}/", {"role": "owner"}).status_code == 302
    assert membership(northwind, admin).role == Role.OWNER
    assert "This organization has no owner" not in browser.get(HERE).content.decode()


def test_admin_makes_no_owner_while_one_is_here(northwind: Cast, sign_in: Any) -> None:
    admin = User.objects.create_user("admin@northwind.example", PASSWORD, name="Ada Admin")
    with northwind.scope():
        own = Membership.objects.create(user=admin, role=Role.ADMIN, joined_at=NOW)
        with pytest.raises(NotAllowed, match="Only an owner"):
            change_role(membership=own, role=Role.OWNER, by=Actor.of_user(admin))
    assert 'value="owner"' not in sign_in(admin).get(f"{HERE}members/{own.pk}/").content.decode()


def test_mail_that_waits_for_a_leaver_is_dropped(northwind: Cast) -> None:
    person = northwind.people["mentor"]
    with northwind.scope():
        for number, (status, to) in enumerate(
            [("queued", person), ("sent", person), ("queued", northwind.people["boss"])]
        ):
            OutgoingMessage.objects.create(
                kind="plan_a_meeting",
                to_email=to.email,
                person=to,
                status=status,
                idempotency_key=str(number),
            )
    leave(northwind, person)
    with northwind.scope():
        found = OutgoingMessage.objects.filter(kind="plan_a_meeting").order_by("idempotency_key")
        assert list(found.values_list("status", "reason")) == [
            ("dropped", "left"),
            ("sent", ""),
            ("queued", ""),
        ]


def test_contact_who_left_is_named_no_more(northwind: Cast, sign_in: Any) -> None:
    """Neither under the pages nor in mails without a champion of their own: who is in charge is asked."""
    person = on_roster(northwind, northwind.champion)
    organization = northwind.organization
    organization.contact_name, organization.contact_email = "Our contact", person.email
    organization.save()
    browser = sign_in(northwind.owner)
    here = f'<a href="mailto:{person.email}">'
    assert here in browser.get(HERE).content.decode().partition("<footer")[2]
    leave(northwind, person)
    footer = browser.get(HERE).content.decode().partition("<footer")[2]
    assert here not in footer
    assert f'<a href="mailto:{northwind.owner.email}">' in footer
    with northwind.scope():
        assert mail_context(organization)["contact"]["email"] == northwind.owner.email
