from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.core.features import Categories, ChoiceSets, Numbers, Zones
from matching.core.problem import matrix_product
from matching.core.scoring import Criterion, ScoreSheet

CHOICES = ["css", "go", "rust", "sql"]


def sets(*rows: str) -> ChoiceSets:
    return ChoiceSets.from_lists([row.split() for row in rows], CHOICES)


def points(criterion: Criterion) -> list[list[int]]:
    sizes = len(criterion.mentor_feature.answered), len(criterion.mentee_feature.answered)
    return ScoreSheet([criterion], *sizes).points.tolist()


def test_covers_is_the_share_of_what_the_mentee_wants():
    mentors, mentees = sets("css go", "rust", ""), sets("css go", "css rust sql", "")
    assert points(Criterion("learn", "covers", 1, mentors, mentees)) == [
        [1000, 334, 0],
        [0, 333, 0],
        [0, 0, 0],
    ]


def test_covers_everything_wanted_is_exactly_full_points():
    mentors, mentees = sets("css go rust sql"), sets("css go rust", "css go")
    assert points(Criterion("learn", "covers", 5, mentors, mentees)) == [[5000, 5000]]


def test_overlap_counts_both_directions():
    mentors, mentees = sets("css go", "sql"), sets("css", "css go")
    # One of the mentor's two, and all of the mentee's one: half of 500 and all of 500.
    assert points(Criterion("likes", "overlap", 1, mentors, mentees)) == [[750, 1000], [0, 0]]


def test_same_and_different_are_opposites():
    mentors, mentees = Categories.of([0, 1]), Categories.of([1, 2])
    assert points(Criterion("region", "same", 2, mentors, mentees)) == [[0, 0], [2000, 0]]
    assert points(Criterion("region", "different", 2, mentors, mentees)) == [[2000, 2000], [0, 2000]]


def test_close_falls_evenly_over_the_scale():
    mentors, mentees = Numbers.of([0, 5]), Numbers.of([5, 2.5, 40])
    assert points(Criterion("years", "close", 1, mentors, mentees, scale=10)) == [
        [500, 750, 0],
        [1000, 750, 0],
    ]


def test_close_many_numbers_is_within_a_hundredth_of_the_scale():
    random = np.random.default_rng(3)
    mentors, mentees = random.random(600) * 50, random.random(40) * 50
    sheet = ScoreSheet(
        [Criterion("x", "close", 1, Numbers.of(mentors), Numbers.of(mentees), scale=20)], 600, 40
    )
    exact = 1000 * np.maximum(0, 1 - np.abs(mentors[:, None] - mentees[None, :]) / 20)
    assert np.abs(sheet.points - exact).max() <= 6


def test_returns_is_the_share_of_what_the_mentor_wants():
    mentors_want, mentees_show = sets("css go", "rust", ""), sets("css go", "css sql")
    # Who wants nothing in return gets what the others got on average: 1,500 points in four pairs.
    assert points(Criterion("back", "returns", 1, mentors_want, mentees_show)) == [
        [1000, 500],
        [0, 0],
        [375, 375],
    ]


def test_skill_gap_is_full_from_a_scale_ahead_and_nothing_from_equal():
    mentors, mentees = Numbers.of([3, 7, 10]), Numbers.of([1, 3, 9])
    assert points(Criterion("skill", "skill_gap", 1, mentors, mentees, scale=4)) == [
        [500, 0, 0],
        [1000, 1000, 0],
        [1000, 1000, 250],
    ]


def test_skill_gap_many_numbers_is_within_a_hundredth_of_the_scale():
    random = np.random.default_rng(4)
    mentors, mentees = random.random(600) * 50, random.random(40) * 50
    criterion = Criterion("x", "skill_gap", 1, Numbers.of(mentors), Numbers.of(mentees), scale=20)
    exact = 1000 * np.clip((mentors[:, None] - mentees[None, :]) / 20, 0, 1)
    assert np.abs(ScoreSheet([criterion], 600, 40).points - exact).max() <= 6


