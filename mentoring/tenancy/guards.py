"""The door: a view can be routed only through a guard, and a system check proves it (`tenancy.checks`).

A guard does, in this order: sign-in -> organization by slug and membership (404 for outsiders) ->
permission (403 for insiders) -> transaction -> scope -> view -> render -> leave. It owns the transaction
because `ATOMIC_REQUESTS` would end before a `TemplateResponse` renders.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import structlog
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from mentoring.actors import Actor
from mentoring.hosts import own_path
from mentoring.mail.links import BadLink, ClosedLink, ExpiredLink, read_token
from mentoring.middleware import limit_organizer_session
from mentoring.models import Membership, Organization
from mentoring.rules import NotAllowed
from mentoring.tenancy.permissions import Permission, is_organizer
from mentoring.tenancy.scoping import organization_scope
from mentoring.tenancy.signed_out import sign_in_first

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Guard:
    """What a guarded view says about itself; the checks and the generated tests read it."""

    kind: str
    permission: Permission | None = None
    purpose: str | None = None


def mark(view: View, guard: Guard) -> View:
    view.guard = guard  # type: ignore[attr-defined]
    return view


def rendered(response: HttpResponseBase) -> HttpResponseBase:
    """Render a lazy response now, while transaction and scope are open."""
    if isinstance(response, TemplateResponse) and not response.is_rendered:
        response.render()
    return response


def run_in_scope(
    organization: Organization, view: View, request: HttpRequest, *args: Any, **kwargs: Any
) -> Any:
    """Run and render a view inside its organization. A `NotAllowed` that a view lets through becomes a
    message on the page the user came from, and everything the view did is undone."""
    try:
        bound = structlog.contextvars.bound_contextvars(organization=organization.pk)
        with bound, organization_scope(organization):
            return rendered(view(request, *args, **kwargs))
    except NotAllowed as refusal:
        with organization_scope(organization):
            return refused(request, str(refusal))


def refused(request: HttpRequest, message: str) -> HttpResponseBase:
    if request.htmx:  # type: ignore[attr-defined]
        response = TemplateResponse(request, "components/refused.html", {"message": message}, status=409)
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML"
        return response.render()
    messages.error(request, message)
    return back(request)


def back(request: Any, fragment: str = "") -> HttpResponseRedirect:
    """Redirect to the page the user came from, at the element with the id `fragment`, or home: never to
    another host."""
    page = own_path(request.META.get("HTTP_REFERER", ""))
    if page:
        return HttpResponseRedirect(f"{page}#{fragment}" if fragment else page)
    organization = getattr(request, "organization", None)
    home = organization.get_absolute_url() if organization and request.membership else reverse("front")
    return HttpResponseRedirect(home)


def public(view: View) -> View:
    """Open to everybody; no organization, so no tenant's table can be read."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with transaction.atomic():
            return rendered(view(request, *args, **kwargs))

    return mark(guarded, Guard("public"))


def signed_in(view: View) -> View:
    """For every signed-in user, outside any organization: choosing one, one's own preferences."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return sign_in_first(request)
        with transaction.atomic():
            return rendered(view(request, *args, **kwargs))

    return mark(guarded, Guard("signed_in"))


def find_membership(request: HttpRequest, organization: Organization) -> Membership | None:
    """The signed-in user's membership, or the invitation to one; a suspended one is none."""
    with organization_scope(organization):
        mine = Membership.objects.filter(user_id=request.user.pk, suspended_at=None)
        return mine.select_related("user").first()


def join_first(request: Any, organization: Organization) -> HttpResponseBase:
    """Joining shows the organization who somebody is. So it takes their press: a link, which anybody can put
    before them, only leads to the question."""
    page = request.get_full_path() if request.method == "GET" and not request.htmx else ""
    address = f"{reverse('join', args=[organization.slug])}?{urlencode({'next': page})}"
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)


def member_view(permission: Permission) -> Callable[[View], View]:
    """For members whose role has the permission. The view finds `request.organization`,
    `request.membership` and `request.actor`; the slug is taken out of its arguments."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, organization: str, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            found = Organization.objects.filter(slug=organization).first()
            membership = find_membership(request, found) if found else None
            if found is None or membership is None:
                raise Http404
            if membership.joined_at is None:
                return join_first(request, found)
            enter(request, found, membership, Actor.of_user(request.user))
            if is_organizer(membership.role):
                limit_organizer_session(request.session)
            if not membership.has(permission):
                raise PermissionDenied
            return run_in_scope(found, view, request, *args, **kwargs)

        return mark(guarded, Guard("member", permission=permission))

    return decorate


def invited_view(view: View) -> View:
    """For the one question whether to join: the view gets the signed-in user's membership."""

    @wraps(view)
    def guarded(request: Any, organization: str) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return sign_in_first(request)
        found = Organization.objects.filter(slug=organization).first()
        membership = find_membership(request, found) if found else None
        if found is None or membership is None:
            raise Http404
        enter(request, found, None, Actor.of_user(request.user))
        return run_in_scope(found, view, request, membership)  # type: ignore[no-any-return]

    return mark(guarded, Guard("invited"))


def enter(request: Any, organization: Organization, membership: Membership | None, actor: Actor) -> None:
    request.organization = organization
    request.membership = membership
    request.actor = actor
    if not (request.user.is_authenticated and request.user.time_zone):
        timezone.activate(organization.time_zone)


def link_closed(request: HttpRequest) -> HttpResponseBase:
    """For the holder of a genuine link who has left: nothing opens any more, and it says so kindly."""
    return rendered(TemplateResponse(request, "links/closed.html", {}, status=410))


def signed_view(
    purpose: str, *, renew: Callable[[HttpRequest, dict[str, Any]], None] | None = None
) -> Callable[[View], View]:
    """For the holder of a signed link: the view gets the token's claims, inside its organization.

    An altered link is a 404 that says so. An expired one is a 410 and, with `renew`, offers to mail a
    fresh link to the same person (`renew(request, claims)` does it; nothing is shown of anybody). The view
    and `renew` raise `ClosedLink` for somebody who has left.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, token: str, **kwargs: Any) -> HttpResponseBase:
            try:
                claims = read_token(purpose, token)
            except BadLink:
                return rendered(TemplateResponse(request, "links/bad.html", {}, status=404))
            except ExpiredLink as expired:
                return _expired(request, expired.claims, renew)
            organization = Organization.objects.filter(pk=claims["o"]).first()
            if organization is None:
                return rendered(TemplateResponse(request, "links/bad.html", {}, status=404))
            enter(request, organization, None, Actor.system("signed link"))
            try:
                return run_in_scope(organization, view, request, claims, **kwargs)
            except ClosedLink:
                return link_closed(request)

        return mark(guarded, Guard("signed", purpose=purpose))

    return decorate


def _expired(request: Any, claims: dict[str, Any], renew: Any) -> HttpResponseBase:
    organization = Organization.objects.filter(pk=claims["o"]).first()
    sent, refusal = False, ""
    if renew and organization and request.method == "POST":
        enter(request, organization, None, Actor.system("signed link"))
        try:
            with organization_scope(organization):
                renew(request, claims)
            sent = True
        except ClosedLink:
            return link_closed(request)
        except NotAllowed as reason:
            refusal = str(reason)
    context = {
        "can_renew": bool(renew and organization),
        "sent": sent,
        "refusal": refusal,
        "days": settings.SIGNED_LINK_DAYS,
    }
    status = 200 if sent else 409 if refusal else 410
    return rendered(TemplateResponse(request, "links/expired.html", context, status=status))
