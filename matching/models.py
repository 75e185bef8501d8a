from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from matching.enums import Comparator, Rule, RulingKind
from mentoring.models import Job, Person, User
from mentoring.tenancy.scoping import OrganizationScoped
from programs.models import Cohort, Participant

SOURCE_LENGTH = 600


class Criterion(OrganizationScoped):
    """A weighted rule of a cohort that turns two answers or roster attributes into points.

    Sources are `question:<key>` (of the mentor's or mentee's questionnaire), several choice questions
    as one, `question:<key>+<key>`, or `person:<attribute>`. See `matching.rules.parse_source`.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="criteria")
    key = models.SlugField(max_length=60)
    label = models.CharField(_("label"), max_length=150)
    comparator = models.CharField(_("comparison"), max_length=12, choices=Comparator.choices)
    mentor_source = models.CharField(max_length=SOURCE_LENGTH)
    mentee_source = models.CharField(max_length=SOURCE_LENGTH)
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
    note = models.CharField(_("note"), max_length=300, blank=True)
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


class Ruling(OrganizationScoped):
    """A champion's word on one pairing of a cohort: keep it in every run, or never propose it."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="rulings")
    mentor = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    mentee = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=6, choices=RulingKind.choices)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "cohort", "mentor", "mentee"], name="ruling_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.mentor_id}-{self.mentee_id}"


class MatchRun(Job):
    """One solve of a cohort: settings as they were, a hash of its input, figures, and its proposals."""

    TASK = "matching.run"

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="match_runs")
    number = models.PositiveSmallIntegerField()
    settings = models.JSONField(default=dict)
    input_hash = models.CharField(max_length=64, blank=True)
    figures = models.JSONField(default=dict)
    published_at = models.DateTimeField(null=True)

    class Meta(Job.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "cohort", "number"], name="match_run_number_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "cohort"],
                condition=models.Q(status__in=["queued", "running"]),
                name="match_run_one_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["organization", "status"], name="match_run_by_status")]

    def __str__(self) -> str:
        name = _("Pairing %(number)s") if self.published_at else _("Draft pairing %(number)s")
        return name % {"number": self.number}


class Proposal(OrganizationScoped):
    """One suggested pairing of a run. `contributions` sum to `points`; `score` is points as 0-100.

    `ranks` holds by role the partner's place in the person's list (`rank` out of `of`) and the best
    others (`next`: participant id, score and rank each).
    """

    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="proposals")
    mentor = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    mentee = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    points = models.PositiveIntegerField()
    score = models.PositiveSmallIntegerField()
    kept = models.BooleanField(default=False)
    nothing_to_learn = models.BooleanField(default=False)
    contributions = models.JSONField(default=list)
    ranks = models.JSONField(default=dict)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "run", "mentor", "mentee"], name="proposal_once")
        ]
        indexes = [models.Index(fields=["organization", "run", "-score", "id"], name="proposal_by_score")]

    def __str__(self) -> str:
        return f"{self.mentor_id}-{self.mentee_id}"


class Unmatched(OrganizationScoped):
    """A participant a run could not place, with the cause (`matching.core.explain`) and its figures."""

    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="unmatched")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    cause = models.CharField(max_length=30)
    detail = models.JSONField(default=dict)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "run", "participant"], name="unmatched_once")
        ]

    def __str__(self) -> str:
        return f"{self.participant_id}: {self.cause}"
