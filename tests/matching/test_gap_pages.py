"""Closing a gap by page: chosen among the criteria or from the report by groups, tried, compared, adopted."""

from html import escape
from typing import Any

import pytest
from django.test import Client

from matching.enums import RunPurpose
from matching.models import MatchRun, MatchSettings
from matching.queries.runs import current_draft
from matching.queries.settings import match_settings_of
from matching.run_settings import GapAim
from programs.enums import ParticipantStatus
from programs.models import Cohort, Participant, Question
from tests.cast import Cast
from tests.matching.making import find, solved
from tests.matching.pages import text, url
from tests.matching.test_aims import crowd
from tests.matching.test_gap import SOUTH, uneven
from tests.matching.test_settings_options import posted


@pytest.fixture
def cohort(northwind: Cast) -> Cohort:
    return uneven(northwind)


def trial_of(cast: Cast, cohort: Cohort, **more: str) -> dict[str, str]:
    """The page as it opens, with its own numbers."""
    return posted(
        cast,
        cohort,
        **{"mentor_seats": "0", "mentee_seats": "0", "method": "solver", "priority": "on", **more},
    )


def test_gap_is_chosen_and_saved(northwind: Cast, cohort: Cohort, client: Client) -> None:
    page = text(client.get(url("match_settings", cohort.pk)))
    for said in (
        '<option value="" selected>No gap to close</option>',
        f'<option value="{SOUTH}">Region: South</option>',
        '<option value="person:region=North">Region: North</option>',
        "Others give up points for it; the draft says how many.",
        "none by confidential answers",
    ):
        assert said in page
    data = posted(northwind, cohort, gap_group=SOUTH, gap_within="4")
    assert client.post(url("match_settings", cohort.pk), data).status_code == 302
    with northwind.scope():
        own = match_settings_of(cohort)
        assert (own.gap_group, own.gap_within) == (SOUTH, 4)
    assert f'<option value="{SOUTH}" selected>' in text(client.get(url("match_settings", cohort.pk)))
    data = posted(northwind, cohort, gap_group="", gap_within="4")
    assert client.post(url("match_settings", cohort.pk), data).status_code == 302
    with northwind.scope():
        own = match_settings_of(cohort)
        assert (own.gap_group, own.gap_within) == ("", None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"gap_group": "question:skills=ai_tools"}, "Select a valid choice"),
        ({"gap_group": "person:region=East"}, "Select a valid choice"),
        ({"gap_group": SOUTH, "gap_within": "51"}, "less than or equal to 50"),
        ({"gap_group": SOUTH, "gap_within": "x"}, "whole number"),
        ({"gap_group": SOUTH, "method": "stable"}, "cannot be closed together with a share"),
        (
            {"gap_group": SOUTH, "share_source": "person:unit", "share_percent": "10"},
            "cannot be closed together with a share",
        ),
    ],
)
def test_page_refuses_and_saves_nothing(
    northwind: Cast, cohort: Cohort, client: Client, change: dict[str, str], said: str
) -> None:
    answer = client.post(url("match_settings", cohort.pk), posted(northwind, cohort, **change))
    assert (answer.status_code, said in text(answer)) == (422, True)
    run = solved(northwind, cohort)
    trial = trial_of(northwind, cohort, note="Closer", **change)
    answer = client.post(url("match_what_if", cohort.pk, run.pk), trial)
    assert (answer.status_code, said in text(answer)) == (422, True)
    with northwind.scope():
        assert not MatchSettings.objects.exists()
        assert MatchRun.objects.count() == 1


def test_number_left_out_is_three(northwind: Cast, cohort: Cohort, client: Client) -> None:
    client.post(url("match_settings", cohort.pk), posted(northwind, cohort, gap_group=SOUTH, gap_within=""))
    with northwind.scope():
        assert match_settings_of(cohort).gap_within == 3


def test_from_the_report_to_a_trial_compared_and_adopted(
    northwind: Cast, cohort: Cohort, client: Client, run_tasks: Any
) -> None:
    """As with JavaScript off: links and forms alone."""
    run = solved(northwind, cohort)
    page = text(client.get(url("match", cohort.pk) + "?tab=spread"))
    link = url("match_what_if", cohort.pk, run.pk) + "?gap=person%3Aregion%3DSouth"
    assert page.count("Close this gap") == 1
    assert f'href="{link}#options-title"' in page
    form = client.get(link).context["trial"]
    assert (form.options["gap_group"].value(), form.options["gap_within"].value()) == (SOUTH, 3)
    assert form.about["note"].value() == "Close the gap of South"
    trial = trial_of(northwind, cohort, note="Close the gap of South", gap_group=SOUTH, gap_within="40")
    run_tasks(client.post, link, trial)
    with northwind.scope():
        second = MatchRun.objects.get(purpose=RunPurpose.WHAT_IF)
        assert second.settings_then.options.gap == GapAim(SOUTH, 40)
        assert current_draft(cohort) == run
    page = text(client.get(url("match", cohort.pk) + "?run=2"))
    for said in ("Gap of South", "66.7 → 32.2", "of 100, for 42 points of 500 in all (8.3%)"):
        assert said in page
    said = "Close a gap: none → Region: South, no more than 40 of 100 points under everybody else"
    page = text(client.get(url("match_compare", cohort.pk) + "?first=1&second=2"))
    assert (said in page, '<th scope="row">Gap of South</th>' in page, "−34.5 better" in page) == (True,) * 3
    assert said in text(client.get(url("match_adopt", cohort.pk, second.pk)))
    client.post(url("match_adopt", cohort.pk, second.pk))
    with northwind.scope():
        own = match_settings_of(cohort)
        assert (own.gap_group, own.gap_within, current_draft(cohort)) == (SOUTH, 40, second)
    page = text(client.get(url("match", cohort.pk) + "?tab=spread"))
    assert "South no more than 40 of 100 points under everybody else" in page
    client.post(url("match_adopt", cohort.pk, run.pk))
    with northwind.scope():
        assert match_settings_of(cohort).gap_group == ""


