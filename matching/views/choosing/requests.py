"""Answering somebody who asked: from a mail, from one's own page, in another tab. Looking changes nothing."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from matching.actions.request_mails import cards_between
from matching.actions.requests import accept_request, decline_request
from matching.enums import RequestStatus
from matching.models import PairRequest
from matching.queries.requests import newest_of, pair_between, request_to
from matching.rules import last_day, request_is_open
from mentoring.rules import today_in
from mentoring.views.pages import page_or_fragment
from programs.guards import participant_view
from programs.models import Participant
from programs.rules import choosing_is_open
from programs.views.join import participant_context

ANSWER = ["GET", "HEAD", "POST"]


@never_cache
@require_safe
@participant_view
def pair_request(request: Any, participant: Participant, request_id: int) -> HttpResponseBase:
    return _show(request, _request_or_404(participant, request_id))


@never_cache
@require_http_methods(ANSWER)
@participant_view
def pair_request_accept(request: Any, participant: Participant, request_id: int) -> HttpResponseBase:
    """The mail's link shows the page; its button says yes. Pressed twice it is one yes."""
    found = _request_or_404(participant, request_id)
    if request.method != "POST" or found.status != RequestStatus.OPEN:
        return _show(request, found, word="accept")
    pair = accept_request(request=found, by=request.actor, now=timezone.now())
    messages.success(
        request, _("You and %(name)s are a pair. You both get a mail.") % {"name": found.sender.person}
    )
    return redirect("pair", request.organization.slug, participant.pk, pair.pk)


@never_cache
@require_http_methods(ANSWER)
@participant_view
def pair_request_decline(request: Any, participant: Participant, request_id: int) -> HttpResponseBase:
    found = _request_or_404(participant, request_id)
    if request.method != "POST" or found.status != RequestStatus.OPEN:
        return _show(request, found, word="decline")
    decline_request(request=found, by=request.actor, now=timezone.now())
    messages.success(
        request,
        _("Thank you. %(name)s reads “not this time” and nothing else.") % {"name": found.sender.person},
    )
    return redirect("participant", request.organization.slug, participant.pk)


def _request_or_404(participant: Participant, request_id: int) -> PairRequest:
    """A request to them. Of one that they must not know of (after a "not for me") there is nothing."""
    found = request_to(participant, request_id)
    if found is None:
        raise Http404
    return found


def _show(request: Any, found: PairRequest, *, word: str = "") -> HttpResponseBase:
    """What they were asked, or how it ended; a link of before leads to the newest request of the two."""
    participant, now = request.participant, timezone.now()
    newest = newest_of(found)
    if newest.pk != found.pk:
        return redirect("pair_request", request.organization.slug, participant.pk, newest.pk)
    today = today_in(request.organization.time_zone, now)
    seen = cards_between(participant.cohort, [(participant.pk, found.sender_id)])
    context = participant_context(
        request,
        participant,
        asked=found,
        sender=found.sender,
        card=next(iter(seen.values()), None),
        word=word,
        is_open=request_is_open(found, now) and choosing_is_open(participant.cohort, today),
        until=last_day(found.expires_at, request.organization.time_zone),
        pair=pair_between(participant, found.sender) if found.status == RequestStatus.ACCEPTED else None,
    )
    return page_or_fragment(request, "matching/requests/request.html", context)
