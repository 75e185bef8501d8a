from hypothesis import given
from hypothesis import strategies as st

from outcomes.metrics.figures import CohortCounts, Unit, added, figures

small = st.integers(0, 500)


def value(counts: CohortCounts, key: str) -> float | None:
    return next(figure.value for figure in figures(counts) if figure.metric.key == key)


def test_figures_of_a_cohort() -> None:
    counts = CohortCounts(
        invited=200,
        joined=150,
        answered=120,
        declined=20,
        matchable=150,
        paired=100,
        pairs=50,
        active_pairs=45,
        scored=40,
        points=3000,
        met_this_month=30,
        ever_met=48,
        meetings_held=90,
        meetings_cancelled=8,
        meetings_missed=2,
        pair_months=60.0,
    )
    assert {figure.metric.key: figure.value for figure in figures(counts)} == {
        "invited": 200,
        "joined": 75.0,
        "declined": 10.0,
        "answered": 80.0,
        "matched": 66.7,
        "score": 75.0,
        "pairs": 50,
        "active_pairs": 45,
        "ended": 0.0,
        "completed": 0.0,
        "met_this_month": 66.7,
        "ever_met": 96.0,
        "meetings_held": 90,
        "meetings_per_pair": 1.8,
        "meetings_per_pair_month": 1.5,
        "kept": 90.0,
    }


def test_figures_without_a_base_have_no_value() -> None:
    found = figures(CohortCounts())
    assert {figure.metric.key: figure.value for figure in found if figure.metric.unit is not Unit.COUNT} == (
        dict.fromkeys(
            [
                "joined", "declined", "answered", "matched", "score", "ended", "completed", "met_this_month",
                "ever_met", "meetings_per_pair", "meetings_per_pair_month", "kept",
            ]
        )
    )  # fmt: skip


@given(st.lists(st.tuples(small, small), min_size=1, max_size=6))
def test_added_shares_are_weighted_by_their_base(cohorts: list[tuple[int, int]]) -> None:
    several = [CohortCounts(invited=invited, joined=min(joined, invited)) for invited, joined in cohorts]
    invited, joined = sum(c.invited for c in several), sum(c.joined for c in several)
    assert value(added(several), "joined") == (round(100 * joined / invited, 1) if invited else None)
