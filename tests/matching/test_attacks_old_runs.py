"""Runs as earlier versions of the program wrote them: read, compared, replayed and adopted all the same."""

from typing import Any

import pytest

from matching.actions.adopt import adopt_run
from matching.actions.replay import Verdict, replay
from matching.actions.settings import ensure_criteria
from matching.enums import RunPurpose
from matching.models import HardRule, MatchRun, MatchSettings
from matching.queries.settings import settings_now
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.making import solved
from tests.matching.test_edits import later

LACKING = [
    {"format"},
    {"format", "picks", "seats"},
    {"format", "picks", "seats", "rulings"},
    {"format", "picks", "seats", "rulings", "options"},
]


def aged(run: MatchRun, lacking: set[str], **more: Any) -> MatchRun:
    """The run with a row of before."""
    row = {key: value for key, value in run.settings.items() if key not in lacking} | more
    MatchRun.objects.filter(pk=run.pk).update(settings=row)
    return MatchRun.objects.select_related("cohort__program", "cohort__organization").get(pk=run.pk)


@pytest.mark.parametrize("lacking", LACKING, ids=len)
def test_old_run_replays(northwind: Cast, small: Cohort, lacking: set[str]) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        found = replay(aged(run, lacking, rules=["same_person", "exclusion", "reporting_line"]))
    assert found.verdict == Verdict.SAME, found.lines


@pytest.mark.parametrize("lacking", LACKING, ids=len)
def test_old_run_is_shown_compared_and_adopted(
    northwind: Cast, small: Cohort, sign_in: Any, lacking: set[str]
) -> None:
    """What it lacks becomes the default, and a rule that there was not is off then."""
    first = solved(northwind, small)
    idea = solved(northwind, small, purpose=RunPurpose.WHAT_IF)
    with northwind.scope():
        ensure_criteria(cohort=small, by=northwind.by)
        MatchSettings.objects.update_or_create(cohort=small, defaults={"floor": 7})
        idea = aged(idea, lacking, rules=["same_person", "reporting_line"])
    match = f"/o/northwind/cohorts/{small.pk}/match/"
    browser = sign_in(northwind.champion)
    here, other = f"runs/{idea.pk}/", f"runs/{first.pk}/"
    pages = ("", other, here, here + "?tab=spread", here + "what-if/", f"{here}export/", "settings/")
    pages += (f"compare/?run={first.pk}&other={idea.pk}",)
    codes = {page: browser.get(match + page, follow=True).status_code for page in pages}
    assert codes == dict.fromkeys(pages, 200)
    with northwind.scope():
        assert adopt_run(run=idea, by=northwind.by, now=later())
        now = settings_now(small)
        assert (now.options.floor, "exclusion" in now.rules) == (None, True)
        assert HardRule.objects.get(cohort=small, rule="earlier_partner").enabled is False
