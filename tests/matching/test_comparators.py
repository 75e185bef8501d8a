"""The newer comparisons in a whole run: what the mentor learns, hours in common, who is ahead; and runs that
were queued before there were any of these."""

import pytest

from matching.actions.runs import start_run
from matching.actions.settings import ensure_criteria
from matching.actions.solve import work_off
from matching.models import Criterion, MatchRun
from mentoring.enums import JobStatus
from mentoring.jobs import run_job
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.making import Someone, find, make_cohort, paired, solved


@pytest.fixture
def zones(northwind: Cast) -> Cohort:
    """Everybody is of another place, and their levels differ; only one criterion counts in each test."""
    with northwind.scope():
        cohort = make_cohort(
            northwind,
            [
                Someone("Ada One", ("ai_tools",), person={"time_zone": "Europe/Oslo", "level": 2}),
                Someone("Ben Two", ("inclusion",), person={"time_zone": "America/New_York", "level": 6}),
            ],
            [
                Someone("Uma Four", ("inclusion",), person={"time_zone": "America/Chicago", "level": 1}),
                Someone("Vic Five", ("ai_tools",), person={"time_zone": "Africa/Lagos", "level": 5}),
            ],
        )
        ensure_criteria(cohort=cohort, by=northwind.by)
        Criterion.objects.filter(cohort=cohort).update(weight=0)
    return cohort


def only(cohort: Cohort, comparator: str, source: str) -> None:
    Criterion.objects.create(
        cohort=cohort, key="only", label="Only this", comparator=comparator, weight=3, position=99,
        mentor_source=source, mentee_source=source,
    )  # fmt: skip


def test_hours_in_common_go_by_the_cohorts_first_day(northwind: Cast, zones: Cohort) -> None:
    with northwind.scope():
        only(zones, "hours", "person:time_zone")
    run = solved(northwind, zones)
    with northwind.scope():
        assert paired(run) == {"Ada": "Vic", "Ben": "Uma"}
        told = {one.mentor.person.first_name: one.contributions[0] for one in run.proposals.all()}
    assert {name: (one["hours"], one["percent"], one["points"]) for name, one in told.items()} == {
        "Ada": (8.0, 100, 3000),
        "Ben": (7.0, 88, 2625),
    }


def test_mentor_who_is_ahead_comes_first(northwind: Cast, zones: Cohort) -> None:
    with northwind.scope():
        only(zones, "skill_gap", "person:level")
    run = solved(northwind, zones)
    with northwind.scope():
        assert paired(run)["Ben"] == "Uma"
        ben = run.proposals.get(mentor=find(zones, "Ben Two")).contributions[0]
    assert (ben["percent"], ben["mentor_value"], ben["mentee_value"]) == (100, "6", "1")


def test_what_the_mentee_can_show_in_return(northwind: Cast, zones: Cohort) -> None:
    with northwind.scope():
        only(zones, "returns", "question:skills")
    run = solved(northwind, zones)
    with northwind.scope():
        assert paired(run) == {"Ada": "Vic", "Ben": "Uma"}
        ada = run.proposals.get(mentor=find(zones, "Ada One")).contributions[0]
    assert (ada["shared"], ada["wanted"], ada["percent"]) == (["AI tools in everyday work"], 1, 100)


def test_run_queued_by_an_earlier_version_still_runs(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        run = start_run(cohort=small, by=northwind.by)
        old = {key: run.settings[key] for key in ("criteria", "rules")}
        old["rulings"] = {kind: run.settings["rulings"][kind] for kind in ("keep", "never")}
        MatchRun.objects.filter(pk=run.pk).update(settings=old)
    run_job(MatchRun, work_off, northwind.organization.pk, run.pk)
    with northwind.scope():
        run = MatchRun.objects.get(pk=run.pk)
        assert (run.status, paired(run)) == (JobStatus.DONE, {"Ada": "Uma", "Ben": "Vic", "Cem": "Wes"})
