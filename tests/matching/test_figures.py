"""A run's figures in words: each with its base, and runs of before with what they have."""

from typing import Any

import pytest

from matching.models import MatchRun
from matching.prices import price_text
from matching.run_settings import GapAim, Options, Rulings, Settings, ShareAim
from matching.views.workbench.figures import aims_of, figures_of

PLACED = {"placed": 4, "of": 5, "seats": 5}
OLD = {
    "pairs": 4,
    "mentors": PLACED,
    "mentees": {"placed": 4, "of": 6, "seats": 6},
    "mean": 71.6,
    "lowest": 48,
    "learn": {"nothing": 1, "named": 0, "silent": 1},
    "proven": True,
}


def told(figures: dict[str, Any], options: dict[str, Any] | None = None) -> dict[str, tuple[str, str]]:
    run = MatchRun(figures=figures, settings={"criteria": [], "rules": [], "options": options or {}})
    return {one.label: (one.value, one.base) for one in figures_of(run)}


def test_figures_of_a_run_of_before_show_what_they_have() -> None:
    assert told(OLD) == {
        "Placed": ("8 / 11", "4 of 5 mentors, 4 of 6 mentees"),
        "Average score": ("72", "of 100, over 4 pairs"),
        "Lowest pair": ("48", "of 100"),
        "Nothing to learn": ("1", "of 4 pairs; in 1 of these the mentee named nothing to learn"),
        "Proof": ("Optimal", "No other pairing places more people, or as many with more points."),
    }


def test_figures_of_aims_have_their_base() -> None:
    figures = OLD | {
        "share": {"source": "person:region", "percent": 40, "pairs": 3, "of": 4, "bound": 4, "met": True},
        "picks": {
            "mentors": {"picked": 3, "first": 2, "any": 3},
            "mentees": {"picked": 2, "first": 1, "any": 1},
        },
        "priority": {"waited": 2, "placed": 1},
        "proven": False,
        "gap": 0.25,
    }
    found = told(figures, {"floor": 45})
    assert {key: found[key] for key in found.keys() - told(OLD).keys() | {"Proof", "Lowest pair"}} == {
        "Lowest pair": ("48", "of 100; none under 45 was allowed"),
        "Different region": ("75%", "3 of 4 pairs; the target is 40%"),
        "First choices met": ("60%", "3 of 5 people who picked; 4 got one of their picks"),
        "Waited before": ("1 / 2", "placed of those who waited since an earlier cohort; they go first"),
        "Proof": (
            "Not proven",
            "At most 0.25% more points are possible; time was up before it was known.",
        ),
    }


def test_share_out_of_reach_says_how_much_is_possible() -> None:
    share = {"source": "person:region", "percent": 90, "pairs": 3, "of": 4, "bound": 3, "met": False}
    assert told(OLD | {"share": share})["Different region"] == (
        "75%",
        "3 of 4 pairs; the target of 90% is out of reach, at most 3",
    )


def test_figures_of_a_run_without_pairs() -> None:
    none = {"placed": 0, "of": 0, "seats": 0}
    empty = OLD | {"pairs": 0, "mentors": none, "mentees": none, "mean": 0.0, "lowest": 0, "learn": None}
    assert (told(empty)["Placed"][0], told(empty)["Lowest pair"][0]) == ("0 / 0", "–")


def test_aims_name_every_option() -> None:
    settings = Settings(
        rules=("exclusion",),
        options=Options(
            floor=30,
            best_worst=True,
            share=ShareAim("person:region", 40),
            gap=GapAim("person:unit=Legal", 5),
        ),
        picks=True,
        seats={"mentor": 1, "mentee": 0},
        rulings=Rulings(keep=frozenset({(1, 2)}), never=frozenset({(3, 4), (5, 6)})),
    )
    assert aims_of(settings) == [
        "Not two people on the exclusion list",
        "Best for all together",
        "People's own picks come before every score",
        "The lowest pair as good as possible, before the average",
        "No pair under a score of 30",
        "At least 40% of the pairs with a different region",
        "Legal no more than 5 of 100 points under everybody else",
        "Who waited since an earlier cohort goes first",
        "1 more seat for every mentor",
        "1 pair kept",
        "2 pairs ruled out",
    ]


NAMES = {1: "Leo Braun", 2: "Henrik Lund", 3: "Amara Osei", 4: "Priya Nair", 5: "Noor Haddad"}
# Henrik (2) had Amara (3), Priya (4) had Leo (1): now Henrik has Leo, Priya has Noor (5), Amara nobody.
CHANGE = {
    "possible": True,
    "made": False,
    "lost": 0,
    "points": 6.2,
    "dropped": [{"mentor": 3, "mentee": 2, "score": 93}, {"mentor": 1, "mentee": 4, "score": 86}],
    "added": [{"mentor": 1, "mentee": 2, "score": 90}, {"mentor": 5, "mentee": 4, "score": 83}],
    "alone": [],
}
BECAUSE = "because Priya Nair would meet Noor Haddad (83) instead of Leo Braun (86)."

ALONE = "and Amara Osei would lose Henrik Lund (93) and be left without a mentee."


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, f"Choosing Leo Braun costs the cohort 6 points, {BECAUSE}"),
        ({"points": 0.3}, f"Choosing Leo Braun costs the cohort less than a point, {BECAUSE}"),
        ({"points": 1.0}, f"Choosing Leo Braun costs the cohort 1 point, {BECAUSE}"),
        (
            {"picks": {"met": 1, "first": 0}, "points": -4.0},
            f"Choosing Leo Braun costs the cohort a pick that is met now, {BECAUSE}",
        ),
        (
            {"picks": {"met": 0, "first": 2}},
            f"Choosing Leo Braun costs the cohort 2 first choices that are met now, {BECAUSE}",
        ),
        ({"lost": 1}, f"Choosing Leo Braun costs the cohort one pair, {BECAUSE}"),
        (
            {"points": 0.0},
            "Choosing Leo Braun costs the cohort nothing. Then " + BECAUSE.removeprefix("because "),
        ),
        (
            {"points": -2.0},
            "Choosing Leo Braun gives the cohort 2 points more. Then " + BECAUSE.removeprefix("because "),
        ),
        (
            {"alone": [3]},
            f"Choosing Leo Braun costs the cohort 6 points, {BECAUSE[:-1]} {ALONE}",
        ),
        (
            {"possible": False},
            "Not possible: pairs that you keep, or who picked each other first, leave no seat for it.",
        ),
        ({"made": True}, "They are a pair in this draft already."),
    ],
)
def test_price_in_words(change: dict[str, Any], text: str) -> None:
    pair = {"mentor": 1, "mentee": 2}
    assert price_text(CHANGE | change, NAMES, asker="mentee", chosen="Leo Braun", pair=pair) == text
