"""Ids and names of another organization in the fields of a form and in searches: as if they did not exist."""

from typing import Any

from matching.models import Exclusion
from mentoring.models import Membership
from outcomes.models import MetricsExport
from programs.models import Program
from tests.cast import Cast
from tests.tenancy.ids import ids_of

HERE = "/o/northwind/"


def championship(cast: Cast) -> int:
    with cast.scope():
        return Membership.objects.get(user=cast.champion).pk


def test_foreign_rows_cannot_be_chosen(northwind: Cast, fabrikam: Cast, sign_in: Any) -> None:
    foreign = championship(fabrikam)
    program = {"name": "Spring", "purpose": "To learn.", "champion": championship(northwind)}
    tries: list[tuple[str, dict[str, Any]]] = [
        ("programs/new/goals_and_interests/", {**program, "champion": foreign}),
        ("programs/new/goals_and_interests/", {**program, "deputy": foreign}),
        ("programs/new/goals_and_interests/", {**program, "sponsor": "grace.kim@fabrikam.example"}),
        (f"programs/{northwind.program.pk}/edit/", {**program, "champion": foreign}),
        ("outcomes/exports/", {"format": "csv", "cohort": fabrikam.cohort.pk}),
        (
            "exclusions/",
            {"person": "amara.osei@fabrikam.example", "other": "grace.kim@northwind.example"},
        ),
    ]
    browser = sign_in(northwind.owner)
    assert [browser.post(HERE + path, data).status_code for path, data in tries] == [422] * len(tries)
    with northwind.scope():
        counts = [model.objects.count() for model in (Program, MetricsExport, Exclusion)]
    assert counts == [1, 0, 0]


def test_searches_and_suggestions_find_nobody_elsewhere(
    northwind: Cast, fabrikam: Cast, sign_in: Any
) -> None:
    ids_of(fabrikam)
    browser = sign_in(northwind.owner)
    boss = fabrikam.people["boss"].pk
    paths = (
        "programs/sponsors/?sponsor=",
        "exclusions/people/?person=",
        "people/?q=",
        f"people/?manager={boss}&q=",
        f"cohorts/{northwind.cohort.pk}/participants/?q=",
        f"cohorts/{northwind.cohort.pk}/meetings/?q=",
        "audit/?q=",
        "members/?q=",
    )
    told = {}
    for path in paths:
        for headers in ({}, {"hx-request": "true"}):
            page = browser.get(f"{HERE}{path}fabrikam", headers=headers)
            told[path, page.status_code] = "fabrikam.example" in page.content.decode()
    assert told == {(path, 200): False for path in paths}
    assert "northwind.example" in browser.get(f"{HERE}programs/sponsors/?sponsor=grace").content.decode()
