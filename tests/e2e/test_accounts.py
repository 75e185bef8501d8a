"""Signing up, inviting, joining from the mail, and the platform's own pages, in a browser."""

from playwright.sync_api import Browser, Page, expect

from mentoring.models import Organization, User
from tests.e2e.conftest import Product
from tests.e2e.visits import Check, open_context

PASSWORD = "correct horse battery"


def sign_up(page: Page, product: Product, check_page: Check) -> None:
    page.goto("/accounts/signup/")
    check_page(page)
    page.get_by_label("Your name").fill("Ada Okafor")
    page.get_by_label("E-mail").fill("ada@contoso.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Organization").fill("Contoso")
    expect(page.get_by_label("Address", exact=True)).to_have_value("contoso")
    page.get_by_role("button", name="Continue").click()
    check_page(page)
    page.get_by_role("textbox").first.fill(product.code("ada@contoso.example"))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Welcome, Ada Okafor")).to_be_visible()


def test_sign_up_invite_and_join_from_the_mail(browser: Browser, product: Product, check_page: Check) -> None:
    context = open_context(browser, product.url, timezone_id="Africa/Lagos", locale="en-US")
    page = context.new_page()
    sign_up(page, product, check_page)
    check_page(page)
    assert Organization.objects.get(slug="contoso").time_zone == "Africa/Lagos"

    page.get_by_role("navigation", name="Main").first.get_by_role("link", name="Members").click()
    check_page(page)
    page.get_by_role("link", name="Invite a member").click()
    check_page(page)
    page.get_by_label("E-mail").fill("ben@contoso.example")
    page.get_by_label("Admin:").check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("The invitation goes to ben@contoso.example.")).to_be_visible()
    product.mail("ben@contoso.example", "invite_member")

    for path in ("/o/contoso/settings/", "/o/contoso/audit/", "/preferences/", "/start/?choose=1"):
        page.goto(path)
        check_page(page)
    page.goto("/preferences/")
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    check_page(page)
    context.close()


def test_join_from_the_mailbox(browser: Browser, product: Product, check_page: Check) -> None:
    ada = open_context(browser, product.url)
    page = ada.new_page()
    sign_up(page, product, check_page)
    page.goto("/o/contoso/members/invite/")
    page.get_by_label("E-mail").fill("ben@contoso.example")
    page.get_by_label("Admin:").check()
    page.get_by_role("button", name="Send the invitation").click()
    product.mail("ben@contoso.example", "invite_member")
    ada.close()

    ben = open_context(browser, product.url)
    page = ben.new_page()
    page.goto("/mailbox/?q=ben@contoso.example")
    check_page(page)
    page.get_by_role("link", name="Your invitation to Contoso on Upward").click()
    check_page(page)
    page.frame_locator("iframe").get_by_role("link", name="Join").click()
    expect(page.get_by_role("heading", name="Join Contoso")).to_be_visible()
    check_page(page)
    page.get_by_label("Your name").fill("Ben Adeyemi")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", name="Welcome, Ben Adeyemi")).to_be_visible()
    assert User.objects.get(email="ben@contoso.example").name == "Ben Adeyemi"
    ben.close()
