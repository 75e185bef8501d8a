"""The gap to close as a setting: what is saved, and what is refused."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from matching.actions.settings import change_options
from matching.enums import RunPurpose
from matching.models import MatchRun, MatchSettings
from matching.queries.settings import match_settings_of, settings_now
from matching.rules import parse_group
from matching.run_settings import Changes, GapAim, Options, Settings, ShareAim
from matching.views.workbench.figures import aims_of, figures_of
from mentoring.models import AuditEvent
from mentoring.rules import NotAllowed
from programs.models import Cohort
from tests.cast import Cast
from tests.matching.making import solved
from tests.matching.test_gap import SOUTH, uneven

GAP = {"gap_group": SOUTH, "gap_within": 3}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({**GAP, "gap_within": 51}, "from 0 to 50"),
        ({"gap_group": SOUTH}, "needs both"),
        ({"gap_within": 3}, "needs both"),
        ({**GAP, "method": "stable"}, "cannot be closed together"),
        ({**GAP, "share_source": "person:region", "share_percent": 40}, "cannot be closed together"),
        ({**GAP, "gap_group": "person:region=West"}, "no such group"),
        ({**GAP, "gap_group": "person:email=ada@northwind.example"}, "by region or unit"),
        ({**GAP, "gap_group": "question:skills=ai_tools"}, "never for one by answers"),
        ({**GAP, "gap_group": "South"}, "by region or unit"),
    ],
)
def test_options_refuse(northwind: Cast, options: dict[str, Any], said: str) -> None:
    cohort = uneven(northwind)
    with northwind.scope():
        with pytest.raises(NotAllowed, match=said):
            change_options(cohort=cohort, options=options, by=northwind.by)
        assert not MatchSettings.objects.exists()


def test_option_is_saved_and_audited(northwind: Cast) -> None:
    cohort = uneven(northwind)
    with northwind.scope():
        assert change_options(cohort=cohort, options=GAP, by=northwind.by) is True
        assert settings_now(cohort).options == Options(gap=GapAim(SOUTH, 3))
        assert AuditEvent.objects.get(action="matching.options_changed").data == GAP
        assert "South no more than 3 of 100 points under everybody else" in aims_of(settings_now(cohort))
        none = {"gap_group": "", "gap_within": None}
        assert change_options(cohort=cohort, options=none, by=northwind.by) is True
        assert match_settings_of(cohort).gap_group == ""


@pytest.mark.parametrize(
    ("aim", "said"),
    [
        (Options(gap=GapAim("question:skills=ai_tools", 3)), "never for one by answers"),
        (Options(gap=GapAim(SOUTH, 99)), "from 0 to 50"),
        (Options(gap=GapAim(SOUTH, 3), method="stable"), "cannot be closed together"),
        (Options(gap=GapAim(SOUTH, 3), share=ShareAim("person:unit", 9)), "cannot be closed together"),
    ],
)
def test_no_run_starts_with_what_cannot_be_closed(northwind: Cast, aim: Options, said: str) -> None:
    cohort = uneven(northwind)
    with northwind.scope():
        with pytest.raises(NotAllowed, match=said):
            solved(northwind, cohort, purpose=RunPurpose.WHAT_IF, changes=Changes(options=aim))
        assert not MatchRun.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"gap_group": "question:faith=sun", "gap_within": 3},
        {"gap_group": "person:email=x", "gap_within": 3},
        {"gap_group": SOUTH, "gap_within": 51},
        {"gap_group": SOUTH},
        {"gap_within": 3},
    ],
)
def test_database_takes_nothing_else(northwind: Cast, small: Cohort, fields: dict[str, Any]) -> None:
    with northwind.scope(), pytest.raises(IntegrityError, match="match_settings_gap"), transaction.atomic():
        MatchSettings.objects.create(cohort=small, **fields)


def test_group_by_an_answer_is_read_by_nothing() -> None:
    for text in ("question:faith=sun", "person:email=x", "person:region", "person:region= ", "region=South"):
        with pytest.raises(ValueError, match=r"no group|neither"):
            parse_group(text)
    assert parse_group("person:unit=R=D") == ("unit", "R=D")


def test_run_of_before_aims_at_no_gap(northwind: Cast, small: Cohort) -> None:
    run = solved(northwind, small)
    row = {**run.settings, "format": 1}
    row["options"] = {name: value for name, value in row["options"].items() if name != "gap"}
    assert Settings.from_row(row) == run.settings_then
    assert run.settings_then.options.gap is None


def test_nothing_is_told_of_a_group_without_pairs() -> None:
    closing = {"group": SOUTH, "within": 3, "why": "placed"}
    sides = {"placed": 0, "of": 5, "seats": 5}
    told: dict[str, Any] = {"pairs": 0, "mentors": sides, "mentees": sides, "mean": 0, "lowest": 0}
    run = MatchRun(figures={**told, "proven": True, "closing": closing}, settings={})
    (figure,) = [one for one in figures_of(run) if one.label == "Gap of South"]
    assert (figure.value, figure.base) == (
        "–",
        "Fewer than five people of South have a partner: nothing is told of them.",
    )
