from typing import ClassVar

from django.db import models

from mentoring.lines import LineField
from mentoring.models.job import Job, StoredFile
from mentoring.tenancy.scoping import OrganizationScoped


class ColumnMapping(OrganizationScoped):
    """Which column of a file means what, remembered by the signature of its headers or under a name."""

    kind = LineField(max_length=40)
    name = LineField(max_length=120)
    signature = LineField(max_length=64)
    mapping = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(OrganizationScoped.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind", "signature"], name="mapping_by_signature")
        ]

    def __str__(self) -> str:
        return self.name


class KeptColumn(OrganizationScoped):
    """Why a column of a roster that looks sensitive is kept; the audit log knows who said so. Without such a
    row an import leaves the column out."""

    name = LineField(max_length=500)
    reason = LineField(max_length=250)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationScoped.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="kept_column_once")]

    def __str__(self) -> str:
        return self.name


class ColumnRemoval(Job):
    """Takes a column that was kept from the roster out of everybody's row, and out of remembered mappings."""

    TASK = "mentoring.remove_column"
    ONE_AT_A_TIME = True

    name = LineField(max_length=500)
    people = models.PositiveIntegerField(default=0)

    class Meta(Job.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["organization", "-created_at"], name="column_removal_by_time"),
            models.Index(fields=["organization", "status"], name="column_removal_by_status"),
        ]

    def __str__(self) -> str:
        return f"Removal of {self.name}"


class FileImport(Job):
    """One import of a file: its mapping, dry run (`report`) and what was applied (`counts`).

    The job of this row is run three times: to look at the file, to check it, to apply it; `phase` is "look",
    "map" (nothing to run: somebody maps the columns), "check" or "apply". What all imports do alike is in
    `mentoring.actions.imports`.
    """

    ONE_AT_A_TIME = True

    NOUN: ClassVar[str]  # of its audit rows: "roster_import.started"

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    phase = LineField(max_length=10, default="map")
    report = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    checked_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)

    class Meta(Job.Meta):
        abstract = True

    @property
    def was_read(self) -> bool:
        return "headers" in self.report

    @property
    def sensitive(self) -> dict[str, str]:
        """Columns of which nothing is shown, with what they seem to tell (`people.sensitive.Sensitive`)."""
        found: dict[str, str] = self.report.get("sensitive", {})
        return found

    @property
    def mapping_kind(self) -> str:
        """Among which remembered mappings this file's one belongs (`ColumnMapping.kind`)."""
        raise TypeError(f"{type(self).__name__} names no kind of mapping")


class RosterImport(FileImport):
    """One import of people."""

    TASK = "mentoring.run_roster_import"
    NOUN = "roster_import"

    class Meta(FileImport.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["organization", "-created_at"], name="roster_import_by_time"),
            models.Index(fields=["organization", "status"], name="roster_import_by_status"),
        ]

    def __str__(self) -> str:
        return f"Import {self.pk}"

    @property
    def mapping_kind(self) -> str:
        return "roster"
