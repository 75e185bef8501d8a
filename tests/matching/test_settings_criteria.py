"""Criteria one by one: what is offered, what fits, and what is refused."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from matching.actions.criteria import add_criterion, change_criterion, remove_criterion
from matching.actions.settings import change_settings, ensure_criteria
from matching.models import Criterion
from matching.queries.settings import criteria_of
from matching.queries.sources import comparables, share_sources
from mentoring.models import AuditEvent, Person
from mentoring.rules import NotAllowed
from programs.enums import PairRole, QuestionnaireStatus, QuestionType
from programs.models import Choice, Cohort, Question, Questionnaire
from tests.cast import Cast
from tests.matching.making import CRITERIA, Someone, add_participants, make_cohort
from tests.matching.pages import text, url

RELATIONS = ("must_differ", "different", "same", "must_match")


def ask(cast: Cast, role: PairRole, key: str, kind: QuestionType, choices: str = "", **more: Any) -> None:
    """One more question in the published questionnaire of a role; tests may write where nobody else may."""
    questionnaire = Questionnaire.objects.get(
        program=cast.program, audience=role, status=QuestionnaireStatus.PUBLISHED
    )
    question = Question.objects.create(
        questionnaire=questionnaire, key=key, type=kind, label=f"{key} of the {role}", position=90, **more
    )
    for position, choice in enumerate(choices.split()):
        Choice.objects.create(question=question, key=choice, label=choice, position=position)


def test_everything_known_of_both_sides_is_offered_with_what_fits(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        offered = comparables(small)
        fits = {key: [one.value for one in compared.comparators] for key, compared in offered.items()}
    assert fits == {
        "person:unit": [*RELATIONS],
        "person:job_family": [*RELATIONS],
        "person:title": [*RELATIONS],
        "person:location": [*RELATIONS],
        "person:country": [*RELATIONS],
        "person:region": [*RELATIONS],
        "person:time_zone": ["hours", *RELATIONS],
        "person:language": [*RELATIONS],
        "person:level": [*RELATIONS, "close"],
        "question:skills": ["covers", "returns", "overlap"],
        "question:insights": ["covers", "returns", "overlap"],
        "question:interests": ["covers", "returns", "overlap"],
        "question:style": ["close", "skill_gap"],
        "question:meeting_mode": [*RELATIONS],
        "question:experience": [*RELATIONS],
        "question:years_of_experience": ["close", "skill_gap"],
    }


def test_questions_of_one_side_only_are_offered_where_choices_are_alike(
    northwind: Cast, small: Cohort
) -> None:
    several, single = QuestionType.SEVERAL_CHOICES, QuestionType.SINGLE_CHOICE
    with northwind.scope():
        ask(northwind, PairRole.MENTOR, "hopes", several, "strategy careers sales")
        ask(northwind, PairRole.MENTEE, "stories", several, "strategy careers finance law")
        ask(northwind, PairRole.MENTEE, "other", several, "strategy tea coffee")
        ask(northwind, PairRole.MENTEE, "one", single, "strategy careers sales")
        ask(northwind, PairRole.MENTEE, "number", QuestionType.NUMBER)
        found = {key: one for key, one in comparables(small).items() if "hopes" in key}
    assert list(found) == ["question:hopes~question:stories", "question:hopes~question:one"]
    assert {one.shape for one in found.values()} == {"choices"}
    assert (found["question:hopes~question:stories"].mentor_text) == "hopes of the mentor"


def test_questions_under_one_heading_are_offered_together(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        for role in PairRole:
            for key in ("tools", "clouds", "models"):
                ask(northwind, role, key, QuestionType.SEVERAL_CHOICES, "a b", section="Technology")
        compared = comparables(small)["question:tools+clouds+models"]
    assert (compared.label, compared.confidential) == ("Technology: all 3 questions together", False)


def test_further_roster_columns_are_offered_as_confidential(northwind: Cast, fabrikam: Cast) -> None:
    with fabrikam.scope():
        make_cohort(fabrikam, [Someone("Fay One", person={"attributes": {"Union": "yes"}})], [])
    with northwind.scope():
        cohort = make_cohort(
            northwind,
            [Someone("Ada One", person={"attributes": {"Gender": "f", "A+B": "x", "unit": "IT"}})],
            [Someone("Uma Four", person={"attributes": {"Club": "chess"}})],
        )
        Person.objects.create(first_name="Not", last_name="Here", attributes={"Elsewhere": "1"})
        further = [(one.key, one.confidential) for one in comparables(cohort).values() if one.confidential]
        shares = {one.mentor_source for one in share_sources(comparables(cohort).values())}
    assert further == [("person:Club", True), ("person:Gender", True)]
    assert {"person:Gender", "person:region", "question:meeting_mode"} <= shares
    assert not {"person:A+B", "question:skills", "question:style"} & shares


def test_sensitive_answers_add_points_and_are_no_rule(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        for role in PairRole:
            ask(northwind, role, "age", QuestionType.SINGLE_CHOICE, "young old", sensitive=True)
        compared = comparables(small)["question:age"]
        ensure_criteria(cohort=small, by=northwind.by)
        assert [one.value for one in compared.comparators] == ["different", "same"]
        assert "question:age" not in {one.key for one in share_sources(comparables(small).values())}
        added = add(northwind, small, "question:age", "different")
        with pytest.raises(NotAllowed, match="cannot be compared like that"):
            add(northwind, small, "question:age", "must_differ")
        with pytest.raises(NotAllowed, match="cannot be compared like that"):
            change_settings(
                cohort=small, weights={}, rules={}, relations={added.key: "must_match"}, by=northwind.by
            )


def add(cast: Cast, cohort: Cohort, source: str, comparator: str, **more: Any) -> Criterion:
    values = {"weight": 2, "label": "", **more}
    return add_criterion(cohort=cohort, source=source, comparator=comparator, by=cast.by, **values)


def test_add_criterion_puts_it_last_and_names_it(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        ensure_criteria(cohort=small, by=northwind.by)
        country = add(northwind, small, "person:country", "must_differ")
        level = add(northwind, small, "person:level", "close", label=" Same  rank ", weight=0)
        again = add(northwind, small, "question:skills", "returns")
        assert [(one.key, one.position) for one in criteria_of(small)][-3:] == [
            ("country", 8),
            ("level", 9),
            ("skills", 10),
        ]
        assert (country.label, level.label) == ("Country: must differ", "Same  rank")
        assert again.label == "What would you like to learn?: mentee can show what the mentor wants"
        event = AuditEvent.objects.filter(action="matching.criterion_added").order_by("pk")[0]
        facts = {"cohort": small.pk, "key": "country", "comparator": "must_differ", "weight": 2}
        assert (event.object_id, event.data) == (country.pk, facts)


@pytest.mark.parametrize(
    ("source", "comparator", "more", "said"),
    [
        ("person:shoe_size", "different", {}, "nothing like that"),
        ("person:region", "covers", {}, "cannot be compared like that"),
        ("question:skills", "close", {}, "cannot be compared like that"),
        ("person:region", "different", {"weight": 6}, "from 0 to 5"),
        ("person:unit", "same", {}, "“From different units” compares that already"),
        ("question:skills", "covers", {}, "compares that already"),
    ],
)
def test_add_criterion_refuses(
    northwind: Cast, small: Cohort, source: str, comparator: str, more: dict[str, Any], said: str
) -> None:
    with northwind.scope():
        ensure_criteria(cohort=small, by=northwind.by)
        with pytest.raises(NotAllowed, match=said):
            add(northwind, small, source, comparator, **more)
        assert Criterion.objects.filter(cohort=small).count() == len(CRITERIA)
        assert not AuditEvent.objects.filter(action="matching.criterion_added").exists()


def test_add_criterion_key_is_never_one_that_is_taken(northwind: Cast) -> None:
    with northwind.scope():
        someone = Someone("Ada One", person={"attributes": {"Picks": "1", "Confidential": "2", "  ": "3"}})
        cohort = make_cohort(northwind, [someone], [])
        names = ("person:Picks", "person:Confidential", "person:  ")
        keys = [add(northwind, cohort, name, "same").key for name in names]
    assert keys == ["picks-2", "confidential-2", "criterion"]


def test_change_criterion_moves_and_compares_otherwise(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        unit = next(one for one in ensure_criteria(cohort=small, by=northwind.by) if one.key == "unit")
        values = {"label": "Units", "comparator": "must_differ", "weight": 3, "place": 1}
        assert change_criterion(criterion=unit, **values, by=northwind.by) is True
        assert change_criterion(criterion=unit, **values, by=northwind.by) is False
        order = list(criteria_of(small).values_list("key", "label", "comparator", "weight", "position"))
        assert order[0] == ("unit", "Units", "must_differ", 3, 0)
        assert [key for key, *_rest in order[1:]] == [key for key in CRITERIA if key != "unit"]
        event = AuditEvent.objects.get(action="matching.criterion_changed")
        assert (event.data["place"], event.data["comparator"]) == (1, "must_differ")


def test_change_criterion_refuses_what_does_not_fit(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        style = next(one for one in ensure_criteria(cohort=small, by=northwind.by) if one.key == "style")
        values = {"label": "", "weight": 1, "place": 1}
        with pytest.raises(NotAllowed, match="cannot be compared like that"):
            change_criterion(criterion=style, comparator="covers", **values, by=northwind.by)
        Criterion.objects.filter(cohort=small).exclude(key__in=("style", "learning_goals")).delete()
        Criterion.objects.filter(cohort=small).update(weight=0)
        with pytest.raises(NotAllowed, match="at least one criterion"):
            change_criterion(
                criterion=style, label="", comparator="skill_gap", weight=0, place=1, by=northwind.by
            )


def test_change_criterion_whose_question_is_gone_keeps_its_comparison(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        style = next(one for one in ensure_criteria(cohort=small, by=northwind.by) if one.key == "style")
        Question.objects.filter(key="style").update(type=QuestionType.SHORT_TEXT)
        values = {"label": "Style", "weight": 2, "place": 5}
        with pytest.raises(NotAllowed, match="cannot be compared like that"):
            change_criterion(criterion=style, comparator="skill_gap", **values, by=northwind.by)
        assert change_criterion(criterion=style, comparator="close", **values, by=northwind.by)


def test_remove_criterion_leaves_something_that_counts(northwind: Cast, small: Cohort) -> None:
    with northwind.scope():
        criteria = {one.key: one for one in ensure_criteria(cohort=small, by=northwind.by)}
        remove_criterion(criterion=criteria["unit"], by=northwind.by)
        assert AuditEvent.objects.get(action="matching.criterion_removed").data["key"] == "unit"
        others = [key for key in CRITERIA if key not in ("unit", "learning_goals")]
        change_settings(cohort=small, weights=dict.fromkeys(others, 0), rules={}, by=northwind.by)
        with pytest.raises(NotAllowed, match="at least one criterion"):
            remove_criterion(criterion=criteria["learning_goals"], by=northwind.by)
        for key in (*others, "learning_goals"):
            remove_criterion(criterion=criteria[key], by=northwind.by)
        assert Criterion.objects.filter(cohort=small).count() == 0


def test_add_by_page_lists_then_asks_how(northwind: Cast, small: Cohort, client: Client) -> None:
    page = text(client.get(url("criterion_add", small.pk)))
    assert "From the roster" in page
    assert "?compare=person%3Acountry" in page
    assert "From different units" in page  # what compares it already
    form = text(client.get(url("criterion_add", small.pk) + "?compare=person:country"))
    assert "Must differ" in form
    assert "More points, the more both have in common." not in form
    data = {"compare": "person:country", "comparator": "different", "weight": "4", "label": ""}
    assert client.post(url("criterion_add", small.pk), data).status_code == 302
    with northwind.scope():
        added = Criterion.objects.get(cohort=small, key="country")
    assert (added.comparator, added.weight, added.label) == ("different", 4, "Country: better different")
    answer = client.post(url("criterion_add", small.pk), data)
    assert (answer.status_code, "compares that already" in text(answer)) == (422, True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"comparator": "covers"}, "cannot be compared like that"),
        ({"comparator": ""}, "required"),
        ({"weight": "9"}, "valid choice"),
        ({"compare": "person:shoe_size"}, "nothing like that to compare"),
        ({"label": "x" * 151}, "150"),
    ],
)
def test_add_by_page_refuses(small: Cohort, client: Client, change: dict[str, str], said: str) -> None:
    data = {"compare": "person:country", "comparator": "different", "weight": "4", "label": "", **change}
    answer = client.post(url("criterion_add", small.pk), data)
    assert (answer.status_code, said in text(answer)) == (422, True)


def test_change_and_remove_by_page(northwind: Cast, small: Cohort, client: Client) -> None:
    client.get(url("match_settings", small.pk))
    with northwind.scope():
        unit = Criterion.objects.get(cohort=small, key="unit")
        foreign = Criterion.objects.create(
            cohort=northwind.cohort, key="x", label="X", comparator="same", mentor_source="person:unit"
        )
    address = url("criterion", small.pk, unit.pk)
    assert "From different units" in text(client.get(address))
    data = {"comparator": "must_match", "weight": "1", "label": "Same unit", "place": "2"}
    assert client.post(address, data).status_code == 302
    page = text(client.get(url("match_settings", small.pk)))
    assert "Same unit" in page
    assert "A rule" in page
    assert client.post(address, {**data, "place": "99"}).status_code == 422
    assert client.get(url("criterion", small.pk, foreign.pk)).status_code == 404
    assert client.post(url("criterion_remove", small.pk, foreign.pk)).status_code == 404
    assert client.post(url("criterion_remove", small.pk, unit.pk)).status_code == 302
    with northwind.scope():
        keys = list(criteria_of(small).values_list("key", flat=True))
    assert keys == [key for key in CRITERIA if key != "unit"]


@pytest.mark.parametrize("page", ["match_settings", "criterion_add"])
def test_queries_do_not_grow_with_criteria(northwind: Cast, small: Cohort, client: Client, page: str) -> None:
    client.get(url(page, small.pk))
    with CaptureQueriesContext(connection) as few:
        client.get(url(page, small.pk))
    with northwind.scope():
        for source in ("person:title", "person:country", "person:language", "question:meeting_mode"):
            add(northwind, small, source, "different")
        for number in range(8):
            ask(northwind, PairRole.MENTOR, f"more{number}", QuestionType.SINGLE_CHOICE, "a b")
            ask(northwind, PairRole.MENTEE, f"more{number}", QuestionType.SINGLE_CHOICE, "a b")
        add_participants(
            small,
            PairRole.MENTOR,
            [Someone(f"M {n}", person={"attributes": {f"C{n}": "1"}}) for n in range(5)],
        )
    with CaptureQueriesContext(connection) as many:
        assert client.get(url(page, small.pk)).status_code == 200
    assert len(many) == len(few)
