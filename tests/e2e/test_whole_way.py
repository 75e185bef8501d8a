"""The main job, clicked through: from signing up to the export, with mails answered from their links."""

import csv
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from mentoring.mail.reminders import plan_reminders, working_moment
from mentoring.models import Organization, OutgoingMessage
from mentoring.tenancy.scoping import organization_scope
from programs.models import Cohort, Pair
from tests.e2e.conftest import Product, link_in
from tests.e2e.visits import Check, agree, open_context, run_matching

ROSTER = """Employee ID,First Name,Last Name,Work Email,Status,Job Title,Level,Department,Location,Time Zone
1,Grace,Kim,grace.kim@acme.example,Active,Chief Executive,6,Board,Berlin,Europe/Berlin
2,Henrik,Lund,henrik.lund@acme.example,Active,Finance Director,5,Finance,Berlin,Europe/Berlin
3,Maria,Costa,maria.costa@acme.example,Active,Sales Director,5,Sales,Lisbon,Europe/Lisbon
4,Amara,Osei,amara.osei@acme.example,Active,Analyst,1,Operations,Berlin,Europe/Berlin
5,Jun,Park,jun.park@acme.example,Active,Engineer,1,Engineering,Berlin,Europe/Berlin
6,Old,Colleague,old.colleague@acme.example,Terminated,Clerk,1,Finance,Berlin,Europe/Berlin
"""


def test_the_whole_way(page: Page, product: Product, check_page: Check, tmp_path: Path) -> None:
    sign_up(page, product, check_page)
    import_people(page, check_page, tmp_path)
    make_program(page, check_page)
    make_cohort(page, check_page)
    cohort_url = page.url
    invite(page, check_page, cohort_url, "Mentee", "5", 3)
    invite(page, check_page, cohort_url, "Mentor", "1", 2)
    for name in ("henrik.lund", "maria.costa"):
        answer(
            page, product, check_page, f"{name}@acme.example", ["AI tools", "Reading and questioning data"]
        )
    for name in ("amara.osei", "jun.park"):
        answer(page, product, check_page, f"{name}@acme.example", ["AI tools", "Automating small tasks"])
    match_and_publish(page, check_page, cohort_url)
    move_into_second_week()
    remind(product)
    plan_meeting(page, product, check_page)
    export(page, check_page)


def sign_up(page: Page, product: Product, check_page: Check) -> None:
    page.goto("/")
    check_page(page)
    page.goto("/accounts/signup/")
    check_page(page)
    page.locator("[name=name]").fill("Carla Champion")
    page.locator("[name=email]").fill("carla@acme.example")
    page.locator("[name=password1]").fill("correct horse battery")
    page.locator("[name=organization_name]").fill("Acme")
    page.locator("[name=organization_slug]").fill("acme")
    page.get_by_role("button", name="Continue").click()
    code = product.code("carla@acme.example")
    check_page(page)
    page.locator("input[name=code]").fill(code)
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Carla Champion")
    check_page(page)


def import_people(page: Page, check_page: Check, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER)
    page.get_by_role("link", name="People").first.click()
    check_page(page)
    page.get_by_role("link", name="Import people").first.click()
    check_page(page)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and read").click()
    page.get_by_role("button", name="Check the file").wait_for()
    check_page(page)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Apply to the roster").wait_for()
    check_page(page)
    page.get_by_role("button", name="Apply to the roster").click()
    expect(page.get_by_text("6 new").or_(page.get_by_text("The roster has been changed"))).to_be_visible()
    check_page(page)
    page.goto("/o/acme/people/")
    expect(page.get_by_role("link", name="Amara Osei")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="Amara Osei").click()
    check_page(page)


def make_program(page: Page, check_page: Check) -> None:
    page.goto("/o/acme/programs/")
    check_page(page)
    page.goto("/o/acme/programs/new/")
    check_page(page)
    page.get_by_role("link", name="Use this template").first.click()
    check_page(page)
    page.get_by_label("Name", exact=True).fill("Digital leadership")
    page.get_by_label("Purpose").fill("Leaders learn how our youngest people work.")
    page.get_by_role("button", name="Create the program").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Digital leadership")
    check_page(page)


def make_cohort(page: Page, check_page: Check) -> None:
    page.get_by_role("link", name="Plan the first cohort").click()
    check_page(page)
    page.get_by_label("Name", exact=True).fill("First cohort")
    page.get_by_role("button", name="Create the cohort").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("First cohort")
    check_page(page)
    page.get_by_role("button", name="Open enrolment").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Enrolling")


