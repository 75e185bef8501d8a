"""Members, people and imports of files."""

from datetime import timedelta
from typing import Any

from mentoring.actions import (
    columns,
    imports,
    leaving,
    mail,
    members,
    merging,
    organizations,
    people_by_hand,
)
from mentoring.actions import roster_imports as roster
from mentoring.actors import Actor
from mentoring.enums import MessageStatus, Role
from mentoring.models import Membership, OutgoingMessage, Person, RosterImport
from mentoring.people.plan import NULLABLE
from tests.cast import NOW, Cast
from tests.people.moving import checked_roster
from tests.twice.pressing import Press, case

SOON = NOW + timedelta(days=9)
EMPTY = {key: None if key in NULLABLE else "" for key in people_by_hand.BY_HAND}
FILE = b"Employee ID,First Name,Last Name,Work Email,Status\nE90,Mira,Newhire,mira@northwind.example,Active\n"


def owner(cast: Cast) -> Actor:
    return Actor.of_user(cast.owner)


def invitation(cast: Cast) -> dict[str, Any]:
    return {
        "organization": cast.organization,
        "email": "ada@northwind.example",
        "role": Role.CHAMPION,
        "now": NOW,
        "by": owner(cast),
    }


def invited(cast: Cast) -> Membership:
    return members.invite_member(**invitation(cast)).membership


@case("members.invite_member")
def invite(cast: Cast) -> Press:
    return Press(members.invite_member, invitation(cast))


@case("members.resend_invitation")
def resend(cast: Cast) -> Press:
    given = {"organization": cast.organization, "membership": invited(cast)}
    return Press(members.resend_invitation, {**given, "now": NOW + timedelta(hours=1), "by": owner(cast)})


@case("members.accept_invitation")
def accept(cast: Cast) -> Press:
    membership = invited(cast)
    given = {"membership": membership, "now": NOW, "by": Actor.of_user(membership.user)}
    return Press(members.accept_invitation, given)


@case("members.open_account")
def open_account(cast: Cast) -> Press:
    return Press(members.open_account, {**accept(cast).given, "name": "Ada"})


@case("members.change_role")
def change_role(cast: Cast) -> Press:
    membership = Membership.objects.get(user=cast.overseer)
    return Press(members.change_role, {"membership": membership, "role": Role.ADMIN, "by": owner(cast)})


@case("members.remove_member")
def remove(cast: Cast) -> Press:
    membership = Membership.objects.get(user=cast.overseer)
    return Press(members.remove_member, {"membership": membership, "by": owner(cast)})


@case("organizations.update_organization")
def update_organization(cast: Cast) -> Press:
    texts = {"name": "North", "time_zone": "UTC", "language": "en"}
    contact = {"contact_name": "Ada", "contact_email": "ada@northwind.example"}
    given = {"organization": cast.organization, **texts, **contact, "by": owner(cast)}
    return Press(organizations.update_organization, given)


def failed_mail(cast: Cast) -> OutgoingMessage:
    invited(cast)
    OutgoingMessage.objects.update(status=MessageStatus.FAILED)
    return OutgoingMessage.objects.get()


@case("mail.resend_message")
def resend_mail(cast: Cast) -> Press:
    return Press(mail.resend_message, {"message": failed_mail(cast), "now": NOW, "by": owner(cast)})


@case("mail.resend_all")
def resend_all_mail(cast: Cast) -> Press:
    failed_mail(cast)
    return Press(mail.resend_all, {"now": NOW, "by": owner(cast)})


@case("people_by_hand.save_person (new)")
def add_person(cast: Cast) -> Press:
    entry = people_by_hand.Entry(
        {**EMPTY, "employee_id": "E90", "first_name": "Mira", "last_name": "Newhire"}
    )
    return Press(people_by_hand.save_person, {"entry": entry, "person": None, "now": NOW, "by": cast.by})


