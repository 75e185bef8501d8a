"""Where somebody is signed in, and what happened to their account."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mentoring.accounts.events import keep_on_list
from mentoring.actions.account_log import record_account_event
from mentoring.actions.users import end_session, end_user_sessions
from mentoring.enums import AccountEventKind
from mentoring.queries import sessions as queries
from mentoring.tenancy.guards import signed_in
from mentoring.visitors import Visitor


@signed_in
def sessions(request: Any) -> TemplateResponse:
    keep_on_list(request, request.user)
    open_sessions = queries.open_sessions(
        request.user, session_key=request.session.session_key, now=timezone.now()
    )
    context = {"sessions": open_sessions, "others": any(not session.current for session in open_sessions)}
    return TemplateResponse(request, "security/sessions.html", context)


@signed_in
def activity(request: Any) -> TemplateResponse:
    events = Paginator(queries.account_events_of(request.user), queries.PAGE_SIZE)
    page = events.get_page(request.GET.get("page"))
    return TemplateResponse(request, "security/activity.html", {"page": page})


@signed_in
@require_POST
def end_one(request: Any) -> HttpResponseBase:
    if end_session(user=request.user, key=request.POST.get("session", "")):
        record_account_event(AccountEventKind.SESSION_ENDED, user=request.user, visitor=Visitor.of(request))
        messages.success(request, _("That session has ended."))
    else:
        messages.info(request, _("That session was over already."))
    return redirect("sessions")


@signed_in
@require_POST
def end_others(request: Any) -> HttpResponseBase:
    """All but this one, also those that are in no list."""
    end_user_sessions(user=request.user)
    update_session_auth_hash(request, request.user)
    keep_on_list(request, request.user)
    record_account_event(AccountEventKind.SESSIONS_ENDED, user=request.user, visitor=Visitor.of(request))
    messages.success(request, _("You are signed in here and nowhere else."))
    return redirect("sessions")
