"""What a cohort is matched by: criteria, hard rules, exclusions, rulings."""

from typing import Any

from django.db.models import QuerySet

from matching.enums import Rule, RulingKind
from matching.models import Criterion, Exclusion, HardRule, Ruling
from mentoring.queries.search import names_of, words_in
from programs.models import Cohort, Question


def criteria_of(cohort: Cohort) -> QuerySet[Criterion]:
    return Criterion.objects.filter(cohort=cohort).order_by("position", "id")


def rules_of(cohort: Cohort) -> dict[str, HardRule]:
    """By rule, in the order of the enum; `same_person` always holds and has no row."""
    rows = {row.rule: row for row in HardRule.objects.filter(cohort=cohort)}
    return {rule.value: rows[rule.value] for rule in Rule if rule.value in rows}


def exclusions() -> QuerySet[Exclusion]:
    return Exclusion.objects.select_related("person", "other", "created_by").order_by("-created_at", "-id")


def exclusions_found(words: str) -> QuerySet[Exclusion]:
    """Exclusions in which one of the two has all of these words in name or address."""
    return exclusions().filter(words_in(words, names_of("person")) | words_in(words, names_of("other")))


def rulings_of(cohort: Cohort) -> dict[tuple[int, int], str]:
    """(mentor, mentee) -> keep or never."""
    rows = Ruling.objects.filter(cohort=cohort).values_list("mentor_id", "mentee_id", "kind")
    return {(mentor, mentee): kind for mentor, mentee, kind in rows}


def settings_now(cohort: Cohort) -> dict[str, Any]:
    """What a run started now would go by, as its row keeps it: later changes count from the next run on."""
    ruled = rulings_of(cohort)
    return {
        "criteria": [
            {
                "key": one.key,
                "label": one.label,
                "comparator": one.comparator,
                "mentor_source": one.mentor_source,
                "mentee_source": one.mentee_source,
                "weight": one.weight,
            }
            for one in criteria_of(cohort)
        ],
        "rules": [rule for rule, row in rules_of(cohort).items() if row.enabled],
        "rulings": {
            kind.value: sorted(list(pair) for pair, said in ruled.items() if said == kind)
            for kind in RulingKind
        },
    }


def question_labels(cohort: Cohort) -> dict[tuple[str, str], str]:
    """(audience, question key) -> what is asked, in the newest version."""
    rows = (
        Question.objects.filter(questionnaire__program=cohort.program_id)
        .order_by("questionnaire__version")
        .values_list("questionnaire__audience", "key", "label")
    )
    return {(audience, key): label for audience, key, label in rows}
