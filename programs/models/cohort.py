from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from mentoring.lines import LineField
from mentoring.tenancy.scoping import OrganizationScoped
from programs.enums import CohortStatus, MatchingMode
from programs.models.program import Program


class Cohort(OrganizationScoped):
    """One run of a program. Phases follow `programs.rules.COHORT_TRANSITIONS`; dates are days of the
    organization's time zone.

    `choose_until` is the last day for picks and requests, in the modes in which people choose;
    `picks_at_most` how many each may name. With `mentees_first` the mentees enrol first, and mentors are
    invited once what mentees want to learn was published without names (`needs_published_at`). Until the
    end of `late_until`, people can still join a running cohort.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="cohorts")
    name = LineField(_("name"), max_length=120)
    status = models.CharField(
        _("phase"), max_length=10, choices=CohortStatus.choices, default=CohortStatus.DRAFT
    )
    enroll_from = models.DateField(_("enrolment opens"))
    enroll_until = models.DateField(_("enrolment closes"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    meeting_minutes = models.PositiveSmallIntegerField(_("length of a meeting in minutes"), default=45)
    matching_mode = models.CharField(
        _("who decides"), max_length=10, choices=MatchingMode.choices, default=MatchingMode.ASSIGNED
    )
    choose_until = models.DateField(_("last day to choose"), null=True)
    picks_at_most = models.PositiveSmallIntegerField(_("picks at the most"), default=3)
    mentees_first = models.BooleanField(_("mentees enrol first"), default=False)
    late_until = models.DateField(_("late joiners until"), null=True)
    needs_published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta(OrganizationScoped.Meta):
        verbose_name = _("cohort")
        constraints = [
            models.UniqueConstraint(fields=["organization", "program", "name"], name="cohort_name_once"),
            models.CheckConstraint(
                condition=models.Q(enroll_until__gte=models.F("enroll_from"))
                & models.Q(starts_on__gte=models.F("enroll_from"))
                & models.Q(ends_on__gt=models.F("starts_on")),
                name="cohort_dates_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(picks_at_most__range=(1, 10)), name="cohort_picks_1_to_10"
            ),
            models.CheckConstraint(
                condition=models.Q(matching_mode="assigned") | models.Q(choose_until__isnull=False),
                name="cohort_choose_until_known",
            ),
        ]
        indexes = [models.Index(fields=["organization", "status"], name="cohort_by_status")]

    def __str__(self) -> str:
        return self.name

    @property
    def enrol_by(self) -> date:
        """The last day on which people can join, or could."""
        late = self.late_until if self.status == CohortStatus.RUNNING else None
        return late or self.enroll_until
