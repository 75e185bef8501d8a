from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from matching.actions.criteria import add_criterion, change_criterion, remove_criterion
from matching.actions.settings import ensure_criteria
from matching.forms.settings import CriterionForm
from matching.models import Criterion
from matching.queries.settings import criteria_of, question_labels
from matching.queries.sources import (
    ASKED,
    FURTHER,
    ROSTER,
    Comparable,
    comparables,
    comparators_of,
    join,
    source_text,
)
from matching.rules import parse_source
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment, tell_saved
from programs.actions.cohorts import lock_cohort
from programs.models import Cohort
from programs.views.cohort_page import cohort_context, cohort_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def criterion_add(request: Any, cohort_id: int) -> HttpResponseBase:
    """Without `compare` the list of what there is; with it, how that shall count."""
    cohort = cohort_or_404(cohort_id)
    ensure_criteria(cohort=cohort, by=request.actor)
    offered = comparables(cohort)
    asked = request.POST.get("compare") or request.GET.get("compare") or ""
    compared = offered.get(asked)
    if compared is None:
        context = cohort_context(request, cohort, tab="match", groups=_groups(cohort, offered), unknown=asked)
        return page_or_fragment(
            request, "matching/settings_offered.html", context, status=422 if asked else 200
        )
    form = CriterionForm(request.POST or None, comparators=compared.comparators)
    if request.method == "POST" and form.is_valid():
        data = form.changed_values()
        try:
            added = add_criterion(cohort=cohort, source=compared.key, **data, by=request.actor)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("“%(label)s” counts from the next run on.") % {"label": added.label})
            return redirect("match_settings", request.organization.slug, cohort.pk)
    return _criterion_page(request, cohort, form, compared=compared)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def criterion(request: Any, cohort_id: int, criterion_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    if request.method == "POST":
        cohort = lock_cohort(cohort)
    criteria = list(criteria_of(cohort))
    own = next((one for one in criteria if one.pk == criterion_id), None)
    if own is None:
        raise Http404
    offered = comparables(cohort)
    before = {name: getattr(own, name) for name in ("comparator", "weight", "label")}
    form = CriterionForm(
        request.POST or None,
        comparators=comparators_of(own, offered),
        places=len(criteria),
        initial={**before, "place": criteria.index(own) + 1},
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_criterion(criterion=own, **form.changed_values(), by=request.actor)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            tell_saved(request, changed, _("Saved. It counts from the next run on."))
            return redirect("match_settings", request.organization.slug, cohort.pk)
    compared = offered.get(join(own.mentor_source, own.mentee_source))
    return _criterion_page(request, cohort, form, compared=compared, own=own)


@require_POST
@member_view(Permission.RUN_MATCHING)
def criterion_remove(request: Any, cohort_id: int, criterion_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    own = criteria_of(cohort).filter(pk=criterion_id).first()
    if own is None:
        raise Http404
    remove_criterion(criterion=own, by=request.actor)
    messages.success(request, _("“%(label)s” no longer counts from the next run on.") % {"label": own.label})
    return redirect("match_settings", request.organization.slug, cohort.pk)


def _groups(cohort: Cohort, offered: dict[str, Comparable]) -> list[dict[str, Any]]:
    """What is on offer under three headings, each with the criteria that compare it already."""
    used: dict[str, list[str]] = {}
    for one in criteria_of(cohort):
        used.setdefault(join(one.mentor_source, one.mentee_source), []).append(one.label)
    titles = {
        ROSTER: _("From the roster"),
        ASKED: _("From the questionnaires"),
        FURTHER: _("Further columns of the roster"),
    }
    return [
        {
            "title": title,
            "rows": [
                {"compared": one, "used": used.get(key, [])}
                for key, one in offered.items()
                if one.group == group
            ],
        }
        for group, title in titles.items()
        if group != FURTHER or any(one.group == FURTHER for one in offered.values())
    ]


def _criterion_page(
    request: Any,
    cohort: Cohort,
    form: CriterionForm,
    *,
    compared: Comparable | None,
    own: Criterion | None = None,
) -> HttpResponseBase:
    if compared:
        texts = (compared.mentor_text, compared.mentee_text)
    else:
        assert own
        texts = sources_in_words(own, question_labels(cohort))
    context = cohort_context(
        request,
        cohort,
        tab="match",
        form=form,
        compared=compared,
        own=own,
        texts=texts,
    )
    return page_or_fragment(
        request, "matching/settings_criterion.html", context, status=422 if form.errors else 200
    )


def sources_in_words(one: Criterion, labels: dict[tuple[str, str], str]) -> tuple[str, str]:
    return (
        source_text(parse_source(one.mentor_source), "mentor", labels),
        source_text(parse_source(one.mentee_source), "mentee", labels),
    )
