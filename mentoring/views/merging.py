"""Two entries of the roster are one person: find the double, look at both, merge."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from mentoring.actions import merging
from mentoring.actions.people_by_hand import WrongValues
from mentoring.forms.people import DoubleForm, MergeForm
from mentoring.people.recognizing import are_two_names
from mentoring.queries import people as queries
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.people import person_or_404

FOUND_AT_MOST = 20


@member_view(Permission.IMPORT_PEOPLE)
def find_double(request: Any, person_id: int) -> TemplateResponse:
    """Who has the same name is offered; anybody else can be searched for."""
    person = person_or_404(person_id)
    words = DoubleForm(request.GET).words()
    people = queries.people_found({"q": words}) if words else queries.namesakes(person)
    people = people.exclude(pk=person.pk)[:FOUND_AT_MOST]
    context = {"person": person, "words": words, "found": people, "at_most": FOUND_AT_MOST}
    return TemplateResponse(request, "people/find_double.html", context)


@member_view(Permission.IMPORT_PEOPLE)
def merge(request: Any, person_id: int, double_id: int) -> HttpResponseBase:
    kept, double = person_or_404(person_id), person_or_404(double_id)
    if kept == double:
        raise Http404
    form = MergeForm(request.POST or None, kept, double)
    if request.method == "POST" and form.is_valid():
        try:
            saved = merging.merge_people(
                kept=kept, double=double, entry=form.entry(), now=timezone.now(), by=request.actor
            )
        except WrongValues as refusal:
            form.add_problems(refusal.problems)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The two are one entry now: %(name)s.") % {"name": saved})
            return redirect("person", request.organization.slug, saved.pk)
    context = {
        "form": form,
        "kept": kept,
        "double": double,
        "refusals": merging.refusals(kept, double, request.actor),
        "moves": merging.what_moves(kept, double),
        "other_names": are_two_names(kept.name, double.name),
    }
    return TemplateResponse(request, "people/merge.html", context, status=422 if form.errors else 200)
