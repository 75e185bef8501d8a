from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from matching.actions.settings import change_options, change_settings, check_confidence, ensure_criteria
from matching.forms.settings import OptionsForm, SettingsForm
from matching.models import Criterion
from matching.queries.groups import gap_groups
from matching.queries.inputs import load_inputs
from matching.queries.settings import (
    exclusions,
    match_settings_of,
    question_labels,
    rules_of,
    settings_now,
)
from matching.queries.sources import Comparable, comparables, join
from matching.rules import COMPARISON_WORDS, FORBIDDING, OPEN_ATTRIBUTES, parse_source
from matching.run_settings import Settings
from matching.views.settings.criteria import sources_in_words
from mentoring.actors import Actor
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment, tell_saved
from programs.actions.cohorts import lock_cohort
from programs.models import Cohort
from programs.views.cohort_page import cohort_context, cohort_or_404


@dataclass
class Editor:
    """Everything one page edits, read once: criteria with what they may become, rules and options."""

    cohort: Cohort
    criteria: list[Criterion]
    offered: dict[str, Comparable]
    form: SettingsForm
    options: OptionsForm

    @property
    def is_valid(self) -> bool:
        """Both forms are checked, so that all that is wrong shows at once."""
        return all([self.form.is_valid(), self.options.is_valid()]) and self._keeps_confidence()

    def settings(self) -> Settings:
        """As they stand on the page, saved or not."""
        changes = replace(self.form.changes(), options=self.options.options())
        return settings_now(self.cohort).changed(changes)

    def _keeps_confidence(self) -> bool:
        """Neither saved nor looked at beforehand: a preview counts each one's possible partners."""
        try:
            check_confidence(self.cohort, self.settings().criteria)
        except NotAllowed as refusal:
            self.form.add_error(None, str(refusal))
        return not self.form.errors


def _editor(cohort: Cohort, data: Any, *, by: Actor) -> Editor:
    criteria = ensure_criteria(cohort=cohort, by=by)
    offered = comparables(cohort)
    form = SettingsForm(data, criteria=criteria, rules=rules_of(cohort), offered=offered)
    own = match_settings_of(cohort)
    options = OptionsForm(data, own=own, compared=offered, groups=gap_groups(cohort))
    return Editor(cohort, criteria, offered, form, options)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def match_settings(request: Any, cohort_id: int) -> HttpResponseBase:
    cohort = cohort_or_404(cohort_id)
    if request.method == "POST":
        cohort = lock_cohort(cohort)
    editor = _editor(cohort, request.POST or None, by=request.actor)
    if request.method == "POST" and editor.is_valid:
        asked, options = editor.form.changes(), editor.options.fields_set()
        changed = change_settings(
            cohort=cohort,
            weights=asked.weights,
            rules=asked.rules,
            relations=asked.relations,
            by=request.actor,
        )
        changed = change_options(cohort=cohort, options=options, by=request.actor) or changed
        tell_saved(request, changed, _("Saved. It counts from the next run on."))
        return redirect("match", request.organization.slug, cohort.pk)
    return _page(request, editor)


@require_POST
@member_view(Permission.RUN_MATCHING)
def match_preview(request: Any, cohort_id: int) -> HttpResponseBase:
    """What the settings as they stand on the page, saved or not, mean for the people of the cohort."""
    cohort = cohort_or_404(cohort_id)
    editor = _editor(cohort, request.POST, by=request.actor)
    if not editor.is_valid:
        return _page(request, editor)
    # Numpy takes its time to load, and few web processes ever need it.
    from matching.preview import look_ahead

    return _page(request, editor, look_ahead(load_inputs(cohort, editor.settings())))


def _page(request: Any, editor: Editor, preview: Any = None) -> HttpResponseBase:
    labels = question_labels(editor.cohort)
    wrong = editor.form.errors or editor.options.errors
    context = cohort_context(
        request,
        editor.cohort,
        tab="match",
        form=editor.form,
        options=editor.options,
        rows=[_row(one, editor, labels) for one in editor.criteria],
        switches=editor.form.switches(),
        exclusions=exclusions().count(),
        preview=preview,
    )
    return page_or_fragment(
        request, "matching/settings.html", context, fragment="preview", status=422 if wrong else 200
    )


def _row(one: Criterion, editor: Editor, labels: dict[tuple[str, str], str]) -> dict[str, Any]:
    compared = editor.offered.get(join(one.mentor_source, one.mentee_source))
    texts = (compared.mentor_text, compared.mentee_text) if compared else sources_in_words(one, labels)
    sources = [parse_source(one.mentor_source), parse_source(one.mentee_source)]
    beyond = any(not source.is_question and source.keys[0] not in OPEN_ATTRIBUTES for source in sources)
    return {
        "criterion": one,
        "words": COMPARISON_WORDS[one.comparator],
        "texts": list(dict.fromkeys(texts)),
        "rule": one.comparator in FORBIDDING,
        "confidential": compared.confidential if compared else beyond,
        "relation": editor.form.relation(one),
        "weight": editor.form[f"weight-{one.key}"],
    }
