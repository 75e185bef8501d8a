"""Two runs side by side: figures, settings, and everybody whose partner differs."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from matching.forms.filters import CompareFilterForm
from matching.models import MatchRun
from matching.queries.compare import Change, Comparison, compared, differences
from matching.queries.people import ids_named, names_in_order
from matching.queries.runs import RUNS_AT_MOST, current_draft, runs_of
from matching.rules import MATCHABLE
from matching.views.runs.differences import figure_rows, in_words, signed
from matching.views.workbench.runs_menu import lines_of
from mentoring.enums import JobStatus
from mentoring.tenancy.guards import member_view
from mentoring.tenancy.permissions import Permission
from mentoring.views.pages import page_or_fragment, wants_fragment
from programs.enums import PairRole
from programs.models import Cohort
from programs.views.cohort_page import cohort_context, cohort_or_404

PAGE_SIZE = 25

SHOWN: dict[str, Callable[[Change], bool]] = {
    "gains": lambda one: one.gains,
    "loses": lambda one: one.loses,
    "placed": lambda one: not one.before,
    "alone": lambda one: not one.after,
}


@require_safe
@member_view(Permission.RUN_MATCHING)
def match_compare(request: Any, cohort_id: int) -> HttpResponseBase:
    """`first` and `second` are numbers of finished runs; without them the two newest."""
    cohort = cohort_or_404(cohort_id)
    done = runs_of(cohort).filter(status=JobStatus.DONE).defer("proof", "versions")
    newest = list(done[:RUNS_AT_MOST])
    if len(newest) < 2 and not request.GET:
        return redirect("match", request.organization.slug, cohort.pk)
    first, second = _two(newest, done, request.GET)
    found = compared(first, second)
    asked = request.GET.copy()
    asked["first"], asked["second"] = str(first.number), str(second.number)
    form = CompareFilterForm(asked)
    role = form.value("role") or PairRole.MENTEE.value
    names = names_in_order(cohort.pk)
    changes = _sorted(_shown(found, role, form, cohort), form.value("sort"), names)
    page = Paginator(changes, PAGE_SIZE).get_page(request.GET.get("page"))
    context = cohort_context(
        request,
        cohort,
        tab="match",
        form=form,
        active=form.active,
        page=page,
        rows=[_row(one, names) for one in page.object_list],
        role=role,
        first=first,
        second=second,
        found=found,
        clear_url=f"?first={first.number}&second={second.number}",
    )
    if not wants_fragment(request):
        context |= _around(cohort, done, first, second, found)
    return page_or_fragment(request, "matching/compare.html", context, fragment="found")


def _two(newest: list[MatchRun], done: Any, asked: Any) -> tuple[MatchRun, MatchRun]:
    """The two runs of the address; 404 where there are none to compare."""
    chosen: list[MatchRun | None] = []
    for name, fallback in (("first", newest[1:2]), ("second", newest[:1])):
        number = asked.get(name, "")
        if not number:
            chosen.append(next(iter(fallback), None))
        elif number.isdecimal() and len(number) < 10:
            chosen.append(done.filter(number=int(number)).first())
        else:
            chosen.append(None)
    if chosen[0] is None or chosen[1] is None:
        raise Http404
    return chosen[0], chosen[1]


def _shown(found: Comparison, role: str, form: CompareFilterForm, cohort: Cohort) -> list[Change]:
    """The changes that search and filter leave; a name may be the person's or a partner's."""
    changes = found.changes[role]
    if form.value("shown") in SHOWN:
        changes = [one for one in changes if SHOWN[form.value("shown")](one)]
    if form.value("q"):
        named = ids_named(cohort.pk, form.value("q"))
        changes = [one for one in changes if named & {one.participant, *one.before, *one.after}]
    return changes


def _sorted(changes: list[Change], sort: str, names: dict[int, str]) -> list[Change]:
    """Who loses most first, unless another order is asked for."""
    place = {pk: number for number, pk in enumerate(names)}
    keys: dict[str, Callable[[Change], Any]] = {
        "name": lambda one: place.get(one.participant, 0),
        "before": lambda one: sum(one.before.values()),
        "after": lambda one: sum(one.after.values()),
        "difference": lambda one: one.difference,
    }
    key = sort.removeprefix("-")
    by_name = sorted(changes, key=keys["name"])
    return sorted(
        by_name, key=keys.get(key, keys["difference"]), reverse=sort.startswith("-") and key in keys
    )


def _row(one: Change, names: dict[int, str]) -> dict[str, Any]:
    def partners(found: dict[int, int]) -> list[tuple[str, int]]:
        return [(names.get(pk, _("somebody")), score) for pk, score in found.items()]

    return {
        "name": names.get(one.participant, _("somebody")),
        "before": partners(one.before),
        "after": partners(one.after),
        "difference": signed(one.difference),
        "gains": one.gains,
        "loses": one.loses,
    }


def _around(
    cohort: Cohort, done: Any, first: MatchRun, second: MatchRun, found: Comparison
) -> dict[str, Any]:
    """What stands over the table: both runs, figures, settings, who gains and who loses in numbers."""
    counting = current_draft(cohort)
    everybody = [one for changes in found.changes.values() for one in changes]
    runs = list(done[:RUNS_AT_MOST])
    lines = lines_of({one.pk: one for one in [*runs, first, second]}.values())
    ready = cohort.status in MATCHABLE
    settings = differences(first.settings_then, second.settings_then)
    return {
        "lines": lines.values(),
        "sides": [
            {
                "line": lines[run.pk],
                "counts": counting is not None and run.pk == counting.pk,
                "can_adopt": ready and run != counting and not run.published_at,
            }
            for run in (first, second)
        ],
        "figures": figure_rows(first, second),
        "settings": in_words(settings),
        "reweighed": bool(settings.weights or settings.comparators),
        "numbers": {name: sum(map(test, everybody)) for name, test in SHOWN.items()},
    }
