from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from matching.enums import Rule
from matching.models import Criterion, HardRule
from matching.queries.settings import criteria_of, rules_of
from matching.rules import WEIGHT_AT_MOST
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort
from programs.models import Cohort
from programs.templates_catalog import find_template

STANDARD_RULES = (Rule.REPORTING_LINE, Rule.EXCLUSION)


def ensure_criteria(*, cohort: Cohort, by: Actor) -> list[Criterion]:
    """A cohort's criteria and rules, copied from its program's template when they are first needed.

    Two pages opened at once fill them once: the cohort's row is locked while they are.
    """
    if not HardRule.objects.filter(cohort=cohort).exists():
        lock_cohort(cohort)
        if not HardRule.objects.filter(cohort=cohort).exists():
            _fill(cohort, by)
    return list(criteria_of(cohort))


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
    *, cohort: Cohort, weights: Mapping[str, int], rules: Mapping[str, bool], by: Actor
) -> bool:
    """Set weights by criterion key and switch rules on or off; takes effect at the next run.

    Answers whether anything changed. Something must count, else every pair would be as good as any.
    """
    lock_cohort(cohort)
    criteria = {one.key: one for one in criteria_of(cohort)}
    found = rules_of(cohort)
    if not weights.keys() <= criteria.keys() or not rules.keys() <= found.keys():
        raise NotAllowed(_("This cohort has no such criterion or rule. Open the page again."))
    if any(not 0 <= weight <= WEIGHT_AT_MOST for weight in weights.values()):
        raise NotAllowed(_("A weight is a whole number from 0 to 5."))
    if criteria and not any(weights.get(key, one.weight) for key, one in criteria.items()):
        raise NotAllowed(
            _("Give at least one criterion a weight over 0: otherwise all pairs score the same.")
        )
    changed_weights = {key: value for key, value in weights.items() if criteria[key].weight != value}
    changed_rules = {key: value for key, value in rules.items() if found[key].enabled != value}
    for key, weight in changed_weights.items():
        criteria[key].weight = weight
    for key, enabled in changed_rules.items():
        found[key].enabled = enabled
    Criterion.objects.bulk_update([criteria[key] for key in changed_weights], ["weight"])
    HardRule.objects.bulk_update([found[key] for key in changed_rules], ["enabled"])
    if not changed_weights and not changed_rules:
        return False
    audit.record("matching.settings_changed", cohort, by=by, weights=changed_weights, rules=changed_rules)
    return True
