"""Every main page of the demo, as each of its people sees it: the same pages as `make shots`.

Held to one measure: it answers, breaks no rule of axe, fits 390 px, has one first heading and no gap below
it, at most one primary button in its head, and a title that no other page of the same person has.
"""

from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Browser

from benchmarks import shots
from benchmarks.scenes import find_scene
from mentoring.models import User
from tests.e2e.conftest import Product
from tests.e2e.visits import Check, login, open_context

HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(heading => +heading.tagName[1])"
PRIMARY = ".page-head .btn-primary"
# Pages that show the same thing at two addresses, or two phases of one.
SHARED_TITLES = {"match", "participant", "pair", "pair_plan"}


def headings_in_order(levels: list[int]) -> bool:
    return levels.count(1) == 1 and all(after <= before + 1 for before, after in pairwise(levels))


@pytest.fixture
def demo(product: Product) -> Any:
    call_command("seed_demo")
    return find_scene()


def test_every_page_of_the_demo(
    browser: Browser, product: Product, demo: Any, check_page: Check, sign_in: Any
) -> None:
    problems: list[str] = []
    titles: dict[tuple[str, str], set[str]] = defaultdict(set)
    for account in dict.fromkeys(shot.account for shot in shots.SHOTS):
        context = open_context(browser, product.url)
        page = context.new_page()
        if account:
            login(page, product.url, sign_in, User.objects.get(email=account))
        for shot in (one for one in shots.SHOTS if one.account == account):
            path = reverse(shot.route, kwargs=shot.ids(demo) if shot.ids else {})
            answer = page.goto(path)
            if answer is None or answer.status != 200:
                problems.append(f"{shot.name}: {answer and answer.status}")
                continue
            try:
                check_page(page)
            except AssertionError as broken:
                problems.append(f"{shot.name}: {broken}")
            levels = page.evaluate(HEADINGS)
            if not headings_in_order(levels):
                problems.append(f"{shot.name}: headings {levels}")
            if (number := page.locator(PRIMARY).count()) > 1:
                problems.append(f"{shot.name}: {number} primary buttons")
            titles[account, page.title()].add(shot.route)
        context.close()
    problems += [
        f"{account}: {', '.join(sorted(routes))} are all called “{title}”"
        for (account, title), routes in titles.items()
        if len(routes - SHARED_TITLES) > 1
    ]
    assert problems == []
