"""For the champion while people choose: how many did, and who has not. Whom they chose they are not shown."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from matching.forms.filters import WithoutPicksForm
from matching.panels import choosing_context
from matching.queries.picks import without_picks
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment
from programs.rules import people_choose
from programs.views.cohort_page import cohort_context, cohort_or_404

PAGE_SIZE = 25


@require_safe
@member_view(Permission.RUN_MATCHING)
def match_choosing(request: Any, cohort_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    if not people_choose(cohort):
        return redirect("match", request.organization.slug, cohort.pk)
    form = WithoutPicksForm(request.GET)
    found = without_picks(cohort, words=form.value("q"), role=form.value("role"))
    context = cohort_context(
        request,
        cohort,
        tab="match",
        form=form,
        active=form.active,
        page=Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        **choosing_context(cohort, request),
    )
    return page_or_fragment(request, "matching/choose/champion.html", context, fragment="found")
