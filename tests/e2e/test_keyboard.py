"""Without a mouse, and without JavaScript: the champion keeps, moves and publishes; a participant picks.

Each key is pressed only once the focus stands where it should: on a slow machine a page may lag behind."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from matching.models import Ruling
from programs.enums import MatchingMode
from programs.models import Cohort, Pair, Participant
from tests.cast import Cast, make_cast
from tests.e2e.conftest import Product
from tests.e2e.visits import login, open_context, see_draft
from tests.matching.making import Someone, find, make_cohort
from tests.matching.pages import browser as signed_in
from tests.matching.picking import picks, suggest

SKILLS = ("ai_tools", "social_media", "inclusion")
TABS_AT_MOST = 120
HAS_FOCUS = "one => one === document.activeElement"
RING = "one => getComputedStyle(one).outlineStyle"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast("northwind", "Northwind")


@pytest.fixture
def plain_page(browser: Browser, product: Product) -> Iterator[Page]:
    """A browser that runs no script."""
    context = open_context(browser, product.url, java_script_enabled=False)
    yield context.new_page()
    context.close()
    product.wait_for_worker()


def ready(cast: Cast) -> Cohort:
    """Four mentors and four mentees, any two of whom can meet."""
    with cast.scope():
        return make_cohort(
            cast,
            [Someone(f"{name} Mentor", SKILLS) for name in ("Ada", "Ben", "Cleo", "Dag")],
            [Someone(f"{name} Mentee", SKILLS) for name in ("Uma", "Vic", "Wes", "Xia")],
        )


def open_choosing(cast: Cast) -> Participant:
    """Uma, who may choose until next week, with her suggestions worked out."""
    cohort = ready(cast)
    until = timezone.now().date() + timedelta(days=7)
    with cast.scope():
        Cohort.objects.filter(pk=cohort.pk).update(matching_mode=MatchingMode.HYBRID, choose_until=until)
    suggest(cast, now=timezone.now())
    with cast.scope():
        return find(cohort, "Uma Mentee")


def carry(page: Page, product: Product, client: Client) -> None:
    """Who is signed in there is signed in here."""
    page.context.add_cookies(
        [{"name": name, "value": one.value, "url": product.url} for name, one in client.cookies.items()]
    )


def focused(target: Locator) -> None:
    expect(target).to_be_focused()


def reach(page: Page, target: Locator) -> None:
    """Tab until the focus is there, and is to be seen."""
    expect(target).to_be_visible()
    for _ in range(TABS_AT_MOST):
        page.keyboard.press("Tab")
        if target.evaluate(HAS_FOCUS):
            break
    focused(target)
    assert target.evaluate(RING) == "solid"


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    reach(page, target)
    page.keyboard.press(key)


def press_in(page: Page, field: Locator, text: str) -> None:
    """Type into a field and send its form."""
    reach(page, field)
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row", name=re.compile(name))


def new_partner(page: Page) -> str:
    """A mentee whom neither Ben nor Ada, who is kept, meets in the draft."""
    shown = row_of(page, "Ben Mentor").inner_text() + row_of(page, "Ada Mentor").inner_text()
    return next(name for name in ("Uma Mentee", "Vic Mentee", "Wes Mentee") if name not in shown)


def test_champion_by_keyboard(page: Page, product: Product, sign_in: Any, cast: Cast) -> None:
    cohort = ready(cast)
    login(page, product.url, sign_in, cast.champion)
    page.goto(f"/o/northwind/cohorts/{cohort.pk}/match/")
    press(page, page.get_by_role("button", name="Run the matching"))
    see_draft(page, 1)

    ada = row_of(page, "Ada Mentor")
    details = ada.get_by_role("link", name=re.compile("^Details"))
    press(page, details)
    focused(page.locator("#why"))
    expect(page.get_by_role("heading", name=re.compile("^Why Ada"))).to_be_visible()
    page.keyboard.press("Escape")
    focused(details)

    press(page, ada.get_by_role("button", name=re.compile("^Keep")))
    undo = ada.get_by_role("button", name=re.compile("^Undo"))
    focused(undo)
    expect(undo).to_have_accessible_description("Kept")
    press(page, ada.locator("summary"))
    press_in(page, ada.get_by_label("Why", exact=True), "Same shift")
    expect(ada.get_by_text("“Same shift”")).to_be_visible()
    focused(undo)

    search = page.get_by_role("searchbox")
    search.focus()
    page.keyboard.type("ben")
    expect(page.get_by_text("1 pair", exact=True)).to_be_visible()
    focused(search)
    page.keyboard.type("zz")
    expect(page.get_by_role("heading", name="No pair fits")).to_have_attribute("aria-live", "polite")
    press(page, page.get_by_role("link", name="Show all"))
    see_draft(page, 1)

    wanted = new_partner(page)
    press(page, row_of(page, "Ben Mentor").get_by_role("link", name=re.compile("^Change")))
    press(page, page.get_by_label("Give Ben Mentor another mentee"), "Space")
    press_in(page, page.get_by_label("With whom"), wanted)
    press_in(page, page.get_by_label("Why"), "They asked for each other")
    see_draft(page, 2)
    with cast.scope():
        assert set(Ruling.objects.values_list("note", flat=True)) == {
            "Same shift", "They asked for each other",
        }  # fmt: skip

    publish = page.get_by_role("button", name="Publish 4 pairs").first
    press(page, publish)
    dialog = page.get_by_role("dialog")
    focused(dialog.get_by_role("button", name="Cancel"))
    page.keyboard.press("Escape")
    focused(publish)
    page.keyboard.press("Enter")
    press(page, dialog.get_by_role("button", name="Publish 4 pairs"))
    expect(page.locator("#messages[aria-live=polite]")).to_contain_text("4 pairs are published")
    with cast.scope():
        assert Pair.objects.filter(cohort=cohort).count() == 4


def test_participant_by_keyboard(page: Page, product: Product, cast: Cast) -> None:
    uma = open_choosing(cast)
    carry(page, product, signed_in(cast, uma))
    page.goto(f"/o/northwind/p/{uma.pk}/choose/")
    for name in ("Ben", "Ada", "Cleo"):
        press(page, page.get_by_role("button", name=re.compile(f"^Choose {name} Mentor")))
        focused(page.locator(".suggestion").get_by_role("button", name=f"Take {name} Mentor off the list"))
        expect(page.locator(".saved[aria-live=polite]")).to_contain_text(f"{name} is your")
        page.reload()
    rows = page.locator(".choose-row")
    up = page.get_by_role("button", name="Move Ada Mentor up")
    press(page, up)
    expect(rows.first).to_contain_text("Ada Mentor")
    focused(up)

    page.reload()
    summary = page.locator("summary", has_text="Choose instead of")
    press(page, summary)
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    focused(summary)
    page.keyboard.press("Enter")
    press(page, page.get_by_role("button", name="3rd choice: Cleo Mentor"))
    expect(rows.last).to_contain_text("Dag Mentor")
    focused(page.get_by_role("article", name="Dag Mentor"))

    page.reload()
    press(page, rows.last.get_by_role("button", name="Take Dag Mentor off the list"))
    expect(rows).to_have_count(2)
    focused(page.locator("#mine"))
    no = page.get_by_role("button", name="Not for me: Cleo Mentor")
    press(page, no)
    undo = page.get_by_role("button", name="Undo “not for me” for Cleo Mentor")
    focused(undo)
    page.keyboard.press("Enter")
    focused(no)
    with cast.scope():
        assert picks(uma) == [("Ada", 1), ("Ben", 2)]


def test_champion_without_scripts(plain_page: Page, product: Product, sign_in: Any, cast: Cast) -> None:
    cohort, page = ready(cast), plain_page
    login(page, product.url, sign_in, cast.champion)
    page.goto(f"/o/northwind/cohorts/{cohort.pk}/match/settings/")
    page.get_by_label("Weight: From different units").select_option("5")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("4 mentors and 4 mentees have joined and answered")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Run the matching").click()
    see_draft(page, 1)

    row_of(page, "Ada Mentor").get_by_role("link", name=re.compile("^Details")).click()
    page.get_by_role("button", name="What would each of them cost?").click()
    expect(page.get_by_text("What that would cost is being worked out.")).to_have_count(0)
    page.get_by_role("link", name="Look closer").first.click()
    expect(page.get_by_role("heading", name="Whose partner would change")).to_be_visible()

    page.goto(f"/o/northwind/cohorts/{cohort.pk}/match/")
    ada = row_of(page, "Ada Mentor")
    ada.get_by_role("button", name=re.compile("^Keep")).click()
    ada.locator("summary").click()
    ada.get_by_label("Why", exact=True).fill("Same shift")
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_text("“Same shift”")).to_be_visible()
    page.get_by_role("searchbox").fill("nobody of this name")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name="Show all").click()

    wanted = new_partner(page)
    row_of(page, "Ben Mentor").get_by_role("link", name=re.compile("^Change")).click()
    page.get_by_label("Give Ben Mentor another mentee").check()
    page.get_by_label("With whom").fill(wanted)
    page.get_by_role("button", name="See what it means").click()
    page.get_by_label("Why").fill("They asked for each other")
    page.get_by_role("button", name="Change the draft").click()
    see_draft(page, 2)
    page.get_by_role("button", name="Publish 4 pairs").click()
    expect(page.get_by_text("4 pairs are published")).to_be_visible()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("4 pairs are taken back")).to_be_visible()


def test_participant_without_scripts(plain_page: Page, product: Product, cast: Cast) -> None:
    uma, page = open_choosing(cast), plain_page
    carry(page, product, signed_in(cast, uma))
    page.goto(f"/o/northwind/p/{uma.pk}/choose/")
    for name in ("Ben", "Ada"):
        page.get_by_role("button", name=re.compile(f"^Choose {name} Mentor")).click()
        expect(page.get_by_text(f"Saved: {name} is your")).to_be_visible()
    page.get_by_role("button", name="Move Ada Mentor up").click()
    expect(page.locator(".choose-row").first).to_contain_text("Ada Mentor")
    expect(page.locator("[data-handle]:visible")).to_have_count(0)
    page.get_by_role("button", name="Not for me: Cleo Mentor").click()
    page.get_by_role("button", name="Undo “not for me” for Cleo Mentor").click()
    expect(page.get_by_role("button", name="Not for me: Cleo Mentor")).to_be_visible()
    with cast.scope():
        assert picks(uma) == [("Ada", 1), ("Ben", 2)]
