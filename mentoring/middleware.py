import time
from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from mentoring.tenancy.signed_out import remember_browser

log = structlog.get_logger("upward.request")
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
