"""A cohort in each mode, clicked through by champion, mentors and mentees, with the last day passing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from matching.models import Pick
from mentoring.models import OutgoingMessage
from programs.enums import CohortStatus, MatchingMode
from programs.models import Cohort, Pair
from tests.cast import Cast, make_cast
from tests.e2e.conftest import Product, link_in
from tests.e2e.visits import Check, agree, login, open_context, run_matching
from tests.matching.making import Someone, make_cohort

ALL = ("ai_tools", "social_media", "inclusion")


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast("northwind", "Northwind")


def enrolled(cast: Cast, mode: MatchingMode) -> Cohort:
    """Three mentors who can show all, three mentees who want all: any pair is possible and as good."""
    with cast.scope():
        cohort = make_cohort(
            cast,
            [Someone(f"{name} Mentor", ALL) for name in ("Ada", "Ben", "Cleo")],
            [Someone(f"{name} Mentee", ALL) for name in ("Uma", "Vic", "Wes")],
            status=CohortStatus.ENROLLING,
        )
        today = timezone.now().date()
        cohort.enroll_from, cohort.enroll_until = today - timedelta(days=20), today - timedelta(days=1)
        cohort.starts_on, cohort.ends_on = today + timedelta(days=14), today + timedelta(days=190)
        if mode != MatchingMode.ASSIGNED:
            cohort.choose_until = today + timedelta(days=7)
        cohort.matching_mode = mode
        cohort.save()
    return cohort


def days_pass(cast: Cast, cohort: Cohort, days: int) -> None:
    """As if it were some days later: everything of the cohort lies so much further back."""
    with cast.scope():
        cohort.refresh_from_db()
        for name in ("enroll_from", "enroll_until", "choose_until", "starts_on", "ends_on"):
            if day := getattr(cohort, name):
                setattr(cohort, name, day - timedelta(days=days))
        cohort.save()


def begin_choosing(page: Page, product: Product, cast: Cast, cohort: Cohort) -> None:
    page.goto(f"/o/northwind/cohorts/{cohort.pk}/")
    agree(page, "Close enrolment")
    expect(page.get_by_text("People choose until").first).to_be_visible()
    product.send("matching.plan_suggestions", cast.organization.pk)


def send_mails(product: Product, cast: Cast) -> None:
    """The scheduler's round; what waits for somebody's morning goes out at once."""
    product.send("mentoring.plan_reminders", cast.organization.pk)
    product.wait_for_worker()
    with cast.scope():
        OutgoingMessage.objects.filter(status="queued").update(send_after=timezone.now(), working_zone="")
    product.send("mentoring.send_due_mail", cast.organization.pk)


@contextmanager
def visitor(page: Page, product: Product, to: str, kind: str) -> Iterator[Page]:
    """Somebody who opens her mail's link in a browser of her own."""
    assert page.context.browser
    context = open_context(page.context.browser, product.url)
    opened = context.new_page()
    opened.goto(link_in(product.mail(to, kind)))
    yield opened
    context.close()


def address(cohort: Cohort, first: str, last: str) -> str:
    return f"{first}.{last}.{cohort.pk}@northwind.example".lower()


def pairs_of(cast: Cast, cohort: Cohort) -> dict[str, str]:
    with cast.scope():
        found = Pair.objects.filter(cohort=cohort).select_related("mentor__person", "mentee__person")
        return {pair.mentor.person.first_name: pair.mentee.person.first_name for pair in found}


def publish(page: Page, number: int) -> None:
    agree(page, f"Publish {number} pair")
    expect(page.get_by_text("published").first).to_be_visible()


def choose(visit: Page, *names: str) -> None:
    for name in names:
        visit.get_by_role("button", name=f"Choose {name}").first.click()
        expect(visit.get_by_role("button", name=f"Take {name} off the list").first).to_be_visible()


def test_assigned_the_champion_decides_and_both_sides_are_introduced(
    page: Page, product: Product, check_page: Check, sign_in: Any, cast: Cast
) -> None:
    cohort = enrolled(cast, MatchingMode.ASSIGNED)
    login(page, product.url, sign_in, cast.champion)
    page.goto(f"/o/northwind/cohorts/{cohort.pk}/match/")
    run_matching(page)
    publish(page, 3)
    send_mails(product, cast)
    for first, last in (("Ada", "Mentor"), ("Uma", "Mentee")):
        with visitor(page, product, address(cohort, first, last), "introduction") as visit:
            expect(visit.get_by_role("heading", level=1)).to_contain_text(first)
            check_page(visit)
    assert len(pairs_of(cast, cohort)) == 3


