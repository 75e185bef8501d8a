from collections.abc import Callable

from playwright.sync_api import Page


def test_front_page_leads_to_sign_up(page: Page, check_page: Callable[[Page], None]) -> None:
    page.goto("/")
    check_page(page)
    page.get_by_role("link", name="Sign in").first.click()
    check_page(page)
