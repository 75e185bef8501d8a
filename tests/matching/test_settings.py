import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.actions.settings import change_settings, ensure_criteria
from matching.models import Criterion, HardRule
from matching.queries.settings import settings_now
from matching.rules import parse_source
from matching.run_settings import Changes
from mentoring.actors import Actor
from mentoring.rules import NotAllowed
from programs.models import Cohort
from programs.templates_catalog import CATALOGUE
from tests.cast import Cast, make_cast
from tests.together import at_once


@pytest.mark.django_db(transaction=True)
def test_two_first_visits_at_once_fill_the_criteria_once() -> None:
    cast = make_cast("northwind", "Northwind")

    def visit() -> None:
        with cast.scope():
            ensure_criteria(cohort=Cohort.objects.get(pk=cast.cohort.pk), by=Actor.system("test"))

    at_once(*[visit] * 4)
    with cast.scope():
        assert (Criterion.objects.count(), HardRule.objects.count()) == (8, 2)


def test_program_without_its_template_has_rules_and_no_criteria(northwind: Cast) -> None:
    with northwind.scope():
        northwind.program.template_key = "gone"
        northwind.program.save()
        assert ensure_criteria(cohort=northwind.cohort, by=northwind.by) == []
        rules = HardRule.objects.order_by("id").values_list("rule", "enabled")
        assert list(rules) == [("reporting_line", True), ("earlier_partner", True)]
        assert settings_now(northwind.cohort).rules == ("reporting_line", "earlier_partner", "exclusion")


def test_exclusion_list_is_not_switched_off(northwind: Cast) -> None:
    """People rely on it: neither for a cohort nor for one run."""
    with northwind.scope():
        ensure_criteria(cohort=northwind.cohort, by=northwind.by)
        with pytest.raises(NotAllowed, match="no such criterion or rule"):
            change_settings(cohort=northwind.cohort, weights={}, rules={"exclusion": False}, by=northwind.by)
        now = settings_now(northwind.cohort)
    off = {"exclusion": False, "reporting_line": False, "earlier_partner": False}
    assert now.changed(Changes(rules=off)).rules == ("exclusion",)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    weights=st.dictionaries(
        st.sampled_from(["learning_goals", "interests", "unit", "location", "style", "unknown"]),
        st.integers(-2, 8),
    )
)
def test_weights_are_taken_whole_or_not_at_all(northwind: Cast, weights: dict[str, int]) -> None:
    with northwind.scope():
        ensure_criteria(cohort=northwind.cohort, by=northwind.by)
        before = dict(Criterion.objects.values_list("key", "weight"))
        after = before | weights
        fine = (
            "unknown" not in weights
            and all(0 <= weight <= 5 for weight in weights.values())
            and any(after.values())
        )
        if fine:
            changed = change_settings(cohort=northwind.cohort, weights=weights, rules={}, by=northwind.by)
            assert changed == (after != before)
        else:
            with pytest.raises(NotAllowed):
                change_settings(cohort=northwind.cohort, weights=weights, rules={}, by=northwind.by)
        assert dict(Criterion.objects.values_list("key", "weight")) == (after if fine else before)


@pytest.mark.parametrize("key", CATALOGUE)
def test_templates_name_questions_that_both_sides_are_asked(key: str) -> None:
    template = CATALOGUE[key]
    for criterion in template.criteria:
        for text, questions in (
            (criterion.mentor_source, template.mentor_questions),
            (criterion.mentee_source, template.mentee_questions),
        ):
            source = parse_source(text)
            if source.is_question:
                assert set(source.keys) <= {question.key for question in questions}
    assert [one.weight for one in template.criteria if one.comparator == "covers"] == [5]
    assert max(one.weight for one in template.criteria if one.comparator != "covers") == 1
