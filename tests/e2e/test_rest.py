"""A break, clicked through: declined with one from the mail, met by the champion, ended by its person."""

import re
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import Page, expect

from mentoring.rules import today_in
from programs.enums import PairRole
from programs.models import Rest
from programs.rules import add_months
from tests.cast import make_cast
from tests.e2e.conftest import Product
from tests.e2e.test_modes import send_mails, visitor
from tests.e2e.visits import Check, agree, login
from tests.programs.making import add_participant, make_enrolling, make_program


def in_half_a_year() -> date:
    return add_months(today_in("Europe/Berlin", timezone.now()).replace(day=1), 6)


def test_decline_with_a_break_and_end_it(
    page: Page, product: Product, check_page: Check, sign_in: Any
) -> None:
    cast = make_cast("northwind", "Northwind")
    jun = cast.people["spare"]
    with cast.scope():
        first = make_enrolling(cast)
        second = make_enrolling(cast, program=make_program(cast, name="Another program"))
        add_participant(first, jun, PairRole.MENTOR, status="invited", invited_at=timezone.now())
    send_mails(product, cast)
    until = in_half_a_year()
    said = f"On a break until {date_format(until, 'j F Y')}"
    with visitor(page, product, jun.email, "invitation") as visit:
        visit.get_by_text("No, not this time").click()
        expect(visit.get_by_label("For the next cohort")).to_be_checked()
        check_page(visit)
        visit.get_by_label(re.compile("in six months")).check()
        visit.get_by_role("button", name="Decline").click()
        expect(visit.get_by_role("heading", name=said)).to_be_visible()
        check_page(visit)

    login(page, product.url, sign_in, cast.champion)
    page.goto(f"/o/northwind/cohorts/{second.pk}/invite/")
    expect(page.get_by_text(said)).to_be_visible()
    page.get_by_label("Tick everybody on this page").check()
    expect(page.get_by_label("Tick Jun Park")).to_be_disabled()
    expect(page.get_by_label("Tick Jun Park")).not_to_be_checked()
    check_page(page)
    page.get_by_label("Mentor").check()
    agree(page, "Invite all 3 who fit")
    expect(page.get_by_text("1 person is taking a break and was not invited.")).to_be_visible()

    with visitor(page, product, jun.email, "invitation") as visit:
        visit.goto(f"{visit.url.removesuffix('join/')}")
        visit.get_by_role("button", name="End my break").click()
        expect(visit.get_by_text("Welcome back: you can be invited again.")).to_be_visible()
        expect(visit.get_by_label("Ask me again from")).to_have_value(until.isoformat())
        check_page(visit)
        visit.get_by_role("button", name="Take a break").click()
        expect(visit.get_by_role("heading", name=said)).to_be_visible()
        visit.get_by_role("button", name="End my break").click()
        expect(visit.get_by_role("button", name="Take a break")).to_be_visible()
    with cast.scope():
        assert Rest.objects.count() == 0
    page.goto(f"/o/northwind/cohorts/{second.pk}/invite/")
    expect(page.get_by_label("Tick Jun Park")).to_be_enabled()
