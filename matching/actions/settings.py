from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from matching.actions.gaps import check_gap, check_group
from matching.enums import Method, Rule
from matching.models import Criterion, HardRule, MatchSettings
from matching.queries.settings import (
    criteria_of,
    match_settings_of,
    options_of,
    rules_of,
    sensitive_questions,
)
from matching.queries.sources import comparables, comparators_of, share_sources
from matching.rules import FORBIDDING, STABLE_ALONE, WEIGHT_AT_MOST, parse_source
from matching.run_settings import CriterionSetting
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort
from programs.models import Cohort
from programs.templates_catalog import find_template

STANDARD_RULES = (Rule.REPORTING_LINE, Rule.EARLIER_PARTNER)


def ensure_criteria(*, cohort: Cohort, by: Actor) -> list[Criterion]:
    """A cohort's criteria and rules, copied from its program's template when they are first needed.

    Two pages opened at once fill them once: the cohort's row is locked while they are. A rule that came with
    a later version of Upward is added switched off: what was set stays as it is.
    """
    if _missing_rules(cohort):
        lock_cohort(cohort)
        missing = _missing_rules(cohort)
        if len(missing) == len(STANDARD_RULES):
            _fill(cohort, by)
        else:
            new = [HardRule(cohort=cohort, rule=rule, enabled=False) for rule in missing]
            HardRule.objects.bulk_create(new)
    return list(criteria_of(cohort))


def _missing_rules(cohort: Cohort) -> list[Rule]:
    known = set(HardRule.objects.filter(cohort=cohort).values_list("rule", flat=True))
    return [rule for rule in STANDARD_RULES if rule not in known]


def _fill(cohort: Cohort, by: Actor) -> None:
    template = find_template(cohort.program.template_key)
    rules = [Rule(rule) for rule in template.rules] if template else list(STANDARD_RULES)
    HardRule.objects.bulk_create(
        [HardRule(cohort=cohort, rule=rule, enabled=rule in rules) for rule in STANDARD_RULES]
    )
    entries = template.criteria if template else ()
    Criterion.objects.bulk_create(
        [
            Criterion(
                cohort=cohort,
                key=entry.key,
                label=str(entry.label),
                comparator=entry.comparator,
                mentor_source=entry.mentor_source,
                mentee_source=entry.mentee_source,
                weight=entry.weight,
                position=position,
            )
            for position, entry in enumerate(entries)
        ]
    )
    audit.record("matching.criteria_filled", cohort, by=by, template=cohort.program.template_key)


def change_settings(
    *,
    cohort: Cohort,
    weights: Mapping[str, int],
    rules: Mapping[str, bool],
    by: Actor,
    relations: Mapping[str, str] | None = None,
) -> bool:
    """Set weights and comparisons by criterion key and switch rules on or off; counts from the next run on.

    Answers whether anything changed. Something must count, else every pair would be as good as any.
    """
    lock_cohort(cohort)
    criteria = {one.key: one for one in criteria_of(cohort)}
    found, relations = rules_of(cohort), relations or {}
    if not {*weights, *relations} <= criteria.keys() or not rules.keys() <= found.keys():
        raise NotAllowed(_("This cohort has no such criterion or rule. Open the page again."))
    if any(not 0 <= weight <= WEIGHT_AT_MOST for weight in weights.values()):
        raise NotAllowed(_("A weight is a whole number from 0 to 5."))
    changed_relations = {key: value for key, value in relations.items() if criteria[key].comparator != value}
    _check_relations(cohort, criteria, changed_relations)
    changed_weights = {key: value for key, value in weights.items() if criteria[key].weight != value}
    changed_rules = {key: value for key, value in rules.items() if found[key].enabled != value}
    for key, weight in changed_weights.items():
        criteria[key].weight = weight
    for key, comparator in changed_relations.items():
        criteria[key].comparator = comparator
    check_something_counts(criteria.values())
    check_confidence(cohort, criteria.values())
    for key, enabled in changed_rules.items():
        found[key].enabled = enabled
    changed = [criteria[key] for key in {**changed_weights, **changed_relations}]
    Criterion.objects.bulk_update(changed, ["weight", "comparator"])
    HardRule.objects.bulk_update([found[key] for key in changed_rules], ["enabled"])
    if not changed and not changed_rules:
        return False
    facts: dict[str, Any] = {
        "weights": changed_weights,
        "relations": changed_relations,
        "rules": changed_rules,
    }
    audit.record(
        "matching.settings_changed", cohort, by=by, **{name: what for name, what in facts.items() if what}
    )
    return True


