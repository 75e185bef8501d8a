from typing import Any

import pytest

from matching.reasons import cause_text, phrases, reasons, remarks, sentences, tags
from matching.rules import parse_source
from matching.words import listed


def covers(shared: list[str], wanted: int, state: str = "answered", percent: int = 50) -> dict[str, Any]:
    return {
        "key": "learn", "label": "Learning", "comparator": "covers", "weight": 5, "points": 10 * len(shared),
        "percent": percent, "state": state, "shared": shared, "wanted": wanted,
    }  # fmt: skip


def values(comparator: str, mentor: str, mentee: str, percent: int = 100, **more: Any) -> dict[str, Any]:
    return {
        "key": "x", "label": "From different regions", "comparator": comparator, "weight": 1, "points": 10,
        "percent": percent, "state": "answered", "subject": "", "attribute": "region",
        "mentor_value": mentor, "mentee_value": mentee, **more,
    }  # fmt: skip


def returns(shared: list[str], wanted: int, state: str = "answered") -> dict[str, Any]:
    return {**covers(shared, wanted, state), "key": "back", "comparator": "returns", "weight": 2}


def hours(common: float | None, state: str = "answered") -> dict[str, Any]:
    return values("hours", "Africa/Lagos", "Europe/Oslo", attribute="time_zone", hours=common, state=state)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        (["A"], "A"),
        (["A", "B"], "A and B"),
        (["A", "B", "C", "D"], "A, B, C and D"),
        (["A", "B", "C", "D", "E", "F"], "A, B, C, D and 2 more"),
    ],
)
def test_listed(names: list[str], said: str) -> None:
    assert listed(names) == said


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (covers(["Go", "Terraform"], 2), "Henrik wants to learn Go and Terraform; Amara can show all of it."),
        (covers(["Kubernetes"], 3), "Amara can show Kubernetes: 1 of 3 things Henrik wants to learn."),
        (covers([], 3), "Amara can show nothing of what Henrik wants to learn."),
        (covers([], 0, "mentee_silent"), "Henrik named nothing to learn."),
        (covers([], 0, "both_silent"), "Henrik named nothing to learn."),
        (covers([], 2, "mentor_silent"), "Amara named nothing to show."),
        (values("different", "Africa", "Nordics"), "Africa · Nordics"),
        (values("different", "Africa", "Africa", 0), "Both: Africa"),
        (values("same", "", "x", state="mentor_silent"), "The mentor did not answer; counted as average."),
        ({"state": "private", "weight": 2, "points": 3, "percent": 40}, "Counted, and shown to nobody."),
        (returns(["Budgets"], 2), "Henrik can show Budgets: 1 of 2 things Amara wants to learn."),
        (returns([], 2), "Henrik can show nothing of what Amara wants to learn."),
        (returns([], 0, "mentor_silent"), "Amara named nothing to learn."),
        (returns([], 2, "mentee_silent"), "Henrik named nothing to show."),
        (hours(8.0), "Africa/Lagos · Europe/Oslo: 8 working hours in common"),
        (hours(4.75), "Africa/Lagos · Europe/Oslo: 4.5 working hours in common"),
        (hours(1.0), "Africa/Lagos · Europe/Oslo: 1 working hour in common"),
        (hours(0.0), "Africa/Lagos · Europe/Oslo: 0 working hours in common"),
        (values("skill_gap", "5", "2"), "5 · 2"),
    ],
)  # fmt: skip
def test_reason_for_the_champion(one: dict[str, Any], said: str) -> None:
    assert [reason.text for reason in reasons([one], "Amara", "Henrik")] == [said]


@pytest.mark.parametrize(
    ("one", "mentor", "mentee"),
    [
        (
            covers(["Kubernetes", "Terraform"], 2),
            "Henrik wants to learn Kubernetes and Terraform, which you can show.",
            "Amara can show you Kubernetes and Terraform, which you want to learn.",
        ),
        (
            values("different", "Nordics", "Africa"),
            "Different region: Nordics and Africa.",
            "Different region: Nordics and Africa.",
        ),
        (values("same", "Nordics", "Nordics"), "Same region: Nordics.", "Same region: Nordics."),
        (
            values("same", "Online", "Online", attribute="", subject="How would you like to meet?"),
            "Both answered “Online” to “How would you like to meet?”",
            "Both answered “Online” to “How would you like to meet?”",
        ),
        (
            values("close", "3", "4", 80, label="Similar ways of working"),
            "Similar ways of working.",
            "Similar ways of working.",
        ),
        (
            values("skill_gap", "5", "2", label="Ahead in data skills"),
            "Ahead in data skills.",
            "Ahead in data skills.",
        ),
        (
            returns(["Budgets", "Boards"], 2),
            "Henrik can show you Budgets and Boards, which you want to learn.",
            "Amara wants to learn Budgets and Boards, which you can show.",
        ),
        (hours(4.0), "You have 4 working hours in common.", "You have 4 working hours in common."),
    ],
)
def test_sentences_for_the_pair(one: dict[str, Any], mentor: str, mentee: str) -> None:
    assert sentences([one], "Amara", "Henrik") == {"mentor": [mentor], "mentee": [mentee]}


