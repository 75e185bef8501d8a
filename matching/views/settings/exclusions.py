from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from matching.actions.exclusions import add_exclusion, remove_exclusion
from matching.forms.exclusions import ExclusionForm
from matching.forms.filters import ExclusionFilterForm
from matching.queries.people import people_named
from matching.queries.settings import exclusions, exclusions_found
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment, typed

PAGE_SIZE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def exclusion_list(request: Any) -> HttpResponseBase:
    """Two people who must not be paired, in any cohort: why is a note for champions."""
    people_url = reverse("exclusion_people", args=[request.organization.slug])
    form = ExclusionForm(request.POST or None, people_url=people_url)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            add_exclusion(person=data["person"], other=data["other"], note=data["note"], by=request.actor)
        except NotAllowed as refusal:
            form.add_error("other", str(refusal))
        else:
            messages.success(
                request,
                _("%(one)s and %(other)s will not be paired.")
                % {"one": data["person"], "other": data["other"]},
            )
            return redirect("exclusions", request.organization.slug)
    filters = ExclusionFilterForm(request.GET)
    page = Paginator(exclusions_found(filters.value("q")), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": filters, "active": filters.active, "entry": form, "page": page}
    status = 422 if form.errors else 200
    return page_or_fragment(request, "matching/exclusions.html", context, fragment="found", status=status)


@require_safe
@member_view(Permission.RUN_MATCHING)
def exclusion_people(request: Any) -> HttpResponseBase:
    """Suggestions for a name that is being typed."""
    words = typed(request, "person", "other")
    context = {"people": people_named(words) if len(words) > 1 else []}
    return page_or_fragment(request, "matching/people_options.html", context)


@require_POST
@member_view(Permission.RUN_MATCHING)
def exclusion_remove(request: Any, exclusion_id: int) -> HttpResponseBase:
    exclusion = exclusions().filter(pk=exclusion_id).first()
    if exclusion is None:
        raise Http404
    remove_exclusion(exclusion=exclusion, by=request.actor)
    messages.success(request, _("They can be paired again from the next run on."))
    return redirect("exclusions", request.organization.slug)
