"""A gap to close that no page offers: a group by an answer, of another organization, rubbish, markup."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from matching.models import MatchRun, MatchSettings
from mentoring.models import Person
from programs.enums import PairRole
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.making import solved
from tests.matching.pages import url
from tests.matching.test_gap import SOUTH, uneven
from tests.matching.test_gap_pages import trial_of
from tests.matching.test_settings_options import posted

MARKUP = "<img src=x onerror=alert(1)>\"'&{{7*7}}="
GROUPS = (
    "question:faith=sun",
    "person:manager=1",
    "person:id=1",
    "person:region=",
    "person:region=Elsewhere",
    "person:region=South\0",
    "person:region=" + "x" * 10_000,
    "person:region,unit=South",
    "region=South",
    "=",
    MARKUP,
)
NUMBERS = ("-1", "51", "1e3", "3.5", "NaN", "9" * 1_000_000, "\0", "a")


@pytest.fixture
def cohort(northwind: Cast, fabrikam: Cast) -> Cohort:
    with fabrikam.scope():
        Person.objects.update(region="Elsewhere")
    return uneven(northwind)


def kept(cast: Cast) -> tuple[int, int]:
    with cast.scope():
        return MatchSettings.objects.exclude(gap_group="").count(), MatchRun.objects.count()


def test_forged_gap_is_neither_saved_nor_tried(northwind: Cast, cohort: Cohort, client: Client) -> None:
    run = solved(northwind, cohort)
    tries = [{"gap_group": one, "gap_within": "3"} for one in GROUPS]
    tries += [{"gap_group": SOUTH, "gap_within": number} for number in NUMBERS]
    taken = []
    for wrong in tries:
        data = posted(northwind, cohort, **wrong)
        answers = [
            client.post(url("match_settings", cohort.pk), data),
            client.post(url("match_what_if", cohort.pk, run.pk), trial_of(northwind, cohort, **wrong)),
            client.post(url("match_preview", cohort.pk), data),
        ]
        refused = [answer.status_code for answer in answers[:2]] == [422, 422]
        if (
            not refused
            or answers[2].status_code >= 500
            or any(b"<img src=x" in one.content for one in answers)
        ):
            taken.append(wrong)
    assert taken == []
    assert kept(northwind) == (0, 1)


def test_forged_address_of_a_trial_chooses_nothing(northwind: Cast, cohort: Cohort, client: Client) -> None:
    run = solved(northwind, cohort)
    for gap in GROUPS:
        page = client.get(f"{url('match_what_if', cohort.pk, run.pk)}?{urlencode({'gap': gap})}")
        words = page.content.decode()
        assert (page.status_code, "<img src=x" in words, "Elsewhere" in words) == (200, False, False)
        assert '<option value="" selected>No gap to close</option>' in words


def test_group_whose_name_is_markup_is_a_name(northwind: Cast, cohort: Cohort, client: Client) -> None:
    """From the roster through the criteria, a trial, its figures and the report by groups."""
    with northwind.scope():
        mentees = Person.objects.filter(participations__cohort=cohort, participations__role=PairRole.MENTEE)
        mentees.filter(region="South").update(region=MARKUP)
    group = f"person:region={MARKUP}"
    run = solved(northwind, cohort)
    pages = [
        client.get(url("match_settings", cohort.pk)),
        client.get(url("match", cohort.pk) + "?tab=spread"),
        client.get(f"{url('match_what_if', cohort.pk, run.pk)}?{urlencode({'gap': group})}"),
        client.post(
            url("match_settings", cohort.pk),
            posted(northwind, cohort, gap_group=group, gap_within="3"),
            follow=True,
        ),
    ]
    solved(northwind, cohort)
    pages += [client.get(url("match", cohort.pk) + tab) for tab in ("", "?tab=spread")]
    assert kept(northwind) == (1, 2)
    assert [page.status_code for page in pages] == [200] * len(pages)
    told = [page.content.decode() for page in pages]
    assert not any("<img src=x" in one for one in told)
    assert ["&lt;img src=x" in told[at] for at in (1, -2)] == [True, True]