def invite(page: Page, check_page: Check, cohort_url: str, role: str, level: str, number: int) -> None:
    page.goto(f"{cohort_url}invite/")
    page.get_by_label("Level from").select_option(level)
    if level == "1":
        page.get_by_label("Level to").select_option(level)
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("button", name=f"Invite all {number}").wait_for()
    check_page(page)
    page.get_by_label(role, exact=True).check()
    agree(page, f"Invite all {number}")
    check_page(page)


def answer(page: Page, product: Product, check_page: Check, email: str, choices: list[str]) -> None:
    """From the invitation's link to the handed-in questionnaire, in a browser that is not signed in."""
    assert page.context.browser
    context = open_context(page.context.browser, product.url)
    visitor = context.new_page()
    visitor.goto(link_in(product.mail(email, "invitation")))
    check_page(visitor)
    visitor.get_by_role("button", name="Yes, I join").click()
    visitor.get_by_role("button", name="Hand in my answers").wait_for()
    check_page(visitor)
    for choice in choices:
        visitor.get_by_label(choice).first.check()
    for box in visitor.locator("textarea").all():
        box.fill("See how decisions are made.")
    visitor.get_by_role("button", name="Hand in my answers").click()
    visitor.wait_for_url("**/done/")
    check_page(visitor)
    context.close()


def match_and_publish(page: Page, check_page: Check, cohort_url: str) -> None:
    page.goto(f"{cohort_url}match/")
    check_page(page)
    page.goto(f"{cohort_url}match/settings/")
    check_page(page)
    page.goto(f"{cohort_url}match/")
    run_matching(page)
    check_page(page)
    agree(page, "Publish")
    expect(page.get_by_text("published", exact=False).first).to_be_visible()
    page.goto(cohort_url)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Running")
    check_page(page)
    page.goto(f"{cohort_url}meetings/")
    check_page(page)


def move_into_second_week() -> None:
    """Ten days of the cohort have passed."""
    with organization_scope(Organization.objects.get(slug="acme")):
        cohort = Cohort.objects.get()
        today = timezone.now().date()
        cohort.enroll_from, cohort.enroll_until = today - timedelta(days=40), today - timedelta(days=20)
        cohort.starts_on, cohort.ends_on = today - timedelta(days=10), today + timedelta(days=170)
        cohort.save()
        Pair.objects.update(published_at=timezone.now() - timedelta(days=12))


def remind(product: Product) -> None:
    """The scheduler's round at the next moment when people work; the mail is then sent by the worker."""
    organization = Organization.objects.get(slug="acme")
    moment = working_moment(timezone.now(), "Europe/Berlin") + timedelta(hours=1)
    with organization_scope(organization):
        plan_reminders(organization, now=moment)
        OutgoingMessage.objects.filter(status="queued").update(send_after=timezone.now(), working_zone="")
    product.send("mentoring.send_due_mail", organization.pk)
    product.mail("amara.osei@acme.example", "plan_a_meeting")


def plan_meeting(page: Page, product: Product, check_page: Check) -> None:
    assert page.context.browser
    context = open_context(page.context.browser, product.url)
    mentor = context.new_page()
    mentor.goto(link_in(product.mail("amara.osei@acme.example", "plan_a_meeting")))
    check_page(mentor)
    if not mentor.get_by_role("button", name="Plan and invite").is_visible():
        mentor.get_by_role("link", name="Plan a meeting").first.click()
    day = timezone.now().date() + timedelta(days=3)
    mentor.get_by_label("Day").fill(day.isoformat())
    mentor.get_by_label("Time").fill("09:30")
    mentor.get_by_label("Place or link").fill("Coffee corner")
    mentor.get_by_role("button", name="Plan and invite").click()
    expect(mentor.get_by_text("Coffee corner").first).to_be_visible()
    check_page(mentor)
    invitation = product.mail("amara.osei@acme.example", "meeting_planned")
    assert "METHOD:REQUEST" in invitation.calendar
    assert "LOCATION:Coffee corner" in invitation.calendar
    context.close()


def export(page: Page, check_page: Check) -> None:
    page.goto("/o/acme/outcomes/")
    check_page(page)
    page.get_by_role("link", name="First cohort").click()
    check_page(page)
    page.get_by_role("link", name="Export").click()
    check_page(page)
    page.get_by_label("Format").select_option("csv")
    page.get_by_role("button", name="Make the export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download it").click()
    check_page(page)
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
    assert [row["Row"] for row in rows].count("pair") == 2
