from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from matching.enums import Comparator, Method, Rule
from matching.models import Criterion, HardRule, MatchSettings
from matching.queries.groups import group_label
from matching.queries.settings import options_of
from matching.queries.sources import Comparable, comparators_of, share_sources
from matching.rules import (
    COMPARISON_WORDS,
    FORBIDDING,
    GAP_ALONE,
    GAP_AT_MOST,
    STABLE_ALONE,
    WEIGHT_AT_MOST,
)
from matching.run_settings import Changes, Options
from mentoring.forms.editing import EditForm
from mentoring.forms.fields import LineField

WEIGHT_WORDS = {0: _("0 · ignore"), 1: _("1 · a little"), 3: _("3"), 5: _("5 · most")}
WEIGHTS = [(number, WEIGHT_WORDS.get(number, str(number))) for number in range(WEIGHT_AT_MOST + 1)]

GAP_WITHIN = 3  # unless something else is said

# What fits into a table; the page of one criterion says it in full.
SHORT_WORDS = {
    Comparator.COVERS: _("Mentor shows, mentee learns"),
    Comparator.RETURNS: _("Mentee shows, mentor learns"),
    Comparator.SKILL_GAP: _("Mentor is ahead"),
}


class SettingsForm(EditForm):
    """One weight and one comparison per criterion and one switch per rule; field names are `weight-<key>`,
    `relation-<key>` and `rule-<rule>`. A comparison that is not sent stays as it is."""

    def __init__(
        self,
        data: Any,
        *,
        criteria: Iterable[Criterion],
        rules: Mapping[str, HardRule],
        offered: Mapping[str, Comparable],
    ) -> None:
        super().__init__(data)
        self.criteria = list(criteria)
        for one in self.criteria:
            self.fields[f"weight-{one.key}"] = forms.TypedChoiceField(
                label=one.label, choices=WEIGHTS, coerce=int, initial=one.weight
            )
            comparators = comparators_of(one, offered)
            if len(comparators) > 1:
                self.fields[f"relation-{one.key}"] = forms.ChoiceField(
                    label=one.label,
                    choices=[(each.value, SHORT_WORDS.get(each, each.label)) for each in comparators],
                    initial=one.comparator,
                    required=False,
                )
        for rule, row in rules.items():
            self.fields[f"rule-{rule}"] = forms.BooleanField(
                label=Rule(rule).label, required=False, initial=row.enabled
            )
        self.carry_shown()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        relations = self.changes().relations
        counting = [
            weight
            for one in self.criteria
            for weight in [cleaned[f"weight-{one.key}"]]
            if relations.get(one.key, one.comparator) not in FORBIDDING
        ]
        if counting and not any(counting):
            raise forms.ValidationError(
                _("Give at least one criterion a weight over 0: otherwise all pairs score the same.")
            )
        return cleaned

    def changes(self) -> Changes:
        relations = {key: value for key, value in self._named("relation-").items() if value}
        return Changes(self._named("weight-"), relations, self._named("rule-"))

    def relation(self, one: Criterion) -> forms.BoundField | None:
        name = f"relation-{one.key}"
        return self[name] if name in self.fields else None

    def switches(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("rule-")]

    def _named(self, prefix: str) -> dict[str, Any]:
        return {
            name.removeprefix(prefix): value
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix)
        }


