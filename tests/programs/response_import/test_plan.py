"""Reading, mapping and planning: no tables, but everything that can be wrong with a file."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentoring.people import draft
from mentoring.rules import NotAllowed
from programs.enums import PairRole, QuestionType
from programs.questions import QuestionDefinition, QuestionnaireDefinition
from programs.questions.definitions import with_choices
from programs.response_import import reading
from programs.response_import.mapping import guess_mapping, mapping_problems, usable
from programs.response_import.plan import KnownParticipant, KnownPerson, Plan, plan_responses
from programs.response_import.reading import guess_separator
from tests.exchange.files import table_of

SEVERAL = with_choices(
    QuestionDefinition("tools", QuestionType.SEVERAL_CHOICES, "Which tools can you show?"),
    ["C", "C++", "C#", "Chat (public, not work)"],
)
PLACE = with_choices(
    QuestionDefinition("place", QuestionType.SINGLE_CHOICE, "Where do you work?"),
    ["Remote", "Your choice (a, b)"],
)
MENTOR = QuestionnaireDefinition(
    1,
    "mentor",
    1,
    "Mentors",
    "",
    (
        SEVERAL,
        PLACE,
        QuestionDefinition(
            "mood", QuestionType.SCALE, "How satisfied are you (0-10)?", settings={"min": 0, "max": 10}
        ),
        QuestionDefinition(
            "years", QuestionType.NUMBER, "Years of work experience", settings={"min": 0, "max": 60}
        ),
        QuestionDefinition("hope", QuestionType.LONG_TEXT, "What do you hope for?", required=True),
    ),
)
MIRRORED = {"tools": "Which tools would you like to learn?"}
HEADER = (
    "Email,Name,Role,Country,Which tools can you show?,Where do you work?,How satisfied are you (0-10)?,"
    "Years of work experience"
)


def plan(*rows: str, header: str = HEADER, add: bool = False, **known: Any) -> Plan:
    table = table_of("\n".join([header, *rows]) + "\n")
    samples = {
        h: [str(row.values[i]) for row in table.rows() if row.values[i]] for i, h in enumerate(table.headers)
    }
    mapping = guess_mapping(table.headers, samples, MENTOR, MIRRORED)
    return plan_responses(
        table,
        mapping,
        MENTOR,
        PairRole.MENTOR,
        known.get("people", {}),
        known.get("participants", {}),
        add_choices=add,
    )


def problems(found: Plan) -> list[tuple[int, str, str, str]]:
    return [(p.line, p.column, p.value, p.reason) for p in found.errors]


def test_guess_mapping_by_the_words_of_the_questions() -> None:
    headers = ["ID", *HEADER.split(","), "What do you hope for"]
    assert guess_mapping(headers, {"Role": ["Mentor", "Mentor"]}, MENTOR, {}) == {
        "Email": "person:email",
        "Name": "person:full_name",
        "Role": "person:role",
        "Country": "person:country",
        "Which tools can you show?": "question:tools",
        "Where do you work?": "question:place",
        "How satisfied are you (0-10)?": "question:mood",
        "Years of work experience": "question:years",
        "What do you hope for": "question:hope",
    }


def test_guess_mapping_of_mirrored_and_reworded_questions() -> None:
    headers = [
        "Which tools would you like to learn?",
        "How many years of work experience do you have?",
        "Role",
    ]
    assert guess_mapping(headers, {"Role": ["Analyst"]}, MENTOR, MIRRORED) == {
        "Which tools would you like to learn?": "question:tools",
        "How many years of work experience do you have?": "question:years",
        "Role": "person:title",
    }


def test_mapping_problems() -> None:
    headers = ["A", "B"]
    assert mapping_problems(headers, {"A": "question:tools", "B": "question:tools", "C": "x"}, MENTOR) == [
        '"Which tools can you show?" is chosen for several columns: A, B. Keep one.',
        '"x" is not a question of this questionnaire.',
        "Choose the column with the e-mail addresses: people are told apart by them.",
        "The file has no column named C.",
    ]
    assert mapping_problems(headers, {"A": "person:email"}, MENTOR) == [
        "Choose a question for at least one column."
    ]
    assert mapping_problems(headers, {"A": "person:email", "B": "question:mood"}, MENTOR) == []


def test_usable_drops_what_is_gone() -> None:
    mapping = {"A": "person:email", "B": "question:gone", "C": "question:mood"}
    assert usable(mapping, ["A", "B"], MENTOR) == {"A": "person:email"}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["C;C++", "C#"], ";"),
        (["C, C#", "C++, Chat (public, not work)"], ","),
        (["Chat (public, not work)"], ";"),
        (["C|Rust", "Go|Zig"], "|"),
        (["Rust;Go"], ";"),
        (["C\nC++"], "\n"),
        ([], ";"),
    ],
)
def test_guess_separator(cells: list[str], expected: str) -> None:
    assert guess_separator(cells, SEVERAL.keys_by_label) == expected


def test_plan_of_new_people() -> None:
    found = plan(
        'amara@x.example,Amara Osei,Mentor,Ghana,"C++;Chat (public, not work);c#",'
        '"Your choice (a, b)",7.0,21.0',
        "JUN@x.example,Jun Park,,Korea,,,,",
    )
    assert found.errors == []
    assert [(e.email, e.person, e.values) for e in found.entries] == [
        (
            "amara@x.example",
            {"first_name": "Amara", "last_name": "Osei", "country": "Ghana"},
            {
                "tools": ("c-plus-plus", "c-sharp", "chat-public-not-work"),
                "place": "your-choice-a-b",
                "mood": 7,
                "years": Decimal("21.0"),
            },
        ),
        ("jun@x.example", {"first_name": "Jun", "last_name": "Park", "country": "Korea"}, {}),
    ]
    assert found.counts() | {} == {
        "rows": 2,
        "people_new": 2,
        "people_known": 0,
        "people_filled": 0,
        "participants_new": 2,
        "participants_known": 0,
        "responses": 2,
        "unchanged": 0,
        "answers": 4,
        "answers_written": 4,
        "answers_replaced": 0,
        "errors": 0,
        "bad_rows": 0,
        "unknown_choices": 0,
        "choice_errors": 0,
        "other_errors": 0,
        "choices_added": 0,
    }
    assert found.notes == [
        '2 of 2 rows have no answer to "What do you hope for?", which the questionnaire needs.',
        "Several choices in one cell are told apart by: semicolon.",
    ]


def test_plan_names_every_error() -> None:
    found = plan(
        ",Nobody,Mentor,,,,,",
        "not an address,X,Mentor,,,,,",
        "a@x.example,A,Mentee,,,,11,NaN",
        "b@x.example,B,,,#REF!,Moon,,61",
        "c@x.example,C,,,Rust,,,",
        "d@x.example,D,,,,,,",
        "D@x.example,D,,,,,,",
    )
    assert problems(found) == [
        (2, "Email", "", "has no e-mail address"),
        (3, "Email", "not an address", "is not an e-mail address"),
        (4, "How satisfied are you (0-10)?", "11", "must be a whole number from 0 to 10"),
        (4, "Role", "Mentee", "is not the role of this import (Mentor)"),
        (4, "Years of work experience", "NaN", "is not a number; write it in digits, such as 21 or 7.5"),
        (5, "Where do you work?", "Moon", "is not among the choices of the question"),
        (5, "Which tools can you show?", "#REF!", "is an error of the spreadsheet; correct its formula"),
        (5, "Years of work experience", "61", "must be from 0 to 60"),
        (6, "Which tools can you show?", "Rust", "is not among the choices of the question"),
        (7, "Email", "d@x.example", "is also in row 8; keep one of them"),
        (8, "Email", "d@x.example", "is also in row 7; keep one of them"),
    ]
    assert found.entries == []
    assert found.counts()["choice_errors"] == 2


def test_plan_adds_choices() -> None:
    rows = ["a@x.example,A,,,Rust;C,,,", "b@x.example,B,,,rust;Zig (new, too);Rust,Moon,,"]
    refused = plan(*(row.replace("Zig (new, too)", "Zig") for row in rows))
    assert refused.unknown == {"tools": [("Rust", 2), ("rust", 1), ("Zig", 1)], "place": [("Moon", 1)]}
    found = plan(rows[0], 'b@x.example,B,,,"rust;Zig (new, too);Rust",Moon,,', add=True)
    assert found.errors == []
    assert found.added == {"tools": ["Rust", "rust", "Zig (new, too)"], "place": ["Moon"]}
    assert [entry.values for entry in found.entries] == [
        {"tools": ("c", "rust")},
        {"tools": ("rust", "zig-new-too"), "place": "moon"},
    ]
    assert list(found.definition.by_key["tools"].labels)[-2:] == ["rust", "zig-new-too"]


def test_plan_adds_no_choices_for_free_text() -> None:
    found = plan(*(f"p{n}@x.example,P,,,,Place {n},," for n in range(130)), add=True)
    assert found.added == {}
    assert len(found.errors) == 130
    assert found.errors[0].reason.startswith("is not among the choices; this column has 130 different ones")


def known_person(**more: Any) -> dict[str, KnownPerson]:
    values = {"id": 1, "name": "Amara Osei", "status": "active", "facts": ("Analyst", "", "", "", "", "")}
    return {"amara@x.example": KnownPerson(**{**values, **more})}


def known_participant(**more: Any) -> dict[int, KnownParticipant]:
    values = {"id": 5, "role": "mentor", "status": "joined", "submitted": True}
    return {1: KnownParticipant(**{**values, "values": {"tools": ("c",), "mood": 3}, **more})}


AMARA = "amara@x.example,Other Name,,Ghana,C,,7,"


def test_plan_of_known_people_fills_only_what_is_missing() -> None:
    found = plan(AMARA, people=known_person(), participants=known_participant())
    (entry,) = found.entries
    assert (entry.facts, entry.values, entry.replaced) == ({"country": "Ghana"}, {"mood": 7}, 1)
    assert (found.known_people, found.known_participants) == (1, 1)
    assert found.notes[0] == (
        "Row 2 is filled in by Other Name, but its address is that of Amara Osei on the roster. "
        "The answers go to Amara Osei."
    )


def test_plan_of_what_is_there_already_changes_nothing() -> None:
    facts = ("Analyst", "", "", "", "Ghana", "")
    found = plan(
        AMARA,
        people=known_person(facts=facts),
        participants=known_participant(values={"tools": ("c",), "mood": 7, "hope": "x"}),
    )
    assert (found.entries, found.unchanged) == ([], 1)


@pytest.mark.parametrize(
    ("person", "participant", "reason"),
    [
        ({"status": "left"}, {}, "has left the organization, by the roster"),
        ({}, {"role": "mentee"}, "takes part in this cohort as a mentee already"),
        ({}, {"status": "declined"}, "has declined to take part; invite them again first"),
        ({}, {"status": "withdrawn"}, "has withdrawn from this cohort; invite them again first"),
    ],
)
def test_plan_of_people_who_cannot_take_part(person: Any, participant: Any, reason: str) -> None:
    found = plan(AMARA, people=known_person(**person), participants=known_participant(**participant))
    assert problems(found) == [(2, "Email", "amara@x.example", reason)]


cells = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters='"'), max_size=30)


@given(st.lists(st.tuples(cells, cells, cells, cells), min_size=1, max_size=5))
def test_plan_of_any_cells_never_breaks(rows: list[tuple[str, ...]]) -> None:
    lines = [f"p{n}@x.example,P,,," + ",".join(f'"{cell}"' for cell in row) for n, row in enumerate(rows)]
    found = plan(*lines, add=True)
    assert len(found.entries) + len(found.bad_lines) + found.unchanged == found.rows


def test_plan_of_a_cell_with_more_choices_than_anybody_names() -> None:
    many = ";".join(f"tool {n}" for n in range(reading.LABELS_AT_MOST + 1))
    found = plan(f"ana@x.example,Ana Ruiz,,,{many},,,")
    assert [(e.line, e.column, e.reason) for e in found.errors] == [
        (2, "Which tools can you show?", "names more than 100 choices")
    ]


def test_plan_with_more_errors_than_a_worker_should_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft, "PROBLEMS_AT_MOST", 3)
    rows = [f",Person {n},,,,,," for n in range(4)]
    assert len(plan(*rows[:3]).errors) == 3
    with pytest.raises(NotAllowed, match="more than 3 errors"):
        plan(*rows)
