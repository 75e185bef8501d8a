"""A person's break, from the page of any of their participations: it holds for all programs."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mentoring.rules import today_in
from programs.actions.rests import end_rest, take_rest
from programs.forms.rests import RestForm
from programs.guards import participant_view
from programs.models import Participant
from programs.views.join import own_page


@participant_view
@require_POST
def take(request: Any, participant: Participant) -> HttpResponseBase:
    now = timezone.now()
    form = RestForm(request.POST, today=today_in(request.organization.time_zone, now))
    if not form.is_valid():
        return own_page(request, participant, rest_form=form)
    until = form.cleaned_data["until"]
    take_rest(person=participant.person, until=until, by=request.actor, now=now)
    day = date_format(until, "j F Y")
    messages.success(request, _("Nobody invites you before %(day)s. Enjoy your break.") % {"day": day})
    return redirect("participant", request.organization.slug, participant.pk)


@participant_view
@require_POST
def end(request: Any, participant: Participant) -> HttpResponseBase:
    if end_rest(person=participant.person, by=request.actor, now=timezone.now()):
        messages.success(request, _("Welcome back: you can be invited again."))
    else:
        messages.info(request, _("Your break was over already: you can be invited."))
    return redirect("participant", request.organization.slug, participant.pk)
