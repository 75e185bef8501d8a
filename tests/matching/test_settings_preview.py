"""What settings mean before they are saved: counted on small cohorts by hand."""

import subprocess
import sys
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matching import preview
from matching.actions.settings import ensure_criteria
from matching.core import points
from matching.models import Criterion, Exclusion, HardRule, MatchSettings, Pick, Ruling
from matching.preview import Preview, Scarce, look_ahead
from matching.queries.inputs import load_inputs
from matching.queries.settings import settings_now
from matching.run_settings import Changes, Options
from mentoring.models import AuditEvent, Person
from programs.enums import MatchingMode, PairRole
from programs.models import Cohort
from tests.cast import NOW, Cast
from tests.matching.making import CRITERIA, Someone, add_participants, find, make_cohort
from tests.matching.pages import text

ONLY_GOALS = dict.fromkeys(CRITERIA[1:], 0)


def url(cohort: Cohort) -> str:
    return reverse("match_preview", args=["northwind", cohort.pk])


def seen(cast: Cast, cohort: Cohort, **changes: Any) -> Preview:
    ensure_criteria(cohort=cohort, by=cast.by)
    return look_ahead(load_inputs(cohort, settings_now(cohort).changed(Changes(**changes))))


def forbidden(found: Preview) -> dict[str, int]:
    return {str(one.words): one.pairs for one in found.forbidden}


