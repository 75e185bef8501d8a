"""Prices, "why not" and remedies on the pages: asked by htmx or by a button, done by a button."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from matching.actions.inquire import forget
from matching.models import MatchInquiry, MatchRun, Proposal, Ruling, Unmatched
from mentoring.enums import JobStatus
from mentoring.models import AuditEvent
from programs.enums import PairRole
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.making import Someone, add_participants, find, make_cohort, paired, solved
from tests.matching.pages import HTMX, text, url


@pytest.fixture(autouse=True)
def fresh() -> None:
    forget()


def proposal_of(cast: Cast, run: MatchRun, mentor: str) -> Proposal:
    with cast.scope():
        return Proposal.objects.get(run=run, mentor__person__first_name=mentor)


def alone(cast: Cast, run: MatchRun) -> Unmatched:
    with cast.scope():
        return Unmatched.objects.select_related("participant__person").get(run=run)


def test_prices_are_asked_for_once_the_pair_is_shown(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    run = solved(northwind, small)
    ada = proposal_of(northwind, run, "Ada")
    page = text(client.get(url("match_pair", small.pk, ada.pk)))
    address = url("match_prices", small.pk, ada.pk)
    assert f'data-hx-post="{address}" data-hx-trigger="load, submit"' in page
    ran = run_tasks(client.post, address, headers=HTMX)
    assert ran == ["matching.inquire"] * 5  # three mentees, and two mentors beside her own
    known = text(client.get(address, headers=HTMX))
    assert "Choosing Vic Five costs the cohort" in known
    assert "because Ben Two would meet Uma Four (" in known
    assert "data-hx-trigger" not in known
    assert run_tasks(client.post, address, headers=HTMX) == []


def test_prices_that_are_not_worked_out_ask_again(
    northwind: Cast, small: Cohort, client: Client, sent_tasks: Any
) -> None:
    ada = proposal_of(northwind, solved(northwind, small), "Ada")
    address = url("match_prices", small.pk, ada.pk)
    waiting = text(client.post(address, headers=HTMX))
    assert f'data-hx-get="{address}" data-hx-trigger="load delay:1s"' in waiting
    assert waiting.count("is being worked out") == 5


def test_prices_without_javascript_go_back_to_the_pair(
    northwind: Cast, small: Cohort, client: Client, sent_tasks: Any
) -> None:
    ada = proposal_of(northwind, solved(northwind, small), "Ada")
    page = url("match_pair", small.pk, ada.pk)
    assert client.post(url("match_prices", small.pk, ada.pk)).headers["Location"] == page
    assert client.get(url("match_prices", small.pk, ada.pk)).headers["Location"] == page
    assert "Show what is worked out by now" in text(client.get(page))


def test_published_pairs_offer_no_prices(northwind: Cast, small: Cohort, client: Client) -> None:
    run = solved(northwind, small)
    client.post(url("match_publish", small.pk, run.pk))
    page = text(client.get(url("match_pair", small.pk, proposal_of(northwind, run, "Ada").pk)))
    assert ("What would each of them cost?" in page, "Why not somebody else?" in page) == (False, False)


@pytest.mark.parametrize(
    ("typed", "pair"),
    [("Xia Seven", "Ada → Xia"), ("ben two", "Ben → Uma"), ("vic", "Ada → Vic")],
)
def test_why_not_takes_a_mentor_or_a_mentee(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any, typed: str, pair: str
) -> None:
    run = solved(northwind, small)
    ada = proposal_of(northwind, run, "Ada")
    address = url("match_why_not", small.pk, run.pk) + f"?mentor={ada.mentor_id}&mentee={ada.mentee_id}"
    assert address.replace("&", "&amp;") in text(client.get(url("match_pair", small.pk, ada.pk)))
    answers: list[Any] = []
    run_tasks(lambda: answers.append(client.post(address, {"partner": typed})))
    page = text(client.get(answers[0].headers["Location"]))
    assert f"Why not {pair}?" in page
    assert "costs the cohort" in page
    assert "’s list: number" in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Nobody Here", "is called “Nobody Here”"),
        ("Ada One", "is called “Ada One”"),
        ("e", "Several people fit “e”"),
        ("", "required"),
        ("Dan Silent", "is called “Dan Silent”"),
    ],
)
def test_why_not_refuses_what_is_not_clear(
    northwind: Cast, small: Cohort, client: Client, typed: str, said: str
) -> None:
    with northwind.scope():
        add_participants(small, PairRole.MENTOR, [Someone("Dan Silent", answered=False)])
    run = solved(northwind, small)
    ada = proposal_of(northwind, run, "Ada")
    address = url("match_why_not", small.pk, run.pk) + f"?mentor={ada.mentor_id}&mentee={ada.mentee_id}"
    answer = client.post(address, {"partner": typed})
    assert (answer.status_code, said in text(answer)) == (422, True)
    with northwind.scope():
        assert MatchInquiry.objects.count() == 0


def test_why_not_knows_nobody_of_another_organization(
    northwind: Cast, fabrikam: Cast, small: Cohort, client: Client
) -> None:
    run = solved(northwind, small)
    ada = proposal_of(northwind, run, "Ada")
    address = url("match_why_not", small.pk, run.pk)
    given = f"?mentor={ada.mentor_id}"
    assert client.post(address + given, {"partner": fabrikam.people["mentee"].email}).status_code == 422
    assert client.get(address + f"?mentor={fabrikam.mentor.pk}").status_code == 404
    assert client.get(address + f"?mentee={ada.mentor_id}").status_code == 404
    assert client.get(address + "?mentor=x").status_code == 404
    names = text(client.get(url("match_people", small.pk) + "?partner=four"))
    assert ("Uma Four" in names, "fabrikam" in names) == (True, False)
    assert "Uma Four" not in text(client.get(url("match_people", small.pk) + "?partner=four&role=mentor"))


def test_refusal_is_never_told(northwind: Cast, small: Cohort, client: Client, run_tasks: Any) -> None:
    """Somebody said "not for me": the champion learns that it is not possible, and not who or why."""
    from matching.models import Pick
    from programs.enums import MatchingMode

    with northwind.scope():
        small.matching_mode, small.choose_until = MatchingMode.HYBRID, small.enroll_until
        small.save()
        Pick.objects.create(participant=find(small, "Uma Four"), partner=find(small, "Ada One"))
    run = solved(northwind, small)
    with northwind.scope():
        ada = Proposal.objects.get(run=run, mentor__person__first_name="Ada")
    address = url("match_why_not", small.pk, run.pk) + f"?mentor={ada.mentor_id}"
    answers: list[Any] = []
    run_tasks(lambda: answers.append(client.post(address, {"partner": "Uma Four"})))
    page = text(client.get(answers[0].headers["Location"]))
    assert "a reason that stays confidential" in page
    assert ("not for me" in page, "refused" in page) == (False, False)


def test_failed_question_says_why_and_is_asked_again(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    run = solved(northwind, small)
    ada = proposal_of(northwind, run, "Ada")
    with northwind.scope():
        inquiry = MatchInquiry.objects.create(
            run=run,
            kind="price",
            mentor_id=ada.mentor_id,
            mentee=find(small, "Vic Five"),
            status=JobStatus.FAILED,
            error="Answers have changed.",
        )
    address = url("match_inquiry", small.pk, inquiry.pk)
    assert "Answers have changed." in text(client.get(address))
    run_tasks(client.post, address)
    assert "This pair costs the cohort" in text(client.get(address))


def test_unmatched_person_is_told_what_would_help(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    run = solved(northwind, small)
    xia = alone(northwind, run)
    page = text(client.get(url("match", small.pk) + "?tab=unmatched"))
    assert "What would place Xia Seven" in page
    assert "Xia goes on the waiting list when the pairs are published" in page
    address = url("match_remedies", small.pk, xia.pk)
    assert f'data-hx-post="{address}" data-hx-trigger="load, submit"' in page
    assert run_tasks(client.post, address, headers=HTMX) == ["matching.inquire"]
    told = text(client.get(address, headers=HTMX))
    assert "If Ada One takes one mentee more, Xia meets Ada One (" in told
    assert "Ada One agreed: add the seat" in told
    assert [f'name="remedy" value="{n}"' in told for n in (1, 2, 3)] == [True, True, True]


def test_seat_added_by_button_places_the_person(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    run = solved(northwind, small)
    run_tasks(client.post, url("match_remedies", small.pk, alone(northwind, run).pk))
    with northwind.scope():
        inquiry = MatchInquiry.objects.get()
        remedies = inquiry.result["remedies"]
        number = next(
            index
            for index, one in enumerate(remedies, start=1)
            if one["partner"] == find(small, "Ada One").pk
        )
    address = url("match_remedy", small.pk, inquiry.pk)
    run_tasks(client.post, address, {"remedy": number})
    with northwind.scope():
        new = MatchRun.objects.get(number=2)
        pairs = {
            (one.mentor.person.first_name, one.mentee.person.first_name)
            for one in new.proposals.select_related("mentor__person", "mentee__person")
        }
        assert (new.status, find(small, "Ada One").capacity) == (JobStatus.DONE, 2)
        assert pairs == {("Ada", "Uma"), ("Ben", "Vic"), ("Cem", "Wes"), ("Ada", "Xia")}
        said = AuditEvent.objects.filter(
            action__in=["participant.seat_added", "matching.remedied", "matching.run_started"]
        )
        assert list(said.order_by("pk").values_list("action", flat=True)) == [
            "matching.run_started",
            "participant.seat_added",
            "matching.run_started",
            "matching.remedied",
        ]
    again = client.post(address, {"remedy": number}, follow=True)
    assert "There is a newer draft by now" in text(again)
    with northwind.scope():
        assert find(small, "Ada One").capacity == 2


@pytest.fixture
def boss(northwind: Cast) -> Cohort:
    """Whom only the reporting line keeps apart."""
    with northwind.scope():
        cohort = make_cohort(
            northwind, [Someone("Ada One", ("ai_tools",))], [Someone("Uma Four", ("ai_tools",))]
        )
        report = find(cohort, "Ada One").person
        report.manager = find(cohort, "Uma Four").person
        report.save()
    return cohort


def test_exception_from_a_rule_needs_a_reason_and_places_the_person(
    northwind: Cast, boss: Cohort, client: Client, run_tasks: Any
) -> None:
    run = solved(northwind, boss)
    with northwind.scope():
        uma = Unmatched.objects.get(run=run, participant__role=PairRole.MENTEE)
    run_tasks(client.post, url("match_remedies", boss.pk, uma.pk))
    page = text(client.get(url("match_unmatched", boss.pk, uma.pk)))
    assert "With an exception from “same reporting line”, Uma meets Ada One (" in page
    with northwind.scope():
        inquiry = MatchInquiry.objects.get()
    address = url("match_remedy", boss.pk, inquiry.pk)
    refused = client.post(address, {"remedy": 1, "note": "  "}, follow=True)
    assert "an exception needs a reason" in text(refused)
    with northwind.scope():
        assert MatchRun.objects.count() == 1
    run_tasks(client.post, address, {"remedy": 1, "note": "Different countries, agreed with HR"})
    with northwind.scope():
        new = MatchRun.objects.get(number=2)
        ruling = Ruling.objects.get()
        assert (new.status, paired(new)) == (JobStatus.DONE, {"Ada": "Uma"})
        assert (ruling.overrides, ruling.note) == (
            ["reporting_line"],
            "Different countries, agreed with HR",
        )


def test_exclusion_can_not_be_set_aside(northwind: Cast, client: Client, run_tasks: Any) -> None:
    from matching.actions.exclusions import add_exclusion

    with northwind.scope():
        cohort = make_cohort(
            northwind, [Someone("Ada One", ("ai_tools",))], [Someone("Uma Four", ("ai_tools",))]
        )
        people = [find(cohort, name).person for name in ("Ada One", "Uma Four")]
        add_exclusion(person=people[0], other=people[1], note="", by=northwind.by)
    run = solved(northwind, cohort)
    with northwind.scope():
        uma = Unmatched.objects.get(run=run, participant__role=PairRole.MENTEE)
    run_tasks(client.post, url("match_remedies", cohort.pk, uma.pk))
    page = text(client.get(url("match_unmatched", cohort.pk, uma.pk)))
    assert "This rule protects somebody" in page
    assert "Make this exception" not in page
    with northwind.scope():
        inquiry = MatchInquiry.objects.get()
    answer = client.post(
        url("match_remedy", cohort.pk, inquiry.pk), {"remedy": 1, "note": "Please"}, follow=True
    )
    assert "Nobody can override that." in text(answer)


def test_larger_side_is_told_once(northwind: Cast, client: Client) -> None:
    with northwind.scope():
        cohort = make_cohort(
            northwind,
            [Someone("Ada One", ("ai_tools",))],
            [Someone(f"{name} Mentee", ("ai_tools",)) for name in ("Ann", "Bea", "Cid", "Dov", "Eli", "Fay")],
        )
    run = solved(northwind, cohort)
    with northwind.scope():
        alone = run.unmatched.select_related("participant__person").first()
        assert alone
        name = alone.participant.person.first_name
    page = text(client.get(url("match", cohort.pk) + "?tab=unmatched"))
    assert page.count("5 mentees more than seats with mentors") == 1
    assert "There are 6 mentees for 1 seats" not in page.partition('id="why"')[0]
    filtered = client.get(url("match", cohort.pk) + f"?tab=unmatched&q={name}", headers=HTMX)
    assert text(filtered).count("/match/unmatched/") == 2  # address and its htmx twin


def test_one_seat_more_for_everybody_is_tried_in_a_run_of_its_own(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    run = solved(northwind, small)
    run_tasks(client.post, url("match_try_seats", small.pk, run.pk), {"role": "mentee"})
    with northwind.scope():
        tried = MatchRun.objects.get(number=2)
        assert (tried.purpose, tried.based_on_id, tried.adopted_at) == ("what_if", run.pk, None)
        assert tried.figures["mentees"] == {"placed": 4, "of": 4, "seats": 4}
        assert find(small, "Ada One").capacity == 1
    assert client.post(url("match_try_seats", small.pk, run.pk), {"role": "x"}).status_code == 404


def test_spread_tells_ranks_and_what_the_run_went_by(northwind: Cast, small: Cohort, client: Client) -> None:
    solved(northwind, small)
    page = text(client.get(url("match", small.pk) + "?tab=spread"))
    for said in (
        "How high partners stand in people’s own lists",
        "One of the first three",
        "Not in the same reporting line, up or down",
    ):
        assert said in page


def test_groups_under_five_are_not_shown(northwind: Cast, small: Cohort, client: Client) -> None:
    run = solved(northwind, small)
    groups = [
        {"source": "person:region", "group": name, "people": people, "placed": 3, "mean": 61.0, "low": 40.0}
        for name, people in (("Nordics", 7), ("Iberia", 4))
    ]
    with northwind.scope():
        MatchRun.objects.filter(pk=run.pk).update(figures=run.figures | {"fairness": groups})
    page = text(client.get(url("match", small.pk) + "?tab=spread"))
    assert ("Nordics" in page, "Iberia" in page) == (True, False)


@pytest.mark.parametrize("rows", [1, 4])
def test_queries_of_prices_do_not_grow(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any, rows: int
) -> None:
    ada = proposal_of(northwind, solved(northwind, small), "Ada")
    address = url("match_prices", small.pk, ada.pk)
    run_tasks(client.post, address, headers=HTMX)
    with northwind.scope():
        MatchInquiry.objects.filter(
            pk__in=list(MatchInquiry.objects.order_by("pk").values_list("pk", flat=True)[rows:])
        ).delete()
    client.get(address, headers=HTMX)
    with CaptureQueriesContext(connection) as seen:
        client.get(address, headers=HTMX)
    assert len(seen) == 15
