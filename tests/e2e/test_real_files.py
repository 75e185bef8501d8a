"""The real files through the browser: two rosters, two exports of a form tool, matching, publishing."""

from playwright.sync_api import Page, expect

from mentoring.models import Organization, Person
from mentoring.tenancy.scoping import organization_scope
from programs.models import Cohort, Pair, Participant
from tests.e2e.conftest import Product
from tests.e2e.test_whole_way import sign_up
from tests.e2e.visits import agree
from tests.realdata import FOLDER, FORM_EXPORTS, needs

ROSTERS = ("roster_workday_style.csv", "roster_bamboohr_style.csv")


@needs(*ROSTERS, *FORM_EXPORTS)
def test_real_files_in_the_browser(page: Page, product: Product) -> None:
    sign_up(page, product, lambda page: None)
    import_rosters(page)
    cohort_url = make_cohort(page)
    import_answers(page, "mentors")
    import_answers(page, "mentees")
    with organization_scope(Organization.objects.get(slug="acme")):
        counts = {role: Participant.objects.filter(role=role).count() for role in ("mentor", "mentee")}
    assert counts == {"mentor": 276, "mentee": 469}
    match(page, cohort_url)


def check_file(page: Page, file: str) -> None:
    page.locator("input[type=file]").set_input_files(FOLDER / file)
    page.get_by_role("button", name="Upload and read").click()
    page.get_by_role("button", name="Check the file").click()


def import_rosters(page: Page) -> None:
    page.goto("/o/acme/people/import/")
    check_file(page, "roster_workday_style.csv")
    page.get_by_role("button", name="Apply to the roster").click()
    expect(page.get_by_text("Applied by")).to_be_visible()
    with organization_scope(Organization.objects.get(slug="acme")):
        assert (Person.objects.count(), Person.objects.filter(status="left").count()) == (1470, 237)
    page.goto("/o/acme/people/import/")
    check_file(page, "roster_bamboohr_style.csv")
    person = "E100699, Manufacturing Director, Research & Development, London"
    expect(page.get_by_text(person).first).to_be_visible()


def make_cohort(page: Page) -> str:
    page.goto("/o/acme/programs/new/technology_skills/")
    page.get_by_label("Name", exact=True).fill("Technology")
    page.get_by_role("button", name="Create the program").click()
    page.get_by_role("link", name="Plan the first cohort").click()
    page.get_by_label("Name", exact=True).fill("First cohort")
    page.get_by_role("button", name="Create the cohort").click()
    page.get_by_role("button", name="Open enrolment").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Enrolling")
    return page.url


def import_answers(page: Page, who: str) -> None:
    with organization_scope(Organization.objects.get(slug="acme")):
        cohort = Cohort.objects.get()
    page.goto(f"/o/acme/cohorts/{cohort.pk}/answers/import/")
    page.get_by_label(who.capitalize()).check()
    check_file(page, f"form_export_{who}.csv")
    page.get_by_label("Add the").check()
    page.get_by_role("button", name="Import the answers").click()
    expect(page.get_by_text("Applied by")).to_be_visible()


def match(page: Page, cohort_url: str) -> None:
    page.goto(f"{cohort_url}match/")
    page.get_by_role("button", name="Run the matching").click()
    expect(page.get_by_text("276 of 276 mentors")).to_be_visible()
    agree(page, "Publish 276 pairs")
    with organization_scope(Organization.objects.get(slug="acme")):
        assert Pair.objects.count() == 276
