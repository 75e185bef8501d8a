from django.db import models

from mentoring.models.job import Job, StoredFile
from programs.enums import PairRole
from programs.models.cohort import Cohort


class ResponseImport(Job):
    """One import of a form tool's export: people, participants and answers of one role in one cohort.

    The job of this row runs twice, as a roster import's does: once to check, once to apply.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="response_imports")
    role = models.CharField(max_length=10, choices=PairRole.choices)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    phase = models.CharField(max_length=10, default="map")
    report = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    checked_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)

    class Meta(Job.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["organization", "cohort", "-created_at"], name="response_import_by_time"),
            models.Index(fields=["organization", "status"], name="response_import_by_status"),
        ]

    def __str__(self) -> str:
        return f"Response import {self.pk}"
