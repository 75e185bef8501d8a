from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from matching.enums import RulingKind
from matching.models import Criterion, Exclusion, MatchRun, Proposal, Ruling
from mentoring.enums import JobStatus
from mentoring.models import AuditEvent
from programs.enums import CohortStatus, PairRole, ParticipantStatus
from programs.models import Cohort, Pair
from tests.cast import Cast
from tests.matching.making import CRITERIA, Someone, add_participants, find, make_cohort, solved
from tests.matching.pages import text, url


def test_first_visit_fills_criteria_and_says_who_is_ready(
    northwind: Cast, small: Cohort, client: Client
) -> None:
    for _visit in range(2):
        page = text(client.get(url("match", small.pk)))
    assert "3 mentors and 4 mentees are ready" in page
    assert "Run the matching" in page
    with northwind.scope():
        weights = dict(Criterion.objects.filter(cohort=small).values_list("key", "weight"))
        assert AuditEvent.objects.filter(action="matching.criteria_filled").count() == 1
    assert weights == dict.fromkeys(CRITERIA, 1) | {"learning_goals": 5}


def test_nobody_ready_offers_no_run(northwind: Cast, client: Client) -> None:
    with northwind.scope():
        cohort = make_cohort(northwind, [Someone("Ada One", answered=False)], [])
    page = text(client.get(url("match", cohort.pk)))
    assert "Nobody can be matched yet" in page
    assert "Run the matching" not in page
    assert client.post(url("match_start", cohort.pk)).status_code == 302
    with northwind.scope():
        assert MatchRun.objects.count() == 0


def test_start_double_submit_makes_one_run(
    northwind: Cast, small: Cohort, client: Client, sent_tasks: Any
) -> None:
    for _press in range(2):
        assert client.post(url("match_start", small.pk)).status_code == 302
    with northwind.scope():
        run = MatchRun.objects.get()
    page = text(client.get(url("match", small.pk)))
    assert "A run of this cohort is on its way already" in page
    assert url("match_run", small.pk, run.pk) in page


def test_progress_ends_by_opening_the_draft(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    run_tasks(client.post, url("match_start", small.pk))
    with northwind.scope():
        run = MatchRun.objects.get()
    answer = client.get(url("match_run", small.pk, run.pk), headers={"HX-Request": "true"})
    assert (run.status, answer["HX-Redirect"]) == (JobStatus.DONE, url("match", small.pk))
    assert client.get(url("match_run", small.pk, run.pk)).status_code == 302


def test_cancel_waiting_run(northwind: Cast, small: Cohort, client: Client, sent_tasks: Any) -> None:
    client.post(url("match_start", small.pk))
    with northwind.scope():
        run = MatchRun.objects.get()
    client.post(url("match_cancel", small.pk, run.pk))
    assert "The last run was cancelled" in text(client.get(url("match", small.pk)))


def test_draft_shows_pairs_figures_and_why(northwind: Cast, small: Cohort, client: Client) -> None:
    solved(northwind, small)
    page = text(client.get(url("match", small.pk)))
    for said in (
        "Draft pairing 1",
        "Publish 3 pairs",
        "Optimal",
        "Ada One",
        "Why Ada → Uma",
        "Run again",
    ):
        assert said in page
    assert (
        "Uma wants to learn AI tools in everyday work and Automating small tasks; Ada can show all of it."
        in page
    )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Ada", "Ben", "Cem"]),
        ("?q=vic", ["Ben"]),
        ("?q=vic.five", ["Ben"]),
        ("?q=nobody", []),
        ("?sort=-mentor", ["Ben", "Cem", "Ada"]),
        ("?shown=kept", []),
        ("?sort=rubbish&shown=rubbish&page=99&tab=rubbish&run=rubbish", ["Ada", "Ben", "Cem"]),
    ],
)
def test_list_is_searched_filtered_and_sorted(
    northwind: Cast, small: Cohort, client: Client, query: str, names: list[str]
) -> None:
    solved(northwind, small)
    page = client.get(url("match", small.pk) + query)
    found = [row["proposal"].mentor.person.first_name for row in page.context["rows"]]
    assert (sorted(found) if "sort=-" not in query else found) == names