def test_what_has_to_be_chosen_first_is_told_when_the_trial_opens(
    northwind: Cast, cohort: Cohort, client: Client
) -> None:
    with northwind.scope():
        MatchSettings.objects.create(cohort=cohort, share_source="person:unit", share_percent=10)
    address = url("match_what_if", cohort.pk, solved(northwind, cohort).pk)
    told = "A gap cannot be closed together with a share of pairs"
    assert (told in text(client.get(address)), told in text(client.get(address + "?gap=" + SOUTH))) == (
        False,
        True,
    )


def test_group_that_has_shrunk_is_told_where_it_was_chosen(
    northwind: Cast, cohort: Cohort, client: Client
) -> None:
    with northwind.scope():
        MatchSettings.objects.create(cohort=cohort, gap_group=SOUTH, gap_within=3)
    run = solved(northwind, cohort)
    with northwind.scope():
        Participant.objects.filter(pk=find(cohort, "South 0").pk).update(status=ParticipantStatus.WITHDRAWN)
    page = text(client.get(url("match_settings", cohort.pk)))
    assert "Region: South (too few people here now)" in page
    data = posted(northwind, cohort, gap_group=SOUTH, floor="5")
    assert client.post(url("match_settings", cohort.pk), data).status_code == 302
    with northwind.scope():
        MatchSettings.objects.update(gap_group="", gap_within=None)
        MatchRun.objects.filter(pk=run.pk).update(settings={**run.settings, "options": {}})
    page = client.get(url("match_what_if", cohort.pk, run.pk) + "?gap=person:region=South")
    assert "This group has too few people here now: its gap cannot be closed." in text(page)
    assert page.context["trial"].options["gap_group"].value() == ""


def test_what_was_answered_in_confidence_is_no_gap_to_close(northwind: Cast, client: Client) -> None:
    """Groups by a confidential answer are in the report, rounded; none is offered, taken or opened."""
    cohort = crowd(northwind, "NNNNNSSSSS")
    with northwind.scope():
        questions = Question.objects.filter(key="skills", questionnaire__program=cohort.program_id)
        questions.update(sensitive=True)
    run = solved(northwind, cohort)
    asked = [one for one in run.figures["fairness"] if one["source"] == "question:skills"]
    assert asked
    assert all("gap" not in one for one in asked)
    page = text(client.get(url("match", cohort.pk) + "?tab=spread"))
    assert "20+" in page
    assert "question%3Askills" not in page
    for address in (url("match_settings", cohort.pk), url("match_what_if", cohort.pk, run.pk)):
        assert 'value="question:' not in text(client.get(address)).partition('name="gap_group"')[2]
    sneaked = client.get(url("match_what_if", cohort.pk, run.pk) + "?gap=question:skills=ai_tools")
    assert sneaked.context["trial"].options["gap_group"].value() == ""
    assert "question:skills=ai_tools" not in text(sneaked)


def test_groups_of_another_organization_never_show(
    northwind: Cast, fabrikam: Cast, cohort: Cohort, client: Client
) -> None:
    theirs = uneven(fabrikam)
    with fabrikam.scope():
        for one in Participant.objects.filter(cohort=theirs).select_related("person"):
            one.person.region = f"{one.person.region} of Fabrikam"
            one.person.save()
    run = solved(northwind, cohort)
    hidden = "person:region=South of Fabrikam"
    for address in (
        url("match_settings", cohort.pk),
        url("match_what_if", cohort.pk, run.pk),
        url("match_what_if", cohort.pk, run.pk) + "?gap=" + hidden,
    ):
        assert "Fabrikam" not in text(client.get(address))
    data = posted(northwind, cohort, gap_group=hidden, gap_within="3")
    answer = client.post(url("match_settings", cohort.pk), data)
    assert (answer.status_code, escape(hidden) in text(answer).partition("<form")[0]) == (422, False)
    with northwind.scope():
        assert not MatchSettings.objects.exists()
