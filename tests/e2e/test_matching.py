"""The champion's workbench in a browser: criteria, a run, why, keep, exclusions, publish."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from matching.models import Ruling
from programs.models import Pair
from tests.cast import make_cast
from tests.e2e.conftest import Product
from tests.e2e.visits import Check, login, run_matching, wait_until
from tests.matching.making import Someone, make_cohort


def test_workbench_from_first_run_to_published_pairs(
    page: Page, product: Product, check_page: Check, sign_in: Any
) -> None:
    cast = make_cast("northwind", "Northwind")
    with cast.scope():
        cohort = make_cohort(
            cast,
            [
                Someone("Ada One", ("ai_tools", "automation"), person={"unit": "IT"}),
                Someone("Ben Two", ("social_media",), person={"unit": "Sales"}),
            ],
            [
                Someone("Uma Four", ("ai_tools",), person={"unit": "HR"}),
                Someone("Vic Five", ("social_media",), person={"unit": "HR"}),
                Someone("Wes Six", ("inclusion",), person={"unit": "HR"}),
            ],
        )
    login(page, product.url, sign_in, cast.champion)
    page.goto(f"/o/northwind/cohorts/{cohort.pk}/match/")
    check_page(page)
    page.get_by_role("link", name="Change").click()
    page.get_by_label("Weight: From different units").select_option("2")
    check_page(page)
    page.get_by_role("button", name="Save").click()
    run_matching(page)
    check_page(page)

    page.get_by_role("link", name=re.compile("Details.*Ben Two, Vic Five")).click()
    expect(page.get_by_role("heading", name="Why Ben → Vic")).to_be_visible()
    page.get_by_role("button", name=re.compile("Keep.*Ada One, Uma Four")).click()
    expect(page.get_by_role("button", name=re.compile("Undo.*Ada One, Uma Four"))).to_be_focused()
    check_page(page)
    with cast.scope():
        assert Ruling.objects.get().kind == "keep"
    page.get_by_role("searchbox").fill("vic")
    expect(page.get_by_text("1 pair", exact=True)).to_be_visible()
    check_page(page)
    for tab in ("Unmatched 1", "Score spread"):
        page.get_by_role("link", name=tab).click()
        expect(page.get_by_role("link", name=tab)).to_have_attribute("aria-current", "page")
        check_page(page)

    page.goto("/o/northwind/exclusions/")
    page.get_by_label("One person").press_sequentially("Ben T")
    expect(page.locator("#people-found option")).to_have_count(1)
    page.get_by_label("One person").fill("Ben Two")
    page.get_by_label("The other person").fill("Wes Six")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Ben Two and Wes Six will not be paired.")).to_be_visible()
    check_page(page)

    page.goto(f"/o/northwind/cohorts/{cohort.pk}/match/")
    expect(page.get_by_text("have changed since this draft")).to_be_visible()
    run_matching(page, 2, button="Run again")
    expect(page.get_by_text("have changed since this draft")).to_have_count(0)
    page.get_by_role("button", name="Publish 2 pairs").click()
    expect(page.get_by_role("heading", name="Publish 2 pairs?")).to_be_visible()
    check_page(page)
    page.get_by_role("dialog").get_by_role("button", name="Publish 2 pairs").click()
    expect(page.get_by_text("2 pairs are published.")).to_be_visible()
    check_page(page)

    def published() -> bool:
        with cast.scope():
            return Pair.objects.filter(cohort=cohort).count() == 2

    wait_until(published, "the pairs")
