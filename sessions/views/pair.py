"""A pair's own page, and what its two people do there."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mentoring.queries.locks import locked
from mentoring.rules import NotAllowed
from mentoring.views.pages import tell_saved
from programs.guards import participant_view
from programs.models import Pair, Participant
from programs.queries.cohorts import contact_of
from sessions.actions.meetings import (
    PlannedMeanwhile,
    cancel_meeting,
    mark_held,
    mark_missed,
    move_meeting,
    plan_meeting,
    undo_answer,
)
from sessions.enums import MeetingStatus
from sessions.forms import ClocksForm, MeetingForm, prefilled, suggestion
from sessions.models import Meeting
from sessions.queries.meetings import WITH_PEOPLE, Side, find_meeting, side_of
from sessions.queries.page import PairPage, pair_page
from sessions.rules import ClockJump, moment_of
from sessions.times import difference

WAKING = range(8, 18)
ANSWERS = {"held": mark_held, "missed": mark_missed, "undo": undo_answer}


def side_or_404(participant: Participant, pair_id: int) -> Side:
    pair = Pair.objects.select_related(*WITH_PEOPLE).filter(pk=pair_id).first()
    side = side_of(pair, participant.pk) if pair else None
    if side is None:
        raise Http404
    return side


def meeting_or_404(side: Side, meeting_id: int) -> Meeting:
    meeting = find_meeting(side.pair, meeting_id)
    if meeting is None:
        raise Http404
    return meeting


def pair_url_parts(request: Any, side: Side) -> dict[str, Any]:
    return {
        "organization": request.organization.slug,
        "participant_id": side.participant.pk,
        "pair_id": side.pair.pk,
    }


def back_to_pair(request: Any, side: Side) -> HttpResponseBase:
    return redirect("pair", **pair_url_parts(request, side))


def pair_context(side: Side, page: PairPage, form: MeetingForm, now: datetime) -> dict[str, Any]:
    return {
        "side": side,
        "participant": side.participant,
        "page": page,
        "form": form,
        "contact": contact_of(side.pair.cohort.program),
        "partner_now": side.clocks(now, 0),
        "apart": difference(now, side.my_zone, side.their_zone),
        "wide": True,
    }


def plan_form(side: Side, page: PairPage, now: datetime, data: Any = None) -> MeetingForm:
    initial = {**suggestion(side, now, page.last), "seen": page.seen}
    return MeetingForm(data, side=side, now=now, initial=initial)


@participant_view
@require_safe
def pair(request: Any, participant: Participant, pair_id: int) -> TemplateResponse:
    now = timezone.now()
    side = side_or_404(participant, pair_id)
    page = pair_page(side, now=now)
    context = pair_context(side, page, plan_form(side, page, now), now)
    context["planning"] = page.next is None or "plan" in request.GET
    return TemplateResponse(request, "sessions/pair.html", context)


@participant_view
def plan(request: Any, participant: Participant, pair_id: int) -> HttpResponseBase:
    now = timezone.now()
    side = side_or_404(participant, pair_id)
    if request.method != "POST":
        return back_to_pair(request, side)
    page = pair_page(side, now=now)
    form = plan_form(side, page, now, request.POST)
    if form.is_valid():
        try:
            planned = plan_meeting(
                pair=side.pair,
                starts_at=form.cleaned_data["starts_at"],
                minutes=form.cleaned_data["minutes"],
                place=form.cleaned_data["place"],
                participant=participant,
                seen=form.cleaned_data["seen"],
                now=now,
                by=request.actor,
            )
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
            if isinstance(refusal, PlannedMeanwhile):
                page = pair_page(side, now=now)
                form.data = {**request.POST.dict(), "seen": str(refusal.meeting.number)}
        else:
            if planned.told_at == now:
                messages.success(request, _("Planned. The invitation is on its way to both of you."))
            else:
                messages.info(request, _("This meeting was planned before. Nothing has changed."))
            return back_to_pair(request, side)
    context = {**pair_context(side, page, form, now), "planning": True}
    return TemplateResponse(request, "sessions/pair.html", context, status=422)


@participant_view
@require_safe
def clocks(request: Any, participant: Participant, pair_id: int) -> TemplateResponse:
    """What the time typed so far is for the partner: a line under the form."""
    side = side_or_404(participant, pair_id)
    form = ClocksForm(request.GET)
    found, problem = None, ""
    if form.is_valid():
        try:
            zone = MeetingForm(side=side, now=timezone.now()).zone
            found = side.clocks(moment_of(form.cleaned_data["date"], form.cleaned_data["time"], zone), 0)
        except ClockJump as jump:
            problem = str(jump)
    odd = found is not None and found.other.hour not in WAKING
    context = {"side": side, "clocks": found, "problem": problem, "odd": odd}
    return TemplateResponse(request, "sessions/clocks.html", context)


@participant_view
def meeting(request: Any, participant: Participant, pair_id: int, meeting_id: int) -> HttpResponseBase:
    """Move a planned meeting; plan one again that was cancelled or did not happen."""
    now = timezone.now()
    side = side_or_404(participant, pair_id)
    if request.method == "POST":
        locked(side.pair)
    found = meeting_or_404(side, meeting_id)
    if found.status != MeetingStatus.PLANNED:
        return plan_again(request, side, found, now)
    again = found.starts_at <= now
    initial = suggestion(side, now, found) if again else prefilled(side, found)
    form = MeetingForm(request.POST or None, side=side, now=now, initial=initial, moving=not again)
    if request.method == "POST" and form.is_valid():
        try:
            moved = move_meeting(
                meeting=found,
                starts_at=form.cleaned_data["starts_at"],
                minutes=form.cleaned_data["minutes"],
                place=form.cleaned_data["place"],
                participant=participant,
                now=now,
                by=request.actor,
            )
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            is_moved = moved.told_at == now
            tell_saved(request, is_moved, _("Changed. Both calendars take it over from our mail."))
            return back_to_pair(request, side)
    context = {**meeting_page(side, found, form), "again": again}
    return TemplateResponse(request, "sessions/meeting.html", context, status=422 if form.errors else 200)


def plan_again(request: Any, side: Side, found: Meeting, now: datetime) -> HttpResponseBase:
    if found.status == MeetingStatus.HELD or request.method == "POST":
        messages.info(request, _("This meeting can no longer be moved. Here you plan the next one."))
        return back_to_pair(request, side)
    page = pair_page(side, now=now)
    form = MeetingForm(side=side, now=now, initial={**suggestion(side, now, found), "seen": page.seen})
    context = {**meeting_page(side, found, form), "new": True, "again": True}
    return TemplateResponse(request, "sessions/meeting.html", context)


def meeting_page(side: Side, found: Meeting, form: MeetingForm) -> dict[str, Any]:
    clocks = side.clocks(found.starts_at, found.minutes)
    return {
        "side": side,
        "participant": side.participant,
        "meeting": found,
        "form": form,
        "clocks": clocks,
        "contact": contact_of(side.pair.cohort.program),
    }


@participant_view
@require_POST
def cancel(request: Any, participant: Participant, pair_id: int, meeting_id: int) -> HttpResponseBase:
    side = side_or_404(participant, pair_id)
    found = meeting_or_404(side, meeting_id)
    if cancel_meeting(meeting=found, participant=participant, now=timezone.now(), by=request.actor):
        messages.success(request, _("Cancelled. Both calendars take it out with our mail."))
    else:
        messages.info(request, _("This meeting was cancelled before. Nothing has changed."))
    return back_to_pair(request, side)


@participant_view
@require_POST
def answer(request: Any, participant: Participant, pair_id: int, meeting_id: int) -> HttpResponseBase:
    side = side_or_404(participant, pair_id)
    found = meeting_or_404(side, meeting_id)
    change = ANSWERS.get(request.POST.get("answer", ""))
    if change is None:
        raise NotAllowed(_("Choose whether you met or not."))
    if change(meeting=found, participant=participant, now=timezone.now(), by=request.actor):
        messages.success(request, _("Thank you, noted."))
    else:
        messages.info(request, _("Thank you. That was noted before."))
    return back_to_pair(request, side)
