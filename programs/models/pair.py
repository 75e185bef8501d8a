from django.db import models
from django.utils.translation import gettext_lazy as _

from mentoring.lines import LineField
from mentoring.tenancy.scoping import OrganizationScoped
from programs.enums import PairRole, PairStatus
from programs.models.cohort import Cohort
from programs.models.participant import Participant


class Pair(OrganizationScoped):
    """The accepted mentor-mentee relationship. `score` (0-100) and `reasons` (sentences by role, as shown
    to both) are what matching said when it was published; an imported pair has neither. `publications`
    counts how often it was published: a pair that was taken back may be published again. `left`: the side
    that left the organization, where that ended it."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="pairs")
    mentor = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="pairs_as_mentor")
    mentee = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="pairs_as_mentee")
    status = models.CharField(
        _("status"), max_length=10, choices=PairStatus.choices, default=PairStatus.ACTIVE
    )
    score = models.PositiveSmallIntegerField(_("score"), null=True)
    reasons = models.JSONField(default=dict)
    published_at = models.DateTimeField()
    publications = models.PositiveSmallIntegerField(default=1)
    ended_at = models.DateTimeField(null=True)
    end_reason = LineField(max_length=300, blank=True)
    left = models.CharField(max_length=10, choices=PairRole.choices, blank=True)

    class Meta(OrganizationScoped.Meta):
        verbose_name = _("pair")
        constraints = [
            models.UniqueConstraint(fields=["organization", "cohort", "mentor", "mentee"], name="pair_once"),
            models.CheckConstraint(condition=~models.Q(mentor=models.F("mentee")), name="pair_of_two"),
        ]
        indexes = [
            models.Index(fields=["organization", "cohort", "status"], name="pair_by_status"),
            models.Index(fields=["organization", "mentor"], name="pair_by_mentor"),
            models.Index(fields=["organization", "mentee"], name="pair_by_mentee"),
        ]

    def __str__(self) -> str:
        return f"{self.mentor.person} → {self.mentee.person}"
