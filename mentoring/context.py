"""What the shell (templates/shell.html) shows around every page."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from mentoring.enums import Theme
from mentoring.models import Membership, Organization
from mentoring.queries.contacts import organization_contact
from mentoring.queries.members import memberships_of
from mentoring.queries.sign_up import sign_up_is_closed
from mentoring.registries import NavigationItem, navigation


@dataclass
class Shell:
    organization: Organization | None = None
    navigation: list[dict[str, Any]] = field(default_factory=list)
    organizations: list[dict[str, str]] = field(default_factory=list)
    user: str = ""
    contact: dict[str, str] | None = None
    theme: str = Theme.AUTO
    demo: bool = False
    sign_up_closed: bool = False


def _fit(item: NavigationItem, url_name: str) -> int:
    """How many letters of the page's name lead to this entry: "cohort_report" fits "cohort" less."""
    if url_name == item.url_name:
        return len(url_name)
    return max((len(prefix) for prefix in item.prefixes if url_name.startswith(prefix)), default=0)


def _navigation(request: Any, membership: Membership | None, slug: str) -> list[dict[str, Any]]:
    if membership is None:
        return []
    url_name = (request.resolver_match and request.resolver_match.url_name) or ""
    items = [
        item for item in sorted(navigation, key=lambda item: item.order) if membership.has(item.permission)
    ]
    best = max((_fit(item, url_name) for item in items), default=0) or len(url_name) + 1
    return [
        {
            "label": item.label,
            "icon": item.icon,
            "url": reverse(item.url_name, args=[slug]),
            "current": _fit(item, url_name) == best,
        }
        for item in items
    ]


def _last_visited(request: Any, memberships: list[Membership]) -> Membership | None:
    """The membership whose side bar stands beside a page of no organization (preferences, security)."""
    if len(memberships) == 1:
        return memberships[0]
    last = request.session.get("organization")
    return next((membership for membership in memberships if membership.organization_id == last), None)


def shell(request: HttpRequest) -> dict[str, Any]:
    """`shell` in every template. Its queries run only where one asks for it: a fragment does not."""
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: HttpRequest) -> Shell:
    organization = getattr(request, "organization", None)
    user = getattr(request, "user", None)
    membership = getattr(request, "membership", None)
    shell = Shell(organization=organization, demo=settings.DEMO, sign_up_closed=sign_up_is_closed())
    if organization:
        shell.contact = organization_contact(organization)
    if user is not None and user.is_authenticated:
        memberships = memberships_of(user)
        if organization is None and (membership := _last_visited(request, memberships)):
            shell.organization = membership.organization
        shell.user, shell.theme = user.name or user.email, user.theme
        shell.organizations = [
            {"name": other.organization.name, "url": other.organization.get_absolute_url()}
            for other in memberships
            if shell.organization is None or other.organization_id != shell.organization.pk
        ]
    slug = shell.organization.slug if shell.organization else ""
    shell.navigation = _navigation(request, membership, slug)
    return shell
