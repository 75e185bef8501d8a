from django.db import models
from django.utils.translation import gettext_lazy as _

from mentoring.models.job import Job, StoredFile
from programs.models import Cohort


class MetricsExport(Job):
    """An export of success metrics, made by a worker and kept as a file to fetch once it is ready."""

    TASK = "outcomes.make_export"

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("Excel (XLSX)")

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, null=True, related_name="+")
    format = models.CharField(max_length=4, choices=Format.choices)
    file = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta(Job.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["organization", "-created_at"], name="metrics_export_by_time"),
            models.Index(fields=["organization", "status"], name="metrics_export_by_status"),
        ]

    def __str__(self) -> str:
        return f"Export {self.pk}"