@case("people_by_hand.save_person")
def correct_person(cast: Cast) -> Press:
    spare = cast.people["spare"]
    entry = people_by_hand.Entry(
        {**EMPTY, "employee_id": "E4", "email": spare.email, "first_name": "Jun", "last_name": "Kim"}
    )
    return Press(people_by_hand.save_person, {"entry": entry, "person": spare, "now": NOW, "by": cast.by})


def leaver(cast: Cast, days: int) -> Press:
    on = (NOW + timedelta(days=days)).date()
    given = {"person": cast.people["mentor"], "on": on, "today": NOW.date(), "reason": "moves"}
    return Press(people_by_hand.leave, {**given, "now": NOW, "by": cast.by})


@case("people_by_hand.leave")
def leave(cast: Cast) -> Press:
    return leaver(cast, -1)


@case("people_by_hand.leave (later)")
def leave_later(cast: Cast) -> Press:
    return leaver(cast, 7)


@case("leaving.mark_left")
def mark_left(cast: Cast) -> Press:
    return Press(leaving.mark_left, {"person": cast.people["mentor"], "now": NOW, "by": cast.by})


@case("leaving.leave_on_the_day")
def leave_on_the_day(cast: Cast) -> Press:
    Person.objects.filter(pk=cast.people["mentor"].pk).update(left_on=NOW.date())
    given = {"organization": cast.organization, "now": SOON, "by": Actor.system("leaving")}
    return Press(leaving.leave_on_the_day, given)


@case("leaving.bring_back")
def bring_back(cast: Cast) -> Press:
    leaving.mark_left(person=cast.people["mentor"], now=NOW, by=cast.by)
    return Press(leaving.bring_back, {"person": cast.people["mentor"], "now": NOW, "by": cast.by})


@case("merging.merge_people")
def merge(cast: Cast) -> Press:
    spare = cast.people["spare"]
    double = Person.objects.create(employee_id="E44", email="j.park@northwind.example", first_name="J")
    entry = people_by_hand.Entry({**EMPTY, "employee_id": "E4", "email": spare.email, "first_name": "Jun"})
    given = {"kept": spare, "double": double, "entry": entry, "now": NOW, "by": owner(cast)}
    return Press(merging.merge_people, given)


@case("roster_imports.start_import")
def start_import(cast: Cast) -> Press:
    given = {"name": "people.csv", "content": FILE, "organization": cast.organization, "by": cast.by}
    return Press(roster.start_import, given)


def started(cast: Cast) -> RosterImport:
    return roster.start_import(**start_import(cast).given)


@case("imports.cancel_import (waiting)")
def cancel_waiting(cast: Cast) -> Press:
    return Press(imports.cancel_import, {"found": started(cast), "by": cast.by})


@case("imports.cancel_import (running)")
def cancel_running(cast: Cast) -> Press:
    found = started(cast)
    found.status, found.started_at = "running", NOW
    found.save()
    return Press(imports.cancel_import, {"found": found, "by": cast.by})


@case("imports.cancel_import (checked)")
def cancel_checked(cast: Cast) -> Press:
    return Press(imports.cancel_import, {"found": checked_roster(cast, FILE.decode()), "by": cast.by})


@case("roster_imports.choose_mapping")
def choose_mapping(cast: Cast) -> Press:
    found = checked_roster(cast, FILE.decode())
    given = {"roster_import": found, "mapping": found.mapping, "day_first": True, "by": cast.by}
    return Press(roster.choose_mapping, given)


@case("roster_imports.apply_import")
def apply_import(cast: Cast) -> Press:
    given = {"roster_import": checked_roster(cast, FILE.decode()), "skip_bad_rows": False, "by": cast.by}
    return Press(roster.apply_import, given)


@case("columns.keep_column")
def keep_column(cast: Cast) -> Press:
    given = {"name": "Age", "reason": "Agreed with the works council", "by": cast.by}
    return Press(columns.keep_column, given)


@case("columns.remove_column")
def remove_column(cast: Cast) -> Press:
    Person.objects.filter(pk=cast.mentor.person_id).update(attributes={"Age": "31"})
    return Press(columns.remove_column, {"name": "Age", "by": cast.by})
