"""Publishing a draft, and taking that back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from matching.actions.publish import take_back
from matching.queries.runs import run_in
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from programs.views.cohort_page import cohort_or_404


@require_POST
@member_view(Permission.RUN_MATCHING)
def match_take_back(request: Any, cohort_id: int, run_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    run = run_in(cohort, run_id)
    if run is None:
        raise Http404
    number = take_back(run=run, by=request.actor, now=timezone.now())
    told = ngettext(
        "%(number)s pair is taken back, and both people are told by mail. The draft is as it was.",
        "%(number)s pairs are taken back, and everybody is told by mail. The draft is as it was.",
        number,
    )
    messages.success(request, told % {"number": number})
    return redirect("match", request.organization.slug, cohort.pk)
