from playwright.sync_api import Page

from tests.e2e.visits import Check


def test_front_page_leads_to_sign_up(page: Page, check_page: Check) -> None:
    page.goto("/")
    check_page(page)
    page.get_by_role("link", name="Sign in").first.click()
    check_page(page)
