from django.db import models

from mentoring.models import FileImport
from programs.enums import PairRole
from programs.models.cohort import Cohort


class ResponseImport(FileImport):
    """One import of a form tool's export: people, participants and answers of one role in one cohort."""

    TASK = "programs.work_on_response_import"
    NOUN = "response_import"

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="response_imports")
    role = models.CharField(max_length=10, choices=PairRole.choices)

    class Meta(FileImport.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["organization", "cohort", "-created_at"], name="response_import_by_time"),
            models.Index(fields=["organization", "status"], name="response_import_by_status"),
        ]

    def __str__(self) -> str:
        return f"Response import {self.pk}"

    @property
    def mapping_kind(self) -> str:
        """One for each role: mirrored questionnaires share their headings."""
        return f"responses.{self.role}"