def test_hours_are_the_share_of_a_working_day_in_common():
    mentors = Zones.of(["Europe/Berlin", "Asia/Tokyo"], on=date(2026, 1, 15))
    mentees = Zones.of(["Europe/Berlin", "America/New_York", "Asia/Kolkata"], on=date(2026, 1, 15))
    assert points(Criterion("hours", "hours", 1, mentors, mentees)) == [[1000, 250, 438], [0, 0, 563]]


def test_hours_follow_summer_time_at_the_day_given():
    # Two weeks in March in which only America has put its clocks forward.
    for day, expected in ((date(2026, 3, 1), 250), (date(2026, 3, 16), 375)):
        sides = (Zones.of([zone], on=day) for zone in ("Europe/Berlin", "America/New_York"))
        assert points(Criterion("hours", "hours", 1, *sides)) == [[expected]]


def test_hours_of_an_unknown_zone_are_no_answer():
    mentors = Zones.of(["Europe/Berlin", None, "", "Mars/Olympus"], on=date(2026, 1, 15))
    mentees = Zones.of(["Europe/Berlin", "America/New_York"], on=date(2026, 1, 15))
    assert mentors.answered.tolist() == [True, False, False, False]
    assert points(Criterion("hours", "hours", 1, mentors, mentees)) == [[1000, 250], *[[625, 625]] * 3]


@pytest.mark.parametrize("comparator", ["close", "skill_gap"])
def test_numbers_without_a_scale_are_refused(comparator):
    criterion = Criterion("years", comparator, 1, Numbers.of([1]), Numbers.of([1]))
    with pytest.raises(ValueError, match=f"{comparator}: needs a scale over 0"):
        ScoreSheet([criterion], 1, 1)


def test_missing_answer_counts_as_the_average_pair():
    mentors, mentees = Categories.of([0, 0, -1]), Categories.of([0, 1, -1])
    criterion = Criterion("region", "same", 1, mentors, mentees)
    assert points(criterion) == [[1000, 0, 500], [1000, 0, 500], [500, 500, 500]]
    assert ScoreSheet([criterion], 3, 3).neutral_points == {"region": 500}


def test_missing_answer_with_a_stated_share():
    mentors, mentees = Categories.of([0]), Categories.of([0, -1])
    assert points(Criterion("region", "same", 1, mentors, mentees, missing=30)) == [[1000, 300]]


def test_missing_answer_of_everybody_gives_nothing():
    assert points(Criterion("region", "same", 1, Categories.of([-1]), Categories.of([0]))) == [[0]]


def test_answered_with_nothing_is_not_missing():
    mentees = ChoiceSets.of([[False, False]], answered=[True])
    mentors = ChoiceSets.of([[True, False]])
    criterion = Criterion("likes", "overlap", 1, mentors, mentees)
    assert ScoreSheet([criterion], 1, 1).contributions([(0, 0)]).answered.tolist() == [[True]]


@st.composite
def sheets(draw):
    mentors, mentees = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    weight, missing = st.sampled_from([0, 1, 2.5, 5]), st.sampled_from([None, 0, 33])
    random = np.random.default_rng(draw(st.integers(0, 10**6)))

    def choices(people):
        return ChoiceSets.of(random.random((people, 4)) < 0.4)

    def codes(people):
        return Categories.of(random.integers(-1, 3, people))

    def numbers(people):
        return Numbers.of(np.where(random.random(people) < 0.3, np.nan, random.random(people) * 9))

    def zones(people):
        names = [None, "UTC", "Asia/Tokyo", "Asia/Kolkata", "America/New_York", "Pacific/Kiritimati"]
        return Zones.of([names[at] for at in random.integers(0, 6, people)], on=date(2026, 7, 1))

    kinds = [
        ("covers", choices),
        ("returns", choices),
        ("skill_gap", numbers),
        ("hours", zones),
        ("overlap", choices),
        ("same", codes),
        ("different", codes),
        ("close", numbers),
    ]
    criteria = [
        Criterion(name, name, draw(weight), make(mentors), make(mentees), scale=5, missing=draw(missing))
        for name, make in kinds
    ]
    return ScoreSheet(criteria, mentors, mentees)


