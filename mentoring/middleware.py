import math
import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control

from mentoring.hosts import our_hosts, own_host, without_usual_port
from mentoring.sealing import stored_key
from mentoring.tenancy.signed_out import remember_browser
from mentoring.visitors import Visitor

log = structlog.get_logger("upward.request")
ORGANIZER_UNTIL, SEEN = "organizer_until", "seen"
SEEN_EVERY = 600
Next = Callable[[HttpRequest], HttpResponse]


class RequestLog:
    """One log line a request: the route, never the address, since signed links carry their token in it."""

    def __init__(self, get_response: Next):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        started = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        if match and match.route not in {"healthz", "readyz"}:
            log.info(
                "request",
                method=request.method,
                route=match.route,
                status=response.status_code,
                ms=round(1000 * (time.perf_counter() - started)),
            )
        return response


class UserPreferences:
    """Activate the user's time zone and language; a guard falls back to the organization's."""

    def __init__(self, get_response: Next):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.time_zone:
            try:
                timezone.activate(ZoneInfo(user.time_zone))
            except ZoneInfoNotFoundError:
                timezone.deactivate()
        else:
            timezone.deactivate()
        language = user.language if user.is_authenticated and user.language else None
        with translation.override(language or translation.get_language_from_request(request)):
            request.LANGUAGE_CODE = translation.get_language() or "en"
            response = self.get_response(request)
        remember_browser(request, response)
        timezone.deactivate()
        return response


class OwnHost:
    """Answer under our own hosts only, compared whole; to everything behind this, the host is BASE_URL's.

    So no link, redirect or limit is made from what a visitor writes into `Host`, whatever library makes it.
    """

    def __init__(self, get_response: Next):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        written = request.META.get("HTTP_HOST") or _server_host(request)
        if without_usual_port(written) not in our_hosts():
            raise DisallowedHost("The request is for a host that is not ours.")
        request.META["HTTP_HOST"] = own_host()
        return self.get_response(request)


def _server_host(request: HttpRequest) -> str:
    """Of a request without `Host` (HTTP/1.0)."""
    return f"{request.META['SERVER_NAME']}:{request.META['SERVER_PORT']}"


class PrivateAnswers:
    """What is shown to somebody signed in, or who came by a link, is kept by no cache and no browser; and
    no page may use what Upward never needs (camera, place, payment)."""

    def __init__(self, get_response: Next):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        if _is_private(request):
            patch_cache_control(response, no_store=True, private=True)
        return response


def _is_private(request: HttpRequest) -> bool:
    """Everything but our public pages, to a browser that holds no session."""
    session = getattr(request, "session", None)
    if session is not None and not session.is_empty():
        return True
    match = request.resolver_match
    return match is not None and getattr(getattr(match.func, "guard", None), "kind", "") != "public"


class SessionLimits:
    """Sessions of those who organize end some hours after they signed in, whatever they do meanwhile; and
    the list of one's sessions knows within minutes when each was last used."""

    def __init__(self, get_response: Next):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = time.time()
            if request.session.get(ORGANIZER_UNTIL, math.inf) < now:
                logout(request)
            elif request.session.get(SEEN, now) < now - SEEN_EVERY:
                request.session[SEEN] = now
                _note_use(request)
        return self.get_response(request)


def _note_use(request: HttpRequest) -> None:
    from allauth.usersessions.models import UserSession  # not before the apps are loaded

    visitor = Visitor.of(request)
    sessions = UserSession.objects.filter(session_key=stored_key(request.session.session_key or ""))
    sessions.update(last_seen_at=timezone.now(), user_agent=visitor.user_agent, ip=visitor.ip or "0.0.0.0")


def begin_session(session: Any, *, organizer: bool) -> None:
    """Of somebody who has just signed in."""
    session[SEEN] = time.time()
    if organizer:
        limit_organizer_session(session)


def limit_organizer_session(session: Any) -> None:
    """From now on, unless it was limited before: the clock starts with signing in, or with a new role."""
    if ORGANIZER_UNTIL not in session:
        session[ORGANIZER_UNTIL] = time.time() + 3600 * settings.ORGANIZER_SESSION_HOURS
