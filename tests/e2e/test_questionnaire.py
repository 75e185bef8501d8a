"""Answering in a real browser: by the link from a mail, on a phone, with a long list, without JavaScript."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from programs.actions.questionnaires import (
    create_questionnaires_from_template,
    publish_questionnaire,
    supersede_questionnaire,
)
from programs.guards import participant_url
from programs.models import Questionnaire
from programs.queries.questionnaires import published_definition
from programs.queries.responses import latest_response, values_of
from programs.templates_catalog import CATALOGUE
from tests.cast import Cast
from tests.e2e.conftest import Product
from tests.e2e.visits import NARROW, Check, open_context, wait_until


def enrolling(cast: Cast, template: str) -> None:
    """The cohort enrolls with this template's questionnaires, the mentors' languages grown to a long list."""
    with cast.scope():
        made = create_questionnaires_from_template(
            program=cast.program, template=CATALOGUE[template], by=cast.by
        )
        for questionnaire in made:
            publish_questionnaire(questionnaire=questionnaire, by=cast.by)
        if template == "technology_skills":
            more = {"languages": [f"Language {number}" for number in range(25)]}
            first = Questionnaire.objects.get(audience="mentor")
            draft = supersede_questionnaire(questionnaire=first, add_choices=more, by=cast.by)
            publish_questionnaire(questionnaire=draft, by=cast.by)
        cast.cohort.status = "enrolling"
        cast.cohort.published_at = None
        cast.cohort.save()


def answers(cast: Cast) -> dict[str, Any]:
    with cast.scope():
        definition = published_definition(cast.program, "mentor")
        assert definition is not None
        return values_of(latest_response(cast.mentor), definition)


def link(cast: Cast, product: Product) -> str:
    return product.url + "/s/" + participant_url(cast.mentor, "questionnaire").split("/s/")[1]


@pytest.fixture
def phone(page: Page) -> Page:
    page.set_viewport_size(NARROW)
    return page


def test_answers_are_saved_as_they_are_given(
    northwind: Cast, phone: Page, product: Product, check_page: Check
) -> None:
    enrolling(northwind, "technology_skills")
    phone.goto(link(northwind, product))
    check_page(phone)
    languages = phone.locator("#question-languages")
    languages.locator("summary").click()
    languages.get_by_role("searchbox").fill("pyth")
    expect(languages.locator(".choice:visible")).to_have_count(1)
    languages.get_by_label("Python").check()
    languages.get_by_role("searchbox").fill("")
    languages.get_by_label("C++", exact=True).check()
    expect(languages.locator(".answer-chosen")).to_contain_text("2 chosen: Python, C++")
    expect(phone.locator("#answer-progress")).to_contain_text("1 of 16")
    phone.get_by_label("Years of work experience").fill("99")
    phone.get_by_label("Introduce yourself in one sentence").fill("Hello")
    expect(phone.locator("#question-years_of_experience")).to_contain_text("must be from 0 to 60")
    wait_until(lambda: "introduction" in answers(northwind), "the introduction to be saved")
    check_page(phone)
    assert answers(northwind) == {"languages": ("python", "c-plus-plus"), "introduction": "Hello"}
    phone.reload()
    expect(phone.get_by_label("Introduce yourself in one sentence")).to_have_value("Hello")


def test_handing_in_without_a_needed_answer_and_again(
    northwind: Cast, phone: Page, product: Product, check_page: Check
) -> None:
    enrolling(northwind, "goals_and_interests")
    phone.goto(link(northwind, product))
    phone.locator("#question-style .scale-step").nth(3).click()
    phone.get_by_role("button", name="Hand in my answers").click()
    expect(phone.locator("#wrong")).to_contain_text("2 questions need another look")
    check_page(phone)
    expect(phone.locator("#question-style input:checked")).to_have_value("4")
    phone.get_by_label("What do you hope to get out of it yourself?").fill("To be heard")
    phone.locator("#question-skills summary, #question-skills .choice").first.click()
    phone.get_by_label("Automating small tasks").check()
    phone.get_by_role("button", name="Hand in my answers").click()
    phone.wait_for_url("**/done/")
    expect(phone.get_by_role("heading", name="Thank you")).to_be_visible()
    check_page(phone)
    found = answers(northwind)
    assert (found["hope"], found["style"]) == ("To be heard", 4)
    assert "automation" in found["skills"]


def test_answering_without_javascript(northwind: Cast, browser: Browser, product: Product) -> None:
    enrolling(northwind, "technology_skills")
    context = open_context(browser, product.url, java_script_enabled=False, viewport=NARROW)
    page = context.new_page()
    page.goto(link(northwind, product))
    page.locator("#question-languages summary").click()
    page.get_by_label("Rust").check()
    page.get_by_role("button", name="Save and go on later").click()
    expect(page.locator("#answer-progress")).to_contain_text("1 of 16")
    page.get_by_role("button", name="Hand in my answers").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    context.close()
    assert answers(northwind) == {"languages": ("rust",)}
