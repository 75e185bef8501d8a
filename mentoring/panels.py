"""The platform's own entries of the registries: side bar, checklist and wording of the audit log."""

from django.utils.translation import gettext_lazy as _

from mentoring.enums import CREDENTIAL_CHANGES
from mentoring.models import Membership, Person
from mentoring.registries import HomeStep, NavigationItem, Text
from mentoring.tenancy.permissions import Permission

AUDIT_WORDS: dict[str, Text] = {
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
    "roster_import.started": _("Import started"),
    "roster_import.mapped": _("Import's columns mapped"),
    "roster_import.approved": _("Import approved"),
    "roster_import.cancelled": _("Import cancelled"),
    **{f"account.{kind}": kind.label for kind in CREDENTIAL_CHANGES},
}


NAVIGATION = [
    NavigationItem(_("Home"), "home", "home", Permission.VIEW_HOME, 0),
    NavigationItem(
        _("People"), "users", "people", Permission.VIEW_PEOPLE, 20, ("people", "person", "roster_import")
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
        done=lambda request: Membership.objects.count() > 1,
        order=90,
    ),
]
