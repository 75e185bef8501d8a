"""A file of leavers in the browser: what it will end, what it has ended, and who is to be found next."""

import re
from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, expect

from mentoring.models import Membership, Person
from programs.enums import CohortStatus
from programs.guards import participant_url
from programs.models import Cohort, Participant, Program
from sessions.models import Meeting
from tests.cast import make_cast
from tests.e2e.conftest import Product, link_in
from tests.e2e.visits import Check, login, open_context
from tests.leaving.conftest import on_roster, rows
from tests.programs.making import dates_from
from tests.programs.test_join import path_of


def test_leader_and_champion_leave(page: Page, product: Product, check_page: Check, sign_in: Any) -> None:
    cast = make_cast("northwind", "Northwind")
    champion = on_roster(cast, cast.champion)
    mentee = cast.people["mentee"]
    now = timezone.now()
    with cast.scope():
        starts, ends = now.date(), dates_from(now)["ends_on"]
        Cohort.objects.filter(pk=cast.cohort.pk).update(starts_on=starts, ends_on=ends)
        Participant.objects.filter(cohort=cast.cohort).update(answered_at=now)
        Program.objects.update(sponsor=mentee)
        Meeting.objects.create(
            pair=cast.pair,
            number=1,
            starts_at=now + timedelta(days=3),
            minutes=45,
            planned_by=cast.mentor,
        )
        link = path_of(participant_url(Participant.objects.select_related("person").get(pk=cast.mentee.pk)))
    content = rows((mentee.employee_id or "", mentee.email), (champion.employee_id or "", champion.email))
    login(page, product.url, sign_in, cast.owner)
    page.goto("/o/northwind/people/import/")
    page.set_input_files(
        "input[type=file]", {"name": "leavers.csv", "mimeType": "text/csv", "buffer": content.encode()}
    )
    page.get_by_role("button", name="Upload and read").click()
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="2 people leave")).to_be_visible()
    for line in ("1 pair", "1 planned meeting", "1 sponsor", "1 program champion"):
        expect(page.get_by_role("listitem").filter(has_text=re.compile(f"^{line}$"))).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Apply to the roster").click()
    expect(page.get_by_text("These have ended:")).to_be_visible()
    check_page(page)

    page.goto("/o/northwind/")
    charges = page.get_by_role("region", name="Somebody in charge has left")
    expect(charges.get_by_text("Digital leadership has no champion", exact=True)).to_be_visible()
    expect(page.get_by_text("1 waits for a new partner")).to_be_visible()
    check_page(page)
    page.goto(f"/o/northwind/cohorts/{cast.cohort.pk}/")
    queue = page.get_by_role("region", name="Partner left")
    expect(queue.get_by_text("Henrik Lund has left")).to_be_visible()
    check_page(page)
    queue.get_by_role("link", name="Find a new partner").click()
    expect(page).to_have_url(re.compile("/match/$"))
    page.goto(f"/o/northwind/programs/{cast.program.pk}/edit/")
    expect(page.get_by_label("Program champion")).to_have_value("")
    check_page(page)
    page.goto("/o/northwind/members/")
    check_page(page)
    with cast.scope():
        gone = Membership.objects.get(user=cast.champion)
    page.goto(f"/o/northwind/members/{gone.pk}/")
    expect(page.get_by_role("link", name="Invite a successor")).to_be_visible()
    check_page(page)

    product.send("mentoring.plan_reminders", cast.organization.pk)
    told = product.mail(cast.people["mentor"].email, "pair_over")
    assert "Henrik Lund no longer takes part in Digital leadership" in " ".join(told.text.split())
    assert page.context.browser
    stranger = open_context(page.context.browser, product.url)
    visit = stranger.new_page()
    visit.goto(link)
    expect(visit.get_by_role("heading", name="This link is closed")).to_be_visible()
    check_page(visit)
    visit.goto(link_in(told))
    expect(visit.get_by_role("heading", name="We have no partner for you yet")).to_be_visible()
    stranger.close()
    with cast.scope():
        assert Person.objects.get(pk=mentee.pk).status == "left"
        assert Cohort.objects.get(pk=cast.cohort.pk).status == CohortStatus.RUNNING
