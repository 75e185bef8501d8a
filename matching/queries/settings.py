"""What a cohort is matched by: criteria, hard rules, exclusions, rulings."""

from typing import Any

from django.db.models import QuerySet

from matching.enums import Rule, RulingKind
from matching.models import Criterion, Exclusion, HardRule, MatchSettings, Ruling
from matching.run_settings import (
    CriterionSetting,
    GapAim,
    Options,
    Rulings,
    Settings,
    ShareAim,
    rules_with,
)
from mentoring.enums import PersonStatus
from mentoring.queries.members import with_author
from mentoring.queries.search import names_of, words_in
from programs.enums import MatchingMode
from programs.models import Cohort, Question

# Rules that no champion switches off: people rely on them.
ALWAYS = (Rule.SAME_PERSON, Rule.EXCLUSION)


def criteria_of(cohort: Cohort) -> QuerySet[Criterion]:
    return Criterion.objects.filter(cohort=cohort).order_by("position", "id")


def rules_of(cohort: Cohort) -> dict[str, HardRule]:
    """Those that a champion can switch, by rule in the order of the enum."""
    rows = {row.rule: row for row in HardRule.objects.filter(cohort=cohort)}
    return {rule.value: rows[rule.value] for rule in Rule if rule.value in rows and rule not in ALWAYS}


def exclusions() -> QuerySet[Exclusion]:
    return with_author(Exclusion.objects.select_related("person", "other")).order_by("-created_at", "-id")


def exclusions_found(words: str) -> QuerySet[Exclusion]:
    """Exclusions in which one of the two has all of these words in name or address. Of people who have left
    they hold, should these come back, and are not listed."""
    between_present = (
        exclusions().exclude(person__status=PersonStatus.LEFT).exclude(other__status=PersonStatus.LEFT)
    )
    return between_present.filter(words_in(words, names_of("person")) | words_in(words, names_of("other")))


def match_settings_of(cohort: Cohort) -> MatchSettings:
    """The cohort's row, or the defaults (unsaved) while it has none."""
    return MatchSettings.objects.filter(cohort=cohort).first() or MatchSettings(cohort=cohort)


def settings_now(cohort: Cohort) -> Settings:
    """What a run started now would go by; the run keeps it, so that later changes count from the next on."""
    return Settings(
        criteria=tuple(
            CriterionSetting(
                one.key, one.label, one.comparator, one.mentor_source, one.mentee_source, one.weight
            )
            for one in criteria_of(cohort)
        ),
        rules=rules_with(rule for rule, row in rules_of(cohort).items() if row.enabled),
        rulings=_rulings(cohort),
        options=options_of(match_settings_of(cohort)),
        picks=cohort.matching_mode != MatchingMode.ASSIGNED,
    )


def _rulings(cohort: Cohort) -> Rulings:
    ruled = {(one.mentor_id, one.mentee_id): one for one in Ruling.objects.filter(cohort=cohort)}
    kept = {ids: one for ids, one in ruled.items() if one.kind == RulingKind.KEEP}
    return Rulings(
        keep=frozenset(kept),
        never=frozenset(ids for ids, one in ruled.items() if one.kind == RulingKind.NEVER),
        overrides={ids: tuple(sorted(one.overrides)) for ids, one in kept.items() if one.overrides},
    )


def options_of(own: MatchSettings) -> Options:
    share, gap = None, None
    if own.share_source and own.share_percent:
        share = ShareAim(own.share_source, own.share_percent)
    if own.gap_group and own.gap_within is not None:
        gap = GapAim(own.gap_group, own.gap_within)
    return Options(
        floor=own.floor,
        best_worst=own.best_worst,
        share=share,
        gap=gap,
        method=str(own.method),
        priority=own.priority,
    )


def fields_of(options: Options) -> dict[str, Any]:
    """The fields of `MatchSettings` that say this: `options_of` turned around."""
    return {
        "floor": options.floor,
        "best_worst": options.best_worst,
        "share_source": options.share.source if options.share else "",
        "share_percent": options.share.percent if options.share else None,
        "gap_group": options.gap.group if options.gap else "",
        "gap_within": options.gap.within if options.gap else None,
        "method": options.method,
        "priority": options.priority,
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
