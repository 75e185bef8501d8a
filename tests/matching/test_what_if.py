"""What-if runs, two runs compared, one adopted: by page."""

from typing import Any

import pytest
from django.test import Client

from matching.actions.rulings import rule_pairing
from matching.enums import RulingKind, RunPurpose
from matching.models import Criterion, HardRule, MatchRun, Ruling
from matching.queries.runs import current_draft
from matching.run_settings import Options
from programs.enums import ParticipantStatus
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.making import CRITERIA, find, solved
from tests.matching.pages import text, url
from tests.matching.test_workbench import pair_id


def what_if(client: Client, run_tasks: Any, cohort: Cohort, run: MatchRun, **more: Any) -> Any:
    data = {f"weight-{key}": "1" for key in CRITERIA[1:]}
    data |= {"weight-learning_goals": "0", "rule-reporting_line": "on", "rule-earlier_partner": "on"}
    data |= {"note": "No learning goals", "mentor_seats": "0", "mentee_seats": "0", "method": "solver"}
    answers: list[Any] = []
    run_tasks(lambda: answers.append(client.post(url("match_what_if", cohort.pk, run.pk), {**data, **more})))
    return answers[0]


def test_what_if_is_run_compared_and_adopted(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    run = solved(northwind, small)
    assert "No learning goals" not in text(client.get(url("match_what_if", small.pk, run.pk)))
    assert what_if(client, run_tasks, small, run).status_code == 302
    with northwind.scope():
        trial = MatchRun.objects.get(purpose=RunPurpose.WHAT_IF)
        assert (current_draft(small), trial.note, trial.based_on_id) == (run, "No learning goals", run.pk)
        assert Criterion.objects.get(cohort=small, key="learning_goals").weight == 5
    page = text(client.get(url("match", small.pk) + "?run=2"))
    for said in ("A trial: nothing of it counts unless you adopt it.", "No learning goals", "Adopt this one"):
        assert said in page
    assert "Publish 3 pairs" not in page
    page = text(client.get(url("match_compare", small.pk) + "?first=1&second=2"))
    assert "weight 5 → 0" in page
    assert "weight 5 → 0" in text(client.get(url("match_adopt", small.pk, trial.pk)))
    for said in ("Draft pairing 2 is the draft that counts now.", "counts already"):
        answer = client.post(url("match_adopt", small.pk, trial.pk), follow=True)
        assert said in text(answer)
    assert "have changed since this draft" not in text(client.get(url("match", small.pk)))
    with northwind.scope():
        assert current_draft(small) == trial
        assert Criterion.objects.get(cohort=small, key="learning_goals").weight == 0
    client.post(url("match_adopt", small.pk, run.pk))
    with northwind.scope():
        assert current_draft(small) == run
        assert Criterion.objects.get(cohort=small, key="learning_goals").weight == 5


def test_what_if_turns_rules_and_options(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    run = solved(northwind, small)
    what_if(client, run_tasks, small, run, **{"rule-reporting_line": "", "floor": "10", "best_worst": "on"})
    with northwind.scope():
        trial = MatchRun.objects.get(purpose=RunPurpose.WHAT_IF)
        assert trial.settings_then.rules == ("earlier_partner", "exclusion")
        assert trial.settings_then.options == Options(floor=10, best_worst=True, priority=False)
    page = text(client.get(url("match_compare", small.pk)))
    assert "Lowest score that may be paired: none → 10" in page
    client.post(url("match_adopt", small.pk, trial.pk))
    with northwind.scope():
        assert not HardRule.objects.get(cohort=small, rule="reporting_line").enabled
    form = client.get(url("match_what_if", small.pk, trial.pk)).context["trial"]
    assert form.options["floor"].value() == 10


@pytest.mark.parametrize(
    "wrong", [{"note": ""}, {"weight-unit": "9"}, {"mentor_seats": "99"}, {"floor": "101"}]
)
def test_what_if_says_what_is_wrong(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any, wrong: dict[str, str]
) -> None:
    run = solved(northwind, small)
    assert what_if(client, run_tasks, small, run, **wrong).status_code == 422
    with northwind.scope():
        assert MatchRun.objects.count() == 1


def test_what_if_waits_for_the_run_that_is_on_its_way(
    northwind: Cast, small: Cohort, client: Client, sent_tasks: Any
) -> None:
    run = solved(northwind, small)
    client.post(url("match_start", small.pk))
    data = {f"weight-{key}": "1" for key in CRITERIA}
    data |= {"note": "Kept words", "mentor_seats": "0", "mentee_seats": "0", "method": "solver"}
    answer = client.post(url("match_what_if", small.pk, run.pk), data)
    assert answer.status_code == 422
    assert ("is on its way already" in text(answer), "Kept words" in text(answer)) == (True, True)


def test_extra_seats_are_given_only_to_those_who_use_them_and_agree(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    run = solved(northwind, small)
    what_if(client, run_tasks, small, run, mentor_seats="1")
    with northwind.scope():
        trial = MatchRun.objects.get(purpose=RunPurpose.WHAT_IF)
        assert trial.figures["pairs"] == 4
    page = client.get(url("match_adopt", small.pk, trial.pk))
    crowded = {person.name: seats for person, seats in page.context["crowded"]}
    assert set(crowded.values()) == {2}
    assert "more partners in it than agreed" in text(page)
    refused = client.post(url("match_adopt", small.pk, trial.pk), follow=True)
    assert refused.status_code == 200
    with northwind.scope():
        assert current_draft(small) == run
    client.post(url("match_adopt", small.pk, trial.pk), {"seats": "yes"})
    with northwind.scope():
        assert current_draft(small) == trial
        taken = {name: find(small, name).capacity for name in ("Ada One", "Ben Two", "Cem Three")}
    assert {name: seats for name, seats in taken.items() if seats > 1} == crowded


def test_adopting_what_no_longer_holds_is_refused(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        rule_pairing(
            mentor=find(small, "Ada One"),
            mentee=find(small, "Uma Four"),
            kind=RulingKind.NEVER,
            by=northwind.by,
        )
    solved(northwind, small)
    here = {"Referer": "http://testserver" + url("match_adopt", small.pk, run.pk)}
    page = text(client.post(url("match_adopt", small.pk, run.pk), follow=True, headers=here))
    assert "You said never for Ada One and Uma Four since this draft was made." in page
    with northwind.scope():
        Ruling.objects.all().delete()
        gone = find(small, "Ada One")
        gone.status = ParticipantStatus.WITHDRAWN
        gone.save()
    page = text(client.post(url("match_adopt", small.pk, run.pk), follow=True, headers=here))
    assert "Ada One is no longer in this cohort. Run the matching again." in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Uma Four", "Xia Seven"]),
        ("&role=mentor", ["Ada One"]),
        ("&shown=placed", ["Xia Seven"]),
        ("&shown=alone", ["Uma Four"]),
        ("&shown=gains", ["Xia Seven"]),
        ("&shown=loses", ["Uma Four"]),
        ("&q=xia", ["Xia Seven"]),
        ("&q=ada", ["Uma Four", "Xia Seven"]),
        ("&sort=-name", ["Xia Seven", "Uma Four"]),
        ("&sort=-difference", ["Xia Seven", "Uma Four"]),
        ("&sort=rubbish&page=99", ["Uma Four", "Xia Seven"]),
    ],
)
def test_comparison_is_searched_filtered_and_sorted(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any, query: str, names: list[str]
) -> None:
    run = solved(northwind, small)
    address = url("match_change_plan", small.pk, pair_id(northwind, run, "Ada"))
    with northwind.scope():
        data = {"kind": "mentee", "other": find(small, "Xia Seven").pk}
    run_tasks(client.post, address, data)
    page = client.get(url("match_compare", small.pk) + "?first=1&second=2" + query)
    assert [row["name"] for row in page.context["rows"]] == names


def test_comparison_shows_all_partners_of_who_takes_two(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    """Who keeps one partner and gets another was not alone before."""
    run = solved(northwind, small)
    what_if(client, run_tasks, small, run, mentor_seats="1", **{"weight-learning_goals": "5"})
    page = client.get(url("match_compare", small.pk) + "?first=1&second=2&role=mentor")
    numbers = page.context["numbers"]
    assert (numbers["placed"], numbers["alone"]) == (1, 0)  # Xia; every mentor had somebody
    two = [row for row in page.context["rows"] if len(row["after"]) == 2]
    assert [len(row["before"]) for row in two] == [1]


def test_comparison_of_what_is_not_there_is_404(northwind: Cast, small: Cohort, client: Client) -> None:
    solved(northwind, small)
    assert client.get(url("match_compare", small.pk)).headers["Location"] == url("match", small.pk)
    for query in ("?first=1&second=7", "?first=1&second=99999999999"):
        assert client.get(url("match_compare", small.pk) + query).status_code == 404
    assert client.get(url("match_compare", small.pk) + "?first=1&second=1").status_code == 200