class OptionsForm(EditForm):
    """What the runs of a cohort aim at: the fields of `MatchSettings`."""

    quiet_optional = True
    SHOWN = "options-shown"
    floor = forms.IntegerField(
        label=_("Lowest score that may be paired"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=_(
            "From 0 to 100; empty means none. No pair scores less, so more people may stay without a partner."
        ),
    )
    share_source = forms.ChoiceField(
        label=_("Share of pairs that should differ in"),
        required=False,
        help_text=_("As many pairs as asked for are made across, where possible. Other pairs may fit less."),
    )
    share_percent = forms.IntegerField(
        label=_("At least so many of 100 pairs"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=_("A whole number from 1 to 100, such as 40."),
    )
    gap_group = forms.ChoiceField(
        label=_("Close a gap"),
        required=False,
        help_text=_(
            "Pairs of one group count more, just enough to close its gap. Others give up points for it; the "
            "draft says how many. Groups of the roster of five people or more, none by confidential answers."
        ),
    )
    gap_within = forms.IntegerField(
        label=_("At most so many points under everybody else"),
        required=False,
        min_value=0,
        max_value=GAP_AT_MOST,
        help_text=_("On average, of 100. A whole number from 0 to 50, such as 3."),
    )
    method = forms.ChoiceField(label=_("Method"), required=False, choices=Method.choices)
    best_worst = forms.BooleanField(
        label=_("First make the worst pair as good as possible"),
        required=False,
        help_text=_("Nobody gets a bad match for the good of the others. The average score may be lower."),
    )
    priority = forms.BooleanField(
        label=_("Who waited in an earlier cohort comes first"),
        required=False,
        help_text=_("People for whom no partner was left last time are placed before others."),
    )

    def __init__(
        self,
        data: Any,
        *,
        own: MatchSettings,
        compared: Mapping[str, Comparable],
        groups: Mapping[str, str],
    ) -> None:
        initial = {name: getattr(own, name) for name in self.base_fields}
        if own.gap_within is None:
            initial["gap_within"] = GAP_WITHIN
        super().__init__(data, initial=initial)
        offered = [(one.mentor_source, one.label) for one in share_sources(compared.values())]
        if own.share_source and own.share_source not in dict(offered):
            offered.append((own.share_source, own.share_source.partition(":")[2]))
        self.fields["share_source"].choices = [("", _("No share asked for")), *offered]  # type: ignore[attr-defined]
        told = [*groups.items()]
        if own.gap_group and own.gap_group not in groups:
            told.append((own.gap_group, _too_few(own.gap_group)))
        self.fields["gap_group"].choices = [("", _("No gap to close")), *told]  # type: ignore[attr-defined]
        self.fields["method"].help_text = _(
            "The first gives the most points to all together. The second leaves no two people who would both "
            "rather have each other; all together may have fewer points."
        )
        self.carry_shown()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["method"] = cleaned.get("method") or Method.SOLVER.value
        if self.errors:
            return cleaned
        source, percent, stable = cleaned["share_source"], cleaned["share_percent"], Method.STABLE.value
        if source and not percent:
            self.add_error("share_percent", _("How many of 100 pairs? Enter a whole number from 1 to 100."))
        if percent and not source:
            self.add_error("share_source", _("What should these pairs differ in?"))
        if cleaned["method"] == stable and (cleaned["best_worst"] or source):
            self.add_error("method", STABLE_ALONE)
        if not cleaned["gap_group"]:
            cleaned["gap_within"] = None
        elif cleaned["gap_within"] is None:
            cleaned["gap_within"] = GAP_WITHIN
        if cleaned["gap_group"] and (source or cleaned["method"] == stable):
            self.add_error("gap_group", GAP_ALONE)
        return cleaned

    def fields_set(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.base_fields}

    def options(self) -> Options:
        """As the settings of a run have them."""
        return options_of(MatchSettings(**self.fields_set()))


def _too_few(group: str) -> str:
    return gettext("%(group)s (too few people here now)") % {"group": group_label(group)}


class CriterionForm(EditForm):
    """One criterion: how it is compared, its weight and what it is called; with `places`, where it stands."""

    comparator = forms.ChoiceField(label=_("How it counts"), widget=forms.RadioSelect)
    weight = forms.TypedChoiceField(
        label=_("Weight"),
        choices=WEIGHTS,
        coerce=int,
        initial=1,
        help_text=_("How much it counts beside the others. “Must” is a rule: it holds whatever the weight."),
    )
    label = LineField(
        label=_("Name"),
        required=False,
        max_length=150,
        help_text=_("As you want to read it in the list and in the reasons. Empty: Upward names it."),
    )

    def __init__(
        self,
        data: Any,
        *,
        comparators: Iterable[Comparator],
        places: int = 0,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        explained = [(one.value, _explained(one)) for one in comparators]
        self.fields["comparator"].choices = explained  # type: ignore[attr-defined]
        self.fields["comparator"].error_messages["invalid_choice"] = _(
            "These answers cannot be compared like that. Choose one of the comparisons shown."
        )
        if places:
            self.fields["place"] = forms.TypedChoiceField(
                label=_("Place in the list"),
                choices=[(number, str(number)) for number in range(1, places + 1)],
                coerce=int,
            )
            self.carry_shown()


def _explained(comparator: Comparator) -> SafeString:
    return format_html(
        '<strong>{}</strong><br><span class="text-secondary">{}</span>',
        comparator.label,
        COMPARISON_WORDS[comparator],
    )