@pytest.mark.parametrize(
    "one",
    [
        {"key": "confidential", "state": "private", "weight": 5, "points": 900, "percent": 90},
        values("close", "1", "5", 20),
        values("same", "", "Nordics", state="mentor_silent"),
        covers([], 3) | {"points": 0},
        hours(2.5),
        hours(None, "mentor_silent"),
        {"key": "override", "state": "override", "rules": ["reporting_line"]},
    ],
)
def test_pair_is_told_only_what_speaks_for_it(one: dict[str, Any]) -> None:
    assert sentences([one], "Amara", "Henrik") == {"mentor": [], "mentee": []}


def test_whom_to_choose_is_told_in_short_words_without_names_or_picks() -> None:
    told = [
        {"key": "picks", "state": "picks", "mentor": 1, "mentee": None},
        values("different", "Africa", "Nordics"),
        hours(4.0),
        covers(["Kubernetes", "Terraform"], 2),
        returns(["Budgets"], 1),
        values("same", "Oslo", "Oslo", attribute="location"),
        values("same", "x", "y", 0),
        {"key": "confidential", "state": "private", "weight": 5, "points": 900, "percent": 90},
    ]
    assert phrases(told, "mentee") == [
        "can show you Kubernetes and Terraform, which you want to learn",
        "wants to learn Budgets, which you can show",
        "another region",
        "4 working hours in common",
        "same place",
    ]
    assert phrases(told, "mentor")[:2] == [
        "wants to learn Kubernetes and Terraform, which you can show",
        "can show you Budgets, which you want to learn",
    ]


def test_champion_reads_what_is_beside_the_points_and_not_who_picked() -> None:
    one = {"key": "picks", "state": "picks", "mentor": None, "mentee": 2}
    both = [
        {**one, "mentor": 1},
        {"key": "override", "state": "override", "rules": ["reporting_line", "must:place", "must:gone"]},
    ]
    assert reasons(both, "Amara", "Henrik") == []
    assert remarks(both, {"place": "Not from the same place"}) == [
        "They picked each other.",
        "Kept against a rule: same reporting line, Not from the same place and gone.",
    ]
    assert remarks([one], {}) == []


def test_tags_are_few() -> None:
    assert tags([covers(["A", "B", "C", "D", "E"], 5)]) == ["A", "B", "+3"]
    assert tags([covers([], 5), {**covers(["Science"], 0), "comparator": "overlap"}]) == ["Science"]
    assert tags([{"state": "private"}]) == []


def detail(**more: Any) -> dict[str, Any]:
    return {"forbidden": {}, "allowed": 0, "best": 40, "partners": 0, "partner_seats": 0, "rivals": 0, **more}


BEST = "The best allowed partner would have scored 40."
MENTORS, MENTEES = {"of": 3, "seats": 4}, {"of": 9, "seats": 9}


@pytest.mark.parametrize(
    ("cause", "more", "said"),
    [
        ("no_allowed_partner", {"forbidden": {"reporting_line": 2, "never": 1}},
         "The rules leave no partner (same reporting line: 2, you said never: 1)."),
        ("no_allowed_partner", {}, "There is nobody on the other side."),
        ("under_floor", {}, "Every allowed partner scores too low; the best reaches 40."),
        ("competition", {"partners": 3, "partner_seats": 4, "rivals": 5},
         "There are 9 mentees for 4 seats with mentors. The best allowed partner would have scored 40."),
        ("competition", {"partners": 1, "partner_seats": 2, "rivals": 3},
         f"3 people could be paired only with the same partner, who has 2 seats. {BEST}"),
        ("competition", {"partners": 2, "partner_seats": 2, "rivals": 3},
         f"3 people could be paired only with the same 2 partners, who have 2 seats. {BEST}"),
    ],
)  # fmt: skip
def test_cause_in_plain_words(cause: str, more: dict[str, Any], said: str) -> None:
    assert cause_text(cause, detail(**more), "mentee", MENTEES, MENTORS, {}) == said


@pytest.mark.parametrize(
    ("text", "kind", "keys"),
    [
        ("question:skills", "question", ("skills",)),
        ("question:a+b+c", "question", ("a", "b", "c")),
        ("person:unit", "person", ("unit",)),
    ],
)
def test_parse_source(text: str, kind: str, keys: tuple[str, ...]) -> None:
    source = parse_source(text)
    assert (source.kind, source.keys) == (kind, keys)


@pytest.mark.parametrize("text", ["", "question:", "question:a++b", "person:a+b", "roster:unit", "skills"])
def test_parse_source_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="is neither"):
        parse_source(text)
