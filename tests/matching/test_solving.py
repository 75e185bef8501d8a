"""The bridge to the engine on invented input, without a database."""

from typing import Any
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.quality import blocking_pairs
from matching.core.explain import why_unmatched
from matching.core.picks import Picks
from matching.enums import Comparator
from matching.explaining.causes import who_is_alone
from matching.explaining.drafts import proposals, unmatched
from matching.explaining.envy import better_together
from matching.explaining.figures import figures
from matching.queries.inputs import Inputs, SideInput
from matching.run_settings import CriterionSetting
from matching.solving import restrict, score
from matching.solving.answering import answer, faults
from programs.queries.responses import RoleFeatures

CHOICES = ("a", "b", "c")
SECRET = "secret-answer"
CRITERIA = (
    ("learn", Comparator.COVERS, "question:skills+tools", 5),
    ("both", Comparator.OVERLAP, "question:tools", 1),
    ("private", Comparator.SAME, "question:private", 2),
    ("pronouns", Comparator.SAME, "person:pronouns", 1),
    ("unit", Comparator.DIFFERENT, "person:unit", 1),
    ("style", Comparator.CLOSE, "question:style", 1),
)


@st.composite
def inputs(draw: st.DrawFn) -> Inputs:
    first, sides = 1, []
    for _role in range(2):
        number = draw(st.integers(0, 5))
        ids = list(range(first, first + number))
        first += number
        chosen = st.dictionaries(
            st.sampled_from(ids), st.lists(st.sampled_from(CHOICES), min_size=1, unique=True)
        )
        sides.append(
            SideInput(
                ids=ids,
                people=[draw(st.integers(1, 8)) * 100 + pk for pk in ids],
                names=[f"Person {pk}" for pk in ids],
                seats=[draw(st.integers(1, 3)) for _pk in ids],
                values={
                    "region": ["" for _pk in ids],
                    "unit": [draw(st.sampled_from(["", "IT", "HR"])) for _pk in ids],
                    "pronouns": [draw(st.sampled_from(["", SECRET])) for _pk in ids],
                },
                features=RoleFeatures(
                    participant_ids=ids,
                    choices={
                        "skills": draw(chosen) if ids else {},
                        "tools": draw(chosen) if ids else {},
                        "private": {pk: [SECRET] for pk in ids if draw(st.booleans())},
                    },
                    numbers={
                        "style": {pk: float(draw(st.integers(1, 5))) for pk in ids if draw(st.booleans())}
                    },
                ),
            )
        )
    mentors, mentees = sides
    pairs = st.lists(
        st.tuples(st.sampled_from(mentors.ids or [0]), st.sampled_from(mentees.ids or [0])), max_size=4
    )
    people = [*mentors.people, *mentees.people]
    return Inputs(
        criteria=[
            CriterionSetting(key, key.title(), kind, source, source, weight)
            for key, kind, source, weight in CRITERIA
        ],
        rules=["reporting_line", "earlier_partner", "exclusion"],
        mentors=mentors,
        mentees=mentees,
        labels={
            (question, choice): f"{question} {choice}"
            for question in ("skills", "tools")
            for choice in CHOICES
        },
        questions={"style": "Style?"},
        sensitive={"private"},
        managers={person: draw(st.sampled_from([None, *people])) for person in people},
        excluded=[(people[0], people[-1])] if draw(st.booleans()) and len(people) > 1 else [],
        earlier=[(people[-1], people[0])] if draw(st.booleans()) and len(people) > 1 else [],
        keep=[],
        never=draw(pairs),
        paired=draw(pairs),
    )