def test_hybrid_people_pick_until_the_last_day_and_first_choices_come_true(
    page: Page, product: Product, check_page: Check, sign_in: Any, cast: Cast
) -> None:
    cohort = enrolled(cast, MatchingMode.HYBRID)
    login(page, product.url, sign_in, cast.champion)
    begin_choosing(page, product, cast, cohort)
    product.wait_for_worker()
    send_mails(product, cast)
    with visitor(page, product, address(cohort, "Uma", "Mentee"), "choose_opened") as visit:
        visit.goto(visit.url.split("choose/")[0] + "choose/")
        check_page(visit)
        choose(visit, "Cleo Mentor", "Ben Mentor")
        visit.get_by_role("button", name="Not for me: Ada Mentor").click()
        expect(visit.get_by_text("Not for you. Nobody is told.")).to_be_visible()
        visit.get_by_role("button", name="Move Ben Mentor up").click()
        expect(visit.locator(".choose-row").first).to_contain_text("Ben Mentor")
        check_page(visit)
        uma = visit.url
    with visitor(page, product, address(cohort, "Ben", "Mentor"), "choose_opened") as visit:
        visit.goto(visit.url.split("choose/")[0] + "choose/")
        expect(visit.get_by_text("Uma Mentee").first).to_be_visible()
        choose(visit, "Uma Mentee")
    page.goto(f"/o/northwind/cohorts/{cohort.pk}/match/choosing/")
    expect(page.get_by_text("Vic Mentee").first).to_be_visible()
    check_page(page)

    days_pass(cast, cohort, 8)
    with visitor(page, product, address(cohort, "Uma", "Mentee"), "choose_opened") as visit:
        visit.goto(uma)
        expect(visit.get_by_role("button", name="Choose")).to_have_count(0)
        check_page(visit)
    page.goto(f"/o/northwind/cohorts/{cohort.pk}/match/")
    run_matching(page)
    expect(page.get_by_text("First choices met")).to_be_visible()
    check_page(page)
    publish(page, 3)
    found = pairs_of(cast, cohort)
    assert (found["Ben"], found["Ada"] in ("Vic", "Wes"), len(found)) == ("Uma", True, 3)
    with cast.scope():
        assert Pick.objects.count() == 4


def test_choose_people_ask_each_other_and_the_champion_matches_the_rest(
    page: Page, product: Product, check_page: Check, sign_in: Any, cast: Cast
) -> None:
    cohort = enrolled(cast, MatchingMode.CHOOSE)
    login(page, product.url, sign_in, cast.champion)
    begin_choosing(page, product, cast, cohort)
    product.wait_for_worker()
    send_mails(product, cast)
    for first, wanted in (("Uma", ("Ada Mentor", "Ben Mentor")), ("Vic", ("Ada Mentor",))):
        with visitor(page, product, address(cohort, first, "Mentee"), "choose_opened") as visit:
            visit.goto(visit.url.split("choose/")[0] + "choose/")
            choose(visit, *wanted)
    send_mails(product, cast)
    with visitor(page, product, address(cohort, "Ada", "Mentor"), "pair_request") as visit:
        check_page(visit)
        visit.get_by_role("link", name="Digital leadership").first.click()
        check_page(visit)
        visit.get_by_role("button", name="Not this time to Uma Mentee").click()
        expect(visit.get_by_text("reads “not this time” and nothing else")).to_be_visible()
    send_mails(product, cast)
    with visitor(page, product, address(cohort, "Ben", "Mentor"), "pair_request") as visit:
        expect(visit.get_by_text("Uma Mentee").first).to_be_visible()
        visit.get_by_role("button", name="Say yes to Uma Mentee").click()
        expect(visit.get_by_text("are a pair").first).to_be_visible()
        check_page(visit)
    assert pairs_of(cast, cohort) == {"Ben": "Uma"}

    days_pass(cast, cohort, 8)
    product.send("matching.sweep_requests", cast.organization.pk)
    page.goto(f"/o/northwind/cohorts/{cohort.pk}/match/")
    run_matching(page)
    check_page(page)
    publish(page, 2)
    found = pairs_of(cast, cohort)
    assert (found["Ben"], set(found), set(found.values())) == (
        "Uma", {"Ada", "Ben", "Cleo"}, {"Uma", "Vic", "Wes"},
    )  # fmt: skip
    with cast.scope():
        assert Cohort.objects.get(pk=cohort.pk).status == CohortStatus.RUNNING
