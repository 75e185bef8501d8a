from django.db import models
from django.utils.translation import gettext_lazy as _

from mentoring.lines import LineField
from mentoring.models import Person
from mentoring.tenancy.scoping import OrganizationScoped
from programs.enums import PairRole, ParticipantStatus
from programs.models.cohort import Cohort


class Participant(OrganizationScoped):
    """A person enrolled in a cohort in one role. `capacity` is how many partners they can take.
    `waitlisted_at`: pairs were published and none was left for them; they come first in the next cohort."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="participants")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="participations")
    role = models.CharField(_("role"), max_length=10, choices=PairRole.choices)
    status = models.CharField(
        _("status"), max_length=10, choices=ParticipantStatus.choices, default=ParticipantStatus.INVITED
    )
    capacity = models.PositiveSmallIntegerField(_("partners at the most"), default=1)
    invited_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    decline_reason = LineField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)
    waitlisted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationScoped.Meta):
        verbose_name = _("participant")
        constraints = [
            models.UniqueConstraint(fields=["organization", "cohort", "person"], name="participant_once"),
            models.CheckConstraint(
                condition=models.Q(capacity__gte=1, capacity__lte=10), name="participant_capacity_1_to_10"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "cohort", "role", "status"], name="participant_by_status"),
            models.Index(fields=["organization", "person"], name="participant_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.get_role_display()})"