def _check_relations(cohort: Cohort, criteria: Mapping[str, Criterion], changed: Mapping[str, str]) -> None:
    if not changed:
        return
    offered = comparables(cohort)
    for key, comparator in changed.items():
        if comparator not in comparators_of(criteria[key], offered):
            raise NotAllowed(
                _("“%(label)s” cannot be compared like that. Choose one of the comparisons shown.")
                % {"label": criteria[key].label}
            )


def check_something_counts(criteria: Iterable[Criterion | CriterionSetting]) -> None:
    """Of the criteria that give points, one at least must weigh something. Rules alone are fine."""
    weights = [one.weight for one in criteria if one.comparator not in FORBIDDING]
    if weights and not any(weights):
        raise NotAllowed(
            _("Give at least one criterion a weight over 0: otherwise all pairs score the same.")
        )


def check_confidence(cohort: Cohort, criteria: Iterable[Criterion | CriterionSetting]) -> None:
    """What people answered in confidence is no rule, also where it was made one before the question became
    sensitive; and it weighs at the most as much as all the rest: with nothing beside it, a score, or a lowest
    one, would tell of everybody who answered alike."""
    criteria, sensitive = list(criteria), sensitive_questions(cohort)

    def confided(one: Criterion | CriterionSetting) -> bool:
        sources = (parse_source(one.mentor_source), parse_source(one.mentee_source))
        return any(source.is_question and sensitive & set(source.keys) for source in sources)

    for one in criteria:
        if one.comparator in FORBIDDING and confided(one):
            raise NotAllowed(
                _(
                    "“%(label)s” compares what people answered in confidence, so it cannot be a rule. Choose "
                    "another comparison for it, or remove it."
                )
                % {"label": one.label}
            )
    weighing = [one for one in criteria if one.comparator not in FORBIDDING]
    heavy = sum(one.weight for one in weighing if confided(one))
    if 2 * heavy > sum(one.weight for one in weighing):
        raise NotAllowed(
            _(
                "What people answered in confidence may weigh as much as everything else together, and not "
                "more: otherwise the scores would tell who answered alike. Give other criteria more weight."
            )
        )


def change_options(*, cohort: Cohort, options: Mapping[str, Any], by: Actor) -> bool:
    """What runs aim at beside criteria and rules: fields of `MatchSettings`, those left out stay. Answers
    whether anything changed."""
    lock_cohort(cohort)
    own = match_settings_of(cohort)
    changed = {name: value for name, value in options.items() if getattr(own, name) != value}
    for name, value in changed.items():
        setattr(own, name, value)
    if not changed:
        return False
    _check_options(cohort, own)
    if changed.get("gap_group"):
        check_group(cohort, own.gap_group)
    own.save()
    audit.record("matching.options_changed", cohort, by=by, **changed)
    return True


def _check_options(cohort: Cohort, own: MatchSettings) -> None:
    if own.floor is not None and not 0 <= own.floor <= 100:
        raise NotAllowed(_("The lowest score is a whole number from 0 to 100."))
    if bool(own.share_source) != (own.share_percent is not None):
        raise NotAllowed(_("A share needs both: what the pairs differ in, and how many of 100 pairs."))
    if own.share_percent is not None and not 1 <= own.share_percent <= 100:
        raise NotAllowed(_("A share is a whole number from 1 to 100."))
    known = {one.mentor_source for one in share_sources(comparables(cohort).values())}
    if own.share_source and own.share_source not in known:
        raise NotAllowed(_("There is nothing like that to compare in this cohort. Open the page again."))
    if own.method == Method.STABLE and (own.best_worst or own.share_source):
        raise NotAllowed(STABLE_ALONE)
    if bool(own.gap_group) != (own.gap_within is not None):
        raise NotAllowed(_("A gap needs both: whose it is, and how near they shall come to everybody else."))
    check_gap(options_of(own))
