from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from mentoring.models import Person
from mentoring.queries.outbox import has_failed_mail
from mentoring.rules import today_in
from mentoring.tenancy.guards import back, member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment
from programs.actions.participants import Invited, invite_people, resend_invitation, withdraw_participant
from programs.enums import PairRole
from programs.forms.participants import InviteForm, ParticipantFilterForm, PeopleToInviteForm
from programs.models import Cohort, Participant
from programs.queries import participants as queries
from programs.queries.cohorts import add_funnels, funnels
from programs.rules import enrolment_is_open, why_enrolment_is_closed
from programs.views.cohort_page import cohort_context, cohort_or_404


@member_view(Permission.VIEW_PROGRAMS)
def participants(request: Any, cohort_id: int) -> TemplateResponse:
    cohort = cohort_or_404(cohort_id)
    form = ParticipantFilterForm(request.GET)
    found = queries.participants_found(cohort, form.criteria(), today=_today(request))
    found = found.annotate(mail_failed=has_failed_mail("person__", now=timezone.now()))
    paginator = Paginator(found, queries.PAGE_SIZE)
    by_role = funnels(cohort)
    context = cohort_context(
        request,
        cohort,
        tab="cohort_participants",
        form=form,
        active=form.is_active(),
        page=paginator.get_page(request.GET.get("page")),
        funnels=by_role,
        mentors=by_role[PairRole.MENTOR],
        mentees=by_role[PairRole.MENTEE],
        people=add_funnels(*by_role.values()),
        may_see_mail=request.membership.has(Permission.MANAGE_MAIL),
        is_open=_is_open(request, cohort),
    )
    return page_or_fragment(request, "programs/participants.html", context, fragment="participants")


@member_view(Permission.MANAGE_PROGRAMS)
def invite(request: Any, cohort_id: int) -> HttpResponseBase:
    """Filter the roster, then invite the ticked ones or all that fit: the filter stands in the address of
    the form as well, so that "all" means all pages of it."""
    cohort = cohort_or_404(cohort_id)
    filters = PeopleToInviteForm(request.GET)
    found = queries.people_found(cohort, filters.criteria(), today=_today(request))
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        people = found if form.cleaned_data["who"] == "all" else Person.objects.filter(pk__in=form.ticked)
        role = PairRole(form.cleaned_data["role"])
        result = invite_people(cohort=cohort, people=people, role=role, by=request.actor, now=timezone.now())
        _tell(request, result, role)
        return redirect("cohort_participants", request.organization.slug, cohort.pk)
    context = cohort_context(
        request,
        cohort,
        tab="cohort_participants",
        filters=filters,
        active=filters.is_active(),
        form=form,
        page=Paginator(found, queries.PAGE_SIZE).get_page(request.GET.get("page")),
        invitable=queries.invitable(found),
        closed="" if _is_open(request, cohort) else why_enrolment_is_closed(cohort, _today(request)),
    )
    status = 422 if form.errors else 200
    return page_or_fragment(request, "programs/invite.html", context, fragment="people", status=status)


@member_view(Permission.MANAGE_PROGRAMS)
@require_POST
def resend(request: Any, cohort_id: int, participant_id: int) -> HttpResponseBase:
    participant = _participant_or_404(cohort_id, participant_id)
    resend_invitation(participant=participant, by=request.actor, now=timezone.now())
    messages.success(request, _("%(name)s gets the invitation again.") % {"name": participant.person})
    return back(request)


@member_view(Permission.MANAGE_PROGRAMS)
@require_POST
def withdraw(request: Any, cohort_id: int, participant_id: int) -> HttpResponseBase:
    participant = _participant_or_404(cohort_id, participant_id)
    withdraw_participant(participant=participant, by=request.actor)
    messages.success(request, _("%(name)s no longer takes part.") % {"name": participant.person})
    return back(request)


def _participant_or_404(cohort_id: int, participant_id: int) -> Participant:
    participant = queries.participant_in(cohort_or_404(cohort_id), participant_id)
    if participant is None:
        raise Http404
    return participant


def _today(request: Any) -> Any:
    return today_in(request.organization.time_zone, timezone.now())


def _is_open(request: Any, cohort: Cohort) -> bool:
    return enrolment_is_open(cohort, _today(request))


def _tell(request: Any, result: Invited, role: PairRole) -> None:
    """How many were invited, and how many not and why."""
    number = {"number": result.invited}
    if role == PairRole.MENTOR:
        text = ngettext(
            "%(number)s person invited as mentor.", "%(number)s people invited as mentors.", result.invited
        )
    else:
        text = ngettext(
            "%(number)s person invited as mentee.", "%(number)s people invited as mentees.", result.invited
        )
    notes = [text % number]
    for count, singular, plural in (
        (result.already, _("%(n)s is in this cohort already."), _("%(n)s are in this cohort already.")),
        (result.without_email, _("%(n)s has no e-mail address."), _("%(n)s have no e-mail address.")),
        (result.left, _("%(n)s has left."), _("%(n)s have left.")),
        (
            result.resting,
            _("%(n)s person is taking a break and was not invited."),
            _("%(n)s people are taking a break and were not invited."),
        ),
    ):
        if count:
            notes.append((singular if count == 1 else plural) % {"n": count})
    (messages.success if result.invited else messages.warning)(request, " ".join(notes))
