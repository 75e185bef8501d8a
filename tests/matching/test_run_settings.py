"""How runs keep what they went by: written, read again, and read from rows of earlier formats."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.enums import Comparator, Method, Rule
from matching.models import MatchRun, MatchSettings
from matching.queries.settings import fields_of, options_of, settings_now
from matching.run_settings import (
    FORMAT,
    Changes,
    CriterionSetting,
    GapAim,
    Options,
    Rulings,
    Settings,
    ShareAim,
)
from programs.enums import PairRole
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.making import solved

IDS = st.tuples(st.integers(1, 9), st.integers(11, 19))
SOURCES = st.sampled_from(["person:region", "question:skills", "question:skills+tools"])
GROUPS = st.sampled_from(["person:region=West Africa", "person:unit=R=D"])
BROKEN = st.lists(st.sampled_from(["reporting_line", "paired_before", "must:unit"]), min_size=1, unique=True)
CRITERIA = st.builds(
    CriterionSetting,
    key=st.sampled_from(["unit", "skills", "goals"]),
    label=st.text(max_size=5),
    comparator=st.sampled_from(Comparator.values),
    mentor_source=SOURCES,
    mentee_source=SOURCES,
    weight=st.integers(0, 5),
)
OPTIONS = st.builds(
    Options,
    floor=st.none() | st.integers(0, 100),
    share=st.none() | st.builds(ShareAim, source=SOURCES, percent=st.integers(1, 100)),
    gap=st.none() | st.builds(GapAim, group=GROUPS, within=st.integers(0, 50)),
    method=st.sampled_from(Method.values),
)
SETTINGS = st.builds(
    Settings,
    criteria=st.lists(CRITERIA, unique_by=lambda one: one.key).map(tuple),
    rules=st.lists(st.sampled_from(Rule.values), unique=True).map(tuple),
    rulings=st.builds(
        Rulings,
        keep=st.frozensets(IDS),
        never=st.frozensets(IDS),
        overrides=st.dictionaries(IDS, BROKEN.map(tuple)),
    ),
    options=OPTIONS,
    seats=st.fixed_dictionaries({role: st.integers(0, 5) for role in PairRole.values}),
)


@given(settings=SETTINGS)
def test_what_is_written_is_read_again(settings: Settings) -> None:
    assert Settings.from_row(json.loads(json.dumps(settings.as_row()))) == settings


@given(options=OPTIONS)
def test_options_are_the_columns_of_a_cohorts_own(options: Options) -> None:
    assert options_of(MatchSettings(**fields_of(options))) == options


UNIT = {
    "key": "unit",
    "label": "Another unit",
    "comparator": "different",
    "mentor_source": "person:unit",
    "mentee_source": "person:unit",
    "weight": 2,
}
WHOLE: dict[str, Any] = {
    "format": 2,
    "criteria": [UNIT],
    "rules": ["reporting_line", "exclusion"],
    "rulings": {"keep": [[1, 2], [3, 4]], "never": [[5, 6]], "overrides": [[3, 4, ["paired_before"]]]},
    "options": {
        "floor": 30,
        "best_worst": True,
        "share": {"source": "person:region", "percent": 40},
        "gap": {"group": "person:region=West Africa", "within": 3},
        "method": "solver",
        "priority": False,
    },
    "picks": True,
    "seats": {"mentor": 1, "mentee": 0},
}
READ = Settings(
    criteria=(CriterionSetting("unit", "Another unit", "different", "person:unit", "person:unit", 2),),
    rules=("reporting_line", "exclusion"),
    rulings=Rulings(frozenset({(1, 2), (3, 4)}), frozenset({(5, 6)}), {(3, 4): ("paired_before",)}),
    options=Options(
        floor=30,
        best_worst=True,
        share=ShareAim("person:region", 40),
        gap=GapAim("person:region=West Africa", 3),
        priority=False,
    ),
    picks=True,
    seats={"mentor": 1, "mentee": 0},
)


def test_row_is_as_it_has_always_been() -> None:
    assert Settings.from_row(WHOLE) == READ
    assert READ.as_row() == WHOLE


@pytest.mark.parametrize("lacking", [set(), {"options", "picks", "seats"}, {"seats"}, {"rulings"}])
def test_rows_of_before_lack_what_there_was_not(lacking: set[str]) -> None:
    """The first ones had no format either, and later ones nothing else when they were first written."""
    old = {name: value for name, value in WHOLE.items() if name not in {"format", *lacking}}
    found = Settings.from_row(old)
    for name in ("criteria", "rules", "rulings", "options", "picks", "seats"):
        expected = Settings() if name in lacking else READ
        assert getattr(found, name) == getattr(expected, name)


def test_row_of_format_1_knows_of_no_gap() -> None:
    options = {name: value for name, value in WHOLE["options"].items() if name != "gap"}
    found = Settings.from_row({**WHOLE, "format": 1, "options": options})
    assert found == replace(READ, options=replace(READ.options, gap=None))


def test_rulings_of_before_override_nothing_and_options_lack_what_came_later() -> None:
    plain = {kind: WHOLE["rulings"][kind] for kind in ("keep", "never")}
    found = Settings.from_row({**WHOLE, "rulings": plain, "options": {"floor": 20}})
    assert found.rulings == Rulings(READ.rulings.keep, READ.rulings.never)
    assert found.options == Options(floor=20)


def test_row_of_a_later_version_is_refused() -> None:
    with pytest.raises(ValueError, match=f"settings of format {FORMAT + 1}: a later version wrote them"):
        Settings.from_row({**WHOLE, "format": FORMAT + 1})


def test_changes_leave_out_what_stays() -> None:
    assert READ.changed(Changes()) == READ
    more = Changes({"unit": 4}, {"unit": "same"}, {"reporting_line": False}, {"mentee": 2})
    found = READ.changed(more)
    assert [(one.weight, one.comparator) for one in found.criteria] == [(4, "same")]
    assert (found.rules, found.seats) == (("exclusion",), {"mentor": 1, "mentee": 2})
    assert (found.rulings, found.options, found.picks) == (READ.rulings, READ.options, True)


def test_run_keeps_what_the_cohort_had(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    with northwind.scope():
        assert run.settings == settings_now(small).as_row()
        old = {name: value for name, value in run.settings.items() if name in ("criteria", "rules")}
        MatchRun.objects.filter(pk=run.pk).update(settings=old)
        assert MatchRun.objects.get(pk=run.pk).settings_then == settings_now(small)
