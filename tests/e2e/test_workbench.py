"""The workbench by hand in a browser: move, undo and redo, keep with a reason, what-if, compare, adopt."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from matching.models import Ruling
from matching.queries.runs import current_draft
from programs.models import Cohort
from tests.cast import Cast, make_cast
from tests.e2e.conftest import Product
from tests.e2e.visits import Check, login, run_matching, see_draft
from tests.matching.making import Someone, find, make_cohort
from tests.matching.test_gap import uneven

SKILLS = ("ai_tools", "automation", "social_media", "inclusion", "wellbeing")
UNITS = ("IT", "Sales", "Finance")
PLACES = ("Oslo", "Lagos", "Milan")


def someone(role: str, number: int) -> Someone:
    person = {
        "unit": UNITS[number % 3],
        "location": PLACES[(number + len(role)) % 3],
        "region": "Nordics" if number % 2 else "West Africa",
        "title": "Analyst" if role == "Mentor" else "Vice President of Sales and Customer Relations",
    }
    skills = (SKILLS[number % 5], SKILLS[(number * 2 + 1) % 5])
    return Someone(f"{role}{number} Okafor", skills, person=person)


def workbench(page: Page, product: Product, sign: Any) -> tuple[Cast, Cohort]:
    """A cohort with a first draft, opened by its champion."""
    cast = make_cast("northwind", "Northwind")
    with cast.scope():
        mentors = [someone("Mentor", number) for number in range(12)]
        mentees = [someone("Mentee", number) for number in range(13)]
        cohort = make_cohort(cast, mentors, mentees)
    login(page, product.url, sign, cast.champion)
    page.goto(f"/o/northwind/cohorts/{cohort.pk}/match/")
    run_matching(page)
    return cast, cohort


def test_move_undo_and_redo(page: Page, product: Product, check_page: Check, sign_in: Any) -> None:
    cast, cohort = workbench(page, product, sign_in)
    check_page(page)
    page.get_by_role("link", name=re.compile("Change.*Mentor0 Okafor")).click()
    page.get_by_label("Give Mentor0 Okafor another mentee").check()
    field = page.get_by_label("With whom")
    field.press_sequentially("mentee1", delay=20)
    expect(page.locator("#people-found option")).not_to_have_count(0)
    with cast.scope():
        first = current_draft(cohort)
        assert first is not None
        taken = first.proposals.get(mentor__person__first_name="Mentor0").mentee.person.first_name
    wanted = "Mentee11" if taken == "Mentee12" else "Mentee12"
    field.fill(f"{wanted} Okafor")
    check_page(page)
    page.get_by_role("button", name="See what it means").click()
    expect(page.get_by_role("button", name="Change the draft")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^score \d+$")).last).to_be_visible()
    check_page(page)
    page.get_by_label("Why").fill("They asked for each other")
    page.get_by_role("button", name="Change the draft").click()
    see_draft(page, 2)
    expect(page.locator(".draft-text")).to_contain_text("They asked for each other")
    check_page(page)
    page.get_by_role("button", name="Undo this change").click()
    expect(page.get_by_text("Undone. Draft pairing 1 counts again.")).to_be_visible()
    with cast.scope():
        assert Ruling.objects.count() == 0
    page.get_by_role("button", name="Redo draft 2").click()
    see_draft(page, 2)
    with cast.scope():
        assert Ruling.objects.get().note == "They asked for each other"


def test_keep_with_a_reason_by_keyboard(
    page: Page, product: Product, check_page: Check, sign_in: Any
) -> None:
    cast, cohort = workbench(page, product, sign_in)
    row = page.get_by_role("row", name=re.compile("Mentor3 Okafor"))
    row.get_by_role("button", name=re.compile("^Keep")).focus()
    page.keyboard.press("Enter")
    expect(row.get_by_role("button", name=re.compile("^Undo"))).to_be_focused()
    page.keyboard.press("Tab")
    expect(row.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row.get_by_label("Why", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    expect(row.get_by_label("Why", exact=True)).to_be_focused()
    page.keyboard.type("Same shift")
    page.keyboard.press("Enter")
    expect(row.get_by_text("“Same shift”")).to_be_visible()
    check_page(page)
    page.locator(".page-head summary").click()
    page.get_by_role("link", name="Kept and ruled out").click()
    expect(page.get_by_text("Same shift")).to_be_visible()
    check_page(page)
    with cast.scope():
        boss = find(cohort, "Mentee5 Okafor").person
        report = find(cohort, "Mentor5 Okafor").person
        report.manager = boss
        report.save()
    page.get_by_label("Mentor", exact=True).fill("Mentor5 Okafor")
    page.get_by_label("Mentee", exact=True).fill("Mentee5 Okafor")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("A rule forbids Mentor5 Okafor and Mentee5 Okafor")).to_be_visible()
    check_page(page)
    page.get_by_label("Keep them although a rule forbids it").check()
    page.get_by_label("Why").fill("The line changes in May")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Overrides: same reporting line")).to_be_visible()
    check_page(page)


def test_what_if_compare_adopt(page: Page, product: Product, check_page: Check, sign_in: Any) -> None:
    cast, cohort = workbench(page, product, sign_in)
    page.locator(".page-head summary").click()
    page.get_by_role("link", name="What if …").click()
    page.get_by_label("What do you want to know?").fill("Another unit counts most")
    page.locator("[name=weight-unit]").select_option("5")
    page.locator("[name=weight-learning_goals]").select_option("0")
    page.get_by_label("More mentees for each mentor").select_option("1")
    check_page(page)
    page.get_by_role("button", name="Run it").click()
    expect(page.get_by_text("A trial: nothing of it counts")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="Compare with draft 1").click()
    expect(page.get_by_role("heading", name="What is different")).to_be_visible()
    check_page(page)
    page.get_by_label("Show", exact=True).select_option("gains")
    page.wait_for_url(re.compile("shown=gains"))
    page.get_by_role("link", name="Adopt Draft pairing 2").click()
    check_page(page)
    agree = page.get_by_label(re.compile("They agree"))
    if agree.count():
        agree.check()
    page.get_by_role("button", name="Adopt this one").click()
    expect(page.get_by_text("Draft pairing 2 is the draft that counts now.")).to_be_visible()
    with cast.scope():
        counting = current_draft(cohort)
        assert counting is not None
        assert counting.number == 2
    page.locator("summary").filter(has_text="All 2 runs").click()
    check_page(page)


def test_gap_is_closed_from_the_report_by_groups(
    page: Page, product: Product, check_page: Check, sign_in: Any
) -> None:
    cast = make_cast("northwind", "Northwind")
    cohort = uneven(cast)
    login(page, product.url, sign_in, cast.champion)
    page.goto(f"/o/northwind/cohorts/{cohort.pk}/match/")
    run_matching(page)
    page.get_by_role("link", name="Score spread").click()
    check_page(page)
    page.get_by_role("link", name=re.compile("Close this gap.*South")).click()
    expect(page.get_by_label("What do you want to know?")).to_have_value("Close the gap of South")
    expect(page.get_by_label("Close a gap")).to_have_value("person:region=South")
    page.get_by_label("At most so many points under everybody else").fill("40")
    check_page(page)
    page.get_by_role("button", name="Run it").click()
    expect(page.get_by_text("A trial: nothing of it counts")).to_be_visible()
    expect(page.get_by_text("66.7 → 32.2")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="Compare with draft 1").click()
    expect(page.get_by_role("row", name=re.compile("Gap of South"))).to_contain_text("better")
    check_page(page)
    page.get_by_role("link", name="Adopt Draft pairing 2").click()
    page.get_by_role("button", name="Adopt this one").click()
    expect(page.get_by_text("Draft pairing 2 is the draft that counts now.")).to_be_visible()
