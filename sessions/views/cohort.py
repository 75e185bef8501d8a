"""The champion's tab: that pairs met and when they meet next. What they talk about is theirs."""

from typing import Any

from django.core.paginator import Paginator
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment
from programs.views.cohort_page import cohort_context, cohort_or_404
from sessions.forms import MeetingFilterForm
from sessions.queries.counts import current_month, met_this_month, pairs_meeting

PAGE_SIZE = 50


@member_view(Permission.VIEW_PROGRAMS)
@require_safe
def meetings(request: Any, cohort_id: int) -> TemplateResponse:
    now = timezone.now()
    cohort = cohort_or_404(cohort_id)
    month = current_month(cohort, request.organization, now)
    form = MeetingFilterForm(request.GET, monthly=month is not None)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = pairs_meeting(
        cohort,
        request.organization,
        now=now,
        search=wanted.get("q", ""),
        show=wanted.get("show", ""),
        sort=wanted.get("sort", ""),
    )
    context = {
        "form": form,
        "active": bool(wanted.get("q") or wanted.get("show")),
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "month": month,
        "met": met_this_month(cohort, request.organization, now=now),
    }
    context = cohort_context(request, cohort, tab="cohort_meetings", **context)
    return page_or_fragment(request, "sessions/cohort_meetings.html", context, fragment="pairs")
