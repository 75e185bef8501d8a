"""What all pairs together aim at, and comparisons changed on the page of weights and rules."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from matching.actions.settings import change_options, change_settings, ensure_criteria
from matching.models import Criterion, MatchSettings
from matching.queries.settings import match_settings_of, settings_now
from matching.run_settings import Options, ShareAim
from mentoring.models import AuditEvent
from mentoring.rules import NotAllowed
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.pages import text

DEFAULTS: dict[str, Any] = {
    "floor": None,
    "best_worst": False,
    "share_source": "",
    "share_percent": None,
    "gap_group": "",
    "gap_within": None,
    "method": "solver",
    "priority": True,
}


def url(cohort: Cohort) -> str:
    return reverse("match_settings", args=["northwind", cohort.pk])


def posted(cast: Cast, cohort: Cohort, **changes: str) -> dict[str, str]:
    with cast.scope():
        ensure_criteria(cohort=cohort, by=cast.by)
        data = {f"weight-{one.key}": str(one.weight) for one in Criterion.objects.filter(cohort=cohort)}
    return {**data, "rule-reporting_line": "on", "rule-earlier_partner": "on", "priority": "on", **changes}


def test_options_start_as_the_defaults_and_are_saved_once(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        assert change_options(cohort=small, options=DEFAULTS, by=northwind.by) is False
        assert not MatchSettings.objects.exists()
        new = {**DEFAULTS, "floor": 30, "share_source": "person:region", "share_percent": 40}
        assert change_options(cohort=small, options=new, by=northwind.by) is True
        assert change_options(cohort=small, options=new, by=northwind.by) is False
        assert change_options(cohort=small, options={"priority": False}, by=northwind.by) is True
        assert settings_now(small).options == Options(
            floor=30, share=ShareAim("person:region", 40), priority=False
        )
        events = AuditEvent.objects.filter(action="matching.options_changed").order_by("pk")
        assert [event.data for event in events] == [
            {"floor": 30, "share_source": "person:region", "share_percent": 40},
            {"priority": False},
        ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"floor": 101}, "from 0 to 100"),
        ({"share_percent": 40}, "needs both"),
        ({"share_source": "person:region"}, "needs both"),
        ({"share_source": "person:region", "share_percent": 0}, "from 1 to 100"),
        ({"share_source": "question:skills", "share_percent": 40}, "nothing like that"),
        ({"share_source": "person:shoe_size", "share_percent": 40}, "nothing like that"),
        ({"method": "stable", "best_worst": True}, "stable pairing"),
        (
            {"method": "stable", "share_source": "person:region", "share_percent": 40},
            "stable pairing",
        ),
    ],
)
def test_options_refuse(northwind: Cast, small: Cohort, options: dict[str, Any], said: str) -> None:
    with northwind.scope():
        with pytest.raises(NotAllowed, match=said):
            change_options(cohort=small, options=options, by=northwind.by)
        assert not MatchSettings.objects.exists()
        assert not AuditEvent.objects.filter(action="matching.options_changed").exists()


def test_options_of_another_cohort_stay(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        change_options(cohort=northwind.cohort, options={"floor": 70}, by=northwind.by)
        change_options(cohort=small, options={"floor": 20}, by=northwind.by)
        assert (match_settings_of(small).floor, match_settings_of(northwind.cohort).floor) == (20, 70)


def test_everything_on_the_page_is_saved_at_once(northwind: Cast, small: Cohort, client: Client) -> None:
    data = posted(
        northwind,
        small,
        **{
            "weight-interests": "3",
            "relation-location": "must_differ",
            "relation-style": "skill_gap",
            "floor": "25",
            "best_worst": "on",
            "share_source": "person:unit",
            "share_percent": "50",
        },
    )
    del data["rule-reporting_line"]
    assert client.post(url(small), data).status_code == 302
    with northwind.scope():
        rows = Criterion.objects.filter(cohort=small).values_list("key", "comparator", "weight")
        assert {key: (comparator, weight) for key, comparator, weight in rows} == {
            "learning_goals": ("covers", 5),
            "insights": ("returns", 1),
            "interests": ("overlap", 3),
            "unit": ("different", 1),
            "location": ("must_differ", 1),
            "region": ("different", 1),
            "hours": ("hours", 1),
            "style": ("skill_gap", 1),
        }
        assert AuditEvent.objects.get(action="matching.settings_changed").data == {
            "weights": {"interests": 3},
            "relations": {"location": "must_differ", "style": "skill_gap"},
            "rules": {"reporting_line": False},
        }
        saved = match_settings_of(small)
        assert (saved.floor, saved.best_worst, saved.share_source, saved.share_percent) == (
            25,
            True,
            "person:unit",
            50,
        )
    page = text(client.get(url(small)))
    assert '<option value="person:unit" selected>Unit</option>' in page
    assert '<option value="skill_gap" selected>' in page


def test_page_as_it_stands_changes_nothing(northwind: Cast, small: Cohort, client: Client) -> None:
    answer = client.post(url(small), posted(northwind, small), follow=True)
    assert "Nothing was different." in text(answer)
    with northwind.scope():
        actions = AuditEvent.objects.filter(action__startswith="matching.").values_list("action", flat=True)
        assert list(actions) == ["matching.criteria_filled"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"relation-location": "covers"}, "Select a valid choice"),
        ({"floor": "-1"}, "greater than or equal to 0"),
        ({"floor": "x"}, "whole number"),
        ({"share_source": "person:region"}, "How many of 100 pairs?"),
        ({"share_percent": "10"}, "What should these pairs differ in?"),
        ({"share_source": "person:email", "share_percent": "10"}, "Select a valid choice"),
        ({"method": "stable", "best_worst": "on"}, "A stable pairing follows what people would rather have"),
        ({"method": "dice"}, "Select a valid choice"),
    ],
)
def test_page_refuses_and_saves_nothing(
    northwind: Cast, small: Cohort, client: Client, change: dict[str, str], said: str
) -> None:
    data = posted(northwind, small, **{"weight-interests": "3", **change})
    answer = client.post(url(small), data)
    assert (answer.status_code, said in text(answer)) == (422, True)
    with northwind.scope():
        assert Criterion.objects.get(cohort=small, key="interests").weight == 1
        assert not MatchSettings.objects.exists()


def test_rules_alone_are_enough_but_points_must_count(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        ensure_criteria(cohort=small, by=northwind.by)
        Criterion.objects.filter(cohort=small).exclude(key__in=("unit", "location")).delete()
        with pytest.raises(NotAllowed, match="at least one criterion"):
            change_settings(
                cohort=small,
                weights={"unit": 5, "location": 0},
                relations={"unit": "must_differ"},
                rules={},
                by=northwind.by,
            )
        both = {"unit": "must_differ", "location": "must_match"}
        assert change_settings(
            cohort=small, weights={"unit": 0, "location": 0}, relations=both, rules={}, by=northwind.by
        )
