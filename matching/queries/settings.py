"""What a cohort is matched by: criteria, hard rules, exclusions, rulings."""

from typing import Any

from django.db.models import QuerySet

from matching.enums import Rule, RulingKind
from matching.models import Criterion, Exclusion, HardRule, MatchSettings, Ruling
from mentoring.queries.search import names_of, words_in
from programs.enums import MatchingMode, PairRole
from programs.models import Cohort, Question

# Rules that no champion switches off: people rely on them.
ALWAYS = (Rule.SAME_PERSON, Rule.EXCLUSION)


def criteria_of(cohort: Cohort) -> QuerySet[Criterion]:
    return Criterion.objects.filter(cohort=cohort).order_by("position", "id")


def rules_of(cohort: Cohort) -> dict[str, HardRule]:
    """Those that a champion can switch, by rule in the order of the enum."""
    rows = {row.rule: row for row in HardRule.objects.filter(cohort=cohort)}
    return {rule.value: rows[rule.value] for rule in Rule if rule.value in rows and rule not in ALWAYS}


def rules_with(switched_on: set[str]) -> list[str]:
    """What holds beside that nobody meets oneself: the exclusion list, whatever is switched."""
    return [rule.value for rule in Rule if rule.value in switched_on or rule == Rule.EXCLUSION]


def exclusions() -> QuerySet[Exclusion]:
    return Exclusion.objects.select_related("person", "other", "created_by").order_by("-created_at", "-id")


def exclusions_found(words: str) -> QuerySet[Exclusion]:
    """Exclusions in which one of the two has all of these words in name or address."""
    return exclusions().filter(words_in(words, names_of("person")) | words_in(words, names_of("other")))


def match_settings_of(cohort: Cohort) -> MatchSettings:
    """The cohort's row, or the defaults (unsaved) while it has none."""
    return MatchSettings.objects.filter(cohort=cohort).first() or MatchSettings(cohort=cohort)


def settings_now(cohort: Cohort) -> dict[str, Any]:
    """What a run started now would go by, as its row keeps it: later changes count from the next run on.

    `overrides` are [mentor, mentee, [rules that keeping them breaks]]. `picks`: whether people's picks
    count. `seats`: extra seats for everybody of a role, which only a what-if has. Rows of before lack
    `overrides`, `options`, `picks` and `seats`.
    """
    ruled = list(Ruling.objects.filter(cohort=cohort).order_by("mentor_id", "mentee_id"))
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
        "rules": rules_with({rule for rule, row in rules_of(cohort).items() if row.enabled}),
        "rulings": {
            **{
                kind.value: [[one.mentor_id, one.mentee_id] for one in ruled if one.kind == kind]
                for kind in RulingKind
            },
            "overrides": [
                [one.mentor_id, one.mentee_id, sorted(one.overrides)]
                for one in ruled
                if one.kind == RulingKind.KEEP and one.overrides
            ],
        },
        "options": options_of(match_settings_of(cohort)),
        "picks": cohort.matching_mode != MatchingMode.ASSIGNED,
        "seats": {role.value: 0 for role in PairRole},
    }


def options_of(own: MatchSettings) -> dict[str, Any]:
    share = {"source": own.share_source, "percent": own.share_percent}
    return {
        "floor": own.floor,
        "best_worst": own.best_worst,
        "share": share if all(share.values()) else None,
        "method": str(own.method),
        "priority": own.priority,
    }


def fields_of(options: dict[str, Any]) -> dict[str, Any]:
    """The fields of `MatchSettings` that say this: `options_of` turned around."""
    share = options["share"] or {"source": "", "percent": None}
    plain = {name: value for name, value in options.items() if name != "share"}
    return {**plain, "share_source": share["source"], "share_percent": share["percent"]}


def overlaid(settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`settings` with the changes of one run: `weights` and `relations` (comparators) by criterion key,
    `rules` on or off, `options`, extra `seats`, and `rulings` (each kind given replaces the cohort's)."""
    weights, relations = changes.get("weights", {}), changes.get("relations", {})
    switches = changes.get("rules", {})
    wanted = {*settings["rules"], *switches} - {rule for rule, on in switches.items() if not on}
    return {
        **settings,
        "criteria": [
            {
                **one,
                "weight": weights.get(one["key"], one["weight"]),
                "comparator": relations.get(one["key"], one["comparator"]),
            }
            for one in settings["criteria"]
        ],
        "rules": rules_with(wanted),
        "rulings": settings["rulings"] | changes.get("rulings", {}),
        "options": settings["options"] | changes.get("options", {}),
        "seats": settings["seats"] | changes.get("seats", {}),
    }


def question_labels(cohort: Cohort) -> dict[tuple[str, str], str]:
    """(audience, question key) -> what is asked, in the newest version."""
    rows = (
        Question.objects.filter(questionnaire__program=cohort.program_id)
        .order_by("questionnaire__version")
        .values_list("questionnaire__audience", "key", "label")
    )
    return {(audience, key): label for audience, key, label in rows}


def sensitive_questions(cohort: Cohort) -> set[str]:
    """Keys of what is or was asked in confidence, in any version."""
    asked = Question.objects.filter(questionnaire__program=cohort.program_id, sensitive=True)
    return set(asked.order_by().values_list("key", flat=True))
