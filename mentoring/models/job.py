from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from mentoring.enums import OPEN_JOBS, JobStatus
from mentoring.lines import LineField
from mentoring.models.user import User
from mentoring.tenancy.scoping import OrganizationScoped


class StoredFile(OrganizationScoped):
    """An uploaded or made file. Kept in the database so that web and worker hosts need no shared disk,
    row security covers it, and a backup holds it."""

    name = LineField(max_length=200)
    content_type = LineField(max_length=100)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = LineField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrganizationScoped.Meta):
        pass

    def __str__(self) -> str:
        return self.name


class Job(OrganizationScoped):
    """Long work of a worker, with a row that outlives tab, worker and broker. See `mentoring.jobs`."""

    TASK: ClassVar[str]  # the name of the Celery task that works on it
    ONE_AT_A_TIME: ClassVar[bool] = False  # an organization's jobs never take more than one worker

    status = models.CharField(_("status"), max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    enqueued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    error = models.TextField(blank=True)

    class Meta(OrganizationScoped.Meta):
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_JOBS

    @property
    def is_done(self) -> bool:
        return self.status == JobStatus.DONE

    @property
    def failed(self) -> bool:
        return self.status == JobStatus.FAILED
