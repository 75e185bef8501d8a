"""What each role may do: one enum and one table that a customer can read."""

from enum import StrEnum

from mentoring.enums import Role


class Permission(StrEnum):
    VIEW_HOME = "view home"
    VIEW_PEOPLE = "view people"
    IMPORT_PEOPLE = "import people"
    VIEW_PROGRAMS = "view programs"
    MANAGE_PROGRAMS = "manage programs"
    RUN_MATCHING = "run matching"
    VIEW_REPORTS = "view reports"
    EXPORT_METRICS = "export metrics"
    MANAGE_MAIL = "see mail that did not arrive and send it again"
    MANAGE_MEMBERS = "manage members"
    MANAGE_ORGANIZATION = "manage organization"
    VIEW_AUDIT = "view audit log"


_CHAMPION = frozenset(
    {
        Permission.VIEW_HOME,
        Permission.VIEW_PEOPLE,
        Permission.IMPORT_PEOPLE,
        Permission.VIEW_PROGRAMS,
        Permission.MANAGE_PROGRAMS,
        Permission.RUN_MATCHING,
        Permission.VIEW_REPORTS,
        Permission.EXPORT_METRICS,
        Permission.MANAGE_MAIL,
    }
)

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.ADMIN: frozenset(Permission),
    Role.CHAMPION: _CHAMPION,
    Role.OVERSEER: frozenset({Permission.VIEW_HOME, Permission.VIEW_REPORTS}),
    Role.PARTICIPANT: frozenset({Permission.VIEW_HOME}),
}


def role_has(role: str, permission: Permission) -> bool:
    return permission in ROLE_PERMISSIONS[Role(role)]


def is_organizer(role: str) -> bool:
    """Whether the role sees people, not only figures or its own part."""
    return role_has(role, Permission.VIEW_PEOPLE)
