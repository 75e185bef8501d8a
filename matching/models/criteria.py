from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from matching.enums import Comparator, Method, Rule, RulingKind
from matching.rules import GAP_AT_MOST, GROUPED
from mentoring.lines import LineField
from mentoring.models import Person, User
from mentoring.tenancy.scoping import OrganizationScoped
from programs.models import Cohort, Participant

SOURCE_LENGTH = 600
GROUP_LENGTH = 200  # a unit's name has 150


class Criterion(OrganizationScoped):
    """A weighted rule of a cohort that turns two answers or roster attributes into points; with the
    comparators `must_differ` and `must_match` one that forbids pairs, whatever its weight.

    Sources are `question:<key>` (of the mentor's or mentee's questionnaire), several choice questions
    as one, `question:<key>+<key>`, or `person:<attribute>`. See `matching.rules.parse_source`.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="criteria")
    key = models.SlugField(max_length=60)
    label = LineField(_("label"), max_length=150)
    comparator = models.CharField(_("comparison"), max_length=12, choices=Comparator.choices)
    mentor_source = LineField(max_length=SOURCE_LENGTH)
    mentee_source = LineField(max_length=SOURCE_LENGTH)
    weight = models.PositiveSmallIntegerField(_("weight"), default=1, validators=[MaxValueValidator(5)])
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(OrganizationScoped.Meta):
        ordering = ("position",)
        verbose_name = _("criterion")
        constraints = [
            models.UniqueConstraint(fields=["organization", "cohort", "key"], name="criterion_key_once"),
            models.CheckConstraint(condition=models.Q(weight__lte=5), name="criterion_weight_0_to_5"),
        ]

    def __str__(self) -> str:
        return self.label


class HardRule(OrganizationScoped):
    """A rule of a cohort that forbids pairs. `same_person` always holds and has no row."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="hard_rules")
    rule = models.CharField(max_length=20, choices=Rule.choices)
    enabled = models.BooleanField(default=True)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "cohort", "rule"], name="hard_rule_once")
        ]

    def __str__(self) -> str:
        return self.get_rule_display()


class Exclusion(OrganizationScoped):
    """Two people who must not be paired, in any cohort. Stored with the lower id first."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    note = LineField(_("note"), max_length=300, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "person", "other"], name="exclusion_once"),
            models.CheckConstraint(
                condition=models.Q(person__lt=models.F("other")), name="exclusion_lower_id_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} / {self.other}"


class MatchSettings(OrganizationScoped):
    """What a cohort's runs aim at beside criteria and rules; no row means the defaults.

    `floor`: the lowest score (0-100) that may be paired. `best_worst`: the worst pair is made as good as
    possible before all scores together are. `share_source` and `share_percent`: at least so many of 100
    pairs shall differ in that source (`person:region`). `gap_group` and `gap_within`: scores of that group
    (`person:region=West Africa`) shall be no more than so many of 100 points under everybody else's.
    `method`: the solver, or a stable pairing.
    `priority`: who waited in an earlier cohort is placed before others.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="match_settings")
    floor = models.PositiveSmallIntegerField(
        _("lowest score"), null=True, validators=[MaxValueValidator(100)]
    )
    best_worst = models.BooleanField(_("best worst pair"), default=False)
    share_source = LineField(max_length=SOURCE_LENGTH, blank=True)
    share_percent = models.PositiveSmallIntegerField(
        null=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    gap_group = LineField(max_length=GROUP_LENGTH, blank=True)
    gap_within = models.PositiveSmallIntegerField(null=True, validators=[MaxValueValidator(GAP_AT_MOST)])
    method = models.CharField(max_length=10, choices=Method.choices, default=Method.SOLVER)
    priority = models.BooleanField(default=True)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "cohort"], name="match_settings_once"),
            models.CheckConstraint(
                condition=models.Q(floor=None) | models.Q(floor__lte=100), name="match_settings_floor"
            ),
            models.CheckConstraint(
                condition=models.Q(share_percent=None) | models.Q(share_percent__range=(1, 100)),
                name="match_settings_share",
            ),
            models.CheckConstraint(
                condition=models.Q(gap_group="", gap_within=None)
                | models.Q(
                    gap_group__regex=rf"^person:({'|'.join(GROUPED)})=",
                    gap_within__isnull=False,
                    gap_within__lte=GAP_AT_MOST,
                ),
                name="match_settings_gap",
            ),
        ]

    def __str__(self) -> str:
        return f"Match settings {self.pk}"


class Ruling(OrganizationScoped):
    """A champion's word on one pairing of a cohort: keep it in every run, or never propose it.

    `note` says why. `overrides` names the hard rules that keeping this pair breaks, with the note as the
    reason that is then required.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="rulings")
    mentor = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    mentee = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=6, choices=RulingKind.choices)
    note = LineField(_("note"), max_length=300, blank=True)
    overrides = models.JSONField(default=list)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "cohort", "mentor", "mentee"], name="ruling_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.mentor_id}-{self.mentee_id}"
