"""What the champion has said of single pairings: keep, never, why; on a pair, and all of a cohort."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from matching.actions.rulings import rule_pairing
from matching.enums import RulingKind
from matching.forms.edits import NoteForm, RulingForm
from matching.forms.filters import RulingFilterForm
from matching.models import Ruling
from matching.queries.drafts import overridden_words, rulings_on
from matching.queries.pairing import rule_words
from matching.queries.rulings import rulings_found
from matching.queries.settings import settings_now
from matching.views.workbench.lookup import proposal_or_404
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import back, member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment, tell_saved
from programs.models import Cohort
from programs.views.cohort_page import cohort_context, cohort_or_404

PAGE_SIZE = 25


@require_POST
@member_view(Permission.RUN_MATCHING)
def match_rule(request: Any, cohort_id: int, proposal_id: int) -> HttpResponseBase:
    """Keep, never, or take it back, with a note; counts from the next run on."""
    cohort = cohort_or_404(cohort_id)
    proposal = proposal_or_404(cohort, proposal_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        raise Http404
    rule_pairing(
        mentor=proposal.mentor,
        mentee=proposal.mentee,
        kind=form.said,
        by=request.actor,
        note=form.cleaned_data["note"],
    )
    if request.htmx:
        ids = (proposal.mentor_id, proposal.mentee_id)
        context = {
            "cohort": cohort,
            "proposal": proposal,
            "ruling": rulings_on(proposal.run, [proposal]).get(ids),
            "broken": overridden_words(proposal),
            "fresh": True,
        }
        return page_or_fragment(request, "matching/ruling.html", context)
    if request.META.get("HTTP_REFERER"):
        return back(request, fragment=f"ruling-{proposal.pk}")
    return redirect("match", request.organization.slug, cohort.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def match_rulings(request: Any, cohort_id: int) -> HttpResponseBase:
    """Everything that is kept and ruled out in a cohort, by whom and why; and a way to say more."""
    cohort = cohort_or_404(cohort_id)
    people_url = reverse("match_people", args=[request.organization.slug, cohort.pk])
    form = RulingForm(request.POST or None, cohort=cohort, people_url=people_url)
    if request.method == "POST" and form.is_valid() and _say(request, form):
        return redirect("match_rulings", request.organization.slug, cohort.pk)
    filters = RulingFilterForm(request.GET)
    found = rulings_found(cohort, words=filters.value("q"), said=filters.value("said"))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = cohort_context(
        request,
        cohort,
        tab="match",
        entry=form,
        form=filters,
        active=filters.active,
        page=page,
        rows=_rows(cohort, page.object_list),
    )
    status = 422 if form.errors else 200
    return page_or_fragment(request, "matching/rulings.html", context, fragment="found", status=status)


def _say(request: Any, form: RulingForm) -> bool:
    """What cannot be said is told beside the form, with everything that was typed."""
    data = form.cleaned_data
    try:
        changed = rule_pairing(
            mentor=data["mentor"],
            mentee=data["mentee"],
            kind=RulingKind(data["kind"]),
            by=request.actor,
            note=data["note"],
            override=data["override"],
        )
    except NotAllowed as refusal:
        form.add_error("note" if data["override"] and not data["note"] else "mentee", str(refusal))
        return False
    tell_saved(request, changed, _("Noted. It counts from the next run on."))
    return True


def _rows(cohort: Cohort, found: Iterable[Ruling]) -> list[dict[str, Any]]:
    rows = list(found)
    labels = settings_now(cohort).labels if any(row.overrides for row in rows) else {}
    return [{"ruling": row, "broken": rule_words(row.overrides, labels)} for row in rows]


@require_POST
@member_view(Permission.RUN_MATCHING)
def match_ruling_undo(request: Any, cohort_id: int, ruling_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    ruling = rulings_found(cohort).filter(pk=ruling_id).first()
    if ruling is None:
        raise Http404
    changed = rule_pairing(mentor=ruling.mentor, mentee=ruling.mentee, kind=None, by=request.actor)
    tell_saved(request, changed, _("Taken back. It counts from the next run on."))
    return redirect("match_rulings", request.organization.slug, cohort.pk)