def test_unmatched_are_told_why(northwind: Cast, small: Cohort, client: Client) -> None:
    solved(northwind, small)
    page = text(client.get(url("match", small.pk) + "?tab=unmatched"))
    assert "Xia Seven" in page
    assert "There are 4 mentees for 3 seats with mentors." in page


def test_unmatched_for_whom_rules_leave_nobody(northwind: Cast, client: Client) -> None:
    with northwind.scope():
        cohort = make_cohort(
            northwind, [Someone("Ada One", ("ai_tools",))], [Someone("Uma Four", ("ai_tools",))]
        )
        boss, report = find(cohort, "Uma Four").person, find(cohort, "Ada One").person
        report.manager = boss
        report.save()
    solved(northwind, cohort)
    assert "No pair is possible" in text(client.get(url("match", cohort.pk)))
    page = text(client.get(url("match", cohort.pk) + "?tab=unmatched"))
    assert page.count("The rules leave no partner (same reporting line: 1).") == 3  # and the panel


def test_spread_has_a_table_beside_it(northwind: Cast, small: Cohort, client: Client) -> None:
    solved(northwind, small)
    page = text(client.get(url("match", small.pk) + "?tab=spread"))
    assert "3 pairs, average" in page
    assert "90–100" in page


def test_older_draft_can_be_chosen(northwind: Cast, small: Cohort, client: Client) -> None:
    solved(northwind, small)
    solved(northwind, small)
    page = text(client.get(url("match", small.pk) + "?run=1"))
    assert "Another draft counts now." in page
    assert "Publish 3 pairs" not in page


def test_keep_and_undo_by_htmx_say_when_they_count(northwind: Cast, small: Cohort, client: Client) -> None:
    solved(northwind, small)
    with northwind.scope():
        proposal = Proposal.objects.order_by("pk")[0]
    address = url("match_rule", small.pk, proposal.pk)
    kept = text(client.post(address, {"kind": "keep"}, headers={"HX-Request": "true"}))
    assert "Kept" in kept
    assert "From the next run on." in kept
    assert "have changed since this draft" in text(client.get(url("match", small.pk)))
    undone = text(client.post(address, {"kind": "clear"}, headers={"HX-Request": "true"}))
    assert "Kept" not in undone
    with northwind.scope():
        assert Ruling.objects.count() == 0
        said = (
            AuditEvent.objects.filter(action="matching.ruled")
            .order_by("pk")
            .values_list("data__kind", flat=True)
        )
        assert list(said) == ["keep", "cleared"]


def test_never_without_javascript_goes_back(northwind: Cast, small: Cohort, client: Client) -> None:
    solved(northwind, small)
    with northwind.scope():
        proposal = Proposal.objects.order_by("pk")[0]
    answer = client.post(url("match_rule", small.pk, proposal.pk), {"kind": "never"})
    assert answer.headers["Location"] == url("match", small.pk)
    with northwind.scope():
        assert Ruling.objects.get().kind == RulingKind.NEVER
    assert client.post(url("match_rule", small.pk, proposal.pk), {"kind": "rubbish"}).status_code == 404


