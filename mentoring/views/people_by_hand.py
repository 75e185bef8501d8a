"""One person of the roster by hand: add, correct, mark as left, have back."""

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mentoring.actions import people_by_hand as actions
from mentoring.actions.leaving import bring_back, what_ends
from mentoring.enums import PersonStatus
from mentoring.forms.people import LeavingForm, PersonForm
from mentoring.mail.links import link_mark
from mentoring.models import Person
from mentoring.people.addresses import in_words
from mentoring.people.plan import Plan
from mentoring.rules import today_in
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import tell_saved
from mentoring.views.people import person_or_404


@member_view(Permission.IMPORT_PEOPLE)
def add(request: Any) -> HttpResponseBase:
    return _edit(request, None)


@member_view(Permission.IMPORT_PEOPLE)
def correct(request: Any, person_id: int) -> HttpResponseBase:
    return _edit(request, person_or_404(person_id, locked=request.method == "POST"))


def _edit(request: Any, person: Person | None) -> HttpResponseBase:
    """Where a log-in moves or an address is taken off a leaver, the page says so and asks once more."""
    form = PersonForm(request.POST or None, person)
    consequences: list[str] = []
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        entry = form.entry()
        plan = actions.plan_entry(entry=entry, person=person, now=now, by=request.actor)
        consequences = _consequences(plan)
        form.add_problems(plan.errors)
        if not plan.errors and _is_confirmed(request, consequences):
            saved = actions.save_person(entry=entry, person=person, now=now, by=request.actor)
            text = _("%(name)s is on the roster now.") if person is None else _("%(name)s is saved.")
            tell_saved(request, bool(plan.new or plan.changed), text % {"name": saved})
            return redirect("person", request.organization.slug, saved.pk)
    context = {
        "form": form,
        "person": person,
        "consequences": [] if form.errors else consequences,
        "confirmation": link_mark(*consequences),
    }
    return TemplateResponse(request, "people/edit.html", context, status=422 if form.is_bound else 200)


def _consequences(plan: Plan) -> list[str]:
    return [in_words(move) for move in plan.moves if move.login or move.left]


def _is_confirmed(request: Any, consequences: list[str]) -> bool:
    return not consequences or constant_time_compare(
        request.POST.get("confirmed", ""), link_mark(*consequences)
    )


@member_view(Permission.IMPORT_PEOPLE)
def leave(request: Any, person_id: int) -> HttpResponseBase:
    person = person_or_404(person_id)
    today = today_in(request.organization.time_zone, timezone.now())
    form = LeavingForm(request.POST or None, today=today, person=person)
    if person.status == PersonStatus.LEFT:
        return redirect("person", request.organization.slug, person.pk)
    if request.method == "POST" and form.is_valid():
        is_news = actions.leave(
            person=person, **form.cleaned_data, today=today, now=timezone.now(), by=request.actor
        )
        person.refresh_from_db()
        has_left = person.status == PersonStatus.LEFT
        words = _("%(name)s has left.") if has_left else _("The last day of %(name)s is noted.")
        tell_saved(request, is_news, words % {"name": person})
        return redirect("person", request.organization.slug, person.pk)
    context = {
        "form": form,
        "person": person,
        "may_end": actions.may_end(person, request.actor),
        "endings": what_ends([person.pk], now=timezone.now()),
    }
    return TemplateResponse(request, "people/leave.html", context, status=422 if form.errors else 200)


@member_view(Permission.IMPORT_PEOPLE)
@require_POST
def come_back(request: Any, person_id: int) -> HttpResponseBase:
    person = person_or_404(person_id)
    had_left = bring_back(person=person, now=timezone.now(), by=request.actor)
    tell_saved(request, had_left, _("%(name)s is here again, and can be invited.") % {"name": person})
    return redirect("person", request.organization.slug, person.pk)
