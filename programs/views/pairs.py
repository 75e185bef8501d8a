"""The champion ends a pair: somebody leaves, or it does not work. No fault, and nobody is told why."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from programs.actions.pairs import end_pair
from programs.enums import PairStatus
from programs.forms.participants import EndPairForm
from programs.queries.pairs import pairs
from programs.views.cohort_page import cohort_context, cohort_or_404


@member_view(Permission.MANAGE_PROGRAMS)
def end(request: Any, cohort_id: int, pair_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    pair = pairs().filter(cohort=cohort, pk=pair_id).first()
    if pair is None:
        raise Http404
    form = EndPairForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        end_pair(pair=pair, reason=form.cleaned_data["reason"], by=request.actor, now=timezone.now())
        told = _(
            "The pair %(mentor)s and %(mentee)s has ended, and both are told. They can be matched again."
        )
        messages.success(request, told % {"mentor": pair.mentor.person, "mentee": pair.mentee.person})
        return redirect("cohort", request.organization.slug, cohort.pk)
    over = pair.status != PairStatus.ACTIVE
    context = cohort_context(request, cohort, tab="cohort_participants", pair=pair, form=form, over=over)
    return TemplateResponse(request, "programs/pair_end.html", context, status=422 if form.errors else 200)
