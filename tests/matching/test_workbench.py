"""The workbench's pages: edits, rulings, what-if, compare, adopt, repair, export; with and without htmx."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from matching.enums import RunPurpose
from matching.models import MatchInquiry, MatchRun, Proposal, Ruling
from matching.queries.runs import current_draft
from programs.enums import PairRole, ParticipantStatus
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.making import Someone, add_participants, find, make_cohort, paired, solved
from tests.matching.pages import HTMX, text, url
from tests.matching.test_edits import pair_of, report_to


def pair_id(cast: Cast, run: MatchRun, mentor: str) -> int:
    with cast.scope():
        return pair_of(run, mentor).pk


def test_pair_is_moved_by_page_without_javascript(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    run = solved(northwind, small)
    address = url("match_change", small.pk, pair_id(northwind, run, "Ada"))
    assert address in text(client.get(url("match", small.pk)))
    assert "Give Ada One another mentee" in text(client.get(address))
    looked: list[Any] = []
    run_tasks(lambda: looked.append(client.post(address, {"kind": "mentee", "partner": "xia seven"})))
    plan = looked[0].headers["Location"]
    page = text(client.get(plan))
    for said in ("Ada One → Xia Seven", "Uma Four", "Choosing Xia Seven", "placed anew if possible"):
        assert said in page
    with northwind.scope():
        data = {"kind": "mentee", "other": find(small, "Xia Seven").pk, "note": "They asked for it"}
    run_tasks(client.post, plan, data)
    page = text(client.get(url("match", small.pk)))
    for said in (
        "Draft pairing 2",
        "Changed by hand",
        "Ada One with Xia Seven · They asked for it",
        "Undo this change",
    ):
        assert said in page
    client.post(url("match_undo", small.pk, run.pk + 1))
    page = text(client.get(url("match", small.pk)))
    assert ("Undone. Draft pairing 1 counts again." in page, "Redo draft 2" in page) == (True, True)


def test_price_is_polled_until_a_worker_has_answered(
    northwind: Cast, small: Cohort, client: Client, sent_tasks: Any
) -> None:
    run = solved(northwind, small)
    address = url("match_change", small.pk, pair_id(northwind, run, "Ada"))
    plan = client.post(address, {"kind": "swap", "partner": "Ben Two"}).headers["Location"]
    with northwind.scope():
        assert MatchInquiry.objects.count() == 2
    fragment = text(client.get(plan, headers=HTMX))
    assert ("Working out the score" in fragment, "load delay:1s" in fragment, "<html" in fragment) == (
        True,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("partner", "said"),
    [
        ("Nobody Here", "Nobody of this cohort who has answered"),
        ("Uma Four", "They are a pair in this draft already."),
        ("Ben Two", "Choose a mentor for a mentee"),
        ("", "This field is required."),
    ],
)
def test_change_says_what_is_wrong_beside_the_field(
    northwind: Cast, small: Cohort, client: Client, partner: str, said: str
) -> None:
    run = solved(northwind, small)
    answer = client.post(
        url("match_change", small.pk, pair_id(northwind, run, "Ada")), {"kind": "mentee", "partner": partner}
    )
    assert (answer.status_code, said in text(answer)) == (422, True)


def test_stale_page_says_so_and_keeps_what_was_typed(northwind: Cast, small: Cohort, client: Client) -> None:
    run = solved(northwind, small)
    address = url("match_change_plan", small.pk, pair_id(northwind, run, "Ada"))
    with northwind.scope():
        other = find(small, "Xia Seven").pk
    solved(northwind, small)
    answer = client.post(address, {"kind": "mentee", "other": other, "note": "My long reason"})
    assert answer.status_code == 422
    assert "There is a newer draft by now, so nothing was changed." in text(answer)
    with northwind.scope():
        assert MatchRun.objects.filter(cohort=small).count() == 2


def test_override_needs_tick_and_reason_and_is_flagged_everywhere(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    with northwind.scope():
        report_to(small, "Ada One", "Xia Seven")
    run = solved(northwind, small)
    address = url("match_change_plan", small.pk, pair_id(northwind, run, "Ada"))
    with northwind.scope():
        data: dict[str, Any] = {"kind": "mentee", "other": find(small, "Xia Seven").pk}
    page = text(client.get(address, data))
    assert ("same reporting line" in page, "A rule forbids this." in page) == (True, True)
    for more in ({}, {"override": "on"}, {"note": "Xia leaves"}):
        assert client.post(address, data | more).status_code == 422
    run_tasks(client.post, address, data | {"override": "on", "note": "Xia leaves in May"})
    page = text(client.get(url("match", small.pk)))
    assert "Overrides: same reporting line" in page
    assert len(client.get(url("match", small.pk) + "?shown=override").context["rows"]) == 1
    with northwind.scope():
        new = current_draft(small)
        assert new is not None
        assert new.number == 2
        ada = pair_of(new, "Ada").pk
    page = text(client.get(url("match_pair", small.pk, ada)))
    assert ("Overrides: same reporting line" in page, "Xia leaves in May" in page) == (True, True)
    assert "Xia leaves in May" in text(client.get(url("match_rulings", small.pk) + "?said=override"))
    rows = list(
        csv.reader(io.StringIO(client.get(url("match_export", small.pk, new.pk)).content.decode("utf-8-sig")))
    )
    flagged = [row for row in rows if row[0] == "Ada One"]
    assert flagged[0][7] == "Overrides: same reporting line. Reason: Xia leaves in May"
    assert client.get(url("match_export", small.pk, new.pk) + "?format=xlsx").content[:2] == b"PK"


def test_note_of_why_is_shown_with_who_said_it(northwind: Cast, small: Cohort, client: Client) -> None:
    run = solved(northwind, small)
    address = url("match_rule", small.pk, pair_id(northwind, run, "Ada"))
    assert "Add why" in text(client.post(address, {"kind": "keep"}, headers=HTMX))
    noted = text(client.post(address, {"kind": "keep", "note": "Same shift"}, headers=HTMX))
    assert ("“Same shift”" in noted, "Add why" in noted) == (True, False)
    pair = text(client.get(url("match_pair", small.pk, pair_id(northwind, run, "Ada"))))
    assert "“Same shift” Northwind Champion, " in pair
    page = text(client.get(url("match_rulings", small.pk)))
    assert ("Same shift" in page, "Ada One" in page) == (True, True)
    with northwind.scope():
        ruling = Ruling.objects.get()
    client.post(url("match_ruling_undo", small.pk, ruling.pk))
    assert "Nothing is kept or ruled out" in text(client.get(url("match_rulings", small.pk)))


def test_keep_without_scripts_comes_back_to_the_pair(northwind: Cast, small: Cohort, client: Client) -> None:
    ada = pair_id(northwind, solved(northwind, small), "Ada")
    page = f"{url('match', small.pk)}?page=1&sort=score"
    referer = {"referer": f"http://testserver{page}"}
    answer = client.post(url("match_rule", small.pk, ada), {"kind": "keep"}, headers=referer)
    assert (answer.status_code, answer["Location"]) == (302, f"{page}#ruling-{ada}")
    assert f'id="ruling-{ada}"' in text(client.get(page))
    elsewhere = {"referer": "https://elsewhere.example/"}
    answer = client.post(url("match_rule", small.pk, ada), {"kind": "clear"}, headers=elsewhere)
    assert answer["Location"] == "/o/northwind/"


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_run_that_ends_while_somebody_waits_says_so_once(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any, headers: dict[str, str]
) -> None:
    run_tasks(client.post, url("match_start", small.pk))
    with northwind.scope():
        run = MatchRun.objects.get()
    for _time in range(2):
        client.get(url("match_run", small.pk, run.pk), headers=headers)
    assert text(client.get(url("match", small.pk))).count("Draft pairing 1 is ready.") == 1
    client.get(url("match_run", small.pk, run.pk), headers=headers)
    assert "is ready." not in text(client.get(url("match", small.pk)))


def test_run_that_was_cancelled_is_not_called_ready(
    northwind: Cast, small: Cohort, client: Client, sent_tasks: Any
) -> None:
    client.post(url("match_start", small.pk))
    with northwind.scope():
        run = MatchRun.objects.get()
    client.post(url("match_cancel", small.pk, run.pk))
    client.get(url("match_run", small.pk, run.pk), headers=HTMX)
    assert "is ready." not in text(client.get(url("match", small.pk)))


def test_rulings_are_said_of_two_people_by_name(northwind: Cast, small: Cohort, client: Client) -> None:
    solved(northwind, small)
    with northwind.scope():
        report_to(small, "Ada One", "Xia Seven")
    address = url("match_rulings", small.pk)
    data = {"mentor": "Ada One", "mentee": "Xia Seven", "kind": "keep"}
    for more, said in (
        ({}, "Keep them all the same only with a reason"),
        ({"override": "on"}, "same reporting line"),
        ({"mentor": "Uma Four"}, "Nobody of this cohort"),
    ):
        answer = client.post(address, data | more)
        assert (answer.status_code, said in text(answer)) == (422, True)
    assert client.post(address, data | {"override": "on", "note": "It is fine"}).status_code == 302
    assert client.post(address, data | {"mentee": "Uma Four", "kind": "never"}).status_code == 302
    with northwind.scope():
        rows = Ruling.objects.order_by("pk").values_list("kind", "overrides", "note")
        assert list(rows) == [("keep", ["reporting_line"], "It is fine"), ("never", [], "")]
    assert len(client.get(address + "?said=never").context["rows"]) == 1
    assert len(client.get(address + "?q=xia").context["rows"]) == 1


def test_repair_is_offered_when_people_come_and_go(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any
) -> None:
    run = solved(northwind, small)
    assert "Repair the draft" not in text(client.get(url("match", small.pk)))
    with northwind.scope():
        gone = find(small, "Ben Two")
        gone.status = ParticipantStatus.WITHDRAWN
        gone.save()
        add_participants(small, PairRole.MENTOR, [Someone("Dee Eight", ("social_media",))])
    page = text(client.get(url("match", small.pk)))
    for said in ("1 person of this draft has dropped out: Ben Two.", "1 person has joined since: Dee Eight."):
        assert said in page
    run_tasks(client.post, url("match_repair", small.pk))
    with northwind.scope():
        new = current_draft(small)
        assert new is not None
        assert (new.purpose, new.based_on_id) == (RunPurpose.REPAIR, run.pk)
        assert paired(new) == {"Ada": "Uma", "Cem": "Wes", "Dee": "Vic"}
    page = text(client.get(url("match", small.pk)))
    assert ("Repair the draft" in page, "Repair" in page) == (False, True)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?shown=new", ["Ada"]),
        ("?shown=by_hand", ["Ada"]),
        ("?shown=override", []),
        ("?place=unit:Sales", ["Ben"]),
        ("?place=unit:Nowhere", ["Ada", "Ben", "Cem"]),
        ("?sort=rank", ["Ada", "Ben", "Cem"]),
        ("?sort=-rank", ["Ada", "Ben", "Cem"]),
    ],
)
def test_pairs_are_filtered(
    northwind: Cast, small: Cohort, client: Client, run_tasks: Any, query: str, names: list[str]
) -> None:
    run = solved(northwind, small)
    address = url("match_change_plan", small.pk, pair_id(northwind, run, "Ada"))
    with northwind.scope():
        data = {"kind": "mentee", "other": find(small, "Xia Seven").pk}
    run_tasks(client.post, address, data)
    page = client.get(url("match", small.pk) + query)
    assert sorted(row["proposal"].mentor.person.first_name for row in page.context["rows"]) == names


def test_pairs_picked_by_both_or_one_are_found(northwind: Cast, small: Cohort, client: Client) -> None:
    run = solved(northwind, small)
    picked = {"Ada": (1, 2), "Ben": (None, 1), "Cem": (None, None)}
    with northwind.scope():
        MatchRun.objects.update(settings={**run.settings, "picks": True})
        for mentor, (own, other) in picked.items():
            proposal = pair_of(run, mentor)
            entry = {"key": "picks", "state": "picks", "mentor": own, "mentee": other, "points": 0}
            proposal.contributions = [*proposal.contributions, entry]
            proposal.save()
    for shown, names in (("both", ["Ada"]), ("one", ["Ben"])):
        page = client.get(url("match", small.pk) + f"?shown={shown}", headers=HTMX)
        assert [row["proposal"].mentor.person.first_name for row in page.context["rows"]] == names


@pytest.mark.parametrize("page", ["compare", "rulings", "runs", "change"])
def test_queries_do_not_grow(northwind: Cast, client: Client, run_tasks: Any, page: str) -> None:
    def crowd(number: int, word: str) -> list[Someone]:
        return [Someone(f"{word} N{n}", ("ai_tools",) if n % 2 else ("inclusion",)) for n in range(number)]

    with northwind.scope():
        cohort = make_cohort(northwind, crowd(4, "Mentor"), crowd(4, "Mentee"))
    first = solved(northwind, cohort)

    def look() -> int:
        with northwind.scope():
            run = current_draft(cohort)
            assert run
            proposal = Proposal.objects.filter(run=run).order_by("pk")[0]
        address = {
            "compare": url("match_compare", cohort.pk) + "?first=1&second=2",
            "rulings": url("match_rulings", cohort.pk),
            "runs": url("match", cohort.pk),
            "change": url("match_change", cohort.pk, proposal.pk),
        }[page]
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    def swap(number: int) -> None:
        with northwind.scope():
            run = current_draft(cohort)
            one, other = Proposal.objects.filter(run=run).order_by("pk")[number : number + 2]
            data = {"kind": "swap", "other": other.mentor_id, "note": f"Swap {number}"}
        run_tasks(client.post, url("match_change_plan", cohort.pk, one.pk), data)

    swap(0)
    client.get(url("match", cohort.pk))
    few = look()
    with northwind.scope():
        add_participants(cohort, PairRole.MENTOR, crowd(30, "Later"))
        add_participants(cohort, PairRole.MENTEE, crowd(30, "Late"))
    run_tasks(client.post, url("match_repair", cohort.pk))
    swap(2)
    assert first.number == 1
    client.get(url("match", cohort.pk))  # what is to be said of the swap is said here
    assert look() <= few + 1  # a redo, or the first run of thirty, is looked up by itself


def test_published_pairs_are_taken_back_by_page(northwind: Cast, small: Cohort, client: Client) -> None:
    run = solved(northwind, small)
    assert "You can take it back until the first pair has met." in text(client.get(url("match", small.pk)))
    client.post(url("match_publish", small.pk, run.pk))
    page = text(client.get(url("match", small.pk)))
    assert (url("match_take_back", small.pk, run.pk) in page, "Publish 3 pairs" in page) == (True, False)
    client.post(url("match_take_back", small.pk, run.pk))
    assert "Publish 3 pairs" in text(client.get(url("match", small.pk)))
