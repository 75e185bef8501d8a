from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from mentoring.queries.audit import recent_activity
from mentoring.queries.checklist import checklist
from mentoring.queries.members import memberships_of
from mentoring.registries import home_panels
from mentoring.tenancy.guards import member_view, signed_in
from mentoring.tenancy.permissions import Permission
from mentoring.tenancy.signed_out import resume_page, user_key


@signed_in
def start(request: HttpRequest) -> HttpResponseBase:
    """Where signing in leads: straight into one's only organization, else a choice."""
    memberships = memberships_of(request.user)  # type: ignore[arg-type]
    if len(memberships) == 1 and "choose" not in request.GET:
        return redirect(memberships[0].organization)
    return TemplateResponse(request, "start.html", {"memberships": memberships})


@signed_in
def resume(request: Any) -> HttpResponseBase:
    """Where signing in leads after a form that was sent too late."""
    return resume_page(request, user_key(request.user.pk))


@member_view(Permission.VIEW_HOME)
def home(request: Any) -> TemplateResponse:
    if request.session.get("organization") != request.organization.pk:
        request.session["organization"] = request.organization.pk  # the side bar beside one's preferences
    panels = [
        {"template": panel.template, "panel": context}
        for panel in sorted(home_panels, key=lambda panel: panel.order)
        if (context := panel.build(request)) is not None
    ]
    whole_log = request.membership.has(Permission.VIEW_AUDIT)
    runs_programs = request.membership.has(Permission.MANAGE_PROGRAMS)
    context = {
        "panels": panels,
        "checklist": checklist(request),
        "activity": recent_activity(whole_log=whole_log) if runs_programs else [],
        "whole_log": whole_log,
    }
    return TemplateResponse(request, "home.html", context)