def test_counts_who_is_considered_and_what_fits(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        found = seen(northwind, small, weights=ONLY_GOALS)
    assert (found.mentors.people, found.mentees.people, found.pairs, found.possible) == (3, 4, 12, 12)
    assert forbidden(found) == {
        "same reporting line": 0,
        "partners in another cohort": 0,
        "on the exclusion list": 0,
    }
    assert (found.mentors.few, found.mentees.few, found.everybody) == (0, 0, True)
    # Uma, Vic and Wes have one mentor each who can show all they want; Xia wants nothing.
    assert (found.nothing, found.best, found.mean) == (9, 75, 25)


def test_a_must_leaves_some_with_few_partners_or_none(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        found = seen(northwind, small, relations={"location": "must_match"})
        people = {name: find(small, name).person_id for name in ("Ada One", "Ben Two", "Cem Three")}
    assert forbidden(found)["From different places (must be the same)"] == 8
    assert (found.possible, found.everybody) == (4, False)
    mentors, mentees = found.mentors, found.mentees
    assert mentors.scarce == [
        Scarce("Ben Two", people["Ben Two"], 0),
        Scarce("Ada One", people["Ada One"], 2),
        Scarce("Cem Three", people["Cem Three"], 2),
    ]
    assert (mentors.placed_at_most, mentors.few, mentors.nobody, mentors.not_named) == (2, 3, 1, 0)
    assert [(one.name, one.partners) for one in mentees.scarce] == [
        ("Uma Four", 0),
        ("Vic Five", 0),
        ("Wes Six", 2),
        ("Xia Seven", 2),
    ]
    assert (mentees.placed_at_most, mentees.few, mentees.nobody) == (2, 4, 2)


def test_seats_bound_who_can_be_placed(northwind: Cast) -> None:
    with northwind.scope():
        cohort = make_cohort(
            northwind,
            [Someone("Ada One", person={"location": "Oslo"}, capacity=3), Someone("Ben Two", capacity=2)],
            [Someone(f"Uma No{n}", person={"location": "Oslo"}) for n in range(4)]
            + [Someone("Vic Five", person={"location": "Rome"})],
        )
        ensure_criteria(cohort=cohort, by=northwind.by)
        Person.objects.filter(last_name="Two").update(location="Rome")
        found = seen(northwind, cohort, relations={"location": "must_match"})
    assert (found.mentees.seats, found.mentors.seats) == (5, 5)
    # Ada takes three of the four in Oslo, Ben the only one in Rome.
    assert (found.mentees.placed_at_most, found.mentors.placed_at_most) == (4, 2)


def test_the_lowest_score_forbids(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        found = seen(northwind, small, weights=ONLY_GOALS, options=Options(floor=50))
    assert forbidden(found)["under the lowest score"] == 9
    assert (found.possible, found.nothing, found.best, found.mean) == (3, 0, 100, 100)
    assert [one.name for one in found.mentees.scarce if not one.partners] == ["Xia Seven"]


def test_each_rule_counts_what_it_forbids(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        ada, ben, uma, vic = (find(small, name) for name in ("Ada One", "Ben Two", "Uma Four", "Vic Five"))
        Person.objects.filter(pk=ada.person_id).update(manager=uma.person)
        lower, upper = sorted((ben.person_id, vic.person_id))
        Exclusion.objects.create(person_id=lower, other_id=upper)
        Ruling.objects.create(cohort=small, mentor=ben, mentee=uma, kind="never")
        found = seen(northwind, small)
        without = seen(northwind, small, rules={"reporting_line": False})
    assert forbidden(found) == {
        "same reporting line": 1,
        "partners in another cohort": 0,
        "on the exclusion list": 1,
        "you said never": 1,
    }
    assert forbidden(without) == {
        "partners in another cohort": 0,
        "on the exclusion list": 1,
        "you said never": 1,
    }
    assert (found.possible, without.possible) == (9, 10)


def test_who_said_not_for_me_is_counted_and_in_no_figure_with_a_name(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        small.matching_mode, small.choose_until = MatchingMode.HYBRID, NOW.date()
        small.save()
        uma = find(small, "Uma Four")
        for name in ("Ada One", "Ben Two", "Cem Three"):
            Pick.objects.create(participant=uma, partner=find(small, name))
        found = seen(northwind, small)
    assert forbidden(found)["one of the two said “not for me”"] == 3
    assert (found.possible, found.mentees.few, found.mentees.scarce) == (12, 0, [])


def test_too_many_pairs_are_said_to_be_not_counted(
    northwind: Cast, small: Cohort, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr(preview, "PAIRS_AT_MOST", 11)
    with northwind.scope():
        found = seen(northwind, small, relations={"location": "must_differ"})
    assert (found.counted, found.pairs, found.mentees.people, found.mentees.scarce) == (False, 12, 4, [])
    assert forbidden(found)["From different places (must differ)"] == 4
    answer = client.post(url(small), posted(northwind, small), headers={"HX-Request": "true"})
    assert "The next run tells who stays without a partner." in text(answer)


def test_blocks_make_no_difference(northwind: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    skills = ("ai_tools", "automation", "social_media", "inclusion")
    with northwind.scope():
        people = [
            Someone(f"Some N{n}", skills[n % 3 : n % 3 + n % 2 + 1], person={"location": f"L{n % 3}"})
            for n in range(40)
        ]
        cohort = make_cohort(northwind, people, [Someone(f"Other N{n}", (skills[n % 4],)) for n in range(7)])
        changes: dict[str, Any] = {"relations": {"unit": "must_differ"}, "options": Options(floor=30)}
        whole = seen(northwind, cohort, **changes)
        monkeypatch.setattr(points, "BLOCK_CELLS", 1)
        assert seen(northwind, cohort, **changes) == whole
    assert whole.counted


def posted(cast: Cast, cohort: Cohort, **changes: str) -> dict[str, str]:
    """What the page sends as it stands, with changes."""
    with cast.scope():
        ensure_criteria(cohort=cohort, by=cast.by)
        data = {f"weight-{one.key}": str(one.weight) for one in Criterion.objects.filter(cohort=cohort)}
    return {**data, "rule-reporting_line": "on", "rule-earlier_partner": "on", "priority": "on", **changes}


def test_preview_by_htmx_shows_a_part_and_saves_nothing(
    northwind: Cast, small: Cohort, client: Client
) -> None:
    data = posted(northwind, small, **{"relation-location": "must_match"})
    with northwind.scope():
        before = AuditEvent.objects.count()
    answer = client.post(url(small), data, headers={"HX-Request": "true"})
    page = text(answer)
    assert answer.status_code == 200
    assert "<html" not in page
    assert "3 mentors and 4 mentees have joined and answered: 12 pairs" in page
    assert "At most 2 of 3 mentors and 2 of 4 mentees can be placed like this." in page
    assert "Mentors: 3 of 3" in page
    assert "Ben Two" in page
    assert "Show all 4" in page
    with northwind.scope():
        assert AuditEvent.objects.count() == before
        assert Criterion.objects.get(cohort=small, key="location").comparator == "different"
        assert not MatchSettings.objects.exists()


def test_check_without_javascript_keeps_what_was_entered(
    northwind: Cast, small: Cohort, client: Client
) -> None:
    page = text(client.post(url(small), posted(northwind, small, **{"weight-style": "4", "floor": "33"})))
    assert "<html" in page
    assert "Possible pairs left" in page
    assert 'name="floor" value="33"' in page
    assert '<option value="4" selected>4</option>' in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight-style": "9"}, "Something on the page is not right yet."),
        ({"floor": "101"}, "Lowest score that may be paired"),
        ({"share_percent": "40"}, "What should these pairs differ in?"),
        ({"relation-style": "covers"}, "Something on the page is not right yet."),
    ],
)
def test_preview_of_a_wrong_page_is_422(
    northwind: Cast, small: Cohort, client: Client, change: dict[str, str], said: str
) -> None:
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.post(url(small), posted(northwind, small, **change), headers=headers)
        assert (answer.status_code, said in text(answer)) == (422, True)


def test_preview_of_a_cohort_without_people(northwind: Cast, client: Client) -> None:
    with northwind.scope():
        cohort = make_cohort(northwind, [Someone("Ada One")], [])
    assert "Nobody can be paired yet" in text(client.post(url(cohort), posted(northwind, cohort)))


def test_preview_is_for_champions_of_this_organization(
    northwind: Cast, fabrikam: Cast, small: Cohort, sign_in: Any
) -> None:
    assert sign_in(fabrikam.champion).post(url(small)).status_code == 404
    assert sign_in(northwind.overseer).post(url(small)).status_code == 403
    assert sign_in(northwind.champion).get(url(small)).status_code == 405


def test_confidential_values_are_not_on_the_page(northwind: Cast, client: Client) -> None:
    with northwind.scope():
        cohort = make_cohort(
            northwind,
            [Someone("Ada One", person={"attributes": {"Faith": "Zoroastrian"}})],
            [Someone("Uma Four", person={"attributes": {"Faith": "Druid"}})],
        )
        ensure_criteria(cohort=cohort, by=northwind.by)
        Criterion.objects.create(
            cohort=cohort,
            key="faith",
            label="Faith: must be the same",
            comparator="must_match",
            mentor_source="person:Faith",
            mentee_source="person:Faith",
            position=9,
        )
    page = text(client.post(url(cohort), posted(northwind, cohort)))
    assert "Confidential: counted, never shown" in page
    assert "At most 0 of 1 mentors and 0 of 1 mentees" in page
    assert ("Zoroastrian" in page, "Druid" in page) == (False, False)


def test_queries_do_not_grow_with_people(northwind: Cast, small: Cohort, client: Client) -> None:
    data = posted(northwind, small)
    client.post(url(small), data)
    with CaptureQueriesContext(connection) as few:
        client.post(url(small), data)
    with northwind.scope():
        assert HardRule.objects.filter(cohort=small, enabled=True).count() == 2
        add_participants(small, PairRole.MENTOR, [Someone(f"M {n}", ("ai_tools",)) for n in range(20)])
        add_participants(small, PairRole.MENTEE, [Someone(f"N {n}", ("automation",)) for n in range(20)])
    with CaptureQueriesContext(connection) as many:
        assert "23 mentors and 24 mentees" in text(client.post(url(small), data))
    assert len(many) == len(few)


def test_preview_needs_no_scipy() -> None:
    code = "import django, sys; django.setup(); import matching.preview; print('scipy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
