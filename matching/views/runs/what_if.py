"""What if: one run with other weights, rules, options or seats, beside the draft that counts."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from matching.actions.runs import start_run
from matching.actions.settings import ensure_criteria
from matching.enums import Method, RunPurpose
from matching.forms.settings import OptionsForm, SettingsForm
from matching.forms.what_if import WhatIfForm
from matching.models import Criterion, HardRule, MatchRun, MatchSettings
from matching.queries.groups import gap_groups
from matching.queries.runs import current_draft, open_run
from matching.queries.settings import criteria_of, fields_of, rules_of
from matching.queries.sources import comparables
from matching.rules import GAP_ALONE, Text, parse_group
from matching.run_settings import Changes
from matching.views.workbench.lookup import run_or_404
from mentoring.rules import NotAllowed
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment
from programs.models import Cohort
from programs.views.cohort_page import cohort_context, cohort_or_404


@dataclass
class Trial:
    """The three forms of the page, filled with how the run it starts from was made. `hint`: what to know of
    the gap that the page is opened to close."""

    criteria: list[Criterion]
    settings: SettingsForm
    options: OptionsForm
    about: WhatIfForm
    hint: Text

    @property
    def is_valid(self) -> bool:
        return all([self.about.is_valid(), self.settings.is_valid(), self.options.is_valid()])

    def changes(self) -> Changes:
        """As `start_run` lays them over the cohort's settings."""
        return replace(self.settings.changes(), options=self.options.options(), seats=self.about.seats())


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.RUN_MATCHING)
def match_what_if(request: Any, cohort_id: int, run_id: int) -> HttpResponseBase:
    """Change what you like for one run; the draft that counts and the cohort's settings stay as they are."""
    cohort = cohort_or_404(cohort_id)
    run = run_or_404(cohort, run_id)
    ensure_criteria(cohort=cohort, by=request.actor)
    gap = request.GET.get("gap", "")
    trial = _trial(cohort, run, request.POST if request.method == "POST" else None, gap)
    if request.method == "POST" and trial.is_valid and _start(request, cohort, run, trial):
        return redirect("match", request.organization.slug, cohort.pk)
    context = cohort_context(
        request,
        cohort,
        tab="match",
        run=run,
        counting=current_draft(cohort),
        busy=open_run(cohort),
        trial=trial,
        rows=[_row(one, trial.settings) for one in trial.criteria],
        switches=trial.settings.switches(),
    )
    wrong = trial.about.errors or trial.settings.errors or trial.options.errors
    return page_or_fragment(request, "matching/what_if.html", context, status=422 if wrong else 200)


def _start(request: Any, cohort: Cohort, run: MatchRun, trial: Trial) -> bool:
    """What cannot be run is told on the page, with everything as it was typed."""
    try:
        start_run(
            cohort=cohort,
            by=request.actor,
            purpose=RunPurpose.WHAT_IF,
            based_on=run,
            changes=trial.changes(),
            note=trial.about.cleaned_data["note"],
        )
    except NotAllowed as refusal:
        trial.about.add_error(None, str(refusal))
        return False
    messages.success(request, _("On its way. The draft that counts stays as it is."))
    return True


def _trial(cohort: Cohort, run: MatchRun, data: Any, gap: str) -> Trial:
    """`gap`: the group whose gap the page is opened to close; nothing where it cannot be chosen."""
    taken = run.settings_then
    criteria = list(criteria_of(cohort))
    before = {one.key: one for one in taken.criteria}
    for one in criteria:
        then = before.get(one.key, one)
        one.weight, one.comparator = then.weight, then.comparator
    rules: dict[str, HardRule] = rules_of(cohort)
    for rule, row in rules.items():
        row.enabled = rule in taken.rules
    offered = comparables(cohort)
    own, groups = MatchSettings(cohort=cohort, **fields_of(taken.options)), gap_groups(cohort)
    close = next((one for one in groups if one.casefold() == gap.casefold()), "")
    if close and close != own.gap_group:
        own.gap_group, own.gap_within = close, None
    note = _("Close the gap of %(group)s") % {"group": parse_group(close)[1]} if close else ""
    return Trial(
        criteria=criteria,
        settings=SettingsForm(data, criteria=criteria, rules=rules, offered=offered),
        options=OptionsForm(data, own=own, compared=offered, groups=groups),
        about=WhatIfForm(data, seats=taken.seats, note=note),
        hint=_hint(own, gone=bool(gap) and not close) if gap else "",
    )


def _hint(own: MatchSettings, *, gone: bool) -> Text:
    """Before anything is run: a group that is too small by now, or something that has to be chosen first."""
    if gone:
        return _("This group has too few people here now: its gap cannot be closed.")
    return GAP_ALONE if own.share_source or own.method == Method.STABLE else ""


def _row(one: Criterion, form: SettingsForm) -> dict[str, Any]:
    return {"criterion": one, "weight": form[f"weight-{one.key}"], "relation": form.relation(one)}
