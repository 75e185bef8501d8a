from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from matching.actions.exclusions import add_exclusion, remove_exclusion
from matching.actions.settings import change_settings, ensure_criteria
from matching.forms.filters import ExclusionFilterForm
from matching.forms.settings import ExclusionForm, SettingsForm
from matching.models import Criterion
from matching.queries.people import people_named
from matching.queries.settings import exclusions, exclusions_found, question_labels, rules_of
from matching.rules import COMPARISON_WORDS, OPEN_ATTRIBUTES, Source, parse_source
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment, typed
from programs.views.cohort_page import cohort_context, cohort_or_404

PAGE_SIZE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def match_settings(request: Any, cohort_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    criteria = ensure_criteria(cohort=cohort, by=request.actor)
    form = SettingsForm(request.POST or None, criteria=criteria, rules=rules_of(cohort))
    if request.method == "POST" and form.is_valid():
        changed = change_settings(cohort=cohort, weights=form.weights(), rules=form.rules(), by=request.actor)
        if changed:
            messages.success(request, _("Saved. It counts from the next run on."))
        else:
            messages.info(request, _("Nothing was different."))
        return redirect("match", request.organization.slug, cohort.pk)
    labels = question_labels(cohort)
    context = cohort_context(
        request,
        cohort,
        tab="match",
        form=form,
        rows=[_row(one, form, labels) for one in criteria],
        switches=[form[name] for name in form.fields if name.startswith("rule-")],
        exclusions=exclusions().count(),
    )
    return page_or_fragment(request, "matching/settings.html", context, status=422 if form.errors else 200)


def _row(one: Criterion, form: SettingsForm, labels: dict[tuple[str, str], str]) -> dict[str, Any]:
    return {
        "criterion": one,
        "words": COMPARISON_WORDS[one.comparator],
        "mentor": _source_words(parse_source(one.mentor_source), "mentor", labels),
        "mentee": _source_words(parse_source(one.mentee_source), "mentee", labels),
        "field": form[f"weight-{one.key}"],
    }


def _source_words(source: Source, audience: str, labels: dict[tuple[str, str], str]) -> str:
    if not source.is_question:
        key = source.keys[0]
        return _("Roster: %(attribute)s") % {"attribute": OPEN_ATTRIBUTES.get(key, key)}
    if len(source.keys) == 1:
        return labels.get((audience, source.keys[0]), source.keys[0])
    first = labels.get((audience, source.keys[0]), source.keys[0])
    more = len(source.keys) - 1
    text = ngettext("%(first)s and %(more)s more question", "%(first)s and %(more)s more questions", more)
    return text % {"first": first, "more": more}


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def exclusion_list(request: Any) -> HttpResponseBase:
    """Two people who must not be paired, in any cohort: why is a note for champions."""
    people_url = reverse("exclusion_people", args=[request.organization.slug])
    form = ExclusionForm(request.POST or None, people_url=people_url)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            add_exclusion(person=data["person"], other=data["other"], note=data["note"], by=request.actor)
        except NotAllowed as refusal:
            form.add_error("other", str(refusal))
        else:
            messages.success(
                request,
                _("%(one)s and %(other)s will not be paired.")
                % {"one": data["person"], "other": data["other"]},
            )
            return redirect("exclusions", request.organization.slug)
    filters = ExclusionFilterForm(request.GET)
    page = Paginator(exclusions_found(filters.value("q")), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": filters, "active": filters.active, "entry": form, "page": page}
    status = 422 if form.errors else 200
    return page_or_fragment(request, "matching/exclusions.html", context, fragment="found", status=status)


@require_safe
@member_view(Permission.RUN_MATCHING)
def exclusion_people(request: Any) -> HttpResponseBase:
    """Suggestions for a name that is being typed."""
    words = typed(request, "person", "other")
    context = {"people": people_named(words) if len(words) > 1 else []}
    return page_or_fragment(request, "matching/people_options.html", context)


@require_POST
@member_view(Permission.RUN_MATCHING)
def exclusion_remove(request: Any, exclusion_id: int) -> HttpResponseBase:
    exclusion = exclusions().filter(pk=exclusion_id).first()
    if exclusion is None:
        raise Http404
    remove_exclusion(exclusion=exclusion, by=request.actor)
    messages.success(request, _("They can be paired again from the next run on."))
    return redirect("exclusions", request.organization.slug)
