from functools import cached_property

from django.db import models
from django.utils.translation import gettext_lazy as _

from matching.enums import InquiryKind, RunPurpose
from matching.run_settings import Settings
from mentoring.lines import LineField
from mentoring.models import Job
from mentoring.tenancy.scoping import OrganizationScoped
from programs.models import Cohort, Participant


class MatchRun(Job):
    """One solve of a cohort: settings as they were, a hash of its input, figures, and its proposals.

    `purpose` says what it is for; `based_on` the run it changes, repairs or is compared with; `edit` what
    the champion changed by hand and how to undo it (`matching.actions.edits`). The draft that counts is the
    one with the newest `adopted_at`: a plain run is adopted when it is done, a what-if only when somebody
    says so. `proof` and `versions` are what a replay needs beside settings and input hash.
    """

    TASK = "matching.run"

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="match_runs")
    number = models.PositiveSmallIntegerField()
    settings = models.JSONField(default=dict)
    input_hash = LineField(max_length=64, blank=True)
    figures = models.JSONField(default=dict)
    purpose = models.CharField(max_length=10, choices=RunPurpose.choices, default=RunPurpose.DRAFT)
    based_on = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    note = LineField(_("note"), max_length=300, blank=True)
    edit = models.JSONField(default=dict)
    proof = models.BinaryField(null=True)
    versions = models.JSONField(default=dict)
    adopted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)

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

    @cached_property
    def settings_then(self) -> Settings:
        """`settings`, read; the cohort's own by now are `matching.queries.settings.settings_now`."""
        return Settings.from_row(self.settings)

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
    cause = LineField(max_length=30)
    detail = models.JSONField(default=dict)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "run", "participant"], name="unmatched_once")
        ]

    def __str__(self) -> str:
        return f"{self.participant_id}: {self.cause}"


class MatchInquiry(Job):
    """A question about a draft that takes a solve to answer, worked out once and kept.

    Kind `price`: what pairing this mentor with this mentee would cost the program. Kind `remedies`: what
    would place this mentor (or mentee), who has no pair; the other one is None. `result` as
    `matching.actions.inquiries` writes it.
    """

    TASK = "matching.inquire"

    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="inquiries")
    kind = models.CharField(max_length=10, choices=InquiryKind.choices)
    mentor = models.ForeignKey(Participant, on_delete=models.CASCADE, null=True, related_name="+")
    mentee = models.ForeignKey(Participant, on_delete=models.CASCADE, null=True, related_name="+")
    result = models.JSONField(default=dict)

    class Meta(Job.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "run", "kind", "mentor", "mentee"],
                name="match_inquiry_once",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["organization", "status"], name="match_inquiry_by_status")]

    def __str__(self) -> str:
        return f"{self.kind} {self.mentor_id}-{self.mentee_id}"