def test_keeping_more_than_seats_is_refused(northwind: Cast, small: Cohort, client: Client) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        proposal = run.proposals.get(mentor__person__first_name="Ada")
        Ruling.objects.create(
            cohort=small, mentor=proposal.mentor, mentee=find(small, "Xia Seven"), kind=RulingKind.KEEP
        )
    answer = client.post(
        url("match_rule", small.pk, proposal.pk), {"kind": "keep"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409
    assert "Ada One is kept with somebody already" in text(answer)


@pytest.mark.parametrize("query", ["?sort=-score", "?page=1", "?tab=unmatched&page=1", "?tab=spread"])
def test_sorting_and_paging_links_get_the_whole_page(
    northwind: Cast, small: Cohort, client: Client, query: str
) -> None:
    """They are boosted: htmx asks for the page and picks its part from it."""
    solved(northwind, small)
    boosted = {"HX-Request": "true", "HX-Boosted": "true", "HX-Target": "found"}
    page = text(client.get(url("match", small.pk) + query, headers=boosted))
    assert ("<html" in page, "Publish 3 pairs" in page) == (True, True)


def test_pair_page_shows_what_both_will_read(northwind: Cast, small: Cohort, client: Client) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        proposal = run.proposals.get(mentor__person__first_name="Ada")
    page = text(client.get(url("match_pair", small.pk, proposal.pk)))
    assert (
        "Ada can show you AI tools in everyday work and Automating small tasks, which you want to learn."
        in page
    )
    assert "Different unit: IT and HR." in page
    fragment = text(client.get(url("match_pair", small.pk, proposal.pk), headers={"HX-Request": "true"}))
    assert "Why Ada → Uma" in fragment
    assert "<html" not in fragment


def test_settings_change_weights_and_rules(northwind: Cast, small: Cohort, client: Client) -> None:
    page = text(client.get(url("match_settings", small.pk)))
    assert "What can you show somebody?" in page
    assert "Roster: unit" in page
    data = {f"weight-{key}": "1" for key in CRITERIA}
    answer = client.post(url("match_settings", small.pk), data)
    assert answer.status_code == 302
    with northwind.scope():
        event = AuditEvent.objects.get(action="matching.settings_changed")
        assert event.data == {
            "weights": {"learning_goals": 1},
            "rules": dict.fromkeys(("reporting_line", "earlier_partner"), False),
        }


@pytest.mark.parametrize("weight", ["6", "-1", "", "x", "2.5"])
def test_settings_refuse_a_wrong_weight(northwind: Cast, small: Cohort, client: Client, weight: str) -> None:
    data = {f"weight-{key}": "1" for key in CRITERIA[1:]}
    client.get(url("match_settings", small.pk))
    answer = client.post(url("match_settings", small.pk), {**data, "weight-learning_goals": weight})
    assert answer.status_code == 422
    with northwind.scope():
        assert Criterion.objects.get(cohort=small, key="learning_goals").weight == 5


def test_settings_refuse_all_weights_zero(small: Cohort, client: Client) -> None:
    data = {f"weight-{key}": "0" for key in CRITERIA}
    answer = client.post(url("match_settings", small.pk), data)
    assert (answer.status_code, "at least one criterion" in text(answer)) == (422, True)


def test_exclusions_are_added_searched_and_removed(northwind: Cast, small: Cohort, client: Client) -> None:
    answer = client.post(
        url("exclusions"),
        {"person": "Uma Four", "other": northwind.people["mentor"].email, "note": "Cousins"},
    )
    assert answer.status_code == 302
    with northwind.scope():
        exclusion = Exclusion.objects.get()
        assert exclusion.person_id < exclusion.other_id
    assert "Cousins" in text(client.get(url("exclusions") + "?q=uma"))
    assert "Cousins" not in text(client.get(url("exclusions") + "?q=ben"))
    client.post(url("exclusion_remove", exclusion.pk))
    with northwind.scope():
        assert Exclusion.objects.count() == 0
        actions = AuditEvent.objects.filter(object_type="matching.exclusion").order_by("pk")
        assert list(actions.values_list("action", flat=True)) == ["exclusion.added", "exclusion.removed"]


@pytest.mark.parametrize(
    ("person", "other", "said"),
    [
        ("Uma Four", "Uma Four", "Choose two different people."),
        ("Nobody Here", "Uma Four", "Nobody on the roster is called “Nobody Here”."),
        ("Twin Same", "Uma Four", "Several people fit “Twin Same”."),
        ("", "Uma Four", "required"),
        ("Ada One", "Uma Four", "are on the list already."),
    ],
)
def test_exclusions_refuse_what_is_not_clear(
    northwind: Cast, small: Cohort, client: Client, person: str, other: str, said: str
) -> None:
    with northwind.scope():
        Someone_ = [Someone("Twin Same"), Someone("Twin Same", person={"employee_id": "T2"})]
        add_participants(small, PairRole.MENTOR, Someone_[:1])
        other_cohort = make_cohort(northwind, Someone_[1:], [], name="Other")
        assert other_cohort.pk != small.pk
    client.post(url("exclusions"), {"person": "Ada One", "other": "Uma Four"})
    answer = client.post(url("exclusions"), {"person": person, "other": other})
    assert answer.status_code == 422
    assert said in text(answer)


def test_exclusions_find_nobody_of_another_organization(
    northwind: Cast, fabrikam: Cast, client: Client, sign_in: Any
) -> None:
    answer = client.post(
        url("exclusions"),
        {"person": fabrikam.people["mentor"].email, "other": northwind.people["mentor"].email},
    )
    assert answer.status_code == 422
    with northwind.scope():
        mine = Exclusion.objects.create(
            person=northwind.people["mentor"], other=northwind.people["mentee"], note="ours"
        )
    with fabrikam.scope():
        theirs = Exclusion.objects.create(
            person=fabrikam.people["mentor"], other=fabrikam.people["mentee"], note="theirs"
        )
    assert client.post(url("exclusion_remove", theirs.pk)).status_code == 404
    assert "theirs" not in text(client.get(url("exclusions")))
    stranger = sign_in(fabrikam.champion)
    assert stranger.get(url("exclusions")).status_code == 404
    assert stranger.post(url("exclusion_remove", mine.pk)).status_code == 404
    names = text(client.get(url("exclusion_people") + "?person=Amara"))
    assert ("amara.osei@northwind.example" in names, "fabrikam" in names) == (True, False)


@pytest.mark.parametrize("name", ["match", "match_settings"])
def test_outsiders_404_insiders_without_permission_403(
    northwind: Cast, fabrikam: Cast, small: Cohort, sign_in: Any, name: str
) -> None:
    assert sign_in(fabrikam.champion).get(url(name, small.pk)).status_code == 404
    assert sign_in(northwind.overseer).get(url(name, small.pk)).status_code == 403
    client = sign_in(northwind.champion)
    assert client.get(url(name, fabrikam.cohort.pk)).status_code == 404


def test_run_and_pair_of_another_cohort_are_404(northwind: Cast, small: Cohort, client: Client) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        proposal = Proposal.objects.order_by("pk")[0]
    other = northwind.cohort.pk
    assert client.get(url("match_pair", other, proposal.pk)).status_code == 404
    assert client.post(url("match_rule", other, proposal.pk), {"kind": "keep"}).status_code == 404
    assert client.post(url("match_publish", other, run.pk)).status_code == 404
    assert client.post(url("match_cancel", other, run.pk)).status_code == 404


def test_publish_by_page(northwind: Cast, small: Cohort, client: Client) -> None:
    run = solved(northwind, small)
    for said in ("3 pairs are published", "published before"):
        answer = client.post(url("match_publish", small.pk, run.pk), follow=True)
        assert said in text(answer)
    with northwind.scope():
        assert Pair.objects.filter(cohort=small).count() == 3
        small.refresh_from_db()
    assert small.status == CohortStatus.RUNNING


def test_publish_refuses_those_who_withdrew(northwind: Cast, small: Cohort, client: Client) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        gone = find(small, "Ada One")
        gone.status = ParticipantStatus.WITHDRAWN
        gone.save()
    answer = client.post(
        url("match_publish", small.pk, run.pk),
        follow=True,
        headers={"Referer": "http://testserver" + url("match", small.pk)},
    )
    assert "Ada One is no longer in this cohort. Run the matching again." in text(answer)
    with northwind.scope():
        assert Pair.objects.filter(cohort=small).count() == 0


@pytest.mark.parametrize("tab", ["pairs", "unmatched"])
def test_queries_do_not_grow_with_rows(northwind: Cast, small: Cohort, client: Client, tab: str) -> None:
    solved(northwind, small)
    address = url("match", small.pk) + f"?tab={tab}"
    client.get(address + "&run=1")
    with CaptureQueriesContext(connection) as few:
        client.get(address + "&run=1")
    with northwind.scope():
        people = [Someone(f"Many {number}", ("ai_tools",)) for number in range(30)]
        add_participants(small, PairRole.MENTOR, people[:10])
        add_participants(small, PairRole.MENTEE, [Someone(f"More {n}", ("ai_tools",)) for n in range(40)])
    solved(northwind, small)
    client.get(address + "&run=2")
    with CaptureQueriesContext(connection) as many:
        page = client.get(address + "&run=2")
    assert len(page.context["rows"]) > 10
    assert len(many) == len(few)
