"""The platform's own entries of the registries: side bar, home page, checklist, what ends when somebody
leaves, and wording of the audit log."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from mentoring.enums import CREDENTIAL_CHANGES, Role
from mentoring.models import Membership, Person
from mentoring.queries import outbox
from mentoring.queries.leaving import has_owner, kept_in_charge, left_in_charge, left_with_address
from mentoring.registries import Charge, HomePanel, HomeStep, NavigationItem, PersonPanel, Text, charges
from mentoring.tenancy.permissions import Permission

AUDIT_WORDS: dict[str, Text] = {
    "mail.sent_again": _("Mail sent again"),
    "organization.created": _("Organization set up"),
    "organization.changed": _("Organization's settings changed"),
    "member.invited": _("Member invited"),
    "member.invited_again": _("Member invited again"),
    "member.joined": _("Member joined"),
    "member.role_changed": _("Role changed"),
    "member.removed": _("Member removed"),
    "people.imported": _("People imported"),
    "person.left": _("Person left"),
    "person.came_back": _("Person came back"),
    "member.suspended": _("Access ended: left"),
    "member.restored": _("Access given back"),
    "person.added": _("Person added"),
    "person.corrected": _("Person corrected"),
    "person.address_changed": _("Address changed"),
    "person.merged": _("Two entries of one person merged"),
    "person.leaving_noted": _("Last day noted"),
    "column.kept": _("Sensitive column kept"),
    "column.removal_asked": _("Removal of a column asked for"),
    "column.removed": _("Column removed"),
    "roster_import.started": _("Import started"),
    "roster_import.mapped": _("Import's columns mapped"),
    "roster_import.approved": _("Import approved"),
    "roster_import.cancelled": _("Import cancelled"),
    **{f"account.{kind}": kind.label for kind in CREDENTIAL_CHANGES},
}


NAVIGATION = [
    NavigationItem(_("Home"), "home", "home", Permission.VIEW_HOME, 0),
    NavigationItem(
        _("People"),
        "users",
        "people",
        Permission.VIEW_PEOPLE,
        20,
        ("people", "person", "roster_import", "kept_column"),
    ),
    NavigationItem(
        _("Undelivered mail"), "mail", "undelivered_mail", Permission.MANAGE_MAIL, 70, ("undelivered_mail",)
    ),
    NavigationItem(_("Members"), "user-check", "members", Permission.MANAGE_MEMBERS, 80, ("member",)),
    NavigationItem(_("Settings"), "settings", "organization_settings", Permission.MANAGE_ORGANIZATION, 90),
    NavigationItem(_("Audit log"), "history", "audit_log", Permission.VIEW_AUDIT, 95),
]
HOME_STEPS = [
    HomeStep(
        label=_("Import your people"),
        text=_("A file from your HR system is enough: CSV or Excel, with the headings it has."),
        url_name="roster_import_upload",
        permission=Permission.IMPORT_PEOPLE,
        done=lambda request: Person.objects.exists(),
        order=10,
    ),
    HomeStep(
        label=_("Bring in a colleague"),
        text=_("A second champion or an admin, so that the program never hangs on one person."),
        url_name="member_invite",
        permission=Permission.MANAGE_MEMBERS,
        done=lambda request: Membership.objects.filter(suspended_at=None).count() > 1,
        order=90,
    ),
]

# What ends of the platform's own when people leave: their access, by the role they had.
ROLES_LEAVING: dict[str, Text] = {
    Role.OWNER: ngettext_lazy("%(number)s owner", "%(number)s owners", "number"),
    Role.ADMIN: ngettext_lazy("%(number)s admin", "%(number)s admins", "number"),
    Role.CHAMPION: ngettext_lazy("%(number)s program champion", "%(number)s program champions", "number"),
    Role.OVERSEER: ngettext_lazy("%(number)s overseer", "%(number)s overseers", "number"),
    Role.PARTICIPANT: ngettext_lazy(
        "%(number)s participant's sign-in", "%(number)s participants' sign-ins", "number"
    ),
}


def charges_left(request: Any) -> dict[str, Any] | None:
    """What somebody who has left was in charge of, each with the place where a successor is named."""
    rows = [charge for build in charges for charge in build(request)]
    return {"rows": rows} if rows else None


def members_left(request: Any) -> Iterator[Charge]:
    """Members with a task who have left, until they are removed from the list, and the contact's address."""
    slug = request.organization.slug
    if request.membership.has(Permission.MANAGE_MEMBERS):
        owned = has_owner()
        for member in left_in_charge():
            url = reverse("member", args=[slug, member.pk])
            if member.role == Role.OWNER and not owned:
                yield Charge(
                    _("This organization has no owner"),
                    member.called,
                    _("Choose the new owner"),
                    reverse("members", args=[slug]),
                )
            else:
                yield Charge(member.get_role_display(), member.called, _("Choose a successor"), url)
    elif request.membership.has(Permission.MANAGE_PROGRAMS) and (kept := kept_in_charge()):
        ask = f"mailto:{kept.address}"
        yield Charge(_("Nobody else can manage members"), kept.called, _("Ask for a successor"), ask)
    contact = request.organization.contact_email
    if request.membership.has(Permission.MANAGE_ORGANIZATION) and left_with_address(contact):
        label, url = _("Name another contact"), reverse("organization_settings", args=[slug])
        yield Charge(_("Contact for participants"), request.organization.contact_name or contact, label, url)


MAILS_SHOWN = 5


def mail_panel(request: HttpRequest) -> dict[str, Any] | None:
    """That mail did not arrive, or that none goes out: on the home page of those who can do something."""
    if not request.membership.has(Permission.MANAGE_MAIL):  # type: ignore[attr-defined]
        return None
    now = timezone.now()
    number, standing = outbox.failed(now=now).count(), outbox.standing(now)
    if not (number or standing["down_since"] or standing["overdue"]):
        return None
    return {"number": number, "standing": standing}


def person_mail_panel(person: Person) -> dict[str, Any] | None:
    undelivered = outbox.undelivered_to(person, now=timezone.now())
    mails = list(undelivered[:MAILS_SHOWN])
    return {"mails": mails, "number": undelivered.count()} if mails else None


HOME_PANELS = [HomePanel("mail/panels/home.html", mail_panel, order=1)]
PERSON_PANELS = [PersonPanel("mail/panels/person.html", person_mail_panel, order=90)]
