"""Criteria one by one: added from what both sides have in common, changed, taken away."""

from collections.abc import Sequence
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from matching.actions.settings import check_confidence, check_something_counts
from matching.models import Criterion
from matching.queries.settings import criteria_of
from matching.queries.sources import Comparable, comparables, comparators_of
from matching.rules import WEIGHT_AT_MOST, clash, parse_source
from mentoring.actions import audit
from mentoring.actors import Actor
from mentoring.queries.locks import locked
from mentoring.rules import NotAllowed
from programs.actions.cohorts import lock_cohort
from programs.models import Cohort

LABEL_LENGTH = 150
KEY_LENGTH = 50
CRITERIA_AT_MOST = 40
# Entries of a proposal's contributions that are no criterion.
RESERVED_KEYS = ("picks", "confidential")


def add_criterion(
    *, cohort: Cohort, source: str, comparator: str, weight: int, label: str, by: Actor
) -> Criterion:
    """One more criterion at the end of the list; `source` is a key of `comparables`. Counts from the next
    run on."""
    lock_cohort(cohort)
    compared = comparables(cohort).get(source)
    if compared is None:
        raise NotAllowed(_("There is nothing like that to compare in this cohort. Open the page again."))
    criteria = list(criteria_of(cohort))
    _check(compared, comparator, weight, criteria)
    if len(criteria) >= CRITERIA_AT_MOST:
        raise NotAllowed(
            _("A cohort has %(most)s criteria at most. Remove one first.") % {"most": CRITERIA_AT_MOST}
        )
    criterion = Criterion(
        cohort=cohort,
        key=_free_key(compared, {one.key for one in criteria}),
        label=label.strip()[:LABEL_LENGTH] or default_label(compared, comparator),
        comparator=comparator,
        mentor_source=compared.mentor_source,
        mentee_source=compared.mentee_source,
        weight=weight,
        position=max((one.position for one in criteria), default=-1) + 1,
    )
    check_confidence(cohort, [*criteria, criterion])
    criterion.save()
    audit.record("matching.criterion_added", criterion, by=by, cohort=cohort.pk, **_facts(criterion))
    return criterion


def change_criterion(
    *, criterion: Criterion, label: str, comparator: str, weight: int, place: int, by: Actor
) -> bool:
    """Its name, its comparison, its weight and its place in the list (from 1). Answers whether anything
    changed."""
    lock_cohort(criterion.cohort)
    criteria = list(criteria_of(criterion.cohort))
    own = next((one for one in criteria if one.pk == criterion.pk), None)
    if own is None:
        raise NotAllowed(_("This criterion was removed meanwhile. Open the page again."))
    before = (own.label, own.comparator, own.weight, criteria.index(own) + 1)
    offered = comparables(criterion.cohort)
    if comparator not in comparators_of(own, offered):
        raise NotAllowed(
            _("These answers cannot be compared like that. Choose one of the comparisons shown.")
        )
    _check_weight(weight)
    others = [one for one in criteria if one.pk != own.pk]
    _check_clash(own.mentor_source, own.mentee_source, comparator, others)
    own.label = label.strip()[:LABEL_LENGTH] or own.label
    own.comparator, own.weight = comparator, weight
    check_something_counts(criteria)
    check_confidence(criterion.cohort, criteria)
    place = min(max(place, 1), len(criteria))
    others.insert(place - 1, own)
    for position, one in enumerate(others):
        one.position = position
    if before == (own.label, own.comparator, own.weight, place):
        return False
    Criterion.objects.bulk_update(others, ["position"])
    own.save(update_fields=["label", "comparator", "weight"])
    audit.record("matching.criterion_changed", own, by=by, cohort=own.cohort_id, place=place, **_facts(own))
    return True


def remove_criterion(*, criterion: Criterion, by: Actor) -> None:
    """Runs that counted it keep what they found; the next run does without it."""
    lock_cohort(criterion.cohort)
    criterion = locked(criterion)
    rest = [one for one in criteria_of(criterion.cohort) if one.pk != criterion.pk]
    check_something_counts(rest)
    check_confidence(criterion.cohort, rest)
    audit.record(
        "matching.criterion_removed", criterion, by=by, cohort=criterion.cohort_id, **_facts(criterion)
    )
    criterion.delete()


def default_label(compared: Comparable, comparator: str) -> str:
    """What a criterion is called unless somebody says otherwise: "Region: better different"."""
    words = str(dict(type(compared.comparators[0]).choices)[comparator])
    ending = f": {words[:1].lower()}{words[1:]}"
    return compared.label[: LABEL_LENGTH - len(ending)] + ending


def _check(compared: Comparable, comparator: str, weight: int, criteria: Sequence[Criterion]) -> None:
    if comparator not in compared.comparators:
        raise NotAllowed(
            _("These answers cannot be compared like that. Choose one of the comparisons shown.")
        )
    _check_weight(weight)
    _check_clash(compared.mentor_source, compared.mentee_source, comparator, criteria)


def _check_weight(weight: int) -> None:
    if not 0 <= weight <= WEIGHT_AT_MOST:
        raise NotAllowed(_("A weight is a whole number from 0 to 5."))


def _check_clash(
    mentor_source: str, mentee_source: str, comparator: str, others: Sequence[Criterion]
) -> None:
    for one in others:
        same = (one.mentor_source, one.mentee_source) == (mentor_source, mentee_source)
        if same and clash(one.comparator, comparator):
            raise NotAllowed(
                _("“%(label)s” compares that already. Change it instead of adding another.")
                % {"label": one.label}
            )


def _free_key(compared: Comparable, taken: set[str]) -> str:
    """Short, and never one that another criterion of the cohort has."""
    source = parse_source(compared.mentee_source)
    name = source.keys[0] if len(source.keys) == 1 else f"{source.keys[0]}-{len(source.keys)}"
    stem = slugify(name)[:KEY_LENGTH] or "criterion"
    known = {*taken, *RESERVED_KEYS}
    candidates = (stem, *(f"{stem}-{number}" for number in range(2, len(known) + 3)))
    return next(key for key in candidates if key not in known)


def _facts(criterion: Criterion) -> dict[str, Any]:
    return {"key": criterion.key, "comparator": criterion.comparator, "weight": criterion.weight}
