"""The page of columns that were kept from rosters beside those that the roster has a place for."""

from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mentoring.actions.columns import keep_column, remove_column
from mentoring.queries.columns import Kept, kept_columns
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import tell_saved


@member_view(Permission.IMPORT_PEOPLE)
def columns(request: Any) -> HttpResponseBase:
    return _page(request)


@member_view(Permission.IMPORT_PEOPLE)
@require_POST
def keep(request: Any) -> HttpResponseBase:
    name = _chosen(request).name
    try:
        kept = keep_column(name=name, reason=request.POST.get("reason", "")[:250], by=request.actor)
    except NotAllowed as refusal:
        return _page(request, wrong=name, refusal=str(refusal))
    words = _("%(column)s stays. The reason is in the audit log.") % {"column": name}
    tell_saved(request, kept, words)
    return redirect("kept_columns", request.organization.slug)


@member_view(Permission.IMPORT_PEOPLE)
@require_POST
def remove(request: Any) -> HttpResponseBase:
    name = _chosen(request).name
    removing = remove_column(name=name, by=request.actor)
    tell_saved(request, removing, _("%(column)s is being removed from everybody.") % {"column": name})
    return redirect("kept_columns", request.organization.slug)


def _page(request: Any, *, wrong: str = "", refusal: str = "") -> TemplateResponse:
    context = {"columns": kept_columns(timezone.now().date()), "wrong": wrong, "refusal": refusal}
    return TemplateResponse(request, "people/kept_columns.html", context, status=422 if wrong else 200)


def _chosen(request: Any) -> Kept:
    for column in kept_columns(timezone.now().date()):
        if column.name == request.POST.get("column"):
            return column
    raise Http404
