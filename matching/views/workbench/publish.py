"""Publishing a draft, and taking that back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from matching.actions.publish import publish_run, take_back
from matching.views.workbench.lookup import run_or_404
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from programs.views.cohort_page import cohort_or_404


@require_POST
@member_view(Permission.RUN_MATCHING)
def match_publish(request: Any, cohort_id: int, run_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    number = publish_run(run=run_or_404(cohort, run_id), by=request.actor, now=timezone.now())
    if number:
        told = ngettext(
            "%(number)s pair is published. Both people get their introduction by mail.",
            "%(number)s pairs are published. Both people of each pair get their introduction by mail.",
            number,
        )
        messages.success(request, told % {"number": number})
    elif number == 0:
        messages.success(request, _("The cohort runs now. There was no further pair to publish."))
    else:
        messages.info(request, _("These pairs were published before. Nothing has changed."))
    return redirect("match", request.organization.slug, cohort.pk)


@require_POST
@member_view(Permission.RUN_MATCHING)
def match_take_back(request: Any, cohort_id: int, run_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    number = take_back(run=run_or_404(cohort, run_id), by=request.actor, now=timezone.now())
    told = ngettext(
        "%(number)s pair is taken back, and both people are told by mail. The draft is as it was.",
        "%(number)s pairs are taken back, and everybody is told by mail. The draft is as it was.",
        number,
    )
    messages.success(request, told % {"number": number})
    return redirect("match", request.organization.slug, cohort.pk)