@given(sheets())
def test_points_are_the_same_for_any_part_of_the_people(sheet):
    offers, wants = sheet.factors
    part = np.arange(0, sheet.shape[0], 2)
    assert matrix_product(offers[part], wants).tolist() == sheet.points[part].tolist()


@given(sheets())
def test_contributions_sum_to_the_score_exactly(sheet):
    pairs = [(i, j) for i in range(sheet.shape[0]) for j in range(sheet.shape[1])]
    parts = sheet.contributions(pairs)
    assert parts.points.sum(axis=1).tolist() == sheet.points.ravel().tolist()
    assert parts.points.min() >= 0
    assert 0 <= parts.percent.min() <= parts.percent.max() <= 100
    assert 0 <= sheet.points.min() <= sheet.points.max() <= sheet.max_points
    offers, wants = sheet.factors
    assert (offers @ wants.T).tolist() == sheet.points.tolist()


def test_contributions_tell_who_did_not_answer():
    criteria = [
        Criterion("learn", "covers", 3, sets("css go"), sets("css", "")),
        Criterion("region", "different", 1, Categories.of([-1]), Categories.of([0, 1])),
    ]
    parts = ScoreSheet(criteria, 1, 2).contributions([(0, 0), (0, 1)])
    assert parts.keys == ("learn", "region")
    assert parts.points.tolist() == [[3000, 0], [0, 0]]
    assert parts.percent.tolist() == [[100.0, 0.0], [0.0, 0.0]]
    assert parts.answered.tolist() == [[True, False], [False, False]]
    assert parts.mentor_answered.tolist() == [[True, False], [True, False]]
    assert parts.mentee_answered.tolist() == [[True, True], [False, True]]


def test_percent_is_of_a_perfect_pair():
    sheet = ScoreSheet([Criterion("learn", "covers", 4, sets("css"), sets("css go"))], 1, 1)
    assert sheet.max_points == 4000
    assert sheet.percent(sheet.points).tolist() == [[50.0]]


def test_shared_choices_are_what_both_have():
    sheet = ScoreSheet([Criterion("learn", "covers", 1, sets("css go sql"), sets("go sql rust"))], 1, 1)
    assert [CHOICES[choice] for choice in sheet.shared_choices("learn", [(0, 0)])[0]] == ["go", "sql"]


def test_score_sheet_without_criteria_gives_no_points():
    sheet = ScoreSheet([], 2, 1)
    assert (sheet.points.tolist(), sheet.max_points) == ([[0], [0]], 0)
    assert sheet.contributions([(0, 0)]).points.shape == (1, 0)


def test_joined_questions_count_as_one():
    joined = ChoiceSets.joined([sets("css", ""), sets("", "")])
    assert joined.chosen.shape == (2, 8)
    assert joined.answered.tolist() == [True, False]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Criterion("a", "covers", 1, Categories.of([0]), sets("go")), "a: covers needs ChoiceSets"),
        (lambda: Criterion("a", "covers", -1, sets("go"), sets("go")), "a: weight -1 is not between"),
        (lambda: Criterion("a", "covers", 1, sets("go"), sets("go"), missing=101), "a: missing 101 is not"),
        (lambda: sets("cobol"), "choice 'cobol' of person 0 is not among the choices"),
        (lambda: Categories.from_values(["x"], ["y"]), "choice 'x' of person 0 is not among the choices"),
        (lambda: Numbers.of([float("inf")]), "values: a number is infinite"),
        (lambda: ScoreSheet([Criterion("a", "covers", 1, sets("go"), sets("go"))], 2, 1), "a: is for"),
        (
            lambda: ScoreSheet([Criterion("a", "covers", 1, sets("go"), sets("go"))] * 2, 1, 1),
            "more than once",
        ),
        (
            lambda: ScoreSheet([Criterion("a", "covers", 1, sets("go"), ChoiceSets.of([[True]]))], 1, 1),
            "mentors have 4 choices, mentees 1",
        ),
    ],
)
def test_scoring_names_what_is_wrong(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_categories_from_values_knows_no_answer():
    assert Categories.from_values(["b", "", None, "a"], ["a", "b"]).codes.tolist() == [1, -1, -1, 0]
