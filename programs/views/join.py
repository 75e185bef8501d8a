"""A participant's way in: the link from the mail, yes or no, and their own page."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mentoring.mail.links import ClosedLink, person_mark
from mentoring.mail.outbox import Recipient, queue_mail
from mentoring.queries.contacts import mail_context
from mentoring.rules import today_in
from mentoring.tenancy.guards import signed_view
from mentoring.tenancy.signed_out import has_kept_form, resume_page, user_key
from programs.actions.participants import decline_invitation, join_cohort
from programs.enums import PairRole, ParticipantStatus
from programs.forms.participants import DeclineForm, JoinForm
from programs.forms.rests import RestForm
from programs.guards import (
    may_take_part,
    open_session,
    participant_key,
    participant_url,
    participant_view,
)
from programs.models import Participant
from programs.next_steps import participant_step
from programs.panels import step_for
from programs.queries.cohorts import contact_of
from programs.queries.needs import needs_of
from programs.queries.pairs import pairs_of
from programs.queries.participants import participants
from programs.queries.rests import rest_of
from programs.registries import participant_panels
from programs.rules import enrolment_is_open, months_of, offers_rest, why_enrolment_is_closed


def mail_new_link(request: Any, claims: dict[str, Any]) -> None:
    """A fresh link to the same page for the person the old one was made for; one an hour is enough."""
    participant = participants().filter(pk=claims["p"]).first()
    if participant is None or not participant.person.email:
        return
    if not may_take_part(participant):
        raise ClosedLink
    program = participant.cohort.program
    queue_mail(
        "new_link",
        to=Recipient.of_person(participant.person, request.organization),
        context=mail_context(
            request.organization,
            contact=contact_of(program),
            program=program,
            url=participant_url(participant, claims["to"], **claims.get("m", {})),
        ),
        idempotency_key=f"new_link:{participant.pk}:{timezone.now():%Y%m%d%H}",
    )


@signed_view("open", renew=mail_new_link)
def open_link(request: Any, claims: dict[str, Any]) -> HttpResponseBase:
    """Opens the page and a session for it. Nothing is noted of the person: mail scanners open links, too."""
    participant = Participant.objects.select_related("person").filter(pk=claims["p"]).first()
    if participant is None or not constant_time_compare(claims.get("k", ""), person_mark(participant.person)):
        raise Http404
    if not may_take_part(participant):
        raise ClosedLink
    open_session(request, participant)
    ids = {"organization": request.organization.slug, "participant_id": participant.pk}
    if has_kept_form(request, participant_key(participant.pk)):
        return redirect(reverse("participant_resume", kwargs=ids))
    try:
        return redirect(reverse(claims["to"], kwargs={**ids, **claims.get("m", {})}))
    except NoReverseMatch:  # a mail of an earlier version
        return redirect(reverse("participant", kwargs=ids))


@participant_view
def resume(request: Any, participant: Participant) -> HttpResponseBase:
    """A form that was sent after the link's session had ended."""
    owner = participant_key(participant.pk)
    if not has_kept_form(request, owner) and request.user.is_authenticated:
        owner = user_key(request.user.pk)
    return resume_page(request, owner, participant=participant)


@participant_view
def join(request: Any, participant: Participant) -> HttpResponseBase:
    """Purpose, time it takes, what happens next; and yes, with the number of partners one can take."""
    cohort = participant.cohort
    today = today_in(request.organization.time_zone, timezone.now())
    is_open = enrolment_is_open(cohort, today)
    rest = rest_of(participant.person, today)
    form = JoinForm(request.POST or None, role=participant.role, initial={"capacity": participant.capacity})
    if request.method == "POST" and form.is_valid():
        capacity = form.cleaned_data["capacity"]
        join_cohort(participant=participant, capacity=capacity, by=request.actor, now=timezone.now())
        return redirect("questionnaire", request.organization.slug, participant.pk)
    months = len(months_of(cohort.starts_on, cohort.ends_on))
    context = participant_context(
        request,
        participant,
        form=form,
        decline_form=DeclineForm(
            initial={"reason": participant.decline_reason}, today=today, resting=rest is not None
        ),
        rest=rest,
        is_open=is_open and participant.status != ParticipantStatus.WITHDRAWN,
        closed="" if is_open else why_enrolment_is_closed(cohort, today),
        needs=needs_of(cohort) if _shows_needs(participant) else None,
        months=months,
        hours=round(months * cohort.meeting_minutes / 60, 1),
    )
    return TemplateResponse(request, "programs/join.html", context, status=422 if form.errors else 200)


def _shows_needs(participant: Participant) -> bool:
    return participant.role == PairRole.MENTOR and participant.cohort.needs_published_at is not None


@participant_view
@require_POST
def decline(request: Any, participant: Participant) -> HttpResponseBase:
    now = timezone.now()
    form = DeclineForm(request.POST, today=today_in(request.organization.time_zone, now))
    form.is_valid()  # a no counts whatever else is written there
    decline_invitation(
        participant=participant,
        reason=form.cleaned_data.get("reason", ""),
        until=form.cleaned_data.get("until"),
        by=request.actor,
        now=now,
    )
    messages.success(request, _("Thank you for telling us."))
    return redirect("participant", request.organization.slug, participant.pk)


@participant_view
def home(request: Any, participant: Participant) -> TemplateResponse:
    return own_page(request, participant)


def own_page(
    request: Any, participant: Participant, *, rest_form: RestForm | None = None
) -> TemplateResponse:
    """Where one stands and what comes next, with what the apps above add, and one's break."""
    today = today_in(request.organization.time_zone, timezone.now())
    step = participant_step(participant, list(pairs_of(participant)), today=today)
    panels = [
        {"template": panel.template, "panel": built}
        for panel in sorted(participant_panels, key=lambda panel: panel.order)
        if (built := panel.build(participant, request)) is not None
    ]
    context = participant_context(
        request,
        participant,
        panels=panels,
        next=step_for(request, participant, step),
        is_open=enrolment_is_open(participant.cohort, today),
        rest=rest_of(participant.person, today),
        rest_form=(rest_form or RestForm(today=today)) if offers_rest(participant) else None,
    )
    status = 422 if rest_form else 200
    return TemplateResponse(request, "programs/participant.html", context, status=status)


def participant_context(request: Any, participant: Participant, **more: Any) -> dict[str, Any]:
    """Context of every page of a participant."""
    return {
        "participant": participant,
        "cohort": participant.cohort,
        "program": participant.cohort.program,
        "contact": contact_of(participant.cohort.program),
        **more,
    }
