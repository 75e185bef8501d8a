"""What the tests do in a browser again and again. Everything here waits for what it needs, and nothing waits
for a fixed time: on a slow machine a page's scripts may run long after its heading is shown."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.running import PATIENCE

Check = Callable[[Page], None]
WIDE: Any = {"width": 1360, "height": 900}
NARROW: Any = {"width": 390, "height": 844}
AT_WORK = ".htmx-request, .htmx-swapping, .htmx-settling"
AXE_IS_THERE = "typeof axe === 'object'"
# What stands on a page, each kind of element once: where it is nested, its classes and attributes, and the
# values of those that say what it is. Text, ids and addresses tell pages apart, and not kinds of element.
KINDS = """
() => {
  const told = (name) => /^(role|type|tabindex|lang|dir|scope|hidden|data-bs-theme|data-theme)$/.test(name)
    || (name.startsWith("aria-") && !/(by|controls|owns|details|label|description)$/.test(name));
  const said = ({name, value}) => told(name) ? `[${name}=${value}]` : `[${name}${value.trim() ? "" : "="}]`;
  const kind = (one) => one.localName + "." + [...one.classList].sort().join(".")
    + [...one.attributes].filter(({name}) => name !== "class").map(said).sort().join("");
  const kinds = new Set();
  for (const one of document.querySelectorAll("html, html *")) {
    const named = one.children.length || one.textContent.trim() ? "" : " empty";
    kinds.add(`${one.parentElement ? kind(one.parentElement) : ""} > ${kind(one)}${named}`);
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return [...kinds].map((each) => `${dark}${innerWidth} ${each}`);
}
"""
TWICE = """
[...document.querySelectorAll("[id]")].map(({id}) => id).filter((id, place, all) => all.indexOf(id) !== place)
"""
BROKEN_RULES = """
axe.run({resultTypes: ["violations"]}).then((found) => found.violations.map(
  (rule) => `${rule.id}: ${rule.nodes.slice(0, 4).map((node) => node.target).join(", ")}`))
"""
expect.set_options(timeout=PATIENCE * 1000)


def wait_until(condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """The first true value of `condition`; fails with `what` was waited for."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"waited {patience:.0f} s for {what}")
        time.sleep(0.1)
    return found


def open_context(browser: Browser, url: str, **more: Any) -> BrowserContext:
    """A browser of somebody's own. Nothing moves in it, so that no colour is measured on its way."""
    wanted = {"base_url": url, "viewport": WIDE, "reduced_motion": "reduce"} | more
    context = browser.new_context(**wanted)
    context.set_default_timeout(PATIENCE * 1000)
    return context


def login(page: Page, url: str, sign_in: Any, user: Any) -> None:
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": sign_in(user).cookies[name].value, "url": url}])


def settle(page: Page) -> None:
    """The page's scripts have run, and htmx waits for no answer."""
    page.wait_for_load_state()
    expect(page.locator(AT_WORK)).to_have_count(0)


_clean_kinds: set[str] = set()


def check_page(page: Page) -> None:
    """No accessibility rule is broken on the page as it stands, no id stands on it twice, and nothing sticks
    out at 390 px. axe takes half a second of the processor: it looks at pages that hold a kind of element
    which no page before had."""
    settle(page)
    assert (page.url, page.evaluate(TWICE)) == (page.url, [])
    kinds = set(page.evaluate(KINDS))
    if kinds - _clean_kinds:
        if not page.evaluate(AXE_IS_THERE):
            page.evaluate(Axe().axe_script)
        assert page.evaluate(BROKEN_RULES) == [], page.url
        _clean_kinds.update(kinds)
    page.set_viewport_size(NARROW)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(WIDE)
    assert width <= NARROW["width"], f"{page.url} is {width} px wide at {NARROW['width']}"


def agree(page: Page, name: str) -> None:
    """Press a button that asks first, and say yes."""
    page.wait_for_load_state()
    page.get_by_role("button", name=name).first.click()
    with page.expect_navigation():
        page.get_by_role("dialog").locator("[value=yes]").click()


def run_matching(page: Page, number: int = 1, button: str = "Run the matching") -> None:
    """From the button to the draft with this number, its scripts included."""
    page.get_by_role("button", name=button).click()
    see_draft(page, number)


def see_draft(page: Page, number: int) -> None:
    expect(page.get_by_role("heading", name=re.compile(rf"^Draft pairing {number}\b"))).to_be_visible()
    settle(page)
