from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from mentoring.actions.organizations import update_organization
from mentoring.forms.settings import OrganizationForm
from mentoring.queries.locks import locked
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import tell_saved


@member_view(Permission.MANAGE_ORGANIZATION)
def organization_settings(request: Any) -> HttpResponseBase:
    organization = locked(request.organization) if request.method == "POST" else request.organization
    form = OrganizationForm(request.POST or None, organization=organization)
    if request.method == "POST" and form.is_valid():
        values = form.changed_values()
        tell_saved(request, update_organization(organization=organization, **values, by=request.actor))
        return redirect("organization_settings", organization.slug)
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "settings/organization.html", {"form": form}, status=status)
