from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from mentoring.queries.members import organizations_of
from mentoring.registries import home_panels
from mentoring.tenancy.guards import member_view, signed_in
from mentoring.tenancy.permissions import Permission


@signed_in
def start(request: HttpRequest) -> HttpResponseBase:
    """Where signing in leads: straight into one's only organization, else a choice."""
    organizations = organizations_of(request.user)
    if len(organizations) == 1:
        return redirect(organizations[0])
    return TemplateResponse(request, "start.html", {"organizations": organizations})


@member_view(Permission.VIEW_HOME)
def home(request: HttpRequest) -> TemplateResponse:
    panels = [
        {"template": panel.template, "panel": context}
        for panel in sorted(home_panels, key=lambda panel: panel.order)
        if (context := panel.build(request)) is not None
    ]
    return TemplateResponse(request, "home.html", {"panels": panels})
