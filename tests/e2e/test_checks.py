"""The check that every browser test leans on finds faults, also where it has seen such a page before."""

import pytest
from playwright.sync_api import Page

from tests.e2e.visits import Check

FAULTS = {
    "picture without words": "<img src='/static/favicon.svg'>",
    "field without a label": "<input type='text'>",
    "button without a name": "<button type='button'></button>",
    "an id twice": "<p id='main'>once more</p>",
    "heading of nothing": "<div role='checkbox'>ticked?</div>",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_on_a_page_that_was_checked_is_found(page: Page, check_page: Check, fault: str) -> None:
    page.goto("/")
    check_page(page)
    page.evaluate(
        "html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", FAULTS[fault]
    )
    with pytest.raises(AssertionError):
        check_page(page)
