"""A session ends while somebody is at work in a browser: with scripts, and without."""

from typing import Any

from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from mentoring.sealed_sessions import SessionStore
from tests.cast import make_cast
from tests.e2e.conftest import Product
from tests.e2e.visits import login, open_context, settle

PURPOSE = "Leaders learn what our youngest people see every day, before the market tells them."


def test_words_being_typed_come_back_after_signing_in(page: Page, product: Product, sign_in: Any) -> None:
    cast = make_cast("northwind", "Northwind")
    login(page, product.url, sign_in, cast.champion)
    page.goto(f"/o/northwind/programs/{cast.program.pk}/edit/")
    settle(page)
    page.get_by_label("Purpose").fill(PURPOSE)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_label("Sponsor", exact=False).first.press_sequentially("Gra")  # asks the server for names
    page.wait_for_url("**/accounts/login/**")
    login(page, product.url, sign_in, cast.champion)
    page.goto(f"/o/northwind/programs/{cast.program.pk}/edit/")
    expect(page.get_by_text("What you had filled in here is back")).to_be_visible()
    expect(page.get_by_label("Purpose")).to_have_value(PURPOSE)
    settle(page)


def test_form_sent_too_late_is_sent_with_one_press_without_script(
    browser: Browser, product: Product, sign_in: Any
) -> None:
    cast = make_cast("northwind", "Northwind")
    context = open_context(browser, product.url, java_script_enabled=False)
    page = context.new_page()
    login(page, product.url, sign_in, cast.champion)
    page.goto(f"/o/northwind/programs/{cast.program.pk}/edit/")
    page.get_by_label("Purpose").fill(PURPOSE)
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    kept = next(cookie for cookie in context.cookies() if cookie["name"] == settings.SESSION_COOKIE_NAME)
    # What signing in does with the session that holds the form.
    mine = sign_in(cast.champion)
    session, form = mine.session, SessionStore(kept["value"])["kept_form"]
    session["kept_form"] = form
    session.save()
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": product.url}]
    )
    page.goto("/resume/")
    expect(page.get_by_text(PURPOSE)).to_be_visible()
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_text(PURPOSE)).to_be_visible()
    context.close()
    product.wait_for_worker()
