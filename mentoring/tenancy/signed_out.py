"""Somebody's session has ended while they were at work: they sign in, come back, and lose nothing.

A form that was sent is kept in the browser's own session for an hour, for the same user or participant
alone, and sent again with one press. Only browsers that were signed in lately are kept for: a stranger
can store nothing here. What was being typed while htmx asked for a part of the page, the browser keeps
itself (static/app.js).
"""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from mentoring.hosts import own_path

COOKIE = "__Host-returning" if settings.HTTPS else "returning"
COOKIE_SECONDS = 30 * 24 * 3600
KEPT = "kept_form"
KEPT_SECONDS = 3600
KEPT_CHARACTERS = 100_000
NEVER_KEPT = ("csrfmiddlewaretoken", "password")
DISCARD = "throw-kept-away"


def remember_browser(request: HttpRequest, response: HttpResponseBase) -> None:
    """So that a form sent after the session's end can be kept for the user who sent it."""
    if request.user.is_authenticated and _returning_user(request) != request.user.pk:
        value = signing.dumps(request.user.pk, salt=COOKIE)
        options: dict[str, Any] = {"secure": settings.HTTPS, "httponly": True, "samesite": "Lax"}
        response.set_cookie(COOKIE, value, max_age=COOKIE_SECONDS, **options)


def sign_in_first(request: Any, *, owner: str = "", resume_at: str = "") -> HttpResponseBase:
    """To the sign-in page, and back to where the user was. An htmx request takes the whole page there: a
    part of the page is no place to sign in. `owner` and where it goes on: who sent a form, where not the
    signed-in user of this browser did."""
    user_id = _returning_user(request)
    if request.htmx:
        back = own_path(request.htmx.current_url or "") or _page(request)
        response = HttpResponseClientRedirect(_sign_in(back))
        response["Upward-Signed-Out"] = "1"
        return response
    owner = owner or (user_key(user_id) if user_id else "")
    if request.method == "POST" and owner and keep_form(request, owner):
        return HttpResponseRedirect(_sign_in(resume_at or reverse("resume")))
    return HttpResponseRedirect(_sign_in(_page(request)))


def user_key(user_id: int) -> str:
    return f"user:{user_id}"


def keep_form(request: HttpRequest, owner: str) -> bool:
    """Whether what was sent is kept now. Files are not, and nothing of unusual length."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if not name.startswith(NEVER_KEPT)
        for value in values
    ]
    if sum(len(name) + len(str(value)) for name, value in fields) > KEPT_CHARACTERS:
        return False
    until = time.time() + KEPT_SECONDS
    request.session[KEPT] = {
        "owner": owner,
        "path": request.get_full_path(),
        "fields": fields,
        "until": until,
    }
    return True


def has_kept_form(request: HttpRequest, owner: str) -> bool:
    kept = request.session.get(KEPT) or {}
    return kept.get("owner") == owner and kept["until"] > time.time()


def resume_page(request: HttpRequest, owner: str, **context: Any) -> HttpResponseBase:
    """What was kept for this owner, to be sent again with one press; without it, the start page."""
    if not has_kept_form(request, owner):
        request.session.pop(KEPT, None)
        return redirect("start" if request.user.is_authenticated else "front")
    kept = request.session[KEPT]
    if request.method == "POST":
        del request.session[KEPT]
        if DISCARD in request.POST:
            return redirect("start" if request.user.is_authenticated else "front")
        # 307: the browser sends the same fields to where they were meant for.
        return HttpResponse(status=307, headers={"Location": kept["path"]})
    # A page's own marks (`EditForm.SHOWN`) hold no blank.
    words = [value for _name, value in kept["fields"] if len(value) > 20 and " " in value]
    context = {"fields": kept["fields"], "words": words, **context}
    return TemplateResponse(request, "resume.html", context)


def _page(request: HttpRequest) -> str:
    """The page to come back to: of a form, the one that it stood on."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    return own_path(request.META.get("HTTP_REFERER", "")) or reverse("start")


def _sign_in(back: str) -> str:
    return redirect_to_login(back).url


def _returning_user(request: HttpRequest) -> int | None:
    try:
        return int(signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=COOKIE_SECONDS))
    except (signing.BadSignature, ValueError, TypeError):
        return None