@settings(max_examples=150, deadline=None)
@given(given_inputs=inputs())
def test_what_is_stored_adds_up_and_names_nothing_private(given_inputs: Inputs) -> None:
    prepared = score(given_inputs)
    problem = restrict(prepared)
    program = answer(prepared, problem)
    assert faults(prepared, problem, program) == []
    stored = proposals(prepared, problem, program)
    for row in stored:
        assert sum(one["points"] for one in row["contributions"]) == row["points"]
        assert [one["key"] for one in row["contributions"]] == [
            "learn",
            "both",
            "unit",
            "style",
            "confidential",
        ]
        pair = (row["mentor_id"], row["mentee_id"])
        assert pair not in given_inputs.never
        assert pair not in given_inputs.paired
    alone = unmatched(prepared, problem, program)
    told = figures(prepared, problem, program)
    groups = told.pop("fairness")
    assert SECRET not in repr((stored, alone, told))
    assert [one for one in groups if one["people"] < 5] == []
    placed = {pk for row in stored for pk in (row["mentor_id"], row["mentee_id"])}
    everybody = {*given_inputs.mentors.ids, *given_inputs.mentees.ids}
    assert placed | {row["participant_id"] for row in alone} == everybody
    assert (sum(told["bins"]), told["pairs"], told["alone"]) == (len(stored), len(stored), len(alone))
    nothing = [row for row in stored if row["nothing_to_learn"]]
    assert told["learn"]["nothing"] == len(nothing) == sum(not _shared(row) for row in stored)
    assert told["learn"]["named"] + told["learn"]["silent"] == len(nothing)


def _shared(row: dict[str, Any]) -> list[str]:
    return list(row["contributions"][0]["shared"])


@settings(max_examples=60, deadline=None)
@given(given_inputs=inputs())
def test_ranks_fit_the_scores(given_inputs: Inputs) -> None:
    prepared = score(given_inputs)
    problem = restrict(prepared)
    allowed = problem.eligible()
    for row in proposals(prepared, problem, answer(prepared, problem)):
        mentor = given_inputs.mentors.ids.index(row["mentor_id"])
        others = problem.scores[mentor][allowed[mentor]]
        assert row["ranks"]["mentor"]["rank"] == 1 + int((others > row["points"]).sum())
        assert row["ranks"]["mentor"]["of"] == len(others)
        for one in row["ranks"]["mentor"]["next"]:
            mentee = given_inputs.mentees.ids.index(one["id"])
            assert one["rank"] == 1 + int((others > problem.scores[mentor, mentee]).sum())
            assert allowed[mentor, mentee]
            assert one["id"] != row["mentee_id"]


def test_joined_questions_are_compared_one_by_one() -> None:
    """The same choice key in two questions is two different things."""
    source = "question:skills+tools"
    side = {"people": [1], "names": ["x"], "seats": [1]}
    given_inputs = Inputs(
        criteria=[CriterionSetting("learn", "Learn", Comparator.COVERS, source, source, 5)],
        rules=[], labels={}, questions={}, sensitive=set(), managers={},
        excluded=[],
        earlier=[], keep=[], never=[], paired=[],
        mentors=SideInput(ids=[1], **side, features=RoleFeatures(choices={"skills": {1: ["a"]}})),  # type: ignore[arg-type]
        mentees=SideInput(ids=[2], **side, features=RoleFeatures(choices={"tools": {2: ["a"]}})),  # type: ignore[arg-type]
    )  # fmt: skip
    assert np.array_equal(score(given_inputs).sheet.points, [[0]])


@settings(max_examples=100, deadline=None)
@given(given_inputs=inputs(), sets=st.sampled_from([0, 1, 40]))
def test_causes_and_envy_by_blocks_are_those_of_the_whole_matrix(given_inputs: Inputs, sets: int) -> None:
    prepared = score(given_inputs)
    problem = restrict(prepared)
    program = answer(prepared, problem)
    with patch("matching.explaining.causes.SETS_AT_MOST", sets):
        everybody = who_is_alone(problem, program)
    found = [
        (side, one.index, one.cause.value, one.allowed, one.best, one.rivals, one.partners, one.partner_seats)
        for side, alone in zip(("mentor", "mentee"), everybody, strict=True)
        for one in alone
    ]
    assert found == [
        (
            one.side,
            one.index,
            one.cause.value,
            one.allowed_partners,
            one.best_score,
            len(one.rivals),
            len(one.partners),
            one.partner_seats,
        )
        for one in why_unmatched(problem, program.solution)
    ]
    assert better_together(problem, program, Picks()) == len(blocking_pairs(problem, program.pairs))
